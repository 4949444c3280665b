#include "dissectors/tls/tls_session.hpp"

#include <algorithm>
#include <utility>

namespace sealtrace {
namespace {

/// kMaxApplicationData is how many protected records a side reports in TLS 1.3, where handshake messages hide among them, and how many
/// more once the client has answered: a flight of five messages in fragments, two tickets, the first answers. Sizes and order are
/// all that shows. In TLS 1.2 and below the first one is enough.
constexpr std::uint8_t kMaxApplicationData = 12;
constexpr std::uint8_t kMaxApplicationDataTls12 = 1;
/// kMaxHeartbeats, kMaxHiddenAlerts, kMaxGaps bound what a side reports of each once its handshake is over: more of the same tells nothing
/// new.
constexpr std::uint8_t kMaxHeartbeats = 4;
constexpr std::uint8_t kMaxHiddenAlerts = 8;
constexpr std::uint8_t kMaxGaps = 8;
/// kMaxSearchBytes is how far the next record is searched after a gap, in octets: sixty records of full size. Where versions are settled it
/// is two: a record ends within one (RFC 5246 section 6.2.3), and what only looked like a header may hide the first.
constexpr std::uint32_t kMaxSearchBytes = 1U << 20;
constexpr std::uint32_t kMaxSettledSearchBytes = 2 * (kRecordHeaderBytes + kMaxCiphertextBytes);

/// is_bare_alert_size says that a TLS 1.3 record has room for an alert and no padding (RFC 8446 sections 5.2, 6).
bool is_bare_alert_size(const TlsNegotiation& negotiation, std::uint16_t record_bytes) {
  constexpr CipherSuite kAes128Ccm8{0x1305};
  const std::size_t tag_bytes = negotiation.cipher_suite == kAes128Ccm8 ? 8 : 16;
  return negotiation.is_tls13() && record_bytes == kAlertBytes + 1 + tag_bytes;
}

/// begins_like_ssl2 takes the first octets of a stream: a two-octet header and a CLIENT-HELLO or SERVER-HELLO.
bool begins_like_ssl2(Bytes header) {
  const bool client = header[2] == static_cast<std::uint8_t>(Ssl2MessageType::client_hello) && (header[3] == 0 || header[3] == 3);
  const bool server = header[2] == static_cast<std::uint8_t>(Ssl2MessageType::server_hello) && header[3] <= 1;
  return (header[0] & 0x80) != 0 && (client || server);
}

}  // namespace

Progress TlsSession::on_stream(const Chunk& chunk, FactSink& facts) {
  constexpr std::uint32_t kNeed = 1;
  const std::size_t size = chunk.bytes.size();
  Half& sender = half(chunk.sender);
  std::size_t at = 0;
  while (at < size && !sender.done && !ended_) {
    if (goes_on_without_tls(sender, chunk, at)) {
      ended_ = true;
      facts.report(chunk.fact(TlsPseudoHello{}, at, 1));
    } else if (sender.body_left > 0) {
      at = take_body(sender, chunk, at, facts);
    } else if (sender.searching) {
      at = search(sender, chunk, at, facts);
    } else {
      at = take_header(sender, chunk, at, facts);
    }
  }
  if (ended_) return {.consumed = at, .need = kNeed, .hand_over = true};  // what the imitation was for begins here, on both sides
  if (sender.done) return {.consumed = size, .need = kNeed, .done = true};
  if (size > 0) {
    sender.last_time = chunk.origin->time_at(size - 1);
    sender.last_evidence = chunk.origin->at(size - 1, 1);
  }
  const std::uint32_t unseen = sender.use == BodyUse::skip ? std::exchange(sender.body_left, 0) : 0;
  // Whoever has sent its Finished, or protected records in TLS 1.3, has read the peer's messages before it, as the peer sent them.
  const bool settled = sender.finished || (negotiation_.is_tls13() && sender.protected_data);
  return {.consumed = size + std::uint64_t{unseen}, .need = kNeed, .done = false, .settled = settled};
}

/// goes_on_without_tls says that a client sent an imitation of a hello and now, without an answer that was seen, something that is no
/// record of TLS: no client that means its hello has anything to say before the ServerHello.
bool TlsSession::goes_on_without_tls(const Half& half, const Chunk& chunk, std::size_t at) const {
  const bool between_records = half.body_left == 0 && half.header_bytes == 0 && !half.searching;
  return between_records && messages_.client_imitates() && negotiation_.client == chunk.sender && !negotiation_.server_hello_seen &&
         !is_assigned(ContentType{chunk.bytes[at]});
}

void TlsSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) {
  Half& side = half(sender);
  if (side.done || ended_ || missing_bytes <= skipped) return;
  const std::uint64_t lost = missing_bytes - skipped;
  const bool within_handshake = !side.finished && !side.protected_data;
  if (within_handshake || side.num_gaps < kMaxGaps) {
    if (!within_handshake) ++side.num_gaps;
    facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = within_handshake},
                  .sender = sender,
                  .time = side.last_time,
                  .evidence = side.last_evidence});
  }
  if (decryption_ != nullptr) decryption_->lost(sender);
  if (!side.searching && side.header_bytes == 0 && lost <= side.body_left)
    return lose_within_record(side, static_cast<std::uint32_t>(lost));
  side.message.clear();
  side.unproven_fact.reset();
  side.body_left = side.message_skip = side.searched_bytes = 0;
  side.header_bytes = 0;
  side.unproven = false;
  side.searching = side.uncertain = true;
  side.readable.lost();
}

