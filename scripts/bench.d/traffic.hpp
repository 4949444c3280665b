// What the captures are made of: TLS and DTLS replicas, bulk, HTTP, calls with their media, DNS.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "random.hpp"
#include "schedule.hpp"
#include "template_file.hpp"

namespace bench {

/// Connection writes one TCP connection, opened by its constructor. Time goes on as it is used.
class Connection {
 public:
  Connection(Schedule& schedule, std::uint64_t time_us, Endpoint client, Endpoint server, Random& random);
  void send(int side, Octets payload);
  /// resend sends the last payload of `side` once more.
  void resend(int side, Octets payload);
  void acknowledge(int side);
  void wait(std::uint64_t us) { time_us_ += us; }
  void close();
  [[nodiscard]] std::uint64_t time_us() const { return time_us_; }
  [[nodiscard]] int last_sender() const { return last_sender_; }

 private:
  void put(int side, std::uint8_t flags, Octets payload);

  Schedule& schedule_;
  std::uint64_t time_us_;
  std::uint64_t round_trip_us_;
  Endpoint ends_[2];
  std::uint32_t sequence_[2];
  int last_sender_ = 0;
};

/// client_of and server_of give the n-th of many addresses.
Endpoint client_of(std::uint32_t n);
Endpoint server_of(std::uint32_t n, std::uint16_t port);

/// replay writes a TLS conversation with fresh randoms, session ids and one of `num_leaves` leaf certificates. One in a hundred has a
/// retransmission or two swapped segments when `disorder` is set. The connection stays open.
Connection replay(Schedule& schedule, std::uint64_t time_us, const Template& conversation, std::uint32_t n, std::uint32_t num_leaves,
                  bool disorder, Random& random);

/// bulk sends `bytes` of application data in records of 16 KiB, from the server.
void bulk(Connection& connection, std::uint64_t bytes, Random& random);

/// pages writes a keep-alive HTTP connection with six requests; gives the bytes sent.
std::uint64_t pages(Schedule& schedule, std::uint64_t time_us, std::uint32_t n, Random& random);

void dns(Schedule& schedule, std::uint64_t time_us, std::uint32_t n, Random& random);

/// CallKind is how a call's media is protected and how that was agreed.
enum class CallKind { rtp, sdes, dtls_srtp, sip_over_tls };

/// Call is two phones with one media stream each way. `signal` writes what is not media: signalling, STUN, DTLS, RTCP.
struct Call {
  Endpoint phones[2];  // with their media ports
  CallKind kind = CallKind::rtp;
  std::uint64_t start_us = 0;
  std::uint64_t media_us = 0;  // length of the media

  [[nodiscard]] std::uint64_t media_start_us() const { return start_us + 200000; }
  void signal(Schedule& schedule, std::uint32_t n, const std::vector<const Template*>& tls, const std::vector<const Template*>& dtls,
              Random& random) const;
};

}  // namespace bench
