#include "dissectors/dtls/dtls_messages.hpp"

#include <utility>

#include "crypto/handshake_facts.hpp"
#include "proto/tls_facts.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
void DtlsMessages::on_message(Side sender, const HandshakeMessage& message, FactSink& facts) {
  const auto report = [&](FactBody body) {
    facts.report({.body = std::move(body), .sender = sender, .time = message.time, .evidence = message.evidence});
  };
  const Bytes body{message.body};
  switch (message.type) {
    case HandshakeType::client_hello:
    case HandshakeType::server_hello: return report(hello_fact(message));
    case HandshakeType::certificate: {
      // RFC 7250's raw public keys and RFC 6091's OpenPGP keys are no certificates.
      if (!certificates_are_x509_) return report(MessageUnreadable{.field = "certificate_type", .malformed = false});
      const auto list = parse_certificate(body);
      if (!list) return report(unreadable_fact(list.error()));
      return report_chain(intern_chain(*list, *services_.certificates), report);
    }
    case HandshakeType::hello_verify_request: {
      const auto request = parse_hello_verify_request(body);
      if (!request) return report(unreadable_fact(request.error()));
      return report(TlsHelloVerifyRequest{});
    }
    case HandshakeType::hello_request:
    case HandshakeType::hello_retry_request:
    case HandshakeType::new_session_ticket:
    case HandshakeType::end_of_early_data:
    case HandshakeType::encrypted_extensions:
    case HandshakeType::server_key_exchange:
    case HandshakeType::certificate_request:
    case HandshakeType::server_hello_done:
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
  report(
      handshake_fact(message.type, body,
                     {.staples = services_.staples, .hash_key = services_.hash_key, .version = version_, .cipher_suite = cipher_suite_}));
}

FactBody DtlsMessages::hello_fact(const HandshakeMessage& message) {
  const Bytes body{message.body};
  const HelloFactOptions options{.hash_key = services_.hash_key, .keep_lists = services_.keep_fingerprint_lists};
  if (message.type == HandshakeType::client_hello) {
    const auto hello = parse_client_hello(body, HelloFormat::dtls);
    if (!hello) return unreadable_fact(hello.error());
    return client_hello_fact(*hello, TlsHelloForm::dtls, message.legacy_record_version, options);
  }
  const auto hello = parse_server_hello(body);
  if (!hello) return unreadable_fact(hello.error());
  if (!hello->hello_retry_request) {
    version_ = hello->version;
    cipher_suite_ = hello->cipher_suite;
    certificates_are_x509_ = hello->client_certificate_is_x509 && hello->server_certificate_is_x509;
  }
  return server_hello_fact(*hello, options);
}

}  // namespace sealtrace