void TlsSession::on_end(FactSink& facts) {
  for (const Side sender : {Side::initiator, Side::responder}) {
    const Half& side = half(sender);
    if (side.done || ended_ || !side.searching || !side.readable.likely()) continue;
    facts.report({.body = MessageUnreadable{.field = "record boundary", .malformed = false},
                  .sender = sender,
                  .time = side.last_time,
                  .evidence = side.last_evidence});
  }
}

void TlsSession::lose_within_record(Half& half, std::uint32_t lost) {
  half.body_left -= lost;
  if (half.use != BodyUse::handshake) {
    half.message.clear();
    half.use = BodyUse::skip;
    return;
  }
  // A message whose header was read ends at a known place: what follows it can be read again.
  if (half.message.size() >= kHandshakeHeaderBytes) {
    half.message_skip =
        static_cast<std::uint32_t>(kHandshakeHeaderBytes + parse_handshake_header(half.message.bytes())->length - half.message.size());
  }
  half.message.clear();
  if (lost > half.message_skip) {
    half.message_skip = 0;
    half.use = BodyUse::skip;
    half.uncertain = true;  // a message may have begun here that goes on in the next record
  } else {
    half.message_skip -= lost;
  }
}

void TlsSession::report(Half& half, const Chunk& chunk, FactBody body, MessagePlace place, FactSink& facts) {
  Fact fact = chunk.fact(std::move(body), place.offset, place.length);
  if (half.unproven) {
    half.unproven_fact = std::make_unique<Fact>(std::move(fact));
  } else {
    facts.report(std::move(fact));
  }
}

std::size_t TlsSession::take_header(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const std::size_t taken = std::min(chunk.bytes.size() - at, kRecordHeaderBytes - half.header_bytes);
  std::ranges::copy(chunk.bytes.subspan(at, taken), half.header.begin() + half.header_bytes);
  half.header_bytes = static_cast<std::uint8_t>(half.header_bytes + taken);
  if (half.header_bytes == kRecordHeaderBytes) {
    half.header_bytes = 0;
    begin_record(half, chunk, {.offset = at, .length = taken}, facts);
  }
  return at + taken;
}

std::size_t TlsSession::search(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const bool settled = half.finished || half.protected_data;
  const bool ciphertext = sends_ciphertext(half);
  for (; at < chunk.bytes.size(); ++at) {
    if (ciphertext) half.readable.take(chunk.bytes[at]);
    if (++half.searched_bytes > (settled ? kMaxSettledSearchBytes : kMaxSearchBytes) || half.readable.seen()) {
      facts.report(chunk.fact(MessageUnreadable{.field = "record boundary", .malformed = false}, at, 1));
      half.done = true;
      return at;
    }
    if (half.header_bytes == kRecordHeaderBytes) {
      std::ranges::rotate(half.header, half.header.begin() + 1);
      --half.header_bytes;
    }
    half.header[half.header_bytes++] = chunk.bytes[at];
    if (half.header_bytes < kRecordHeaderBytes) continue;
    const auto record = parse_record_header(half.header);
    if (!record || record->length == 0 || (settled && record->legacy_record_version != half.record_version)) continue;
    half.searching = false;
    half.unproven = true;
    half.header_bytes = 0;
    begin_tls_record(half, *record, chunk, {.offset = at, .length = 1}, facts);
    return at + 1;
  }
  return at;
}

