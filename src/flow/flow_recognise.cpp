// Recognition: which dissector follows a flow, by the content of its first octets, and later where protocols upgrade in place.
#include <algorithm>

#include "flow/flow_engine.hpp"
#include "flow/octet_traits.hpp"

namespace sealtrace {
namespace {

/// FrameOrigin tells the frame of a chunk that lies whole in one frame.
class FrameOrigin final : public Origin {
 public:
  FrameOrigin(const Evidence& evidence, Timestamp time) : evidence_{evidence}, time_{time} {}
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    Evidence evidence = evidence_;
    evidence.offset += static_cast<std::uint32_t>(offset);
    evidence.length = static_cast<std::uint32_t>(length);
    return evidence;
  }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return time_; }

 private:
  Evidence evidence_;
  Timestamp time_;
};

ProbeInput probe_input(const FlowRecord& flow, Side side, Bytes bytes, bool at_start) {
  return {.bytes = bytes,
          .transport = flow.transport,
          .at_start = at_start,
          .source_port = flow.end_of(side).port,
          .destination_port = flow.end_of(other(side)).port};
}

/// with_ports names the flow's ports in a chunk of `side`.
Chunk with_ports(Chunk chunk, const FlowRecord& flow, Side side) {
  chunk.source_port = flow.end_of(side).port;
  chunk.destination_port = flow.end_of(other(side)).port;
  return chunk;
}

/// count_unread counts octets that no session reads. White space between messages (RFC 6120 section 4.6.1) says nothing.
void count_unread(FlowRecord& flow, Bytes bytes) {
  constexpr std::string_view kWhiteSpace = " \t\r\n";
  const auto is_space = [&](std::uint8_t octet) { return kWhiteSpace.contains(static_cast<char>(octet)); };
  flow.tcp.count_clear(bytes.size());
  flow.state.unread_clear |= !std::ranges::all_of(bytes, is_space);
}

/// first_taker gives the index of the first dissector whose octets these are; their number when there is none.
std::size_t first_taker(std::span<const Dissector* const> dissectors, const ProbeInput& input) {
  const auto taker =
      std::ranges::find_if(dissectors, [&](const Dissector* dissector) { return dissector->probe(input) == Recognition::yes; });
  return static_cast<std::size_t>(taker - dissectors.begin());
}

/// kMaxProbeBytes is how much of a stream's start is held back while a dissector wants to see more before it decides.
constexpr std::size_t kMaxProbeBytes = 1024;

/// look_at notes how octets look that nobody recognises, once a flow.
void look_at(FlowRecord& flow, Bytes bytes) {
  if (flow.conversation && flow.transport == Transport::udp) {
    flow.conversation->left_over();
  } else {
    flow.state.looked_at_alone = true;
  }
  if (flow.state.looked_at) return;
  flow.state.looked_at = true;
  flow.first_octets = octet_traits(bytes);
}

}  // namespace

void FlowEngine::open_session(Shard& shard, FlowRecord& flow, const Dissector& dissector, Side side, const Piece& piece) {
  pass_foreign(shard, flow, dissector, other(side));
  Conversation& conversation = conversation_of(flow);
  const FrameOrigin origin{piece.evidence, piece.time};
  const Chunk where{.sender = side, .bytes = piece.bytes, .origin = &origin};
  conversation.open(dissector, where);
  flow.attention = {Attention::stream, Attention::stream};
  if (flow.tcp.clear_bytes != 0)
    conversation.report(where.fact(TlsPrecededBy{.clear_bytes = flow.tcp.clear_bytes, .unread = flow.state.unread_clear}, 0, 1));
}

void FlowEngine::on_datagram(FlowRecord& flow, const Prepared& prepared, Side side) {
  const Segment& segment = prepared.segment;
  if (segment.payload.empty()) return;
  Attention& attention = flow.attention[index(side)];
  if (attention == Attention::count) return;
  const FrameOrigin origin{
      {.capture = prepared.stamp.capture, .frame = prepared.stamp.frame, .offset = segment.payload_offset, .length = 0},
      prepared.stamp.time};
  const Chunk datagram =
      with_ports({.sender = side, .bytes = segment.payload, .cut = segment.payload.size() < segment.payload_wire_bytes, .origin = &origin},
                 flow, side);
  Datagram answer = flow.conversation ? flow.conversation->offer(datagram) : Datagram::not_mine;
  if (answer == Datagram::not_mine) {
    const ProbeInput input = probe_input(flow, side, datagram.bytes, attention == Attention::probe);
    // A flow that nobody knows needs no conversation; one that has it is asked right away.
    if (flow.conversation) {
      answer = flow.conversation->recognise(datagram, input);
    } else if (const std::size_t taker = first_taker(options_.dissectors, input); taker < options_.dissectors.size()) {
      answer = conversation_of(flow).recognise(datagram, input, 0, taker);
    }
    attention = Attention::watch;
  }
  if (answer == Datagram::taken) return;
  if (answer == Datagram::done) {
    flow.attention = {Attention::count, Attention::count};
    return flow.conversation->close_session();
  }
  look_at(flow, datagram.bytes);
  const bool followed = flow.conversation && flow.conversation->has_followers();
  constexpr std::size_t kMaxKeepAliveBytes = 4;  // phones send empty lines or zeros for hours before they say something
  if (datagram.bytes.size() <= kMaxKeepAliveBytes) return;
  if (!followed && flow.packets[index(side)] > options_.limits.max_unrecognised_datagrams) attention = Attention::count;
}

