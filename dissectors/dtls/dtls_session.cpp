#include "dissectors/dtls/dtls_session.hpp"

#include <algorithm>
#include <utility>

#include "crypto/handshake_facts.hpp"
#include "dissect/decrypted.hpp"
#include "proto/tls_facts.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

/// RFC 7983: the first octets 20 to 63 of a datagram on a shared port are DTLS's.
constexpr bool may_be_dtls(std::uint8_t first_octet) { return first_octet >= 20 && first_octet <= 63; }

bool is_hello(HandshakeType type) { return type == HandshakeType::client_hello || type == HandshakeType::server_hello; }

}  // namespace

Datagram DtlsSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  const auto payload = carrier_.unwrap(chunk.bytes);
  if (!payload) return Datagram::not_mine;
  on_payload(chunk, *payload, facts);
  return Datagram::taken;
}

void DtlsSession::on_payload(const Chunk& chunk, const DtlsPayload& payload, FactSink& facts) {
  const OriginWithin origin{*chunk.origin, payload.offset};
  on_records({.sender = chunk.sender, .bytes = payload.bytes, .cut = chunk.cut, .origin = &origin}, facts);
}

void DtlsSession::on_records(const Chunk& chunk, FactSink& facts) {
  std::size_t at = 0;
  while (at < chunk.bytes.size() && may_be_dtls(chunk.bytes[at])) {
    const Bytes rest = chunk.bytes.subspan(at);
    if (is_unified(rest[0])) {
      on_unified_records(chunk, at, facts);
      break;
    }
    const auto header = parse_dtls_record_header(rest);
    if (!header) break;  // not DTLS, or its header is cut
    DtlsRecord record{.header = *header, .fragment = {}, .fragment_offset = at + kDtlsRecordHeaderBytes};
    if (header->type == kTls12Cid) {
      // The connection id and so the end of the record are not known: it is taken to fill its datagram.
      record.header.length = static_cast<std::uint16_t>(std::min(rest.size() - (kDtlsRecordHeaderBytes - 2), kMaxCiphertextBytes));
      record.fragment_offset -= 2;
    }
    record.fragment = chunk.bytes.subspan(record.fragment_offset);
    if (record.fragment.size() > record.header.length) record.fragment = record.fragment.first(record.header.length);
    on_record(chunk, record, facts);
    if (record.fragment.size() < record.header.length) break;  // cut by the snaplen
    at = record.fragment_offset + record.header.length;
  }
}

/// on_unified_records notes encrypted records of DTLS 1.3 up to the end of the datagram. Their first octet alone is too little to
/// recognise them by: they count once a ServerHello chose DTLS 1.3.
void DtlsSession::on_unified_records(const Chunk& chunk, std::size_t at, FactSink& facts) {
  if (!is_dtls13()) return;
  SideState& state = side(chunk.sender);
  while (at < chunk.bytes.size() && is_unified(chunk.bytes[at])) {
    const Bytes rest = chunk.bytes.subspan(at);
    const auto header = parse_unified_header(rest);
    if (!header) return;
    const std::size_t left = rest.size() - header->header_bytes;
    const std::size_t length = header->length == 0 ? left : header->length;
    if (state.num_data < kMaxProtectedFacts) {
      ++state.num_data;
      facts.report(chunk.fact(TlsApplicationData{.record_bytes = static_cast<std::uint16_t>(std::min<std::size_t>(length, 0xFFFF))}, at,
                              header->header_bytes + std::min(length, left)));
    }
    if (length >= left) return;
    at += header->header_bytes + length;
  }
}

void DtlsSession::on_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts) {
  if (record.header.epoch == 0 && record.header.type != kTls12Cid) {
    on_clear_record(chunk, record, facts);
  } else {
    on_protected_record(chunk, record, facts);
  }
}

void DtlsSession::on_clear_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts) {
  const std::size_t offset = record.fragment_offset;
  SideState& state = side(chunk.sender);
  switch (record.header.type) {
    case ContentType::handshake: return on_handshake_record(chunk, record, facts);
    case ContentType::change_cipher_spec:
      if (state.change_cipher_spec || is_dtls13()) return;  // a retransmission
      state.change_cipher_spec = true;
      return in_order(chunk.sender, chunk.fact(TlsChangeCipherSpec{}, offset, record.fragment.size()), facts);
    case ContentType::alert:
      if (state.num_alerts == kMaxProtectedFacts) return;
      ++state.num_alerts;
      if (const auto alert = parse_alert(record.fragment)) {
        facts.report(chunk.fact(TlsAlert{.encrypted = false, .level = alert->level, .description = alert->description}, offset, 2));
      } else if (record.fragment.size() == record.header.length) {
        facts.report(chunk.fact(unreadable_fact(alert.error()), offset, record.fragment.size()));
      }
      return;
    case ContentType::application_data:
    case ContentType::heartbeat: return;  // never in the clear: receivers drop them (RFC 6347 section 4.1)
  }
}

