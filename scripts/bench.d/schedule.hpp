// Schedule: frames made in any order, written in order of time as a pcap with microseconds.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <span>
#include <vector>

namespace bench {

using Octets = std::span<const std::uint8_t>;

/// Address and port of one end. IPv4 in host order.
struct Endpoint {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
};

/// TcpHeader is what varies in a TCP header without options; `syn_options` adds the usual ones of a SYN.
struct TcpHeader {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;
  bool syn_options = false;
};

inline constexpr std::uint8_t kFin = 1, kSyn = 2, kPsh = 8, kAck = 16;

class Schedule {
 public:
  explicit Schedule(const char* path);
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;
  ~Schedule();

  /// tcp and udp add a frame at `time_us` with valid checksums.
  void tcp(std::uint64_t time_us, Endpoint from, Endpoint to, const TcpHeader& header, Octets payload);
  void udp(std::uint64_t time_us, Endpoint from, Endpoint to, Octets payload);
  /// swap_last exchanges the times of the two frames that were added last, where they wait in one slot.
  void swap_last();
  /// write_before writes the frames that are due before `time_us`; nothing may be added before it afterwards.
  void write_before(std::uint64_t time_us);

  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::uint64_t time_us;
    std::size_t at;
    std::uint32_t size;
  };
  struct Slot {
    std::vector<Entry> entries;
    std::vector<std::uint8_t> octets;
  };
  void add(std::uint64_t time_us, std::uint8_t protocol, Endpoint from, Endpoint to, Octets transport, Octets payload);
  void write(Slot& slot);

  std::FILE* file_;
  std::map<std::uint64_t, Slot> slots_;
  std::uint64_t last_slot_ = 0;
  bool last_two_share_a_slot_ = false;
  std::uint64_t packets_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace bench
