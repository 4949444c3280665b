#include "dissectors/tls/tls_decryption.hpp"

#include <algorithm>
#include <utility>

#include "crypto/certificate_decompress.hpp"
#include "crypto/handshake_facts.hpp"
#include "dissect/decrypted.hpp"
#include "proto/tls13_handshake.hpp"
#include "proto/tls_facts.hpp"
#include "proto/tls_record.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {

bool TlsDecryption::wanted(const Services& services, Bytes client_hello) {
  return services.verify_signatures || (services.keys != nullptr && services.keys->may_open(hello_random_of(client_hello)));
}

Check TlsDecryption::on_clear_message(Side sender, Bytes message) {
  const HandshakeType type{message[0]};
  const Bytes body = message.subspan(kHandshakeHeaderBytes);
  if (type == HandshakeType::client_hello) {
    on_client_hello(message);
    return Check::not_made;
  }
  if (type == HandshakeType::server_hello) {
    on_server_hello(message);
    return Check::not_made;
  }
  return proof_.on_message(type, message, body, sender == client_, secret(TlsSecretLabel::client_random));
}

void TlsDecryption::on_client_hello(Bytes message) {
  const Bytes body = message.subspan(kHandshakeHeaderBytes);
  const Bytes before{proof_.client_random()};
  const bool another = !std::ranges::equal(before, hello_random_of(body));
  proof_.on_client_hello(message, body);
  if (!another) return;  // the second one of the same handshake
  if (services_.keys != nullptr) secrets_ = services_.keys->find(proof_.client_random());
  const auto hello = parse_client_hello(body, HelloFormat::tls);
  early_data_offered_ = hello && hello->early_data;
  if (early_data_offered_) begin_early_data(*hello);
}

void TlsDecryption::begin_early_data(const ClientHello& hello) {
  const Bytes early = secret(TlsSecretLabel::client_early_traffic);
  early_.clear();
  for (const std::uint16_t code : hello.cipher_suites) {
    const auto form = find_cipher_form(CipherSuite{code}, TlsVersion::tls1_3);
    if (!form || early_.size() == 5) continue;
    if (auto protection = TlsRecordProtection::for_tls13(*form, early)) early_.push_back(std::move(*protection));
  }
}

void TlsDecryption::on_server_hello(Bytes message) {
  const auto hello = parse_server_hello(message.subspan(kHandshakeHeaderBytes));
  if (!hello) return proof_.add(message);
  proof_.on_server_hello(message, *hello);
  if (hello->hello_retry_request) {
    early_.clear();  // RFC 8446 section 4.1.2: the second ClientHello offers none
    return;
  }
  if (!tls13()) {
    keys_wanted_ = hello->compression_method == 0;
    return make_keys12();
  }
  const Bytes of_client = awaited(TlsSecretLabel::client_handshake_traffic);
  if (!secrets_) return proof_.forget();
  use_traffic_secret(client_, of_client);
  use_traffic_secret(other(client_), awaited(TlsSecretLabel::server_handshake_traffic));
}

Bytes TlsDecryption::awaited(TlsSecretLabel label) {
  if (secret(label).empty() && services_.keys != nullptr) {
    if (auto found = services_.keys->find(proof_.client_random())) secrets_ = std::move(found);
  }
  return secret(label);
}

void TlsDecryption::make_keys12() {
  const Bytes master = awaited(TlsSecretLabel::client_random);
  const auto form = find_cipher_form(proof_.suite(), proof_.version());
  if (master.empty() || !form || !std::exchange(keys_wanted_, false)) return;
  for (const Side side : {client_, other(client_)}) {
    half(side).next = TlsRecordProtection::for_tls12(
        *form, proof_.version(),
        tls12_key_block(*form, proof_.version(), master, proof_.client_random(), proof_.server_random(), side == client_),
        proof_.encrypt_then_mac());
  }
}

void TlsDecryption::use_traffic_secret(Side sender, Bytes traffic_secret) {
  Half& side = half(sender);
  side.traffic_secret = SecretOctets{traffic_secret};
  const auto form = find_cipher_form(proof_.suite(), TlsVersion::tls1_3);
  side.protection = form ? TlsRecordProtection::for_tls13(*form, traffic_secret) : std::nullopt;
}

