#include "flow/conversation.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "model/prefetch.hpp"

namespace sealtrace {

void HeldBytes::append(const Piece& piece) {
  if (piece.bytes.empty()) return;
  sources_.push_back({.begin = bytes_.size(), .evidence = piece.evidence, .time = piece.time});
  bytes_.insert(bytes_.end(), piece.bytes.begin(), piece.bytes.end());
}

void HeldBytes::drop_front(std::size_t count) {
  if (count >= bytes_.size()) return clear();
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(count));
  std::size_t keep = 0;
  for (Source& source : sources_) {
    const std::size_t end = &source == &sources_.back() ? bytes_.size() + count : (&source + 1)->begin;
    if (end <= count) continue;
    if (source.begin < count) {
      source.evidence.offset += static_cast<std::uint32_t>(count - source.begin);
      source.begin = count;
    }
    sources_[keep] = source;
    sources_[keep++].begin -= count;
  }
  sources_.resize(keep);
}

void HeldBytes::clear() {
  bytes_.clear();
  sources_.clear();
}

const HeldBytes::Source& HeldBytes::source_of(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(sources_, offset, {}, &Source::begin);
  return after == sources_.begin() ? sources_.front() : *(after - 1);
}

Evidence HeldBytes::at(std::size_t offset, std::size_t length) const {
  const Source& last = source_of(offset + (length == 0 ? 0 : length - 1));
  Evidence evidence = last.evidence;
  const std::size_t begin = std::max(offset, last.begin);  // the part of the message that this frame holds
  evidence.offset += static_cast<std::uint32_t>(begin - last.begin);
  evidence.length = static_cast<std::uint32_t>(offset + length - begin);
  return evidence;
}

Timestamp HeldBytes::time_at(std::size_t offset) const { return source_of(offset).time; }

namespace {

/// tells_what_was_read picks the facts that a verdict cannot do without. Sessions report each kind of them once.
bool tells_what_was_read(const FactBody& body) {
  if (std::holds_alternative<ProtocolRecognised>(body)) return true;
  if (const auto* media = fact_if<MediaVerdict>(&body)) return media->protection == MediaProtection::clear;
  return fact_if<ReadInClear>(&body) != nullptr || fact_if<CredentialSent>(&body) != nullptr;
}

/// kInsideChannel keeps what travels inside TLS apart from the flow's own conversation: it may be TLS again.
constexpr std::uint32_t kInsideChannel = 0xFFFFFFFF;

bool is_description(const FactBody& body) { return fact_if<SessionDescribed>(&body) != nullptr; }

}  // namespace

void Conversation::report(Fact fact) {
  fact.channel = reading_opened_ ? kInsideChannel : channel_;
  fact.decrypted |= reading_opened_;
  if (is_description(fact.body) && num_descriptions_ < registry_.limits->max_descriptions_per_flow) {
    ++num_descriptions_;
    keep(std::move(fact));
    return;
  }
  const std::size_t reserve = !fact.decrypted && tells_what_was_read(fact.body) ? registry_.limits->max_reserved_facts_per_flow : 0;
  if (facts_.size() - num_descriptions_ < registry_.limits->max_facts_per_flow + reserve) {
    keep(std::move(fact));
    return;
  }
  ++registry_.counters->dropped_facts;
  if (facts_dropped_) return;
  facts_dropped_ = true;  // one more than the limit, so that the report can say what was lost
  keep({.body = BudgetExceeded{.budget = "facts_per_flow"}, .sender = fact.sender, .time = fact.time, .evidence = fact.evidence});
}

void Conversation::keep(Fact&& fact) {
  // Most flows of datagrams have about five facts, a full handshake sixteen to twenty, and there may be many flows: no room for twice
  // that.
  constexpr std::size_t kRoom = 5;
  if (facts_.size() == facts_.capacity()) facts_.reserve(facts_.size() + std::max(kRoom, facts_.size() / 3));
  facts_.push_back(std::move(fact));
}

void Conversation::report_recognised(const Dissector& dissector, const Chunk& where) {
  if (!dissector.tentative) report(where.fact(ProtocolRecognised{.protocol = dissector.name}, 0, 1));
}