void DtlsSession::on_protected_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts) {
  const Side sender = chunk.sender;
  SideState& state = side(sender);
  const std::size_t offset = record.fragment_offset;
  const auto fact = [&](FactBody body) { return chunk.fact(std::move(body), offset, record.fragment.size()); };
  if (!side(Side::initiator).hello && !side(Side::responder).hello) {
    TlsJoinedMidStream joined_here{.record_version = record.header.legacy_record_version};
    joined(fact(joined_here), facts);
  }
  // Who protects records has read the other side's flight before.
  give_up_waiting(other(sender), fact(TlsChangeCipherSpec{}), facts);
  if (decryption_ != nullptr) decryption_->on_record(chunk, record, facts);

  // With connection ids the true type is hidden; the first record is the Finished (RFC 9146 section 3).
  const bool hidden_finished = record.header.type == kTls12Cid && state.change_cipher_spec && !state.finished;
  if (record.header.type == ContentType::handshake || hidden_finished) {
    return on_protected_handshake(sender, record.header.length, fact(TlsFinished{}), facts);
  }
  switch (record.header.type) {
    case ContentType::change_cipher_spec:
    case ContentType::handshake: return;  // the handshake records of a renegotiation tell
    case ContentType::alert:
      if (state.num_alerts < kMaxProtectedFacts) {
        ++state.num_alerts;
        // Finished is the first record of its epoch (RFC 6347 section 4.1): an alert with a later number follows one that was lost.
        const bool finished_lost = state.num_alerts == 1 && !state.finished && record.header.sequence_number != 0;
        if (finished_lost) facts.report(fact(StreamGap{.missing_bytes = 0, .within_handshake = true}));
        in_order(sender, fact(TlsAlert{.encrypted = true}), facts);
      }
      return;
    case ContentType::heartbeat:
      if (state.num_heartbeats < kMaxProtectedFacts) {
        ++state.num_heartbeats;
        in_order(sender, fact(TlsHeartbeat{}), facts);
      }
      return;
    case ContentType::application_data: break;
  }
  if (state.num_data == kMaxProtectedFacts || record.header.type == kAck) return;
  ++state.num_data;
  in_order(sender, fact(TlsApplicationData{.record_bytes = record.header.length}), facts);
}

/// on_protected_handshake tells the Finished from what comes after it. A Finished that is sent again has the size of the first; the
/// ClientHello or HelloRequest of a renegotiation does not.
void DtlsSession::on_protected_handshake(Side sender, std::uint16_t record_bytes, Fact fact, FactSink& facts) {
  SideState& state = side(sender);
  const bool begin_seen = state.change_cipher_spec || state.hello || side(other(sender)).hello;
  if (!state.finished && begin_seen) {
    state.finished = true;
    state.finished_bytes = record_bytes;
    return in_order(sender, std::move(fact), facts);
  }
  if (state.finished && record_bytes == state.finished_bytes) return;
  if (state.num_encrypted_handshakes == kMaxProtectedFacts) return;
  ++state.num_encrypted_handshakes;
  fact.body = TlsEncryptedHandshake{.record_bytes = record_bytes};
  in_order(sender, std::move(fact), facts);
}

void DtlsSession::on_handshake_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts) {
  std::size_t at = 0;
  while (at < record.fragment.size()) {
    const Bytes rest = record.fragment.subspan(at);
    const auto header = parse_dtls_handshake_header(rest);
    if (!header) {
      if (header.error().code == ParseErrorCode::malformed) {
        facts.report(chunk.fact(unreadable_fact(header.error()), record.fragment_offset + at, rest.size()));
      }
      return;
    }
    const Bytes body = rest.subspan(kDtlsHandshakeHeaderBytes);
    const bool whole = body.size() >= header->fragment_length;
    if (!whole && record.fragment.size() == record.header.length) {
      // The record was captured whole, so the fragment leaves it.
      const MessageUnreadable leaves_record{.field = "fragment_length", .malformed = true};
      facts.report(chunk.fact(leaves_record, record.fragment_offset + at, rest.size()));
      return;
    }
    const std::size_t captured = std::min<std::size_t>(body.size(), header->fragment_length);
    const Fact here = chunk.fact(TlsServerHelloDone{}, record.fragment_offset + at, kDtlsHandshakeHeaderBytes + captured);
    on_fragment(chunk.sender,
                {.header = *header,
                 .body = body.first(captured),
                 .legacy_record_version = record.header.legacy_record_version,
                 .evidence = here.evidence,
                 .time = here.time},
                facts);
    at += kDtlsHandshakeHeaderBytes + captured;
  }
}

