// Conversation: what a flow remembers beyond counters. It exists only for flows whose octets must be put in order, or that
// a session follows: two sides of a stream, the session, and the facts it reported.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dissect/session.hpp"
#include "flow/flow_limits.hpp"
#include "flow/inside_stream.hpp"
#include "model/fact.hpp"
#include "model/few.hpp"
#include "model/prefetch.hpp"

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

/// Registry is whom a flow asks: every dissector, in order, and what their sessions use; and what it is held to, and where that is counted.
struct Registry {
  std::span<const Dissector* const> dissectors;
  Services services;
  const FlowLimits* limits = nullptr;
  FlowCounters* counters = nullptr;
};

/// Conversation is the cold part of a flow. A stream has one session at a time; datagrams, and what travels inside another protocol, may
/// have several, for one five-tuple carries STUN, DTLS and media (RFC 7983).
class Conversation final : public FactSink {
 public:
  /// `media` is where packets of the flow's own media are counted; null where they are not.
  Conversation(const Registry& registry, std::array<SteadyMedia, 2>* media) : media_{media}, registry_{registry} {}

  void report(Fact fact) override;
  void carried(const Chunk& datagram, std::uint32_t channel) override;
  bool decrypted(const Chunk& chunk) override;
  void wrapped(const Chunk& chunk) override;
  void wrapped_gap(Side sender, std::uint64_t missing_bytes) override;
  SteadyMedia* steady_media(Side sender) override { return channel_ == 0 && media_ != nullptr ? &(*media_)[index(sender)] : nullptr; }
  void claim(std::uint32_t num_datagrams) override { (depth_ == 0 && channel_ == 0 ? unclaimed_ : inner().unclaimed).claim(num_datagrams); }
  /// left_over counts a datagram of the flow's own that no session took; is_left_over says that none took it later, either.
  void left_over() { unclaimed_.add(); }
  [[nodiscard]] bool is_left_over() const { return unclaimed_.any(); }
  /// offer gives a datagram to the sessions of its channel, the one that took the last datagram first.
  Datagram offer(const Chunk& datagram, std::uint32_t channel = 0);
  /// recognise asks every dissector whose datagram it is, opens a session and gives it the datagram. not_mine when nobody takes it. The one
  /// at `taker` is known to be the first that says yes.
  Datagram recognise(const Chunk& datagram, const ProbeInput& input, std::uint32_t channel = 0, std::optional<std::size_t> taker = {});
  [[nodiscard]] StreamSide& side(Side which) {
    if (!sides_) sides_ = std::make_unique<std::array<StreamSide, 2>>();
    return (*sides_)[index(which)];
  }
  [[nodiscard]] bool has_session() const { return session_ != nullptr; }
  [[nodiscard]] Session& session() { return *session_; }
  /// open starts the stream's session; `where` shows its first octet.
  void open(const Dissector& dissector, const Chunk& where);
  /// hand_over ends the stream's session, for another to follow on both sides: who read what was wrapped in its messages goes on, else the
  /// registry is asked. False when that happened too often.
  [[nodiscard]] bool hand_over();
  /// take_skip gives how many octets of a side the session that goes on does not want to see, once.
  [[nodiscard]] std::uint64_t take_skip(Side which) { return inner_ ? std::exchange(inner_->handed_over_skip[index(which)], 0) : 0; }
  [[nodiscard]] bool has_followers() const {
    return std::ranges::any_of(followers_, [](const Follower& follower) { return follower.session != nullptr; });
  }
  /// close_session ends every session and frees what only they need.
  void close_session();
  /// next_session gives the session that the next packet will most likely be for.
  [[nodiscard]] const Session* next_session() const { return next_session_; }
  /// prefetch_parts brings in what of a stream leads to its octets.
  [[gnu::always_inline]] void prefetch_parts() const { prefetch(sides_.get(), 1); }
  /// prefetch_end brings in what the end of the flow reads; prefetch_bodies, called when that is there, what it points at.
  void prefetch_end() const;
  void prefetch_bodies() const;
  /// facts are those reported, in order.
  [[nodiscard]] std::vector<Fact>& facts() { return facts_; }
  /// forget_delivered frees what was kept to compare retransmissions with, of both sides.
  void forget_delivered(BufferBudget& budget);
  /// held_bytes counts what is held back in both sides.
  [[nodiscard]] std::size_t held_bytes() const;