void Conversation::open(const Dissector& dissector, const Chunk& where) {
  session_ = dissector.open(registry_.services);
  next_session_ = session_.get();
  report_recognised(dissector, where);
}

bool Conversation::decrypted(const Chunk& chunk) {
  if (reading_opened_) return false;  // protection inside protection: its secrets would be others
  if (!inner().opened) inner_->opened = inside_stream();
  reading_opened_ = true;
  const bool read = inner_->opened->add(chunk, *this);
  reading_opened_ = false;
  return read;
}

void Conversation::wrapped(const Chunk& chunk) {
  if (reading_opened_ || reading_wrapped_) return;  // what a session inside wraps is not followed
  if (!inner().wrapped) inner_->wrapped = inside_stream();
  reading_wrapped_ = true;
  inner_->wrapped->add(chunk, *this);
  reading_wrapped_ = false;
}

void Conversation::wrapped_gap(Side sender, std::uint64_t missing_bytes) {
  if (reading_opened_ || reading_wrapped_) return;
  if (!inner().wrapped) inner_->wrapped = inside_stream();
  reading_wrapped_ = true;
  inner_->wrapped->gap(sender, missing_bytes, *this);
  reading_wrapped_ = false;
}

void Conversation::end_opened() {
  if (!inner_ || !inner_->opened) return;
  reading_opened_ = true;
  inner_->opened->end(*this);
  reading_opened_ = false;
  inner_->opened.reset();
}

bool Conversation::hand_over() {
  session_->on_end(*this);
  InsideStream::Follower follower;
  if (inner_ && inner_->wrapped) {
    follower = inner_->wrapped->take(*this);
    inner_->wrapped.reset();
    inner_->handed_over_skip = follower.skip;
  }
  if (!follower.session) end_opened();  // else what it opened goes on, too
  session_ = std::move(follower.session);
  next_session_ = session_.get();
  for (const Side which : {Side::initiator, Side::responder}) side(which).need = 1;
  return ++inner().num_hand_overs <= registry_.limits->max_hand_overs;
}

Datagram Conversation::answered(std::size_t follower, Datagram answer) {
  Follower& asked = followers_[follower];
  const bool wrong_guess = answer == Datagram::done && registry_.dissectors[asked.dissector]->tentative;
  if (wrong_guess) {
    const std::unique_ptr<Session> session = std::move(asked.session);
    session->on_end(*this);
    if (last_taker_ == follower) last_taker_ = kNobody;
    if (next_session_ == session.get()) next_session_ = nullptr;
    return Datagram::not_mine;
  }
  if (answer != Datagram::not_mine && depth_ == 0 && asked.session) {
    next_session_ = asked.session.get();
    last_taker_ = static_cast<std::uint8_t>(follower);
  }
  return answer;
}

Datagram Conversation::offer(const Chunk& datagram, std::uint32_t channel) {
  // Most datagrams are for the session that took the last one: it is asked without a look at the others.
  const std::uint8_t asked = depth_ == 0 ? last_taker_ : kNobody;
  if (asked != kNobody) {
    const Datagram answer = followers_[asked].session->on_datagram(datagram, *this);
    if (answer == Datagram::taken) return answer;
    if (answered(asked, answer) == Datagram::done) return answer;
  }
  for (std::size_t at = 0; at < followers_.size(); ++at) {
    if (followers_[at].channel != channel || followers_[at].session == nullptr || at == asked) continue;
    const Datagram answer = answered(at, followers_[at].session->on_datagram(datagram, *this));
    if (answer != Datagram::not_mine) return answer;
  }
  return Datagram::not_mine;
}