void DtlsSession::on_fragment(Side sender, const HandshakeFragment& fragment, FactSink& facts) {
  SideState& state = side(sender);
  const auto report = [&](FactBody body) {
    facts.report({.body = std::move(body), .sender = sender, .time = fragment.time, .evidence = fragment.evidence});
  };
  switch (state.queue.add(fragment)) {
    case Added::taken: break;
    case Added::old:
      if (is_hello(fragment.header.msg_type)) on_old_hello(sender, fragment, facts);
      return;
    case Added::conflicting:
      if (decryption_ != nullptr) decryption_->missed();  // which of the two its peer read is not known
      if (!std::exchange(state.conflict_reported, true)) report(MessageUnreadable{.field = "fragment", .malformed = true});
      return;
    case Added::over_budget:
      if (decryption_ != nullptr) decryption_->missed();
      if (!std::exchange(state.budget_reported, true)) report(BudgetExceeded{.budget = "dtls_waiting_bytes"});
      return;
  }
  if (fragment.header.msg_type == HandshakeType::client_key_exchange) {
    // The client answers: it has read the server's flight.
    give_up_waiting(other(sender), {.body = {}, .sender = sender, .time = fragment.time, .evidence = fragment.evidence}, facts);
  }
  deliver(sender, facts);
}

/// on_old_hello collects a hello whose message_seq was handed out before. Its random tells a retransmission from a new handshake.
void DtlsSession::on_old_hello(Side sender, const HandshakeFragment& fragment, FactSink& facts) {
  SideState& state = side(sender);
  if (fragment.header.length > kMaxMessageBytes) return;
  if (!state.other_hello || state.other_hello->message_seq() != fragment.header.message_seq) state.other_hello.emplace(fragment);
  if (state.other_hello->add(fragment) != Added::taken) state.other_hello.emplace(fragment);
  if (!state.other_hello->complete()) return;
  const HandshakeMessage hello = state.other_hello->take();
  state.other_hello.reset();
  const Bytes body{hello.body};
  const Bytes random = hello_random_of(body);
  if (random.empty() || opaque_hash(random, services_.hash_key) == state.random) return;
  give_up_waiting(sender, {.body = {}, .sender = sender, .time = hello.time, .evidence = hello.evidence}, facts);
  state = SideState{};
  state.queue.restart(static_cast<std::uint16_t>(hello.message_seq + 1));
  on_message(sender, hello, facts);
}

void DtlsSession::deliver(Side sender, FactSink& facts) {
  SideState& state = side(sender);
  while (const auto message = state.queue.next()) on_message(sender, *message, facts);
  if (state.queue.waiting()) return;
  for (Fact& fact : std::exchange(state.held, {})) facts.report(std::move(fact));
}

void DtlsSession::on_message(Side sender, const HandshakeMessage& message, FactSink& facts) {
  const Bytes body{message.body};
  if (is_hello(message.type)) {
    SideState& state = side(sender);
    state.hello = true;
    if (const Bytes random = hello_random_of(body); !random.empty()) state.random = opaque_hash(random, services_.hash_key);
  }
  if (message.type == HandshakeType::client_hello && (decryption_ == nullptr || decryption_->begins_another(body))) {
    const bool opened = decryption_ != nullptr && decryption_->opened();
    const bool wanted = opened || DtlsDecryption::wanted(services_, body);
    decryption_ = wanted ? std::make_unique<DtlsDecryption>(services_, sender, opened) : nullptr;
  }
  if (decryption_ == nullptr) return messages_.on_message(sender, message, facts);
  DecryptedSink checked{facts, decryption_->on_clear_message(sender, message, facts), false};
  messages_.on_message(sender, message, checked);
}

/// in_order reports a fact that follows the sender's handshake messages, or holds it back while one of those is missing.
void DtlsSession::in_order(Side sender, Fact fact, FactSink& facts) {
  SideState& state = side(sender);
  if (!state.queue.waiting()) return facts.report(std::move(fact));
  state.held.push_back(std::move(fact));
}

/// give_up_waiting ends the wait for messages of `sender` that its peer has read: they were not captured.
void DtlsSession::give_up_waiting(Side sender, const Fact& shown_by, FactSink& facts) {
  SideState& state = side(sender);
  while (state.queue.waiting()) {
    const StreamGap gap{.missing_bytes = 0, .within_handshake = true};
    facts.report({.body = gap, .sender = sender, .time = shown_by.time, .evidence = shown_by.evidence});
    if (decryption_ != nullptr) decryption_->missed();
    state.queue.skip_to_whole();
    deliver(sender, facts);
  }
}

void DtlsSession::joined(const Fact& shown_by, FactSink& facts) {
  if (!std::exchange(joined_reported_, true)) facts.report(shown_by);
}

}  // namespace sealtrace