 private:
  /// Follower is a session of datagrams.
  struct Follower {
    std::unique_ptr<Session> session;  ///< none: a guess that was wrong, not to be made again
    std::uint32_t channel = 0;
    std::uint8_t dissector = 0;  ///< its place in the registry
  };
  /// Unclaimed counts datagrams that no session took when they came.
  struct Unclaimed {
    std::uint32_t num_seen = 0;
    std::uint32_t num_claimed = 0;

    void add() { num_seen += num_seen != 0xFFFF'FFFF ? 1U : 0U; }
    void claim(std::uint32_t num_datagrams) { num_claimed += std::min(num_datagrams, 0xFFFF'FFFF - num_claimed); }
    [[nodiscard]] bool any() const { return num_seen > num_claimed; }
  };
  /// answered notes a follower's answer: who took the flow's last datagram, and that a guess was wrong, which then is let go.
  Datagram answered(std::size_t follower, Datagram answer);
  void keep(Fact&& fact);
  void report_recognised(const Dissector& dissector, const Chunk& where);
  /// end_opened tells whoever reads inside the session's protection that there is no more.
  void end_opened();

  /// Inner is what few flows have: streams and datagrams inside their own.
  struct Inner {
    std::unique_ptr<InsideStream> opened;   ///< what session_ opened with secrets
    std::unique_ptr<InsideStream> wrapped;  ///< what travels in the messages of session_
    std::array<std::uint64_t, 2> handed_over_skip{};
    std::uint8_t num_hand_overs = 0;  ///< of the stream's sessions
    Unclaimed unclaimed;              ///< of carried datagrams
    std::optional<Fact> unread;       ///< the first of those that nobody recognised
  };
  [[nodiscard]] Inner& inner() {
    if (!inner_) inner_ = std::make_unique<Inner>();
    return *inner_;
  }
  [[nodiscard]] std::unique_ptr<InsideStream> inside_stream() const {
    return std::make_unique<InsideStream>(*registry_.limits, registry_.dissectors, registry_.services);
  }

  static constexpr std::uint8_t kNobody = 0xFF;

  const Session* next_session_ = nullptr;  ///< only to fetch it ahead: who took the flow's last packet, or the session opened last
  std::unique_ptr<Session> session_;       ///< of a stream
  std::unique_ptr<std::array<StreamSide, 2>> sides_;  ///< of a stream
  OneOrMore<Follower> followers_;
  std::uint32_t channel_ = 0;           ///< of the datagram that is worked on
  std::uint16_t num_descriptions_ = 0;  ///< among facts_
  std::uint8_t last_taker_ = kNobody;   ///< in followers_: who took the last of the flow's own datagrams
  std::uint8_t depth_ : 4 = 0;          ///< of datagrams inside datagrams, while they are worked on
  bool reading_opened_ : 1 = false;     ///< what is reported now is of Inner::opened
  bool reading_wrapped_ : 1 = false;    ///< what is reported now is of Inner::wrapped
  bool followers_refused_ : 1 = false;
  bool facts_dropped_ : 1 = false;
  std::array<SteadyMedia, 2>* media_;  ///< by sender, of channel 0

  std::vector<Fact> facts_;
  const Registry& registry_;
  std::unique_ptr<Inner> inner_;
  Unclaimed unclaimed_;
};

static_assert(sizeof(Conversation) == 128, "two cache lines");

}  // namespace sealtrace