void FlowEngine::deliver(Shard& shard, FlowRecord& flow, Side side, const Piece& piece) {
  switch (flow.attention[index(side)]) {
    case Attention::probe: return recognise(shard, flow, side, &piece);
    case Attention::watch:
      look_for_upgrade(shard, flow, side, piece);
      if (flow.attention[index(side)] == Attention::stream) feed(shard, flow, side, &piece);
      return;
    case Attention::stream: return feed(shard, flow, side, &piece);
    case Attention::count: return;
  }
}

void FlowEngine::recognise(Shard& shard, FlowRecord& flow, Side side, const Piece* fresh) {
  const bool held = flow.conversation && !flow.conversation->side(side).pending.empty();
  if (held && fresh != nullptr) {
    flow.conversation->side(side).pending.append(*fresh);
    shard.buffers.used_bytes += fresh->bytes.size();
  }
  if (!held && fresh == nullptr) return;
  const Bytes bytes = held ? flow.conversation->side(side).pending.bytes() : fresh->bytes;
  Piece begin = held ? Piece{.bytes = bytes,
                             .wire_bytes = static_cast<std::uint32_t>(bytes.size()),
                             .evidence = flow.conversation->side(side).pending.at(0, 1),
                             .time = flow.conversation->side(side).pending.time_at(0)}
                     : *fresh;
  bool undecided = false;
  for (const Dissector* dissector : options_.dissectors) {
    const Recognition recognition = dissector->probe(probe_input(flow, side, bytes, true));
    if (recognition == Recognition::yes) {
      open_session(shard, flow, *dissector, side, begin);
      // The other side may have been held back for more octets: they are due now.
      const Side peer = other(side);
      if (!flow.conversation->side(peer).pending.empty()) feed(shard, flow, peer, nullptr);
      // A session may have handed over meanwhile: then whoever follows is asked for these octets, too.
      if (held) return flow.attention[index(side)] == Attention::stream ? feed(shard, flow, side, nullptr) : void();
      return deliver(shard, flow, side, *fresh);
    }
    undecided = undecided || recognition == Recognition::need_more;
  }
  if (undecided && bytes.size() < kMaxProbeBytes) {
    if (held) return;
    StreamSide& stream = conversation_of(flow).side(side);
    stream.pending.append(*fresh);
    shard.buffers.used_bytes += fresh->bytes.size();
    return;
  }
  flow.attention[index(side)] = Attention::watch;
  look_at(flow, bytes);
  count_unread(flow, bytes);
  if (!held) return;
  shard.buffers.used_bytes -= bytes.size();
  flow.conversation->side(side).pending.clear();
}

// Octets that were held back of the side that did not open the session may be of no use to it: a server's one-octet consent to TLS.
void FlowEngine::pass_foreign(Shard& shard, FlowRecord& flow, const Dissector& dissector, Side side) {
  if (!flow.conversation || flow.attention[index(side)] != Attention::probe) return;
  HeldBytes& pending = flow.conversation->side(side).pending;
  const std::size_t size = pending.bytes().size();
  if (size == 0 || dissector.probe(probe_input(flow, side, pending.bytes(), true)) != Recognition::no) return;
  count_unread(flow, pending.bytes());
  shard.buffers.used_bytes -= size;
  pending.clear();
}

void FlowEngine::hand_over(Shard& shard, FlowRecord& flow) {
  std::uint64_t held = 0;
  for (const Side side : {Side::initiator, Side::responder}) {
    held += flow.conversation->side(side).pending.bytes().size();
    flow.state.unread_clear |= flow.attention[index(side)] == Attention::count;  // the session was done with it
  }
  flow.tcp.clear_bytes = 0;
  flow.tcp.count_clear(flow.payload_bytes - std::min(flow.payload_bytes, held));
  flow.state.unread_clear |= flow.tcp.missing_bytes != 0;
  if (!flow.conversation->hand_over()) {
    flow.attention = {Attention::count, Attention::count};
    flow.conversation->report(
        {.body = BudgetExceeded{.budget = "protocol_changes"}, .sender = Side::initiator, .time = {}, .evidence = {}});
    return;
  }
  if (flow.conversation->has_session()) return go_on(shard, flow);
  flow.attention = {Attention::probe, Attention::probe};
  for (const Side side : {Side::initiator, Side::responder}) {
    if (flow.attention[index(side)] == Attention::probe) recognise(shard, flow, side, nullptr);
  }
}