Datagram Conversation::recognise(const Chunk& datagram, const ProbeInput& input, std::uint32_t channel, std::optional<std::size_t> taker) {
  for (std::size_t i = taker.value_or(0); i < registry_.dissectors.size(); ++i) {
    const Dissector* const dissector = registry_.dissectors[i];
    if (i != taker && dissector->probe(input) != Recognition::yes) continue;
    const bool known =
        std::ranges::any_of(followers_, [&](const Follower& follower) { return follower.dissector == i && follower.channel == channel; });
    if (known) continue;  // its session has just said that it is not
    if (followers_.size() == registry_.limits->max_followers) {
      if (!followers_refused_) report(datagram.fact(BudgetExceeded{.budget = "sessions_per_flow"}, 0, 1));
      followers_refused_ = true;
      return Datagram::taken;
    }
    report_recognised(*dissector, datagram);
    const std::size_t at = followers_.size();
    followers_.push_back({.session = dissector->open(registry_.services), .channel = channel, .dissector = static_cast<std::uint8_t>(i)});
    if (depth_ == 0) next_session_ = followers_[at].session.get();
    const Datagram answer = answered(at, followers_[at].session->on_datagram(datagram, *this));
    if (answer != Datagram::not_mine) return answer;
  }
  return Datagram::not_mine;
}

void Conversation::carried(const Chunk& datagram, std::uint32_t channel) {
  if (datagram.bytes.empty() || reading_opened_) return;  // datagrams inside a decrypted stream are not followed
  if (depth_ == registry_.limits->max_carried_depth) return report(datagram.fact(BudgetExceeded{.budget = "carried_depth"}, 0, 1));
  constexpr std::uint32_t kOdd = 0x9E3779B1;  // so that a channel inside a channel is not taken for one of the outer protocol
  const std::uint32_t outer = channel_;
  channel_ = outer * kOdd + channel;
  ++depth_;
  if (offer(datagram, channel_) == Datagram::not_mine) {
    const Datagram answer = recognise(datagram, {.bytes = datagram.bytes, .transport = Transport::udp, .at_start = true}, channel_);
    if (answer == Datagram::not_mine) {
      inner().unclaimed.add();
      if (!inner_->unread) {
        inner_->unread = datagram.fact(MessageUnreadable{.field = "carried datagram", .malformed = false}, 0, datagram.bytes.size());
        inner_->unread->channel = channel_;
      }
    }
  }
  --depth_;
  channel_ = outer;
}

void Conversation::close_session() {
  if (session_) session_->on_end(*this);
  session_.reset();
  if (inner_ && inner_->wrapped) inner_->wrapped->end(*this);
  end_opened();
  for (std::size_t at = 0; at < followers_.size(); ++at) {
    channel_ = followers_[at].channel;
    if (followers_[at].session) followers_[at].session->on_end(*this);
  }
  if (inner_ && inner_->unread && inner_->unclaimed.any()) {
    channel_ = inner_->unread->channel;
    report(std::move(*inner_->unread));
  }
  inner_.reset();
  channel_ = 0;
  followers_ = {};
  last_taker_ = kNobody;
  next_session_ = nullptr;
  if (media_ != nullptr) *media_ = {};
  sides_.reset();
}

void Conversation::prefetch_end() const {
  constexpr std::size_t kFirstBytes = 192;
  prefetch(next_session_, kFirstBytes);
  prefetch(sides_.get(), sizeof(StreamSide));
  constexpr std::size_t kMostFacts = 16;  // more are read in a row
  prefetch(facts_.data(), std::min(facts_.size(), kMostFacts) * sizeof(Fact));
}

void Conversation::prefetch_bodies() const {
  if (next_session_ != nullptr) {
    for (const Side sender : {Side::initiator, Side::responder}) next_session_->prefetch(sender, false);
  }
  constexpr std::size_t kMostBodies = 8;
  constexpr std::size_t kFirstBytes = 96;  // all, mostly
  for (const Fact& fact : std::span{facts_}.first(std::min(facts_.size(), kMostBodies))) {
    prefetch(box_of(fact.body), kFirstBytes);
  }
}

void Conversation::forget_delivered(BufferBudget& budget) {
  if (!sides_) return;
  for (StreamSide& side : *sides_) {
    budget.used_bytes -= side.delivered.capacity();
    side.delivered = std::vector<std::uint8_t>{};  // `= {}` would keep the memory
  }
}

std::size_t Conversation::held_bytes() const {
  std::size_t held = 0;
  if (!sides_) return 0;
  for (const StreamSide& side : *sides_) held += side.pending.bytes().size() + side.early_bytes;
  return held;
}

}  // namespace sealtrace