void TlsDecryption::on_change_cipher_spec(Side sender) {
  Half& side = half(sender);
  if (keys_wanted_) {  // a key log that grows has the secret by now: the client derives it before it says so
    make_keys12();
    if (keys_wanted_) proof_.forget();
  }
  if (!side.next) return;
  side.protection = std::exchange(side.next, std::nullopt);
  side.finished = false;
}

bool TlsDecryption::opens(Side sender) const {
  return half(sender).protection.has_value() || (sender == client_ && !early_.empty() && !early_data_ended_);
}

void TlsDecryption::lost(Side sender) {
  proof_.missed();
  Half& side = half(sender);
  side.protection.reset();
  side.next.reset();
  side.fragment.clear();
  side.message.clear();
  if (sender == client_) early_.clear();
}

std::optional<Bytes> TlsDecryption::collect(Side sender, Bytes octets, bool last) {
  Half& side = half(sender);
  if (side.fragment.empty() && last) return octets;
  if (!side.fragment.append(octets, last ? 0 : kMaxCiphertextBytes)) {
    lost(sender);
    return std::nullopt;
  }
  if (!last) return std::nullopt;
  return side.fragment.bytes();
}

std::optional<OpenedRecord> TlsDecryption::open_early(Bytes header, Bytes fragment) {
  for (TlsRecordProtection& candidate : early_) {
    auto record = candidate.open(header, fragment);
    if (!record) continue;
    if (early_.size() > 1) {
      TlsRecordProtection found = std::move(candidate);  // what it opened moves with it
      early_.clear();
      early_.push_back(std::move(found));
    }
    return record;
  }
  return std::nullopt;
}

std::optional<OpenedRecord> TlsDecryption::open(Side sender, Bytes header, Bytes fragment) {
  Half& side = half(sender);
  if (sender == client_ && !early_.empty() && !early_data_ended_) {
    if (auto record = open_early(header, fragment)) return record;
  }
  if (!side.protection) return std::nullopt;
  return side.protection->open(header, fragment);
}

void TlsDecryption::on_record(Bytes header, Bytes fragment, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  Half& side = half(chunk.sender);
  const auto record = open(chunk.sender, header, fragment);
  side.fragment.clear();
  if (!record) {
    // Early data that the server refused, or whose secret is not there, cannot be opened; what follows can (RFC 8446 section 4.2.10).
    const bool may_be_early = chunk.sender == client_ && early_data_offered_ && (!side.protection || side.protection->sequence() == 0);
    if (may_be_early) return;
    lost(chunk.sender);
    if (!std::exchange(failed_, true)) {
      facts.report(decrypted(chunk.fact(MessageUnreadable{.field = "protected record", .malformed = false}, place.offset, place.length)));
    }
    return;
  }
  switch (ContentType{record->type}) {
    case ContentType::handshake: return on_handshake(record->content, chunk, place, facts);
    case ContentType::application_data: return on_data(record->content, chunk, place, facts);
    case ContentType::alert: return on_alert(record->content, chunk, place, facts);
    case ContentType::change_cipher_spec: return on_change_cipher_spec(chunk.sender);
    case ContentType::heartbeat: return;
  }
}

void TlsDecryption::on_alert(Bytes content, const Chunk& chunk, MessagePlace place, FactSink& facts) const {
  if (const auto alert = parse_alert(content)) {
    const TlsAlert fact{.encrypted = false, .level = alert->level, .description = alert->description};
    facts.report(decrypted(chunk.fact(fact, place.offset, place.length)));
  }
}

void TlsDecryption::on_data(Bytes content, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  Half& side = half(chunk.sender);
  if (chunk.sender == client_ && !side.finished) return;  // early data
  if (!std::exchange(side.data_reported, true)) {
    const TlsApplicationData fact{.record_bytes = static_cast<std::uint16_t>(content.size())};
    facts.report(decrypted(chunk.fact(fact, place.offset, place.length)));
  }
  if (side.nobody_reads || content.empty()) return;
  const RecordOrigin origin{*chunk.origin, place.offset, place.length};
  const Chunk inside{.sender = chunk.sender,
                     .bytes = content,
                     .origin = &origin,
                     .source_port = chunk.source_port,
                     .destination_port = chunk.destination_port};
  side.nobody_reads = !facts.decrypted(inside);
}

