#include "dissectors/dtls/dtls_messages.hpp"

#include "crypto/certificate_store.hpp"
#include "crypto/staple_store.hpp"
#include "proto/tls_facts.hpp"

namespace sealtrace {
namespace {

MessageUnreadable unreadable(const ParseError& error) {
  return {.field = error.field, .malformed = error.code == ParseErrorCode::malformed};
}

}  // namespace

FactBody DtlsMessages::fact_of(const HandshakeMessage& message) {
  const Bytes body{message.body};
  switch (message.type) {
    case HandshakeType::client_hello:
    case HandshakeType::server_hello: return hello_fact(message);
    case HandshakeType::certificate: return certificates_fact(body);
    case HandshakeType::hello_request: return TlsHelloRequest{};
    case HandshakeType::server_hello_done: return TlsServerHelloDone{};
    case HandshakeType::client_key_exchange: return TlsClientKeyExchange{};
    case HandshakeType::certificate_status: {
      const auto responses = parse_certificate_status(body);
      if (!responses && responses.error().code == ParseErrorCode::malformed) return unreadable(responses.error());
      return TlsCertificateStatus{.staples = responses ? keep_staples(services_.staples, *responses) : std::vector<Staple>{}};
    }
    case HandshakeType::hello_verify_request: {
      const auto request = parse_hello_verify_request(body);
      if (!request) return unreadable(request.error());
      return TlsHelloVerifyRequest{};
    }
    case HandshakeType::server_key_exchange: {
      const auto exchange = parse_server_key_exchange(body, cipher_suite_, version_);
      if (!exchange && exchange.error().code == ParseErrorCode::malformed) return unreadable(exchange.error());
      if (!exchange) return TlsServerKeyExchange{};
      return TlsServerKeyExchange{
          .group = exchange->group, .dh_prime_bits = exchange->dh_prime_bits, .signature_scheme = exchange->signature_scheme};
    }
    case HandshakeType::certificate_request: {
      const auto request = parse_certificate_request(body, version_);
      if (!request) return unreadable(request.error());
      return TlsCertificateRequest{.num_certificate_authorities = static_cast<std::uint16_t>(request->certificate_authorities.size())};
    }
    case HandshakeType::certificate_verify: {
      const auto verify = parse_certificate_verify(body, version_);
      if (!verify) return unreadable(verify.error());
      return TlsCertificateVerify{.signature_scheme = verify->signature_scheme.value_or(SignatureScheme{})};
    }
    case HandshakeType::new_session_ticket: {
      const auto ticket = parse_new_session_ticket(body);
      if (!ticket) return unreadable(ticket.error());
      return TlsNewSessionTicket{.ticket = opaque_hash(ticket->ticket, services_.hash_key)};
    }
    case HandshakeType::finished: return TlsFinished{};
    case HandshakeType::end_of_early_data:
    case HandshakeType::hello_retry_request:
    case HandshakeType::encrypted_extensions:
    case HandshakeType::certificate_url:
    case HandshakeType::supplemental_data:
    case HandshakeType::key_update:
    case HandshakeType::compressed_certificate:
    case HandshakeType::next_protocol: break;
  }
  return TlsOtherHandshake{.type = static_cast<std::uint8_t>(message.type)};
}

FactBody DtlsMessages::hello_fact(const HandshakeMessage& message) {
  const Bytes body{message.body};
  const HelloFactOptions options{.hash_key = services_.hash_key, .keep_lists = services_.keep_fingerprint_lists};
  if (message.type == HandshakeType::client_hello) {
    const auto hello = parse_client_hello(body, HelloFormat::dtls);
    if (!hello) return unreadable(hello.error());
    return client_hello_fact(*hello, TlsHelloForm::dtls, message.legacy_record_version, options);
  }
  const auto hello = parse_server_hello(body);
  if (!hello) return unreadable(hello.error());
  if (!hello->hello_retry_request) {
    version_ = hello->version;
    cipher_suite_ = hello->cipher_suite;
    certificates_are_x509_ = hello->client_certificate_is_x509 && hello->server_certificate_is_x509;
  }
  return server_hello_fact(*hello, options);
}

FactBody DtlsMessages::certificates_fact(Bytes body) {
  // RFC 7250's raw public keys and RFC 6091's OpenPGP keys are no certificates.
  if (!certificates_are_x509_) return MessageUnreadable{.field = "certificate_type", .malformed = false};
  const auto list = parse_certificate(body);
  if (!list) return unreadable(list.error());
  TlsCertificates certificates;
  for (const Bytes der : *list) certificates.chain.push_back(services_.certificates->intern(der));
  return certificates;
}

}  // namespace sealtrace
