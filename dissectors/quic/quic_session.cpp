#include "dissectors/quic/quic_session.hpp"

#include <algorithm>
#include <utility>

#include "proto/tls_facts.hpp"
#include "wire/fixed_header.hpp"

namespace sealtrace {
namespace {

/// kLeastFirstConnectionIdBytes: a client's first Destination Connection ID is chosen at random (RFC 9000 section 7.2).
constexpr std::size_t kLeastFirstConnectionIdBytes = 8;
/// kTurnsOfFinished: the client's packets with a short header show that it has the server's Finished; that the server has the client's is
/// sure when it answers again after the client spoke a second time, since it may send before (RFC 9001 section 5.7).
constexpr std::uint8_t kTurnsOfFinished = 4;
constexpr std::uint64_t kCryptoErrors = 0x0100;

bool names_known_version(Bytes supported_versions) {
  ParseScope scope;
  ByteReader list{supported_versions, scope};
  while (list.more()) {
    if (has_quic_initial_keys(list.u32("Supported Version"))) return true;
  }
  return false;
}

Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::udp || input.bytes.empty() || !has_long_header(input.bytes[0])) return Recognition::no;
  const auto front = FixedHeader<5>::at(input.bytes);
  if (!front || (front.be32<1>() != 0 && !has_quic_initial_keys(front.be32<1>()))) return Recognition::no;
  const auto header = parse_quic_long_header(input.bytes, true);
  if (!header || !(has_fixed_bit(input.bytes[0]) || header->version == 0)) return Recognition::no;
  switch (header->type) {
    case QuicPacketType::version_negotiation: return names_known_version(header->supported_versions) ? Recognition::yes : Recognition::no;
    case QuicPacketType::initial:
    case QuicPacketType::zero_rtt:
    case QuicPacketType::handshake:
    case QuicPacketType::retry: return Recognition::yes;  // 32 fixed bits of the version, and lengths that fit
  }
  return Recognition::no;
}

std::unique_ptr<Session> open_session(const Services& services) { return std::make_unique<QuicSession>(services); }

MessageUnreadable unreadable(const ParseError& error) {
  return {.field = error.field, .malformed = error.code == ParseErrorCode::malformed};
}

}  // namespace

const Dissector kQuicDissector{.name = "quic", .probe = probe, .open = open_session};

/// may_be_short_header: behind the hellos anything that is not STUN's, which may share the five-tuple (RFC 9443).
bool QuicSession::may_be_short_header(Bytes datagram) const {
  if (has_fixed_bit(datagram[0])) return true;
  constexpr std::uint32_t kStunCookie = 0x2112A442;
  ParseScope scope;
  ByteReader reader{datagram, scope};
  reader.skip(4, "STUN");
  return server_hello_ && reader.u32("Magic Cookie") != kStunCookie;
}

Datagram QuicSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  if (chunk.bytes.empty()) return Datagram::not_mine;
  if (!has_long_header(chunk.bytes[0])) {
    if (!may_be_short_header(chunk.bytes)) return Datagram::not_mine;
    on_short_header(chunk, facts);
    return Datagram::taken;
  }
  std::size_t at = 0;
  while (at < chunk.bytes.size() && has_long_header(chunk.bytes[at])) {
    const auto header = parse_quic_long_header(chunk.bytes.subspan(at), chunk.cut);
    if (!header) return at == 0 ? Datagram::not_mine : Datagram::taken;
    on_packet({.chunk = chunk, .offset = at, .header = *header}, facts);
    at += header->packet_bytes;
  }
  if (at < chunk.bytes.size()) on_short_header(chunk, facts);
  return Datagram::taken;
}

void QuicSession::on_packet(const Packet& packet, FactSink& facts) {
  switch (packet.header.type) {
    case QuicPacketType::initial: return on_initial(packet, facts);
    case QuicPacketType::handshake: return on_protected(packet.chunk, facts);
    case QuicPacketType::zero_rtt: return;
    case QuicPacketType::retry:
      if (!std::exchange(retry_told_, true)) tell(packet, true, false, facts);
      return;
    case QuicPacketType::version_negotiation:
      if (!std::exchange(version_negotiation_told_, true)) tell(packet, false, true, facts);
      return;
  }
}

void QuicSession::tell(const Packet& packet, bool retry, bool version_negotiation, FactSink& facts) {
  const QuicSeen seen{.version = packet.header.version, .retry = retry, .version_negotiation = version_negotiation};
  facts.report(packet.fact(seen));
}

void QuicSession::on_initial(const Packet& packet, FactSink& facts) {
  Half& half = halves_[index(packet.chunk.sender)];
  if (packet.chunk.cut) {
    if (!std::exchange(half.cut_told, true)) facts.report(packet.fact(MessageUnreadable{.field = "Initial packet", .malformed = false}));
    return;
  }
  if (const auto opened = open(packet)) {
    half.largest_packet_number = std::max(half.largest_packet_number, opened->packet_number);
    return on_frames(packet, opened->payload, facts);
  }
  // Not under the keys at hand: the first packet of a connection, or of its next try after a Retry. Only a client can make it.
  const Bytes id = packet.header.destination_connection_id;
  const bool may_begin = id.size() >= kLeastFirstConnectionIdBytes || retry_told_;
  if (!may_begin || packet.chunk.bytes.size() < kQuicMinInitialDatagramBytes) return;
  const QuicInitialKeys keys{packet.header.version, id};
  const auto opened = keys.open(Side::initiator, packet.bytes(), packet.header.packet_number_offset, 0);
  if (!opened) return;
  begin(packet, keys, facts);
  halves_[index(packet.chunk.sender)].largest_packet_number = opened->packet_number;
  on_frames(packet, opened->payload, facts);
}

