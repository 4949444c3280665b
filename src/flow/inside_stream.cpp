#include "flow/inside_stream.hpp"

#include <algorithm>
#include <utility>

namespace sealtrace {
namespace {

/// kMaxProbeBytes is how much of a side's start is held back while a dissector wants to see more before it decides.
constexpr std::size_t kMaxProbeBytes = 1024;

}  // namespace

void InsideStream::Held::append(const Chunk& chunk) {
  if (chunk.bytes.empty()) return;
  const std::size_t last = chunk.bytes.size() - 1;
  sources_.push_back({.begin = bytes_.size(), .evidence = chunk.origin->at(0, chunk.bytes.size()), .time = chunk.origin->time_at(last)});
  bytes_.insert(bytes_.end(), chunk.bytes.begin(), chunk.bytes.end());
}

void InsideStream::Held::drop_front(std::size_t count) {
  if (count >= bytes_.size()) {
    bytes_.clear();
    sources_.clear();
    return;
  }
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(count));
  const auto first = std::ranges::upper_bound(sources_, count, {}, &Source::begin) - 1;
  sources_.erase(sources_.begin(), first);
  for (Source& source : sources_) source.begin -= std::min(source.begin, count);
}

const InsideStream::Held::Source& InsideStream::Held::source_of(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(sources_, offset, {}, &Source::begin);
  return after == sources_.begin() ? sources_.front() : *(after - 1);
}

Evidence InsideStream::Held::at(std::size_t offset, std::size_t length) const {
  return source_of(offset + (length == 0 ? 0 : length - 1)).evidence;
}

Timestamp InsideStream::Held::time_at(std::size_t offset) const { return source_of(offset).time; }

bool InsideStream::add(const Chunk& chunk, FactSink& facts) {
  Half& side = half(chunk.sender);
  if (side.reading == Reading::nobody) return false;
  side.source_port = chunk.source_port;
  side.destination_port = chunk.destination_port;
  side.held.append(chunk);
  if (side.held.bytes().size() > limits_.max_buffered_bytes_per_side) {
    facts.report(chunk.fact(BudgetExceeded{.budget = "pending_bytes"}, 0, chunk.bytes.size()));
    side.reading = Reading::nobody;
    side.held.drop_front(side.held.bytes().size());
  } else if (side.reading == Reading::probe) {
    recognise(chunk.sender, facts);
  } else {
    feed(chunk.sender, facts);
  }
  return half(chunk.sender).reading != Reading::nobody;
}

void InsideStream::gap(Side sender, std::uint64_t missing_bytes, FactSink& facts) {
  Half& side = half(sender);
  const std::uint64_t skipped = std::min(side.skip, missing_bytes);
  side.skip -= skipped;
  side.need = 1;
  side.held.drop_front(side.held.bytes().size());
  if (side.reading == Reading::session && session_ != nullptr) return session_->on_gap(sender, missing_bytes, skipped, facts);
  side.missed += missing_bytes;
  side.reading = Reading::nobody;  // unless the other side tells what it is
}

InsideStream::Follower InsideStream::take(FactSink& facts) {
  for (const Side side : {Side::initiator, Side::responder}) {
    const std::size_t held = half(side).held.bytes().size();
    if (held != 0 && session_ != nullptr) gap(side, held, facts);  // what it waits for does not come where it begins
  }
  return {.session = std::move(session_), .skip = {halves_[0].skip, halves_[1].skip}};
}

void InsideStream::recognise(Side side, FactSink& facts) {
  Half& one = half(side);
  const Bytes bytes = one.held.bytes();
  if (bytes.empty()) return;
  const ProbeInput input{.bytes = bytes,
                         .transport = Transport::tcp,
                         .at_start = true,
                         .source_port = one.source_port,
                         .destination_port = one.destination_port};
  bool undecided = false;
  for (const Dissector* dissector : dissectors_) {
    const Recognition recognition = dissector->probe(input);
    undecided |= recognition == Recognition::need_more;
    if (recognition != Recognition::yes) continue;
    session_ = dissector->open(services_);
    const Chunk where{.sender = side, .bytes = bytes, .origin = &one.held};
    if (!dissector->tentative) facts.report(where.fact(ProtocolRecognised{.protocol = dissector->name}, 0, bytes.size()));
    for (Half& each : halves_) each.reading = Reading::session;
    if (const std::uint64_t missed = half(other(side)).missed; missed != 0) session_->on_gap(other(side), missed, 0, facts);
    feed(side, facts);
    return feed(other(side), facts);
  }
  if (undecided && bytes.size() < kMaxProbeBytes) return;
  one.reading = Reading::nobody;
  one.held.drop_front(bytes.size());
}

void InsideStream::feed(Side side, FactSink& facts) {
  Half& one = half(side);
  while (one.reading == Reading::session && session_ != nullptr) {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(one.skip, one.held.bytes().size()));
    one.held.drop_front(skipped);
    one.skip -= skipped;
    const std::size_t size = one.held.bytes().size();
    if (size == 0 || size < one.need) return;
    const Chunk chunk{.sender = side,
                      .bytes = one.held.bytes(),
                      .origin = &one.held,
                      .source_port = one.source_port,
                      .destination_port = one.destination_port};
    const Progress progress = session_->on_stream(chunk, facts);
    if (progress.done) {
      one.reading = Reading::nobody;
      one.held.drop_front(size);
      return;
    }
    one.skip = progress.consumed > size ? progress.consumed - size : 0;
    one.held.drop_front(static_cast<std::size_t>(std::min<std::uint64_t>(progress.consumed, size)));
    if (progress.hand_over) return hand_over(facts);
    one.need = std::max<std::uint32_t>(progress.need, 1);
    if (progress.consumed == 0 && one.need <= size) one.need = static_cast<std::uint32_t>(size) + 1;
  }
}

void InsideStream::hand_over(FactSink& facts) {
  end(facts);
  const bool too_often = ++num_hand_overs_ > limits_.max_hand_overs;
  for (Half& each : halves_) {
    each.need = 1;
    each.reading = too_often ? Reading::nobody : Reading::probe;
  }
  for (const Side side : {Side::initiator, Side::responder}) {
    if (half(side).reading == Reading::probe) recognise(side, facts);
  }
}

void InsideStream::end(FactSink& facts) {
  if (session_) session_->on_end(facts);
  session_.reset();
}

}  // namespace sealtrace
