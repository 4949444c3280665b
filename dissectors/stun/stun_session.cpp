#include "dissectors/stun/stun_session.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

/// kMaxKinds bounds what is reported of methods and classes: RFC 8489, 8656 and 6062 together have 26 messages.
constexpr std::size_t kMaxKinds = 32;
/// kMaxLearned bounds the addresses of a flow: as many as peers, and a few that the server tells.
constexpr std::size_t kMaxLearned = 24;
/// kUnknownPeer is the number of whom a relayed datagram does not name.
constexpr std::uint32_t kUnknownPeer = TurnPeers::kMaxPeers + 1;
constexpr std::uint8_t kTlsHandshakeRecord = 0x16;
constexpr std::size_t kTlsRecordHeaderBytes = 5;

Recognition probe(const ProbeInput& input) {
  if (input.transport == Transport::udp) return probe_stun_datagram(input.bytes);
  const Recognition recognition = detect_framing(input.bytes).recognition;
  // Further on in a stream that nobody knows, a cookie at a segment's start is proof, and there is nothing to wait for.
  return recognition == Recognition::need_more && !input.at_start ? Recognition::no : recognition;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<StunSession>(); }

/// is_turn says that a message is of TURN: after it, ChannelData may come.
bool is_turn(const StunHeader& header) {
  return header.flavour == StunFlavour::rfc8489 && StunMethod{header.method} >= StunMethod::allocate &&
         StunMethod{header.method} <= StunMethod::channel_bind;
}

}  // namespace

const Dissector kStunDissector{.name = "stun", .probe = probe, .open = open};

Progress StunSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& sender = half(chunk.sender);
  std::size_t at = 0;
  while (at < chunk.bytes.size()) {
    const Bytes rest = chunk.bytes.subspan(at);
    const auto wait_for = [&](std::size_t bytes) { return Progress{.consumed = at, .need = static_cast<std::uint32_t>(bytes)}; };
    if (sender.waiting) return wait_for(rest.size() + 1);
    const Place place = find_place(sender, rest);
    if (sender.skip_bytes > 0) {
      at += static_cast<std::size_t>(std::min<std::uint64_t>(sender.skip_bytes, rest.size()));
      sender.skip_bytes -= std::min<std::uint64_t>(sender.skip_bytes, rest.size());
      continue;
    }
    if (place == Place::wait) return wait_for(rest.size() + 1);
    if (place == Place::elsewhere) return {.consumed = chunk.bytes.size()};
    const auto frame = parse_stream_frame(framing_, rest);
    if (!frame && frame.error().code == ParseErrorCode::need_more) return wait_for(rest.size() + 1);
    if (!frame) {
      const OriginWithin origin{*chunk.origin, at};
      unreadable({.sender = chunk.sender, .bytes = rest, .origin = &origin}, frame.error(), facts);
      return {.consumed = chunk.bytes.size(), .done = true};
    }
    if (frame->frame_bytes > rest.size()) return wait_for(frame->frame_bytes);
    sender.started = true;
    const OriginWithin origin{*chunk.origin, at + frame->payload_offset};
    take_frame({.sender = chunk.sender,
                .bytes = rest.subspan(frame->payload_offset, frame->payload_bytes),
                .origin = &origin,
                .framed = framing_ != StunFraming::turn},
               frame->kind, facts);
    at += frame->frame_bytes;
    if (handing_over_) return {.consumed = at, .hand_over = true};
  }
  return {.consumed = at};
}

StunSession::Place StunSession::find_place(Half& half, Bytes rest) {
  if (framing_ != StunFraming::none && half.started && !half.frames_lost) return Place::here;
  if (!half.started && rest[0] == kTlsHandshakeRecord && framing_ != StunFraming::none) {
    // The answer to a pseudo-TLS hello that the client did not wait for.
    if (rest.size() < kTlsRecordHeaderBytes) return Place::wait;
    half.skip_bytes = kTlsRecordHeaderBytes + static_cast<std::uint64_t>(rest[3] << 8 | rest[4]);
    half.started = true;
    return Place::elsewhere;
  }
  if (framing_ != StunFraming::none && !half.frames_lost) return Place::here;
  const Detected detected = detect_framing(rest);
  // What may lie inside a lost frame is not waited for: the next segment may begin with a message.
  const bool wait = detected.recognition == Recognition::need_more && (!half.frames_lost || rest.size() < kStunHeaderBytes);
  if (wait) return Place::wait;
  if (detected.recognition != Recognition::yes) return Place::elsewhere;
  if (framing_ != StunFraming::none && framing_ != detected.framing) return Place::elsewhere;
  framing_ = detected.framing;
  half.started = true;
  half.frames_lost = false;
  return Place::here;
}

void StunSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) {
  if (missing_bytes == skipped) return;
  Half& side = half(sender);
  side.frames_lost = true;
  side.skip_bytes = 0;
  side.waiting = false;
  facts.report(
      {.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = false}, .sender = sender, .time = {}, .evidence = {}});
}

Datagram StunSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  if (take_datagram(chunk, facts)) return Datagram::taken;
  if (!active_destination_) return Datagram::not_mine;
  take_end_to_end(chunk, facts);
  return Datagram::taken;
}

void StunSession::take_frame(const Chunk& frame, StreamFrame::Kind kind, FactSink& facts) {
  switch (kind) {
    case StreamFrame::Kind::message: take_message(frame, facts); return;
    case StreamFrame::Kind::channel_data: take_channel_data(frame, facts); return;
    case StreamFrame::Kind::end_to_end: return take_end_to_end(frame, facts);
    case StreamFrame::Kind::datagram:
      if (!take_datagram(frame, facts)) facts.carried(frame, 0);
      return;
  }
}

bool StunSession::take_datagram(const Chunk& chunk, FactSink& facts) {
  constexpr std::uint8_t kFirstDtlsOctet = 20;  // RFC 7983; methods above 0x1FF are known by their cookie only
  if (chunk.bytes.empty()) return false;
  const std::uint8_t first = chunk.bytes[0];
  if (first < kFirstDtlsOctet) return take_message(chunk, facts);
  if (first >> 6 == 1) {
    const bool known = turn_seen_ || looks_like_inner(chunk.bytes.subspan(std::min<std::size_t>(chunk.bytes.size(), 4)));
    return known && fits_channel_data(chunk.bytes, chunk.cut) && take_channel_data(chunk, facts);
  }
  return first == 0xFF && take_multiplexed(chunk, facts);
}

bool StunSession::take_message(const Chunk& chunk, FactSink& facts) {
  const auto header = parse_stun_header(chunk.bytes);
  const bool whole = header && header->message_bytes == chunk.bytes.size();
  const bool mine = header && (whole || (chunk.cut && header->message_bytes > chunk.bytes.size()));
  if (!mine) {
    const bool cookie = header && header->flavour != StunFlavour::rfc3489;
    if (cookie) unreadable(chunk, {.code = ParseErrorCode::malformed, .offset = 2, .field = "message_length"}, facts);
    return cookie;
  }
  const auto message = parse_stun_message(chunk.bytes, chunk.cut);
  if (!message) {
    if (header->flavour == StunFlavour::rfc3489) return false;
    unreadable(chunk, message.error(), facts);
    return true;
  }
  note(*message, chunk, facts);
  return true;
}

void StunSession::note(const StunMessage& message, const Chunk& chunk, FactSink& facts) {
  const StunHeader& header = message.header;
  const auto kind = static_cast<std::uint32_t>(static_cast<unsigned>(header.flavour) << 16 | static_cast<unsigned>(header.method) << 2 |
                                               static_cast<unsigned>(header.message_class));
  if (seen_.size() < kMaxKinds && std::ranges::find(seen_, kind) == seen_.end()) {
    seen_.push_back(kind);
    facts.report(chunk.fact(StunSeen{.flavour = header.flavour,
                                     .method = header.method,
                                     .message_class = static_cast<std::uint8_t>(header.message_class),
                                     .framed = chunk.framed},
                            0, std::min(header.message_bytes, chunk.bytes.size())));
  }
  note_addresses(message, chunk, facts);
  turn_seen_ = turn_seen_ || is_turn(header);
  const Endpoint* peer = message.peer();
  if (message.relays()) {
    const auto number = peer != nullptr ? peers_.by_endpoint(*peer) : std::optional<std::uint32_t>{kUnknownPeer};
    return relay(chunk, message.data, message.data_offset, message.data_cut, number, facts);
  }
  if (header.flavour == StunFlavour::ms_turn || header.flavour == StunFlavour::google) return note_destination(message);
  if (header.flavour != StunFlavour::rfc8489) return;
  if (StunMethod{header.method} == StunMethod::channel_bind && message.channel_number && peer != nullptr) {
    peers_.bind(*message.channel_number, *peer);
  }
  if (StunMethod{header.method} != StunMethod::connection_bind || framing_ != StunFraming::turn) return;
  half(chunk.sender).waiting = header.message_class == StunClass::request;
  if (header.message_class == StunClass::request || !half(other(chunk.sender)).waiting) return;
  half(other(chunk.sender)).waiting = false;
  handing_over_ = header.message_class == StunClass::success;
}

