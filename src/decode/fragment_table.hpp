// FragmentTable: IP datagrams of which some fragments have come.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "decode/segment.hpp"
#include "model/ids.hpp"
#include "model/ip_address.hpp"
#include "wire/bytes.hpp"

namespace sealtrace::decode {

inline constexpr std::size_t kMaxIpv4PacketBytes = 65535;   ///< total length is 16 bits (RFC 791 section 3.1)
inline constexpr std::size_t kMaxIpv6PayloadBytes = 65535;  ///< payload length is 16 bits (RFC 8200 section 3)

/// FragmentLimits bound what fragments may cost.
struct FragmentLimits {
  std::size_t max_datagrams = 4096;    ///< of which fragments are kept: far above what honest hosts have on the way
  std::size_t max_bytes = 16U << 20U;  ///< of octets kept: 256 datagrams of the greatest length
  std::chrono::nanoseconds max_age = std::chrono::seconds{30};  ///< of packet time since the first fragment: what Linux waits
  /// After a datagram was whole, fragments equal to its own are copies (a span port that mirrors both sides) for this long;
  /// later an identification may be in use again.
  std::chrono::nanoseconds late_copy_age = std::chrono::seconds{1};
};

/// FragmentKey says which fragments belong together: RFC 791 section 3.2 and RFC 8200 section 4.5, and the same outer path, because
/// tunnels and VLANs may reuse addresses.
struct FragmentKey {
  IpAddress source;
  IpAddress destination;
  std::uint32_t identification = 0;
  std::uint8_t protocol = 0;  ///< IPv4 only
  unsigned num_headers = 0;   ///< headers before: keeps an inner packet apart from the one it came in
  Encapsulation encapsulation;

  bool operator==(const FragmentKey&) const = default;
};

struct FragmentKeyHash {
  std::size_t operator()(const FragmentKey& key) const;
};

/// Fragment is one fragment's share of the datagram, captured in full.
struct Fragment {
  Bytes payload;
  std::size_t offset = 0;  ///< octets
  bool more_fragments = false;
  std::size_t max_datagram_bytes = 0;
};

/// FragmentOutcome tells what a fragment led to: a whole datagram (`datagram` borrows from the table until the next add), or `result`.
struct FragmentOutcome {
  bool whole = false;
  DecodeResult result = DecodeResult::fragment;
  Bytes datagram{};
  std::uint8_t protocol = 0;  ///< of the fragment at offset 0
};

/// FragmentTable puts datagrams together. No octet is ever replaced by a later one: an overlap that repeats what is there is
/// counted and used; one that differs makes the datagram void, with all fragments of it still to come, because which octets the
/// receiver kept depends on its operating system and cannot be known. Memory is taken when the first fragment comes.
/// The oldest datagrams make room for new ones; everything depends on the packets and their times alone.
class FragmentTable {
 public:
  explicit FragmentTable(FragmentLimits limits) : limits_{limits} {}

  FragmentOutcome add(const FragmentKey& key, const Fragment& fragment, std::uint8_t protocol, Timestamp time, DecodeCounters& counters);
  /// finish counts what never became whole, and forgets it.
  void finish(DecodeCounters& counters);

 private:
  enum class State : std::uint8_t { collecting, whole, void_by_conflict };
  struct Range {
    std::size_t begin = 0, end = 0;
  };
  struct Datagram {
    FragmentKey key;
    Timestamp since{};  ///< first fragment; when whole, the last one
    std::vector<std::uint8_t> octets{};
    std::vector<Range> present{};  ///< sorted, neither overlapping nor touching
    std::optional<std::size_t> total_bytes{};
    std::uint64_t num_fragments = 0;
    std::uint8_t protocol = 0;
    State state = State::collecting;
  };
  using Queue = std::list<Datagram>;
  enum class Placement : std::uint8_t { placed, conflict };

  static Placement place(Datagram& datagram, const Fragment& fragment, DecodeCounters& counters);
  static bool is_copy(const Datagram& datagram, const Fragment& fragment);
  Queue::iterator find_or_open(const FragmentKey& key, const Fragment& fragment, Timestamp time);
  void expire(Timestamp now, DecodeCounters& counters);
  void make_room(const Datagram& current, DecodeCounters& counters);
  void forget(Queue& queue, Queue::iterator datagram, DecodeCounters& counters);

  FragmentLimits limits_;
  Queue open_;   ///< collecting or void, oldest first
  Queue whole_;  ///< kept for late copies, oldest first
  std::unordered_map<FragmentKey, Queue::iterator, FragmentKeyHash> index_;
  std::size_t total_bytes_ = 0;  ///< capacity of all octets
};

}  // namespace sealtrace::decode