void TlsSession::begin_record(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts) {
  const bool first = std::exchange(half.first_record, false);
  const auto record = parse_record_header(half.header);
  // A server may answer SSL 2.0's hello in either framing: an alert of TLS, or its own hello, which settles it.
  const bool may_be_ssl2 = !record && (negotiation_.offers_ssl2_only || (first && begins_like_ssl2(half.header)));
  if ((negotiation_.version == TlsVersion::ssl2 || may_be_ssl2) && begin_ssl2_record(half, chunk, header, facts)) return;
  if (!record) return on_unreadable_header(half, chunk, header, record.error(), facts);
  half.searched_bytes = 0;
  half.readable.clear();
  half.unproven = false;
  if (half.unproven_fact != nullptr) facts.report(std::move(*std::exchange(half.unproven_fact, nullptr)));
  begin_tls_record(half, *record, chunk, header, facts);
}

void TlsSession::begin_tls_record(Half& half, const RecordHeader& record, const Chunk& chunk, MessagePlace header, FactSink& facts) {
  begin_visible_record(half, record, chunk, header, facts);
  if (decryption_ == nullptr || !decryption_->opens(chunk.sender)) return;
  // In TLS 1.3 all that is protected calls itself application data; below it everything is, behind ChangeCipherSpec.
  const bool below_tls13 = negotiation_.version != TlsVersion::none && !negotiation_.is_tls13();
  const bool secret = record.type == ContentType::application_data || (below_tls13 && half.protection == Protection::encrypted);
  if (secret) half.use = BodyUse::secret_record;
}

void TlsSession::begin_visible_record(Half& half, const RecordHeader& record, const Chunk& chunk, MessagePlace header, FactSink& facts) {
  half.record_version = record.legacy_record_version;
  half.record_bytes = record.length;
  half.body_left = record.length;
  half.use = BodyUse::skip;
  if (record.type != ContentType::handshake && (!half.message.empty() || half.message_skip > 0)) {
    // RFC 8446 section 5.1: handshake messages are not interleaved with other types.
    half.message.clear();
    half.message_skip = 0;
    report(half, chunk, MessageUnreadable{.field = "handshake fragment", .malformed = true}, header, facts);
  }
  if (record.type != ContentType::handshake) on_join(half, chunk, header, facts);
  switch (record.type) {
    case ContentType::change_cipher_spec: return begin_change_cipher_spec(half, chunk, header, facts);
    case ContentType::alert: return begin_alert(half, chunk, header, facts);
    case ContentType::handshake: half.use = use_of_handshake(half); return;
    case ContentType::application_data: return begin_application_data(half, chunk, header, facts);
    case ContentType::heartbeat:
      if (half.num_heartbeats >= kMaxHeartbeats) return;
      ++half.num_heartbeats;
      return report(half, chunk, TlsHeartbeat{}, header, facts);
  }
}

bool TlsSession::begin_ssl2_record(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts) {
  const auto record = parse_ssl2_record_header(half.header);
  // The five octets that were taken for a TLS header hold the first ones of the data too: no message of SSL 2.0 is shorter.
  if (!record || record->header_bytes + std::size_t{record->length} < kRecordHeaderBytes) return false;
  const Bytes data = Bytes{half.header}.subspan(record->header_bytes);
  half.record_version = static_cast<std::uint16_t>(TlsVersion::ssl2);
  half.record_bytes = record->length;
  half.body_left = record->length - static_cast<std::uint32_t>(data.size());
  const bool is_message = data[0] <= static_cast<std::uint8_t>(Ssl2MessageType::server_hello);
  if (half.protection == Protection::none && is_message && record->padding == 0) {
    half.use = BodyUse::ssl2_message;
    if (half.body_left == 0) {
      on_ssl2_message(half, data, chunk, header, facts);
    } else if (!half.message.append(data)) {
      half.use = BodyUse::skip;
    }
    return true;
  }
  half.use = BodyUse::skip;
  begin_application_data(half, chunk, header, facts);
  return true;
}

