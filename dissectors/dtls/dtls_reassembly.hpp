// MessageQueue: the handshake messages of one DTLS sender, out of fragments that come in any order, more than once, and
// overlapping (RFC 6347 section 4.2.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dissectors/dtls/dtls_parse.hpp"
#include "model/evidence.hpp"
#include "model/ids.hpp"

namespace sealtrace {

/// kMaxMessageBytes is the longest handshake message put together, in octets: certificate chains stay far below it.
inline constexpr std::uint32_t kMaxMessageBytes = 64U << 10;
/// kMaxWaitingBytes bounds the octets that wait for others in one queue: a flight with the longest message.
inline constexpr std::size_t kMaxWaitingBytes = 96U << 10;
/// kMaxWaitingMessages bounds the messages that wait: a flight has at most six.
inline constexpr std::size_t kMaxWaitingMessages = 8;
/// kMaxFragments bounds the separate runs of octets of one message that wait: 64 KiB in datagrams of 512 octets.
inline constexpr std::size_t kMaxFragments = 128;

/// HandshakeFragment is one fragment as it lies in a datagram, and where it was seen. `body` may be shorter than the header's
/// fragment_length where the snaplen cut it.
struct HandshakeFragment {
  DtlsHandshakeHeader header;
  Bytes body;
  std::uint16_t legacy_record_version = 0;
  Evidence evidence;
  Timestamp time{};
};

/// HandshakeMessage is a whole message; the evidence is that of the fragment that completed it.
struct HandshakeMessage {
  HandshakeType type{};
  std::uint16_t message_seq = 0;
  std::uint16_t legacy_record_version = 0;
  std::vector<std::uint8_t> body;
  Evidence evidence;
  Timestamp time{};
};

/// Added says what became of a fragment.
enum class Added : std::uint8_t {
  taken,        ///< kept, or known already
  old,          ///< of a message handed out before
  conflicting,  ///< differs from what was seen of this message
  over_budget,  ///< there is no room for it
};

/// PartialMessage collects the fragments of one message.
class PartialMessage {
 public:
  explicit PartialMessage(const HandshakeFragment& first);
  /// add takes a fragment with the same message_seq; type, length and octets seen before must agree.
  [[nodiscard]] Added add(const HandshakeFragment& fragment);
  [[nodiscard]] bool complete() const;
  [[nodiscard]] HandshakeType type() const { return message_.type; }
  [[nodiscard]] std::uint16_t message_seq() const { return message_.message_seq; }
  [[nodiscard]] std::size_t waiting_bytes() const;
  /// take gives the message away; it must be complete.
  [[nodiscard]] HandshakeMessage take();

 private:
  /// Run is a run of octets; runs are kept in order and neither overlap nor touch.
  struct Run {
    std::size_t begin = 0;
    std::vector<std::uint8_t> octets;
    [[nodiscard]] std::size_t end() const { return begin + octets.size(); }
  };

  HandshakeMessage message_;
  std::uint32_t length_ = 0;
  std::vector<Run> runs_;
};

/// MessageQueue hands out whole messages in the order of message_seq, each once.
class MessageQueue {
 public:
  [[nodiscard]] Added add(const HandshakeFragment& fragment);
  /// next gives the next message in order, if it is whole. The queue begins at the first hello it holds whole, and a whole
  /// ClientHello is never waited behind: it begins a flight.
  [[nodiscard]] std::optional<HandshakeMessage> next();
  /// skip_to_whole gives up the messages before the first whole one.
  void skip_to_whole();
  [[nodiscard]] bool waiting() const { return !waiting_.empty(); }
  /// restart forgets everything; the next message is `message_seq`.
  void restart(std::uint16_t message_seq);

 private:
  std::vector<PartialMessage> waiting_;  ///< by message_seq
  std::optional<std::uint16_t> next_seq_;
};

}  // namespace sealtrace
