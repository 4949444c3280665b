// Conversation: what a flow remembers beyond counters. It exists only for flows whose octets must be put in order, or that
// a session follows: two sides of a stream, the session, and the facts it reported.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dissect/session.hpp"
#include "flow/fact_log.hpp"
#include "flow/flow_limits.hpp"
#include "model/fact.hpp"

namespace sealtrace {

/// Piece is captured payload with where it came from. `wire_bytes` exceeds `bytes` when the snaplen cut it.
struct Piece {
  Bytes bytes;
  std::uint32_t wire_bytes = 0;
  Evidence evidence;  ///< of the first octet; `length` is not used
  Timestamp time{};
};

/// BufferBudget counts the octets that one shard holds back.
struct BufferBudget {
  std::size_t used_bytes = 0;
  std::size_t limit_bytes = 0;
};

/// HeldBytes is a run of octets kept in memory with the frames they came from.
class HeldBytes final : public Origin {
 public:
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  void append(const Piece& piece);
  /// drop_front forgets the first `count` octets.
  void drop_front(std::size_t count);
  void clear();
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override;
  [[nodiscard]] Timestamp time_at(std::size_t offset) const override;

 private:
  struct Source {
    std::size_t begin = 0;
    Evidence evidence;
    Timestamp time{};
  };
  [[nodiscard]] const Source& source_of(std::size_t offset) const;

  std::vector<std::uint8_t> bytes_;
  std::vector<Source> sources_;  // by begin, ascending
};

/// EarlySegment came before the octets in front of it.
struct EarlySegment {
  std::uint32_t sequence = 0;
  std::uint32_t wire_bytes = 0;
  std::vector<std::uint8_t> bytes;
  Evidence evidence;
  Timestamp time{};
};

/// StreamSide is one direction of a TCP stream.
struct StreamSide {
  HeldBytes pending;                ///< in order, not yet consumed
  std::uint32_t need = 1;           ///< octets the session waits for
  std::vector<EarlySegment> early;  ///< by sequence, ascending, not overlapping
  std::size_t early_bytes = 0;
  std::uint32_t hole_begin = 0;  ///< the last hole that was passed over, while it may still be filled
  std::uint32_t hole_end = 0;
  /// What was delivered since `delivered_from`, to notice a retransmission that says something else. Kept until both sides are
  /// settled: until then, what the peer reads decides what the session means.
  std::vector<std::uint8_t> delivered;
  std::uint32_t delivered_from = 0;
  bool settled = false;  ///< the session said so, or asked to skip octets of this side
};

/// Conversation is the cold part of a flow.
class Conversation final : public FactSink {
 public:
  Conversation(const FlowLimits& limits, FlowCounters& counters) : limits_{limits}, counters_{counters} {}

  void report(Fact fact) override;
  [[nodiscard]] StreamSide& side(Side which) { return sides_[index(which)]; }
  [[nodiscard]] bool has_session() const { return session_ != nullptr; }
  [[nodiscard]] Session& session() { return *session_; }
  void open(const Dissector& dissector, const Services& services);
  /// close_session frees what only a session needs.
  void close_session();
  [[nodiscard]] FactLog& facts() { return facts_; }
  /// forget_delivered frees what was kept to compare retransmissions with, of both sides.
  void forget_delivered(BufferBudget& budget);
  /// held_bytes counts what is held back in both sides.
  [[nodiscard]] std::size_t held_bytes() const;

 private:
  const FlowLimits& limits_;
  FlowCounters& counters_;
  std::unique_ptr<Session> session_;
  FactLog facts_;
  std::array<StreamSide, 2> sides_;
  bool facts_dropped_ = false;
};

}  // namespace sealtrace
