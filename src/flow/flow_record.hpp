// FlowRecord: the hot part of a flow, three cache lines. What a dissector remembers is a Conversation, made on the first
// octets that need one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "dissect/steady_media.hpp"
#include "flow/conversation.hpp"
#include "flow/flow_key.hpp"
#include "model/ids.hpp"
#include "model/octet_traits.hpp"

namespace sealtrace {

/// Attention is how closely one side of a flow is followed.
enum class Attention : std::uint8_t {
  probe,   ///< nobody knows the protocol yet: look at the first octets
  watch,   ///< nobody knew it: look for an upgrade at segment starts
  stream,  ///< a session follows it in order; octets it asked to skip are not touched
  count,   ///< nothing more can be learned: packets and octets only
};

/// FlowState is a set of things that happened to a flow.
struct FlowState {
  bool answered : 1 = false;         ///< a SYN/ACK, or anything of the responder
  bool start_seen : 1 = false;       ///< the initiator's SYN
  bool beginning_known : 1 = false;  ///< the initiator's SYN, or the answer to it: its first octet is known
  bool reset : 1 = false;
  bool truncated : 1 = false;
  bool conflicting : 1 = false;
  bool used : 1 = false;               ///< the slab entry holds a flow
  bool looked_at : 1 = false;          ///< first_octets holds how the first unrecognised payload looks
  bool looked_at_alone : 1 = false;    ///< no session was there that may claim such a payload later
  bool unread_clear : 1 = false;       ///< of tcp.clear_bytes some were read by no session, or lost
  std::uint8_t have_sequence : 2 = 0;  ///< by side: next_sequence is meaningful
  std::uint8_t fin : 2 = 0;            ///< by side
};

/// kNoRecord ends the lists of records.
inline constexpr std::uint32_t kNoRecord = 0xFFFFFFFF;

/// TcpPlace is what only TCP has: where its two streams stand.
struct TcpPlace {
  std::array<std::uint32_t, 2> next_sequence{};
  std::array<std::uint32_t, 2> skip{};  ///< octets ahead of next_sequence that the session does not want to see
  std::uint32_t missing_bytes = 0;
  std::uint16_t retransmissions = 0;
  std::uint16_t clear_bytes = 0;  ///< before any session took the stream, lost ones included; stays at the largest value

  void count_clear(std::uint64_t bytes) {
    constexpr std::uint64_t kMost = 0xFFFF;
    clear_bytes = static_cast<std::uint16_t>(std::min<std::uint64_t>(clear_bytes + std::min(bytes, kMost), kMost));
  }
};

struct alignas(64) FlowRecord {
  FlowRecord() : media{} {}

  // First line: who it is and who follows it.
  std::array<Endpoint, 2> ends;  ///< in the order of the key
  Transport transport{};         ///< no transport at all when the record is not used
  std::uint8_t initiator = 0;    ///< which of the ends opened the flow
  FlowState state;
  std::array<Attention, 2> attention{Attention::probe, Attention::probe};
  OctetTraits first_octets;  ///< of the first payload that nobody recognised
  std::uint32_t wheel_next = kNoRecord;
  std::unique_ptr<Conversation> conversation;
  Timestamp last_time{};

  // Second line: counters, touched by every packet.
  std::array<std::uint32_t, 2> packets{};
  std::array<std::uint64_t, 2> bytes{};
  FrameNumber last_frame{};
  union {
    TcpPlace tcp;
    std::array<SteadyMedia, 2> media;  ///< by sender; of all but TCP
  };
  std::uint32_t wheel_previous = kNoRecord;  ///< kBucketFlag | bucket for the first of a bucket; kNoRecord when not linked
  std::uint16_t duplicates = 0;
  std::uint16_t last_capture = 0;

  // Third line: the beginning, and recent packets for recognising copies.
  Timestamp first_time{};
  FrameNumber first_frame{};
  std::uint64_t payload_bytes = 0;
  std::uint32_t first_payload_after = kNoRecord;  ///< frames from first_frame to the first one with payload
  std::uint16_t first_capture = 0;
  std::uint16_t encapsulation = 0;
  // Of each the upper 32 bits of its duplicate key, and the next 16 with the time in milliseconds; round and round, by the packets counted.
  std::array<std::uint32_t, 4> recent{};
  std::array<std::uint32_t, 4> recent_details{};

  /// is_of says that the flow is that of a segment; `sender` is what sender_of says of its ends.
  [[nodiscard]] bool is_of(const Endpoint& source, const Endpoint& destination, Transport by, std::uint8_t sender) const {
    return ends[sender] == source && ends[1U - sender] == destination && transport == by;
  }
  [[nodiscard]] bool is_tcp() const { return transport == Transport::tcp; }
  /// is_steady says that a packet of `sender` behind a few others is most likely only counted.
  [[nodiscard]] bool is_steady(Side sender) const {
    constexpr std::uint8_t kFew = 4;
    if (is_tcp()) return false;
    const SteadyMedia& counted = media[index(sender)];
    return counted.payload_type != SteadyMedia::kNothing && counted.num_packets < SteadyMedia::kMostPackets - kFew;
  }
  [[nodiscard]] Side side_of(std::uint8_t sender) const { return Side{static_cast<std::uint8_t>(sender ^ initiator)}; }
  [[nodiscard]] const Endpoint& end_of(Side side) const { return ends[index(side) ^ initiator]; }
  [[nodiscard]] bool closed() const { return state.reset || state.fin == 3; }
};

static_assert(sizeof(FlowRecord) == 192, "a flow is three cache lines; with its slot it must stay below 256 octets");

}  // namespace sealtrace
