// TCP streams: sequence numbers to octets in order. Holes are facts: they are waited for while there is room, passed over
// when the session did not want to see them anyway, and otherwise reported.
#include <algorithm>
#include <limits>

#include "flow/flow_engine.hpp"

namespace sealtrace {
namespace {

/// distance is how far `to` lies ahead of `from` in sequence space (RFC 9293 section 3.4); negative when behind.
std::int32_t distance(std::uint32_t from, std::uint32_t to) { return static_cast<std::int32_t>(to - from); }

template <typename Counter>
void saturate(Counter& counter, std::uint64_t more) {
  counter = static_cast<Counter>(std::min<std::uint64_t>(counter + more, std::numeric_limits<Counter>::max()));
}

/// kFarAheadBytes: what lies so far ahead of a stream is of another connection.
constexpr std::int32_t kFarAheadBytes = 256 << 20;

/// trim_front forgets the first `count` octets of a piece.
void trim_front(Piece& piece, std::uint32_t count) {
  const std::size_t captured = std::min<std::size_t>(count, piece.bytes.size());
  piece.bytes = piece.bytes.subspan(captured);
  piece.wire_bytes -= count;
  piece.evidence.offset += static_cast<std::uint32_t>(captured);
}

/// begin_at takes a number as that of a side's next octet, unless it is known.
bool begin_at(FlowRecord& flow, Side side, std::uint32_t sequence) {
  const std::size_t i = index(side);
  if ((flow.state.have_sequence >> i & 1U) != 0) return false;
  flow.state.have_sequence = (flow.state.have_sequence | 1U << i) & 3U;
  flow.tcp.next_sequence[i] = sequence;
  return true;
}

/// count_lost counts octets that will not come. Where no session follows the stream yet, nobody can say what they were.
void count_lost(FlowRecord& flow, Side side, std::uint32_t missing) {
  saturate(flow.tcp.missing_bytes, missing);
  const Attention attention = flow.attention[index(side)];
  if (attention != Attention::probe && attention != Attention::watch) return;
  flow.tcp.count_clear(missing);
  flow.state.unread_clear = true;
}

}  // namespace

void FlowEngine::on_tcp(Shard& shard, FlowRecord& flow, const Prepared& prepared, Side side) {
  const Segment& segment = prepared.segment;
  if (is_foreign(flow, segment, side)) {
    flow.state.conflicting = true;  // two connections under one five-tuple: which of them a message is of cannot be told
    return;
  }
  const std::size_t i = index(side);
  const unsigned side_bit = 1U << i;
  std::uint32_t sequence = segment.sequence;
  if (segment.flags.syn()) {
    ++sequence;  // the SYN takes one number
    begin_at(flow, side, sequence);
    if (side == Side::initiator && !segment.flags.ack()) flow.state.start_seen = flow.state.beginning_known = true;
    if (side == Side::responder && segment.flags.ack())  // it says where the other stream begins
      flow.state.beginning_known |= begin_at(flow, Side::initiator, segment.acknowledgment);
  }
  if (segment.payload_wire_bytes != 0) {
    begin_at(flow, side, sequence);
    on_payload(
        shard, flow, side, sequence,
        {.bytes = segment.payload,
         .wire_bytes = segment.payload_wire_bytes,
         .evidence = {.capture = prepared.stamp.capture, .frame = prepared.stamp.frame, .offset = segment.payload_offset, .length = 0},
         .time = prepared.stamp.time});
  }
  if (segment.flags.fin()) {
    on_fin(shard, flow, side, sequence + segment.payload_wire_bytes);
    flow.state.fin = (flow.state.fin | side_bit) & 3U;
  }
  if (segment.flags.rst()) flow.state.reset = true;
}

// A FIN lies behind all that its side sent (RFC 9293 section 3.4): octets before it that were not seen were lost. It takes a number itself,
// and some who send it again count that in.
void FlowEngine::on_fin(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence) {
  const std::size_t i = index(side);
  const bool known = (flow.state.have_sequence >> i & 1U) != 0;
  const std::int32_t ahead = distance(flow.tcp.next_sequence[i], sequence);
  if (known && ahead > 1 && ahead <= kFarAheadBytes) on_payload(shard, flow, side, sequence, {});
}

void FlowEngine::on_payload(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, Piece piece) {
  const std::size_t i = index(side);
  std::int32_t ahead = distance(flow.tcp.next_sequence[i], sequence);
  if (ahead < 0) {
    const auto behind = static_cast<std::uint32_t>(-static_cast<std::int64_t>(ahead));
    check_retransmission(flow, side, sequence, piece);
    if (behind >= piece.wire_bytes) return;
    trim_front(piece, behind);
    sequence += behind;
    ahead = 0;
  }
  if (ahead == 0) {
    take_in_order(shard, flow, side, piece);
    release_early(shard, flow, side);
    return;
  }
  const auto hole = static_cast<std::uint32_t>(ahead);
  const bool followed = flow.attention[i] == Attention::stream || flow.attention[i] == Attention::probe;
  if (followed && hole > flow.tcp.skip[i]) return hold_early(shard, flow, side, sequence, piece);
  // Nobody wants what is missing: pass over it, and remember it in case it comes late.
  StreamSide& stream = conversation_of(flow).side(side);
  stream.hole_begin = flow.tcp.next_sequence[i];
  stream.hole_end = sequence;
  count_lost(flow, side, hole);
  flow.tcp.next_sequence[i] = sequence;
  flow.tcp.skip[i] -= std::min(flow.tcp.skip[i], hole);
  take_in_order(shard, flow, side, piece);
  release_early(shard, flow, side);
}

void FlowEngine::take_in_order(Shard& shard, FlowRecord& flow, Side side, Piece piece) {
  const std::size_t i = index(side);
  flow.tcp.next_sequence[i] += piece.wire_bytes;
  if (flow.attention[i] == Attention::count) return;
  if (flow.tcp.skip[i] >= piece.wire_bytes) {
    flow.tcp.skip[i] -= piece.wire_bytes;
    return;
  }
  const std::uint32_t cut = piece.wire_bytes - static_cast<std::uint32_t>(piece.bytes.size());
  const std::uint32_t unseen = std::exchange(flow.tcp.skip[i], 0);
  const std::uint32_t wire_bytes = piece.wire_bytes;
  trim_front(piece, unseen);
  if (!piece.bytes.empty()) {
    deliver(shard, flow, side, piece);
    if (flow.attention[i] == Attention::stream)
      note_delivered(shard, flow, side, flow.tcp.next_sequence[i] - wire_bytes + unseen, piece.bytes);
  }
  if (cut != 0) pass_gap(shard, flow, side, std::min(cut, wire_bytes - unseen));
}

void FlowEngine::pass_gap(Shard& shard, FlowRecord& flow, Side side, std::uint32_t missing) {
  const std::size_t i = index(side);
  count_lost(flow, side, missing);
  const std::uint32_t skipped = std::min(flow.tcp.skip[i], missing);
  flow.tcp.skip[i] -= skipped;
  if (skipped == missing || !flow.conversation) return;
  StreamSide& stream = flow.conversation->side(side);
  shard.buffers.used_bytes -= stream.pending.bytes().size();
  stream.pending.clear();
  stream.need = 1;
  if (flow.attention[i] == Attention::stream) {
    flow.conversation->session().on_gap(side, missing, skipped, *flow.conversation);
  } else if (flow.attention[i] == Attention::probe) {
    flow.attention[i] = Attention::watch;  // the beginning is lost
  }
}

void FlowEngine::hold_early(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, const Piece& piece) {
  // Keep what came first: store only what no earlier one covers. An overlap that says something else makes the stream ambiguous.
  struct Part {
    std::uint32_t sequence;
    Piece piece;
  };
  std::vector<Part> parts;
  Piece rest = piece;
  const std::uint32_t base = flow.tcp.next_sequence[index(side)];
  for (const EarlySegment& early : conversation_of(flow).side(side).early) {
    const std::uint32_t at = sequence - base;
    const std::uint32_t begin = early.sequence - base;
    const std::uint32_t end = begin + early.wire_bytes;
    if (rest.wire_bytes == 0 || at + rest.wire_bytes <= begin) break;
    if (at >= end) continue;
    if (at < begin) {
      Piece front = rest;
      front.wire_bytes = begin - at;
      front.bytes = front.bytes.first(std::min<std::size_t>(front.wire_bytes, front.bytes.size()));
      parts.push_back({.sequence = sequence, .piece = front});
      trim_front(rest, begin - at);
      sequence += begin - at;
    }
    const std::uint32_t into = sequence - early.sequence;
    const Bytes held = Bytes{early.bytes}.subspan(std::min<std::size_t>(into, early.bytes.size()));
    const std::size_t shared = std::min(held.size(), rest.bytes.size());
    if (!std::ranges::equal(held.first(shared), rest.bytes.first(shared))) flow.state.conflicting = true;
    const std::uint32_t covered = std::min(rest.wire_bytes, early.wire_bytes - into);
    trim_front(rest, covered);
    sequence += covered;
  }
  if (rest.wire_bytes != 0 || piece.wire_bytes == 0) parts.push_back({.sequence = sequence, .piece = rest});
  for (const Part& part : parts) {
    if (flow.tcp.next_sequence[index(side)] == base) {
      store_early(shard, flow, side, part.sequence, part.piece);
    } else {
      on_payload(shard, flow, side, part.sequence, part.piece);  // a hole was given up meanwhile
    }
  }
}

void FlowEngine::store_early(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, const Piece& piece) {
  const FlowLimits& limits = options_.limits;
  StreamSide& stream = flow.conversation->side(side);
  const std::uint32_t base = flow.tcp.next_sequence[index(side)];
  const std::size_t held_bytes = stream.early_bytes + piece.bytes.size();
  const bool full = stream.early.size() >= limits.max_early_segments || held_bytes > limits.max_buffered_bytes_per_side ||
                    shard.buffers.used_bytes + piece.bytes.size() > shard.buffers.limit_bytes;
  const auto place =
      std::ranges::upper_bound(stream.early, sequence - base, {}, [&](const EarlySegment& early) { return early.sequence - base; });
  stream.early.insert(place, {.sequence = sequence,
                              .wire_bytes = piece.wire_bytes,
                              .bytes = {piece.bytes.begin(), piece.bytes.end()},
                              .evidence = piece.evidence,
                              .time = piece.time});
  stream.early_bytes += piece.bytes.size();
  shard.buffers.used_bytes += piece.bytes.size();
  if (!full) return;
  ++counters_.holes_given_up;
  give_up_hole(shard, flow, side);
}

void FlowEngine::give_up_hole(Shard& shard, FlowRecord& flow, Side side) {
  const std::size_t i = index(side);
  StreamSide& stream = flow.conversation->side(side);
  const std::uint32_t missing = stream.early.front().sequence - flow.tcp.next_sequence[i];
  stream.hole_begin = flow.tcp.next_sequence[i];
  stream.hole_end = stream.early.front().sequence;
  flow.tcp.next_sequence[i] += missing;
  pass_gap(shard, flow, side, missing);
  release_early(shard, flow, side);
}

void FlowEngine::release_early(Shard& shard, FlowRecord& flow, Side side) {
  const std::size_t i = index(side);
  if (!flow.conversation) return;
  // A session may ask to skip so much that the hole no longer matters: then what follows it is due.
  while (!flow.conversation->side(side).early.empty()) {
    StreamSide& stream = flow.conversation->side(side);
    const std::int32_t ahead = distance(flow.tcp.next_sequence[i], stream.early.front().sequence);
    const bool is_fin = stream.early.front().wire_bytes == 0;  // it may have overtaken what it lies behind
    if (ahead > 0 && (is_fin || static_cast<std::uint32_t>(ahead) > flow.tcp.skip[i])) return;
    EarlySegment early = std::move(stream.early.front());
    stream.early.erase(stream.early.begin());
    stream.early_bytes -= early.bytes.size();
    shard.buffers.used_bytes -= early.bytes.size();
    if (ahead > 0) {
      flow.tcp.next_sequence[i] += static_cast<std::uint32_t>(ahead);
      pass_gap(shard, flow, side, static_cast<std::uint32_t>(ahead));
    }
    Piece piece{.bytes = early.bytes, .wire_bytes = early.wire_bytes, .evidence = early.evidence, .time = early.time};
    if (ahead < 0) {
      const auto behind = static_cast<std::uint32_t>(-static_cast<std::int64_t>(ahead));
      if (behind >= piece.wire_bytes) continue;
      trim_front(piece, behind);
    }
    take_in_order(shard, flow, side, piece);
  }
}

std::vector<Fact> FlowEngine::drain(Shard& shard, FlowRecord& flow) {
  if (!flow.conversation) return {};
  if (flow.transport == Transport::tcp) {
    for (const Side side : {Side::initiator, Side::responder}) {
      while (!flow.conversation->side(side).early.empty()) give_up_hole(shard, flow, side);
    }
    // What a session held back until the other side answered is due now, however the answer came out.
    for (const Side side : {Side::initiator, Side::responder}) {
      if (!flow.conversation->has_session() || flow.attention[index(side)] != Attention::stream) continue;
      flow.conversation->side(side).need = 1;
      feed(shard, flow, side, nullptr);
    }
  }
  flow.conversation->forget_delivered(shard.buffers);
  shard.buffers.used_bytes -= flow.conversation->held_bytes();
  flow.conversation->close_session();  // sessions may have totals to tell
  std::vector<Fact> facts = std::move(flow.conversation->facts());
  flow.state.looked_at = is_unrecognised(flow);
  flow.conversation.reset();
  return facts;
}

// What the flights of most handshakes take: a hello and a key; a hello and a chain of three certificates.
constexpr std::size_t kFirstRoomOfInitiator = 1024;
constexpr std::size_t kFirstRoomOfResponder = 6144;

void FlowEngine::note_delivered(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, Bytes bytes) const {
  StreamSide& stream = flow.conversation->side(side);
  if (flow.tcp.skip[index(side)] != 0) stream.settled = true;
  if (stream.settled && flow.conversation->side(other(side)).settled) return flow.conversation->forget_delivered(shard.buffers);
  const bool follows = !stream.delivered.empty() && stream.delivered_from + stream.delivered.size() == sequence;
  if (!follows) {
    stream.delivered.clear();
    stream.delivered_from = sequence;
  }
  if (stream.delivered.size() + bytes.size() > options_.limits.max_delivered_bytes_per_side) return;
  if (shard.buffers.used_bytes + bytes.size() > shard.buffers.limit_bytes / 4) return;  // putting octets in order goes first
  const std::size_t room = stream.delivered.capacity();
  if (room == 0) stream.delivered.reserve(side == Side::initiator ? kFirstRoomOfInitiator : kFirstRoomOfResponder);
  stream.delivered.insert(stream.delivered.end(), bytes.begin(), bytes.end());
  shard.buffers.used_bytes += stream.delivered.capacity() - room;
}

void FlowEngine::compare_with_delivered(FlowRecord& flow, Side side, std::uint32_t sequence, Bytes bytes) const {
  if (!flow.conversation || bytes.empty()) return;
  const StreamSide& stream = flow.conversation->side(side);
  const std::int32_t into = distance(stream.delivered_from, sequence);
  const std::size_t skip = into < 0 ? static_cast<std::size_t>(-static_cast<std::int64_t>(into)) : 0;
  const std::size_t at = into < 0 ? 0 : static_cast<std::size_t>(into);
  if (skip >= bytes.size() || at >= stream.delivered.size()) return;
  const Bytes again = bytes.subspan(skip);
  const Bytes before = Bytes{stream.delivered}.subspan(at);
  const std::size_t shared = std::min(again.size(), before.size());
  if (!std::ranges::equal(again.first(shared), before.first(shared))) flow.state.conflicting = true;
}

void FlowEngine::check_retransmission(FlowRecord& flow, Side side, std::uint32_t sequence, const Piece& piece) const {
  if (piece.wire_bytes <= 1) return;  // a keep-alive probe repeats one octet, whatever it says (RFC 9293 section 3.8.4)
  if (flow.conversation) {
    const StreamSide& stream = flow.conversation->side(side);
    if (stream.hole_begin != stream.hole_end && sequence - stream.hole_begin < stream.hole_end - stream.hole_begin) {
      const std::uint32_t filled = std::min(piece.wire_bytes, stream.hole_end - sequence);
      flow.tcp.missing_bytes -= std::min(flow.tcp.missing_bytes, filled);  // it was late, not lost
      return;
    }
    compare_with_delivered(flow, side, sequence, piece.bytes);
  }
  saturate(flow.tcp.retransmissions, 1);
}

bool FlowEngine::is_foreign(const FlowRecord& flow, const Segment& segment, Side side) {
  // Sequence numbers this far from the stream's are of another connection, whose opening was not captured or which another device
  // between the two keeps. Nothing can be retransmitted that was never sent; the allowance is for octets before the capture.
  constexpr std::int32_t kAllowanceBytes = 1 << 20;
  const std::size_t i = index(side);
  const bool known = (flow.state.have_sequence >> i & 1U) != 0;
  if (!known || (segment.payload_wire_bytes == 0 && !segment.flags.syn())) return false;
  const std::int32_t ahead = distance(flow.tcp.next_sequence[i], segment.sequence);
  const std::int64_t sent = static_cast<std::int64_t>(flow.bytes[i]) + flow.tcp.missing_bytes;
  return ahead > kFarAheadBytes || -static_cast<std::int64_t>(ahead) > sent + kAllowanceBytes;
}

}  // namespace sealtrace
