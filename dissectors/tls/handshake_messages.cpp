#include "dissectors/tls/handshake_messages.hpp"

#include <utility>

#include "crypto/handshake_facts.hpp"
#include "dissectors/tls/pseudo_tls.hpp"
#include "proto/tls_facts.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

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
  const bool after_server_hello = std::exchange(server_hello_was_last_, false);
  switch (type) {
    case HandshakeType::client_hello: return on_client_hello(body, record_version, chunk, place, facts);
    case HandshakeType::server_hello: return on_server_hello(parse_server_hello(body), chunk, place, facts);
    case HandshakeType::hello_retry_request: return on_server_hello(parse_draft_hello_retry_request(body), chunk, place, facts);
    case HandshakeType::certificate: return on_certificate(body, chunk, place, facts);
    case HandshakeType::server_hello_done: server_hello_was_last_ = after_server_hello; return on_server_hello_done(chunk, place, facts);
    case HandshakeType::hello_request:
    case HandshakeType::hello_verify_request:
    case HandshakeType::new_session_ticket:
    case HandshakeType::end_of_early_data:
    case HandshakeType::encrypted_extensions:
    case HandshakeType::server_key_exchange:
    case HandshakeType::certificate_request:
    case HandshakeType::certificate_verify:
    case HandshakeType::client_key_exchange:
    case HandshakeType::finished:
    case HandshakeType::certificate_url:
    case HandshakeType::certificate_status:
    case HandshakeType::supplemental_data:
    case HandshakeType::key_update:
    case HandshakeType::compressed_certificate:
    case HandshakeType::next_protocol: break;
  }
  const HandshakeContext context{.staples = services_.staples,
                                 .hash_key = services_.hash_key,
                                 .version = negotiation_.version,
                                 .cipher_suite = negotiation_.cipher_suite};
  facts.report(chunk.fact(handshake_fact(type, body, context), place.offset, place.length));
}

void HandshakeMessages::on_client_hello(Bytes body, std::uint16_t record_version, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  note_client_hello(chunk.sender);
  const auto hello = parse_client_hello(body, HelloFormat::tls);
  if (!hello) return facts.report(chunk.fact(unreadable_fact(hello.error()), place.offset, place.length));
  negotiation_.early_data_offered = hello->early_data;
  imitation_ = is_microsoft_client_hello(*hello) ? Imitation::microsoft : Imitation::none;
  facts.report(chunk.fact(client_hello_fact(*hello, TlsHelloForm::tls, record_version, options_of(services_)), place.offset, place.length));
}

void HandshakeMessages::on_ssl2_client_hello(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  note_client_hello(chunk.sender);
  const auto hello = parse_ssl2_client_hello(body);
  if (!hello) return facts.report(chunk.fact(unreadable_fact(hello.error()), place.offset, place.length));
  negotiation_.offers_ssl2_only = hello->legacy_version == static_cast<std::uint16_t>(TlsVersion::ssl2);
  imitation_ = is_google_client_hello(*hello) ? Imitation::google : Imitation::none;
  constexpr std::uint16_t kSsl2RecordVersion = 0x0002;
  facts.report(
      chunk.fact(client_hello_fact(*hello, TlsHelloForm::ssl2, kSsl2RecordVersion, options_of(services_)), place.offset, place.length));
}

void HandshakeMessages::on_server_hello(const Parsed<ServerHello>& hello, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  note_server_hello(chunk.sender);
  if (!hello) return facts.report(chunk.fact(unreadable_fact(hello.error()), place.offset, place.length));
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
  if (!hello) return facts.report(chunk.fact(unreadable_fact(hello.error()), place.offset, place.length));
  negotiation_.version = TlsVersion::ssl2;
  TlsServerHello fact;
  fact.legacy_version = hello->server_version;
  fact.version = TlsVersion::ssl2;
  fact.cipher_suite = ssl2_suite_of(hello->cipher_kinds);
  facts.report(chunk.fact(std::move(fact), place.offset, place.length));
  constexpr std::uint8_t kX509Certificate = 1;
  if (hello->certificate.empty() || hello->certificate_type != kX509Certificate) return;
  InternedChain chain;
  chain.add(hello->certificate, *services_.certificates);
  report_chain(std::move(chain), [&](FactBody of_chain) { facts.report(chunk.fact(std::move(of_chain), place.offset, place.length)); });
}

void HandshakeMessages::on_certificate(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts) {
  const auto report = [&](FactBody fact) { facts.report(chunk.fact(std::move(fact), place.offset, place.length)); };
  const bool from_client = negotiation_.client == chunk.sender;
  const bool is_x509 = from_client ? negotiation_.client_certificate_is_x509 : negotiation_.server_certificate_is_x509;
  if (!is_x509) return report(MessageUnreadable{.field = "certificate_type", .malformed = false});
  const auto list = parse_certificate(body);
  if (!list) return report(unreadable_fact(list.error()));
  report_chain(intern_chain(*list, *services_.certificates), report);
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
