#include "crypto/handshake_facts.hpp"

#include <vector>

#include "proto/tls_facts.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

FactBody server_key_exchange_fact(Bytes body, const HandshakeContext& context) {
  const auto exchange = parse_server_key_exchange(body, context.cipher_suite, context.version);
  if (exchange) {
    return TlsServerKeyExchange{
        .group = exchange->group, .dh_prime_bits = exchange->dh_prime_bits, .signature_scheme = exchange->signature_scheme};
  }
  if (exchange.error().code != ParseErrorCode::unsupported) return unreadable_fact(exchange.error());
  return TlsServerKeyExchange{};
}

FactBody certificate_status_fact(Bytes body, const HandshakeContext& context) {
  const auto responses = parse_certificate_status(body);
  if (!responses && responses.error().code == ParseErrorCode::malformed) return unreadable_fact(responses.error());
  return TlsCertificateStatus{.staples = responses ? keep_staples(context.staples, *responses) : std::vector<Staple>{}};
}

}  // namespace

void InternedChain::add(Bytes der, CertificateStore& certificates) {
  const CertificateId id = fact.chain.size() < kMaxChainCertificates ? certificates.intern(der) : kNoCertificate;
  if (id == kNoCertificate) {
    whole = false;
  } else {
    fact.chain.push_back(id);
  }
}

InternedChain intern_chain(const BlockList<3>& ders, CertificateStore& certificates) {
  InternedChain chain;
  for (const Bytes der : ders) chain.add(der, certificates);
  return chain;
}

FactBody handshake_fact(HandshakeType type, Bytes body, const HandshakeContext& context) {
  switch (type) {
    case HandshakeType::hello_request: return TlsHelloRequest{};
    case HandshakeType::server_hello_done: return TlsServerHelloDone{};
    case HandshakeType::client_key_exchange: return TlsClientKeyExchange{};
    case HandshakeType::finished: return TlsFinished{};
    case HandshakeType::server_key_exchange: return server_key_exchange_fact(body, context);
    case HandshakeType::certificate_status: return certificate_status_fact(body, context);
    case HandshakeType::certificate_request: {
      const auto request = parse_certificate_request(body, context.version);
      if (!request) return unreadable_fact(request.error());
      return TlsCertificateRequest{.num_certificate_authorities = static_cast<std::uint16_t>(request->certificate_authorities.size())};
    }
    case HandshakeType::certificate_verify: {
      const auto verify = parse_certificate_verify(body, context.version);
      if (!verify) return unreadable_fact(verify.error());
      return TlsCertificateVerify{.signature_scheme = verify->signature_scheme.value_or(SignatureScheme{})};
    }
    case HandshakeType::new_session_ticket: {
      const auto ticket = parse_new_session_ticket(body);
      if (!ticket) return unreadable_fact(ticket.error());
      return TlsNewSessionTicket{.ticket = opaque_hash(ticket->ticket, context.hash_key)};
    }
    case HandshakeType::client_hello:
    case HandshakeType::server_hello:
    case HandshakeType::hello_retry_request:
    case HandshakeType::hello_verify_request:
    case HandshakeType::certificate:
    case HandshakeType::end_of_early_data:
    case HandshakeType::encrypted_extensions:
    case HandshakeType::certificate_url:
    case HandshakeType::supplemental_data:
    case HandshakeType::key_update:
    case HandshakeType::compressed_certificate:
    case HandshakeType::next_protocol: break;
  }
  return TlsOtherHandshake{.type = static_cast<std::uint8_t>(type)};
}

}  // namespace sealtrace
