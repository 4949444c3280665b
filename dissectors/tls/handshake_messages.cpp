#include "dissectors/tls/handshake_messages.hpp"

#include <utility>

#include "crypto/certificate_store.hpp"
#include "crypto/staple_store.hpp"
#include "dissectors/tls/pseudo_tls.hpp"
#include "proto/tls_facts.hpp"

namespace sealtrace {
namespace {

/// kMaxChainCertificates bounds a chain, in certificates: OpenSSL verifies no path longer than 100.
constexpr std::size_t kMaxChainCertificates = 100;

MessageUnreadable unreadable(const ParseError& error) {
  return {.field = error.field, .malformed = error.code == ParseErrorCode::malformed};
}

HelloFactOptions options_of(const Services& services) {
  return {.hash_key = services.hash_key, .keep_lists = services.keep_fingerprint_lists};
}

/// ssl2_suite_of names the kind when a list of SSLv2 has just one: the server's list is what both can, and the client picks.
CipherSuite ssl2_suite_of(Bytes cipher_kinds) {
  if (cipher_kinds.size() != 3) return CipherSuite{};
  return CipherSuite{static_cast<std::uint16_t>(cipher_kinds[0] << 8 | cipher_kinds[1])};
}

}  // namespace

void HandshakeMessages::on_message(HandshakeType type, Bytes body, std::uint16_t record_version, const Chunk& chunk, MessagePlace place,
                                   FactSink& facts) {
  const auto report = [&](FactBody fact) { facts.report(chunk.fact(std::move(fact), place.offset, place.length)); };
  const bool after_server_hello = std::exchange(server_hello_was_last_, false);
  switch (type) {
    case HandshakeType::client_hello: return on_client_hello(body, record_version, chunk, place, facts);
    case HandshakeType::server_hello: return on_server_hello(parse_server_hello(body), chunk, place, facts);
    case HandshakeType::hello_retry_request: return on_server_hello(parse_draft_hello_retry_request(body), chunk, place, facts);
    case HandshakeType::certificate: return on_certificate(body, chunk, place, facts);
    case HandshakeType::server_key_exchange: return on_server_key_exchange(body, chunk, place, facts);
    case HandshakeType::server_hello_done: server_hello_was_last_ = after_server_hello; return on_server_hello_done(chunk, place, facts);
    case HandshakeType::certificate_request: {
      const auto request = parse_certificate_request(body, negotiation_.version);
      if (!request) return report(unreadable(request.error()));
      const std::size_t num_names = request->certificate_authorities.size();
      return report(TlsCertificateRequest{.num_certificate_authorities = static_cast<std::uint16_t>(num_names)});
    }
    case HandshakeType::certificate_verify: {
      const auto verify = parse_certificate_verify(body, negotiation_.version);
      if (!verify) return report(unreadable(verify.error()));
      return report(TlsCertificateVerify{.signature_scheme = verify->signature_scheme.value_or(SignatureScheme{})});
    }
    case HandshakeType::new_session_ticket: {
      const auto ticket = parse_new_session_ticket(body);
      if (!ticket) return report(unreadable(ticket.error()));
      return report(TlsNewSessionTicket{.ticket = opaque_hash(ticket->ticket, services_.hash_key)});
    }
    case HandshakeType::hello_request: return report(TlsHelloRequest{});
    case HandshakeType::client_key_exchange: return report(TlsClientKeyExchange{});
    case HandshakeType::certificate_status: {
      const auto responses = parse_certificate_status(body);
      if (!responses && responses.error().code == ParseErrorCode::malformed) return report(unreadable(responses.error()));
      return report(TlsCertificateStatus{.staples = responses ? keep_staples(services_.staples, *responses) : std::vector<Staple>{}});
    }
    case HandshakeType::finished: return report(TlsFinished{});
    case HandshakeType::hello_verify_request:
    case HandshakeType::end_of_early_data:
    case HandshakeType::encrypted_extensions:
    case HandshakeType::certificate_url:
    case HandshakeType::supplemental_data:
    case HandshakeType::key_update:
    case HandshakeType::compressed_certificate:
    case HandshakeType::next_protocol: break;
  }
  report(TlsOtherHandshake{.type = static_cast<std::uint8_t>(type)});
}

void HandshakeMessages::on_client_hello(Bytes body, std::uint16_t record_version, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  note_client_hello(chunk.sender);
  const auto hello = parse_client_hello(body, HelloFormat::tls);
  if (!hello) return facts.report(chunk.fact(unreadable(hello.error()), place.offset, place.length));
  negotiation_.early_data_offered = hello->early_data;
  imitation_ = is_microsoft_client_hello(*hello) ? Imitation::microsoft : Imitation::none;
  facts.report(chunk.fact(client_hello_fact(*hello, TlsHelloForm::tls, record_version, options_of(services_)), place.offset, place.length));
}

void HandshakeMessages::on_ssl2_client_hello(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  note_client_hello(chunk.sender);
  const auto hello = parse_ssl2_client_hello(body);
  if (!hello) return facts.report(chunk.fact(unreadable(hello.error()), place.offset, place.length));
  negotiation_.offers_ssl2_only = hello->legacy_version == static_cast<std::uint16_t>(TlsVersion::ssl2);
  imitation_ = is_google_client_hello(*hello) ? Imitation::google : Imitation::none;
  constexpr std::uint16_t kSsl2RecordVersion = 0x0002;
  facts.report(
      chunk.fact(client_hello_fact(*hello, TlsHelloForm::ssl2, kSsl2RecordVersion, options_of(services_)), place.offset, place.length));
}

void HandshakeMessages::on_server_hello(const Parsed<ServerHello>& hello, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  note_server_hello(chunk.sender);
  if (!hello) return facts.report(chunk.fact(unreadable(hello.error()), place.offset, place.length));
  negotiation_.version = hello->version;
  negotiation_.cipher_suite = hello->cipher_suite;
  negotiation_.compression_method = hello->compression_method;
  negotiation_.client_certificate_is_x509 = hello->client_certificate_is_x509;
  negotiation_.server_certificate_is_x509 = hello->server_certificate_is_x509;
  negotiation_.num_hidden_client_messages =
      static_cast<std::uint8_t>((hello->next_protocol_negotiation ? 1 : 0) + (hello->channel_id ? 1 : 0));
  facts.report(chunk.fact(server_hello_fact(*hello, options_of(services_)), place.offset, place.length));
  if (imitation_ == Imitation::google && is_google_server_hello(*hello)) return report_pseudo(chunk, place, facts);
  server_hello_was_last_ = is_microsoft_server_hello(*hello) && (imitation_ == Imitation::microsoft || !negotiation_.client_hello_seen);
}

void HandshakeMessages::on_ssl2_server_hello(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  note_server_hello(chunk.sender);
  const auto hello = parse_ssl2_server_hello(body);
  if (!hello) return facts.report(chunk.fact(unreadable(hello.error()), place.offset, place.length));
  negotiation_.version = TlsVersion::ssl2;
  TlsServerHello fact;
  fact.legacy_version = hello->server_version;
  fact.version = TlsVersion::ssl2;
  fact.cipher_suite = ssl2_suite_of(hello->cipher_kinds);
  facts.report(chunk.fact(std::move(fact), place.offset, place.length));
  constexpr std::uint8_t kX509Certificate = 1;
  if (hello->certificate.empty() || hello->certificate_type != kX509Certificate) return;
  TlsCertificates certificates;
  if (intern(hello->certificate, certificates)) facts.report(chunk.fact(std::move(certificates), place.offset, place.length));
}

void HandshakeMessages::on_certificate(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const auto report = [&](FactBody fact) { facts.report(chunk.fact(std::move(fact), place.offset, place.length)); };
  const bool from_client = negotiation_.client == chunk.sender;
  const bool is_x509 = from_client ? negotiation_.client_certificate_is_x509 : negotiation_.server_certificate_is_x509;
  if (!is_x509) return report(MessageUnreadable{.field = "certificate_type", .malformed = false});
  const auto list = parse_certificate(body);
  if (!list) return report(unreadable(list.error()));
  TlsCertificates certificates;
  bool whole = true;
  for (const Bytes der : *list) whole = certificates.chain.size() < kMaxChainCertificates && intern(der, certificates) && whole;
  const bool nothing_left = certificates.chain.empty() && !whole;
  if (!nothing_left) report(std::move(certificates));
  if (!whole) report(BudgetExceeded{.budget = "tls_certificates"});
}

bool HandshakeMessages::intern(Bytes der, TlsCertificates& certificates) const {
  const CertificateId id = services_.certificates->intern(der);
  if (id == kNoCertificate) return false;
  certificates.chain.push_back(id);
  return true;
}

void HandshakeMessages::on_server_key_exchange(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const auto exchange = parse_server_key_exchange(body, negotiation_.cipher_suite, negotiation_.version);
  TlsServerKeyExchange fact;
  if (exchange) {
    fact = {.group = exchange->group, .dh_prime_bits = exchange->dh_prime_bits, .signature_scheme = exchange->signature_scheme};
  } else if (exchange.error().code != ParseErrorCode::unsupported) {
    return facts.report(chunk.fact(unreadable(exchange.error()), place.offset, place.length));
  }
  facts.report(chunk.fact(fact, place.offset, place.length));
}

void HandshakeMessages::on_server_hello_done(const Chunk& chunk, MessagePlace place, FactSink& facts) {
  facts.report(chunk.fact(TlsServerHelloDone{}, place.offset, place.length));
  if (std::exchange(server_hello_was_last_, false)) report_pseudo(chunk, place, facts);
}

void HandshakeMessages::report_pseudo(const Chunk& chunk, MessagePlace place, FactSink& facts) {
  pseudo_ = true;
  facts.report(chunk.fact(TlsPseudoHello{}, place.offset, place.length));
}

void HandshakeMessages::note_client_hello(Side sender) {
  negotiation_.client = sender;
  negotiation_.client_hello_seen = true;
}

void HandshakeMessages::note_server_hello(Side sender) {
  if (!negotiation_.client) negotiation_.client = other(sender);
  negotiation_.server_hello_seen = true;
}

}  // namespace sealtrace