std::optional<OpenedQuicPacket> QuicSession::open(const Packet& packet) {
  if (!keys_) return std::nullopt;
  const Side sender = packet.chunk.sender;
  return keys_->open(role(sender), packet.bytes(), packet.header.packet_number_offset, halves_[index(sender)].largest_packet_number);
}

void QuicSession::begin(const Packet& packet, const QuicInitialKeys& keys, FactSink& facts) {
  keys_ = keys;
  client_ = packet.chunk.sender;
  halves_ = {};
  server_hello_ = false;
  turns_ = 0;
  tell(packet, false, false, facts);
}

void QuicSession::on_frames(const Packet& packet, Bytes payload, FactSink& facts) {
  Half& half = halves_[index(packet.chunk.sender)];
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{payload, scope};
  while (const auto frame = next_quic_frame(reader)) {
    if (frame->kind == QuicFrame::Kind::connection_close) {
      const bool alert = frame->error_code >= kCryptoErrors && frame->error_code < kCryptoErrors + 0x100;
      if (alert && !std::exchange(half.close_told, true)) {
        const AlertDescription description{static_cast<std::uint8_t>(frame->error_code - kCryptoErrors)};
        facts.report(packet.fact(TlsAlert{.encrypted = false, .level = AlertLevel::fatal, .description = description}));
      }
      continue;
    }
    if (half.unreadable) continue;
    switch (half.crypto.add(frame->offset, frame->data)) {
      case QuicCryptoStream::Added::taken: break;
      case QuicCryptoStream::Added::conflicting:
        half.unreadable = true;
        facts.report(packet.fact(MessageUnreadable{.field = "Crypto Data", .malformed = true}));
        break;
      case QuicCryptoStream::Added::over_budget:
        half.unreadable = true;
        facts.report(packet.fact(BudgetExceeded{.budget = "quic_crypto_bytes"}));
        break;
    }
  }
  if (!scope.ok() && !half.unreadable) {
    half.unreadable = true;
    facts.report(packet.fact(unreadable(scope.error())));
  }
  read_messages(packet, facts);
}

void QuicSession::read_messages(const Packet& packet, FactSink& facts) {
  Half& half = halves_[index(packet.chunk.sender)];
  while (!half.unreadable) {
    const Bytes octets = half.crypto.in_order();
    const auto header = parse_handshake_header(octets);
    if (!header || octets.size() < kHandshakeHeaderBytes + header->length) return;
    const Bytes body = octets.subspan(kHandshakeHeaderBytes, header->length);
    const bool client = packet.chunk.sender == client_;
    if (header->type == HandshakeType::client_hello && client) {
      on_client_hello(packet, body, facts);
    } else if (header->type == HandshakeType::server_hello && !client) {
      on_server_hello(packet, body, facts);
    } else {
      half.unreadable = true;  // nothing else travels in Initial packets (RFC 9001 section 4)
      facts.report(packet.fact(MessageUnreadable{.field = "msg_type", .malformed = true}));
    }
    half.crypto.consume(kHandshakeHeaderBytes + header->length);
  }
}

void QuicSession::on_client_hello(const Packet& packet, Bytes body, FactSink& facts) {
  const auto hello = parse_client_hello(body, HelloFormat::tls);
  if (!hello) {
    halves_[index(packet.chunk.sender)].unreadable = true;
    return facts.report(packet.fact(unreadable(hello.error())));
  }
  const OpaqueHash random = opaque_hash(hello->random, services_.hash_key);
  if (std::exchange(client_random_, random) == random && retry_told_) return;  // the same one, with a token
  facts.report(packet.fact(
      client_hello_fact(*hello, TlsHelloForm::quic, 0, {.hash_key = services_.hash_key, .keep_lists = services_.keep_fingerprint_lists})));
}

void QuicSession::on_server_hello(const Packet& packet, Bytes body, FactSink& facts) {
  const auto hello = parse_server_hello(body);
  if (!hello) {
    halves_[index(packet.chunk.sender)].unreadable = true;
    return facts.report(packet.fact(unreadable(hello.error())));
  }
  server_hello_ |= !hello->hello_retry_request;
  facts.report(packet.fact(server_hello_fact(*hello, {.hash_key = services_.hash_key, .keep_lists = services_.keep_fingerprint_lists})));
}

/// on_protected notes a packet whose keys come out of the handshake: without hellos, the capture began later or lost them.
void QuicSession::on_protected(const Chunk& chunk, FactSink& facts) {
  if (server_hello_ || std::exchange(joined_told_, true)) return;
  facts.report(chunk.fact(TlsJoinedMidStream{}, 0, chunk.bytes.size()));
}

void QuicSession::on_short_header(const Chunk& chunk, FactSink& facts) {
  on_protected(chunk, facts);
  if (!server_hello_ || turns_ == kTurnsOfFinished) return;
  const bool clients_turn = turns_ % 2 == 0;
  if ((chunk.sender == client_) != clients_turn) return;
  ++turns_;
  if (turns_ != 1 && turns_ != kTurnsOfFinished) return;
  const auto bytes = static_cast<std::uint16_t>(std::min<std::size_t>(chunk.bytes.size(), UINT16_MAX));
  facts.report(chunk.fact(TlsApplicationData{.record_bytes = bytes}, 0, chunk.bytes.size()));
}

}  // namespace sealtrace