// The session that read a stream wrapped in another's messages takes what follows without them.
void FlowEngine::go_on(Shard& shard, FlowRecord& flow) {
  flow.attention = {Attention::stream, Attention::stream};
  for (const Side side : {Side::initiator, Side::responder}) {
    StreamSide& stream = flow.conversation->side(side);
    const std::uint64_t skip = flow.conversation->take_skip(side);
    const auto held = static_cast<std::size_t>(std::min<std::uint64_t>(skip, stream.pending.bytes().size()));
    stream.pending.drop_front(held);
    shard.buffers.used_bytes -= held;
    flow.tcp.skip[index(side)] = static_cast<std::uint32_t>(std::min<std::uint64_t>(skip - held, 0x7FFFFFFF));
  }
  for (const Side side : {Side::initiator, Side::responder}) {
    if (flow.conversation->has_session()) feed(shard, flow, side, nullptr);
  }
}

void FlowEngine::look_for_upgrade(Shard& shard, FlowRecord& flow, Side side, const Piece& piece) {
  const ProbeInput input = probe_input(flow, side, piece.bytes, false);
  for (const Dissector* dissector : options_.dissectors) {
    if (dissector->probe(input) == Recognition::yes) return open_session(shard, flow, *dissector, side, piece);
  }
  count_unread(flow, piece.bytes);
  if (flow.payload_bytes > options_.limits.max_upgrade_bytes) flow.attention[index(side)] = Attention::count;
}

void FlowEngine::feed(Shard& shard, FlowRecord& flow, Side side, const Piece* fresh) {
  const std::size_t i = index(side);
  Conversation& conversation = *flow.conversation;
  StreamSide& stream = conversation.side(side);
  const bool in_place = stream.pending.empty();
  if (!in_place && fresh != nullptr) {
    stream.pending.append(*fresh);
    shard.buffers.used_bytes += fresh->bytes.size();
  }
  if (in_place && fresh == nullptr) return;
  const FrameOrigin frame{in_place ? fresh->evidence : Evidence{}, in_place ? fresh->time : Timestamp{}};
  const Origin& whole = in_place ? static_cast<const Origin&>(frame) : stream.pending;
  const Bytes bytes = in_place ? fresh->bytes : stream.pending.bytes();
  std::size_t at = 0;
  bool handing_over = false;

  // The session takes what it can; each round consumes something or waits for more.
  while (at < bytes.size() && bytes.size() - at >= stream.need) {
    const OriginWithin origin{whole, at};
    const Chunk chunk = with_ports({.sender = side, .bytes = bytes.subspan(at), .cut = false, .origin = &origin}, flow, side);
    const Progress progress = conversation.session().on_stream(chunk, conversation);
    if (progress.done) {
      flow.attention[i] = Attention::count;
      at = bytes.size();
      break;
    }
    const std::uint64_t left = bytes.size() - at;
    if (progress.consumed > left)
      flow.tcp.skip[i] = static_cast<std::uint32_t>(std::min<std::uint64_t>(progress.consumed - left, 0x7FFFFFFF));
    at += static_cast<std::size_t>(std::min(progress.consumed, left));
    if (progress.hand_over) {
      handing_over = true;
      break;
    }
    stream.need = std::max<std::uint32_t>(progress.need, 1);
    stream.settled |= progress.settled;
    if (progress.consumed == 0 && stream.need <= left) {
      stream.need = static_cast<std::uint32_t>(left) + 1;  // no progress on what it asked for: wait for more rather than spin
    }
  }
  if (in_place) {
    Piece rest = *fresh;
    rest.bytes = bytes.subspan(at);
    rest.evidence.offset += static_cast<std::uint32_t>(at);
    stream.pending.append(rest);
    shard.buffers.used_bytes += rest.bytes.size();
  } else {
    const std::size_t before = stream.pending.bytes().size();
    stream.pending.drop_front(at);
    shard.buffers.used_bytes -= before - stream.pending.bytes().size();
  }
  if (handing_over) return hand_over(shard, flow);
  if (stream.pending.bytes().size() > options_.limits.max_buffered_bytes_per_side) {
    const Evidence evidence = stream.pending.at(0, 1);
    conversation.report(
        {.body = BudgetExceeded{.budget = "pending_bytes"}, .sender = side, .time = stream.pending.time_at(0), .evidence = evidence});
    shard.buffers.used_bytes -= stream.pending.bytes().size();
    const std::size_t lost = stream.pending.bytes().size();
    stream.pending.clear();
    stream.need = 1;
    conversation.session().on_gap(side, lost, 0, conversation);
  }
}

}  // namespace sealtrace