/// on_handshake takes messages out of records: one may lie in several, and several in one (RFC 8446 section 5.1).
void TlsDecryption::on_handshake(Bytes octets, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  MessageBuffer& held = half(chunk.sender).message;
  if (!held.empty()) {
    if (!held.append(octets) || held.size() > kMaxHandshakeMessageBytes) return lost(chunk.sender);
    octets = held.bytes();
  }
  // A message may put other keys in the place of those that opened its record, and with them goes the buffer that it lies in.
  const std::vector<std::uint8_t> own{octets.begin(), octets.end()};
  octets = own;
  std::size_t at = 0;
  while (at < octets.size()) {
    const Bytes rest = octets.subspan(at);
    const auto header = parse_handshake_header(rest);
    if (!header || kHandshakeHeaderBytes + header->length > rest.size()) break;
    const std::size_t message_bytes = kHandshakeHeaderBytes + header->length;
    on_message(rest.first(message_bytes), chunk, place, facts);
    at += message_bytes;
  }
  if (at == octets.size()) return held.clear();
  const std::vector<std::uint8_t> rest{octets.begin() + static_cast<std::ptrdiff_t>(at), octets.end()};
  held.clear();
  if (!held.append(rest)) lost(chunk.sender);
}

void TlsDecryption::on_message(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  if (tls13()) return on_message13(message, chunk, place, facts);
  on_message12(message, chunk, place, facts);
}

/// on_message12 takes the Finished, and the whole handshake of a renegotiation.
void TlsDecryption::on_message12(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const Check check = on_clear_message(chunk.sender, message);
  DecryptedSink sink{facts, check, true};
  inner_negotiation_.version = proof_.version();
  inner_negotiation_.cipher_suite = proof_.suite();
  inner_negotiation_.client = client_;
  inner_.on_message(HandshakeType{message[0]}, message.subspan(kHandshakeHeaderBytes), static_cast<std::uint16_t>(proof_.version()), chunk,
                    place, sink);
  if (HandshakeType{message[0]} == HandshakeType::finished) half(chunk.sender).finished = true;
}

/// out_of_turn13: the client answers the server's Finished, and the server asks again only behind the client's (RFC 8446 section 2). Who
/// speaks before was captured before what it answers, so the transcript is not in its order.
bool TlsDecryption::out_of_turn13(HandshakeType type, Side sender) {
  const bool server_finished = half(other(client_)).finished;
  if (sender == client_) return !server_finished && type != HandshakeType::key_update;
  return server_finished && !half(client_).finished && type == HandshakeType::certificate_request;
}

void TlsDecryption::on_message13(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const Bytes body = message.subspan(kHandshakeHeaderBytes);
  const auto report = [&](FactBody fact) { facts.report(decrypted(chunk.fact(std::move(fact), place.offset, place.length))); };
  const auto unreadable = [&](const ParseError& error) { report(unreadable_fact(error)); };
  const HandshakeType type{message[0]};
  if (out_of_turn13(type, chunk.sender)) proof_.missed();
  switch (type) {
    case HandshakeType::encrypted_extensions: {
      proof_.add(message);
      const auto extensions = parse_encrypted_extensions(body);
      if (!extensions) return unreadable(extensions.error());
      inner_negotiation_.client_certificate_is_x509 = extensions->client_certificate_is_x509;
      inner_negotiation_.server_certificate_is_x509 = extensions->server_certificate_is_x509;
      if (!extensions->early_data) early_.clear();
      return report(TlsEncryptedExtensions{.early_data_accepted = extensions->early_data, .alpn = std::string{extensions->alpn}});
    }
    case HandshakeType::certificate_request: {
      if (half(client_).finished) proof_.begin_post_handshake();
      proof_.add(message);
      const auto request = parse_certificate_request13(body);
      if (!request) return unreadable(request.error());
      return report(
          TlsCertificateRequest{.num_certificate_authorities = static_cast<std::uint16_t>(request->certificate_authorities.size())});
    }
    case HandshakeType::certificate: proof_.add(message); return on_certificate13(body, chunk, place, facts);
    case HandshakeType::compressed_certificate: {
      proof_.add(message);
      const auto compressed = parse_compressed_certificate(body);
      if (!compressed) return unreadable(compressed.error());
      const auto certificate =
          decompress_certificate(compressed->algorithm, compressed->compressed_certificate_message, compressed->uncompressed_length);
      if (!certificate) return report(MessageUnreadable{.field = "compressed_certificate_message", .malformed = false});
      return on_certificate13(*certificate, chunk, place, facts);
    }
    case HandshakeType::certificate_verify: on_certificate_verify13(body, chunk, place, facts); return proof_.add(message);
    case HandshakeType::finished: return on_finished13(message, chunk, place, facts);
    case HandshakeType::end_of_early_data:
      early_data_ended_ = true;
      early_.clear();
      return proof_.add(message);
    case HandshakeType::new_session_ticket: {
      const auto ticket = parse_new_session_ticket13(body);
      if (!ticket) return unreadable(ticket.error());
      return report(TlsNewSessionTicket{.ticket = opaque_hash(ticket->ticket, services_.hash_key)});
    }
    case HandshakeType::key_update: {
      const SecretOctets next =
          hkdf_expand_label(proof_.hash(), half(chunk.sender).traffic_secret.octets(), "traffic upd", hash_bytes(proof_.hash()));
      use_traffic_secret(chunk.sender, next.octets());
      return;
    }
    case HandshakeType::hello_request:
    case HandshakeType::client_hello:
    case HandshakeType::server_hello:
    case HandshakeType::hello_verify_request:
    case HandshakeType::hello_retry_request:
    case HandshakeType::server_key_exchange:
    case HandshakeType::server_hello_done:
    case HandshakeType::client_key_exchange:
    case HandshakeType::certificate_url:
    case HandshakeType::certificate_status:
    case HandshakeType::supplemental_data:
    case HandshakeType::next_protocol: break;
  }
  // What a client of ALPS or a channel id sends is part of the transcript, whatever it is.
  if (!half(client_).finished) proof_.add(message);
  report(TlsOtherHandshake{.type = message[0]});
}

