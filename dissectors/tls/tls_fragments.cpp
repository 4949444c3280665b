// What a record's fragment holds: messages, alerts, and what is only counted. The records themselves are walked in tls_session.cpp.
#include <algorithm>
#include <utility>

#include "dissect/decrypted.hpp"
#include "dissectors/tls/tls_session.hpp"

namespace sealtrace {
namespace {

/// kMaxOpaqueHandshakes is how many a side reports once its handshake is over: more of the same tells nothing new.
constexpr std::uint8_t kMaxOpaqueHandshakes = 8;
/// kDecidingBytes is how much of a fragment tells a handshake message in the clear from an encrypted one: header and version.
constexpr std::size_t kDecidingBytes = 6;

bool is_hello(HandshakeType type) { return type == HandshakeType::client_hello || type == HandshakeType::server_hello; }

}  // namespace

std::size_t TlsSession::take_body(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const std::size_t taken = std::min<std::size_t>(chunk.bytes.size() - at, half.body_left);
  const Bytes octets = chunk.bytes.subspan(at, taken);
  switch (half.use) {
    case BodyUse::skip:
    case BodyUse::opaque_handshake: break;
    case BodyUse::handshake: take_handshake(half, chunk, at, octets, facts); break;
    case BodyUse::undecided: take_undecided(half, chunk, at, octets, facts); break;
    case BodyUse::secret_record: take_secret_record(half, chunk, at, octets, facts); break;
    case BodyUse::change_cipher_spec:
    case BodyUse::alert:
    case BodyUse::ssl2_message: take_whole(half, chunk, at, octets, facts); break;
  }
  half.body_left -= static_cast<std::uint32_t>(taken);
  if (half.body_left == 0 && half.use == BodyUse::opaque_handshake)
    on_opaque_handshake(half, chunk, {.offset = at, .length = taken}, facts);
  return at + taken;
}

void TlsSession::take_secret_record(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts) {
  const bool ends = octets.size() == half.body_left;
  const auto fragment = decryption_->collect(chunk.sender, octets, ends);
  if (!ends) return;
  const MessagePlace place{.offset = at, .length = octets.size()};
  if (ContentType{half.header[0]} == ContentType::handshake) on_opaque_handshake(half, chunk, place, facts);
  if (fragment) decryption_->on_record(half.header, *fragment, chunk, place, facts);
}

/// take_whole waits for a fragment that is read as one. A MAC behind an alert is part of it.
void TlsSession::take_whole(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts) {
  const bool ends = octets.size() == half.body_left;
  const bool in_place = ends && half.message.empty();
  if (!in_place && !half.message.append(octets)) {
    half.use = BodyUse::skip;
    return facts.report(chunk.fact(BudgetExceeded{.budget = "tls_held_bytes"}, at, octets.size()));
  }
  if (!ends) return;
  const Bytes fragment = in_place ? octets : half.message.bytes();
  const MessagePlace place{.offset = at, .length = octets.size()};
  if (half.use == BodyUse::alert) {
    on_alert(half, fragment, chunk, place, facts);
  } else if (half.use == BodyUse::change_cipher_spec) {
    on_change_cipher_spec(half, fragment, chunk, place, facts);
  } else {
    on_ssl2_message(half, fragment, chunk, place, facts);
  }
  half.message.clear();
}

void TlsSession::on_alert(Half& half, Bytes fragment, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const auto alert = parse_alert(fragment.first(kAlertBytes));
  if (alert) {
    report(half, chunk, TlsAlert{.encrypted = false, .level = alert->level, .description = alert->description}, place, facts);
  } else {
    report(half, chunk, MessageUnreadable{.field = alert.error().field, .malformed = true}, place, facts);
  }
}

void TlsSession::on_change_cipher_spec(Half& half, Bytes fragment, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  if (fragment[0] != 1) {
    return report(half, chunk, MessageUnreadable{.field = "change_cipher_spec", .malformed = true}, place, facts);
  }
  report(half, chunk, TlsChangeCipherSpec{}, place, facts);
  if (decryption_ != nullptr) decryption_->on_change_cipher_spec(chunk.sender);
  const std::optional<std::uint16_t> mac_bytes = null_suite_mac_bytes(negotiation_);
  half.protection = mac_bytes ? Protection::mac_only : Protection::encrypted;
  half.mac_bytes = mac_bytes.value_or(0);
  half.change_cipher_spec = true;
  if (negotiation_.client == chunk.sender && !half.finished) half.num_hidden_messages = negotiation_.num_hidden_client_messages;
}

void TlsSession::on_opaque_handshake(Half& half, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  if (half.change_cipher_spec && !half.finished) {
    half.finished = true;
    return report(half, chunk, TlsFinished{}, place, facts);
  }
  if (half.finished && !half.protected_data && half.num_hidden_messages > 0) {
    --half.num_hidden_messages;
    return;
  }
  if (half.num_opaque_handshakes >= kMaxOpaqueHandshakes) return;
  ++half.num_opaque_handshakes;
  report(half, chunk, TlsEncryptedHandshake{.record_bytes = half.record_bytes}, place, facts);
}

TlsSession::BodyUse TlsSession::decide(const Half& half, Bytes first_octets) const {
  const auto header = parse_handshake_header(first_octets);
  if (!header) {  // a record of less than a header: only a sender who cuts its hello in such pieces does that
    return half.protection == Protection::none && is_hello(HandshakeType{first_octets[0]}) ? BodyUse::handshake : BodyUse::opaque_handshake;
  }
  const std::size_t message_bytes = kHandshakeHeaderBytes + header->length;
  const bool has_version = first_octets.size() == kDecidingBytes &&
                           (first_octets[4] == 0x03 || is_tls13_draft(static_cast<std::uint16_t>(first_octets[4] << 8)));
  if (half.protection != Protection::none) {  // the second ClientHello of TLS 1.3 behind a ChangeCipherSpec that means nothing
    const bool client_hello = header->type == HandshakeType::client_hello && has_version && message_bytes == half.record_bytes;
    return client_hello ? BodyUse::handshake : BodyUse::opaque_handshake;
  }
  const bool hello = is_hello(header->type) && has_version && message_bytes <= kMaxHandshakeMessageBytes;
  const bool other_message = !is_hello(header->type) && is_assigned(header->type) && message_bytes <= half.record_bytes;
  return hello || other_message ? BodyUse::handshake : BodyUse::opaque_handshake;
}

void TlsSession::take_undecided(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts) {
  const std::size_t needed = std::min<std::size_t>(kDecidingBytes, half.record_bytes);
  std::array<std::uint8_t, kDecidingBytes> first{};
  const std::size_t held = half.message.size();
  const std::size_t taken = std::min(needed - held, octets.size());
  std::ranges::copy(half.message.bytes(), first.begin());
  std::ranges::copy(octets.first(taken), first.begin() + static_cast<std::ptrdiff_t>(held));
  if (held + taken < needed) {
    if (!half.message.append(octets)) half.use = BodyUse::skip;
    return;
  }
  half.message.clear();
  half.use = decide(half, Bytes{first}.first(needed));
  if (half.use != BodyUse::handshake || !is_hello(HandshakeType{first[0]})) on_join(half, chunk, {.offset = at, .length = taken}, facts);
  if (half.use != BodyUse::handshake) return;
  if (held > 0) take_messages(half, chunk, at, Bytes{first}.first(held), facts);
  take_handshake(half, chunk, at, octets, facts);
}

/// take_handshake takes octets of handshake messages in the clear, and leaves the MAC behind them alone.
void TlsSession::take_handshake(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts) {
  if (half.protection == Protection::mac_only) {
    octets = octets.first(half.body_left > half.mac_bytes ? std::min<std::size_t>(octets.size(), half.body_left - half.mac_bytes) : 0);
  }
  take_messages(half, chunk, at, octets, facts);
}

/// take_messages reads what is whole in `octets`, which end in the chunk at or behind `at`, and keeps the rest.
void TlsSession::take_messages(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts) {
  while (!octets.empty() && !ended_ && half.use == BodyUse::handshake) {
    std::size_t taken = 0;
    if (half.message_skip > 0) {
      taken = std::min<std::size_t>(half.message_skip, octets.size());
      half.message_skip -= static_cast<std::uint32_t>(taken);
    } else if (const auto header = parse_handshake_header(octets);
               half.message.empty() && header && kHandshakeHeaderBytes + header->length <= octets.size()) {
      taken = kHandshakeHeaderBytes + header->length;
      on_message(half, octets.first(taken), chunk, {.offset = at, .length = std::min(taken, chunk.bytes.size() - at)}, facts);
    } else {
      taken = collect_message(half, chunk, at, octets, facts);
    }
    octets = octets.subspan(taken);
    at = std::min(at + taken, chunk.bytes.size() - 1);
  }
}

/// collect_message adds to a message that lies in several records or chunks; gives the octets taken.
std::size_t TlsSession::collect_message(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts) {
  const auto missing = [&half] {
    if (half.message.size() < kHandshakeHeaderBytes) return kHandshakeHeaderBytes - half.message.size();
    return kHandshakeHeaderBytes + parse_handshake_header(half.message.bytes())->length - half.message.size();
  };
  const auto give_up = [&](std::string_view budget, std::size_t left) {
    half.message.clear();
    half.message_skip = static_cast<std::uint32_t>(left);
    if (decryption_ != nullptr) decryption_->missed();
    facts.report(chunk.fact(BudgetExceeded{.budget = budget}, at, 1));
  };
  const std::size_t taken = std::min(missing(), octets.size());
  const std::size_t left = missing() - taken;
  const bool header_read = half.message.size() >= kHandshakeHeaderBytes;
  const auto promised = half.message.empty() ? parse_handshake_header(octets) : Parsed<HandshakeHeader>{HandshakeHeader{}};
  if (!half.message.append(octets.first(taken), promised ? kHandshakeHeaderBytes + promised->length : 0)) {
    give_up("tls_held_bytes", header_read ? left : 0);
    if (!header_read) half.use = BodyUse::skip;
    return taken;
  }
  if (!header_read && left == 0 && missing() > kMaxHandshakeMessageBytes) {
    give_up("tls_handshake_message_bytes", missing());
    return taken;
  }
  if (missing() == 0) {
    on_message(half, half.message.bytes(), chunk, {.offset = at, .length = std::min(taken, chunk.bytes.size() - at)}, facts);
    half.message.clear();
  }
  return taken;
}

void TlsSession::on_message(Half& half, Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const HandshakeType type{message[0]};
  const Bytes body = message.subspan(kHandshakeHeaderBytes);
  if (decryption_ == nullptr && type == HandshakeType::client_hello && TlsDecryption::wanted(services_, body)) {
    decryption_ = std::make_unique<TlsDecryption>(services_, chunk.sender);
  }
  if (decryption_ != nullptr) {
    DecryptedSink checked{facts, decryption_->on_clear_message(chunk.sender, message), false};
    messages_.on_message(type, body, half.record_version, chunk, place, checked);
  } else {
    messages_.on_message(type, body, half.record_version, chunk, place, facts);
  }
  ended_ = messages_.is_pseudo();
  if (type == HandshakeType::finished) half.finished = half.change_cipher_spec;
  if (!is_hello(type)) return;
  half.uncertain = false;
  if (!negotiation_.is_tls13()) return;
  for (Half& each : halves_) {  // a ChangeCipherSpec before this one meant nothing
    each.protection = Protection::none;
    each.change_cipher_spec = false;
  }
}

void TlsSession::on_ssl2_message(Half& half, Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  switch (Ssl2MessageType{message[0]}) {
    case Ssl2MessageType::client_hello: messages_.on_ssl2_client_hello(message.subspan(1), chunk, place, facts); return;
    case Ssl2MessageType::server_hello:
      half.protection = Protection::encrypted;
      return messages_.on_ssl2_server_hello(message.subspan(1), chunk, place, facts);
    case Ssl2MessageType::client_master_key:
      half.protection = Protection::encrypted;
      return report(half, chunk, TlsClientKeyExchange{}, place, facts);
    case Ssl2MessageType::error:
    case Ssl2MessageType::client_finished:
    case Ssl2MessageType::server_verify:
    case Ssl2MessageType::server_finished:
    case Ssl2MessageType::request_certificate:
    case Ssl2MessageType::client_certificate: break;
  }
  report(half, chunk, TlsOtherHandshake{.type = message[0]}, place, facts);
}

}  // namespace sealtrace