void TlsSession::begin_change_cipher_spec(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts) {
  // TLS 1.3's compatibility mode sends one that means nothing (RFC 8446 appendix D.4), before early data even ahead of ServerHello.
  const bool before_early_data = negotiation_.early_data_offered && !negotiation_.server_hello_seen && negotiation_.client == chunk.sender;
  if (negotiation_.is_tls13() || before_early_data) return;
  if (half.record_bytes == 1) {
    half.use = BodyUse::change_cipher_spec;
  } else if (half.protection == Protection::none && !half.uncertain && negotiation_.hello_seen()) {
    report(half, chunk, MessageUnreadable{.field = "change_cipher_spec", .malformed = true}, header, facts);
  } else {
    report(half, chunk, TlsChangeCipherSpec{}, header, facts);  // encrypted: of a renegotiation
  }
}

void TlsSession::begin_alert(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts) {
  const bool behind_mac = half.protection == Protection::mac_only && half.record_bytes == kAlertBytes + half.mac_bytes;
  if (half.record_bytes == kAlertBytes || behind_mac) {  // no MAC and no tag fits in two octets: they are in the clear
    half.use = BodyUse::alert;
  } else if (half.protection == Protection::encrypted || half.uncertain || !negotiation_.hello_seen() || negotiation_.is_tls13()) {
    if (half.num_hidden_alerts >= kMaxHiddenAlerts) return;
    ++half.num_hidden_alerts;
    report(half, chunk, TlsAlert{.encrypted = true}, header, facts);
  } else {
    report(half, chunk, MessageUnreadable{.field = "alert", .malformed = true}, header, facts);
  }
}

void TlsSession::begin_application_data(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts) {
  const bool sizes_matter = negotiation_.version == TlsVersion::none || negotiation_.is_tls13();
  if (sizes_matter && !half.protected_data && negotiation_.client == chunk.sender) this->half(other(chunk.sender)).num_application_data = 0;
  half.protected_data = true;
  if (half.num_application_data >= (sizes_matter ? kMaxApplicationData : kMaxApplicationDataTls12)) {
    // The client's alert at the end says that it pads nothing: the one size that tells later.
    const bool tells = negotiation_.client == chunk.sender && is_bare_alert_size(negotiation_, half.record_bytes);
    if (!tells || std::exchange(half.bare_alert_size_seen, true)) return;
  } else {
    ++half.num_application_data;
  }
  report(half, chunk, TlsApplicationData{.record_bytes = half.record_bytes}, header, facts);
}

TlsSession::BodyUse TlsSession::use_of_handshake(const Half& half) const {
  if (!half.message.empty() || half.message_skip > 0) return BodyUse::handshake;
  if (half.protection == Protection::encrypted) {
    return negotiation_.version == TlsVersion::none ? BodyUse::undecided : BodyUse::opaque_handshake;
  }
  if (half.protection == Protection::mac_only && half.record_bytes <= half.mac_bytes) return BodyUse::skip;
  return half.uncertain || !negotiation_.hello_seen() ? BodyUse::undecided : BodyUse::handshake;
}

void TlsSession::on_unreadable_header(Half& half, const Chunk& chunk, MessagePlace header, const ParseError& error, FactSink& facts) {
  if (half.unproven) {
    half.unproven = false;
    half.unproven_fact.reset();
    half.searching = true;
    return;
  }
  half.done = true;
  facts.report(chunk.fact(MessageUnreadable{.field = error.field, .malformed = true}, header.offset, header.length));
}

void TlsSession::on_join(Half& half, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  if (joined_reported_ || negotiation_.hello_seen()) return;
  joined_reported_ = true;
  facts.report(chunk.fact(TlsJoinedMidStream{.record_version = half.record_version}, place.offset, place.length));
}

}  // namespace sealtrace