void TlsDecryption::on_certificate13(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const auto report = [&](FactBody fact) { facts.report(decrypted(chunk.fact(std::move(fact), place.offset, place.length))); };
  const bool of_client = chunk.sender == client_;
  const bool is_x509 = of_client ? inner_negotiation_.client_certificate_is_x509 : inner_negotiation_.server_certificate_is_x509;
  const auto certificate = parse_certificate13(body);
  if (!certificate) return report(MessageUnreadable{.field = certificate.error().field, .malformed = true});
  if (!is_x509 && !certificate->certificate_list.empty()) return report(MessageUnreadable{.field = "certificate_type", .malformed = false});
  InternedChain chain;
  std::vector<CertificateId>& ids = chain.fact.chain;
  proof_.set_leaf(of_client, {});
  for_each_certificate(certificate->certificate_list, [&](Bytes der, Bytes extensions) {
    if (ids.empty() && chain.whole) proof_.set_leaf(of_client, der);
    const Bytes response = stapled_response(extensions);
    if (!response.empty() && services_.staples != nullptr && ids.size() < kMaxStaplesOfMessage) {
      const std::optional<StapleId> staple = services_.staples->intern(response);
      if (staple) chain.fact.staples.push_back({.response = *staple, .place = static_cast<std::uint8_t>(ids.size())});
    }
    chain.add(der, *services_.certificates);
  });
  report_chain(std::move(chain), report);
}

void TlsDecryption::on_certificate_verify13(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const auto verify = parse_certificate_verify(body, TlsVersion::tls1_2);  // the form is the same (RFC 8446 section 4.4.3)
  FactBody fact = MessageUnreadable{.field = "CertificateVerify", .malformed = true};
  if (verify) {
    fact = TlsCertificateVerify{.signature_scheme = verify->signature_scheme.value_or(SignatureScheme{}),
                                .signature = proof_.certificate_verify(chunk.sender == client_, *verify)};
  }
  facts.report(decrypted(chunk.fact(std::move(fact), place.offset, place.length)));
}

void TlsDecryption::on_finished13(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  Half& side = half(chunk.sender);
  const Check check = proof_.finished13(side.traffic_secret.octets(), message.subspan(kHandshakeHeaderBytes));
  facts.report(decrypted(chunk.fact(TlsFinished{.verify_data = check}, place.offset, place.length)));
  if (std::exchange(side.finished, true)) return;  // of a post-handshake exchange
  proof_.add(message);
  const bool of_client = chunk.sender == client_;
  if (of_client) {
    proof_.main_ended();
    half(other(client_)).data_reported = false;  // what the server says from here on shows that it went on
    early_.clear();
  }
  use_traffic_secret(chunk.sender, awaited(of_client ? TlsSecretLabel::client_traffic_0 : TlsSecretLabel::server_traffic_0));
}

}  // namespace sealtrace