void StunSession::note_addresses(const StunMessage& message, const Chunk& chunk, FactSink& facts) {
  for (std::size_t i = 0; i < message.num_addresses && learned_.size() < kMaxLearned; ++i) {
    const StunAddress& address = message.addresses[i];
    const bool known = std::ranges::any_of(learned_, [&](const TransportAddressLearned& learned) {
      return learned.kind == address.kind && learned.endpoint == address.endpoint;
    });
    if (known) continue;
    learned_.push_back({.kind = address.kind, .endpoint = address.endpoint});
    facts.report(chunk.fact(learned_.back(), address.offset, address.length));
  }
}

void StunSession::note_destination(const StunMessage& message) {
  if (MsTurnMethod{message.header.method} != MsTurnMethod::set_active_destination) return;
  const Endpoint* destination = message.peer();
  if (message.header.message_class == StunClass::request && destination != nullptr) {
    asked_destination_ = peers_.by_endpoint(*destination);
  } else if (message.header.message_class == StunClass::success) {
    active_destination_ = asked_destination_.value_or(kUnknownPeer);
  }
}

bool StunSession::take_channel_data(const Chunk& chunk, FactSink& facts) {
  const auto frame = parse_channel_data(chunk.bytes);
  const bool cut = !frame && chunk.cut && chunk.bytes.size() > 4;
  if (!frame && !cut) return false;
  const auto number = frame ? frame->channel_number : static_cast<std::uint16_t>(chunk.bytes[0] << 8 | chunk.bytes[1]);
  relay(chunk, frame ? frame->data : chunk.bytes.subspan(4), 4, cut, peers_.by_channel(number), facts);
  return true;
}

bool StunSession::take_multiplexed(const Chunk& chunk, FactSink& facts) {
  const auto frame = parse_multiplexed_turn(chunk.bytes);
  if (!frame || frame->data_offset + frame->data.size() != chunk.bytes.size()) return false;
  relay(chunk, frame->data, frame->data_offset, false, peers_.by_session(frame->session_id), facts);
  return true;
}

void StunSession::take_end_to_end(const Chunk& chunk, FactSink& facts) {
  if (!chunk.bytes.empty() && chunk.bytes[0] == 0xFF && take_multiplexed(chunk, facts)) return;
  relay(chunk, chunk.bytes, 0, false, active_destination_.value_or(kUnknownPeer), facts);
}

void StunSession::relay(const Chunk& chunk, Bytes data, std::size_t offset, bool cut, std::optional<std::uint32_t> peer, FactSink& facts) {
  if (!peer) {
    if (!std::exchange(budget_reported_, true)) facts.report(chunk.fact(BudgetExceeded{.budget = "turn_peers"}, 0, 1));
    return;
  }
  const OriginWithin origin{*chunk.origin, offset};
  facts.carried(
      {.sender = chunk.sender, .bytes = data, .cut = cut || chunk.cut, .origin = &origin, .framed = chunk.framed, .relayed = true}, *peer);
}

void StunSession::unreadable(const Chunk& chunk, const ParseError& error, FactSink& facts) {
  if (std::exchange(half(chunk.sender).unreadable_reported, true)) return;
  facts.report(chunk.fact(unreadable_fact(error), 0, chunk.bytes.size()));
}

}  // namespace sealtrace
