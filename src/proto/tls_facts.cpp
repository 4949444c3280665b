#include "proto/tls_facts.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "model/ascii.hpp"
#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

constexpr CipherSuite kEmptyRenegotiationInfoScsv{0x00FF};
constexpr CipherSuite kFallbackScsv{0x5600};

template <typename T>
std::vector<T> numbers(const U16List& list) {
  std::vector<T> result;
  result.reserve(list.size());
  for (const std::uint16_t number : list) result.push_back(T{number});
  return result;
}

std::vector<std::uint16_t> extension_types(Bytes extensions) {
  std::vector<std::uint16_t> types;
  for_each_extension(extensions, [&types](const Extension& extension) { types.push_back(static_cast<std::uint16_t>(extension.type)); });
  return types;
}

/// for_each_suite visits the suites of either form of hello; SSLv2 kinds that are no suite of TLS are left out.
template <typename Visit>
void for_each_suite(const ClientHello& hello, Visit visit) {
  for (const std::uint16_t code : hello.cipher_suites) visit(CipherSuite{code});
  ParseScope scope;
  ByteReader kinds{hello.cipher_kinds, scope};
  while (kinds.more()) {
    const std::uint32_t kind = kinds.u24("cipher_kind");
    if (scope.ok() && kind <= 0xFFFF) visit(CipherSuite{static_cast<std::uint16_t>(kind)});
  }
}

}  // namespace

OpaqueHash opaque_hash(Bytes octets, std::uint64_t hash_key) {
  if (octets.empty()) return OpaqueHash{};
  const std::uint64_t hash = keyed_hash(octets, hash_key);
  return OpaqueHash{hash == 0 ? 1 : hash};
}

TlsClientHello client_hello_fact(const ClientHello& hello, TlsHelloForm form, std::uint16_t legacy_record_version,
                                 HelloFactOptions options) {
  TlsClientHello fact;
  fact.form = form;
  fact.legacy_record_version = legacy_record_version;
  fact.legacy_version = hello.legacy_version;
  fact.session_id = opaque_hash(hello.session_id, options.hash_key);
  if (hello.session_ticket) fact.session_ticket = opaque_hash(*hello.session_ticket, options.hash_key);
  if (hello.psk_identity) {
    fact.psk_identity = opaque_hash(*hello.psk_identity, options.hash_key);
    fact.psk_identity_bytes = static_cast<std::uint16_t>(hello.psk_identity->size());
  }
  fact.session_ticket_offered = hello.session_ticket.has_value();
  fact.pre_shared_key = hello.pre_shared_key;
  fact.early_data = hello.early_data;
  fact.post_handshake_auth = hello.post_handshake_auth;
  fact.extended_master_secret = hello.extended_master_secret;
  fact.renegotiation_info = hello.renegotiation_info;
  fact.encrypted_client_hello = hello.encrypted_client_hello;
  fact.compression_offered = std::ranges::any_of(hello.compression_methods, [](std::uint8_t method) { return method != 0; });
  fact.server_name = lower(hello.server_name);
  for (const Bytes name : hello.alpn) fact.alpn.emplace_back(as_text(name));
  fact.supported_versions = numbers<std::uint16_t>(hello.supported_versions);
  fact.use_srtp = numbers<std::uint16_t>(hello.use_srtp);
  for_each_suite(hello, [&](CipherSuite suite) {
    if (suite == kEmptyRenegotiationInfoScsv) fact.renegotiation_info = true;
    if (suite == kFallbackScsv) fact.fallback_scsv = true;
    if (options.keep_lists) fact.cipher_suites.push_back(suite);
  });
  if (options.keep_lists) {
    fact.extensions = extension_types(hello.extensions);
    fact.supported_groups = numbers<NamedGroup>(hello.supported_groups);
    fact.ec_point_formats.assign(hello.ec_point_formats.begin(), hello.ec_point_formats.end());
    fact.signature_algorithms = numbers<SignatureScheme>(hello.signature_algorithms);
  }
  return fact;
}

TlsServerHello server_hello_fact(const ServerHello& hello, HelloFactOptions options) {
  TlsServerHello fact;
  fact.legacy_version = hello.legacy_version;
  fact.version = hello.version;
  fact.cipher_suite = hello.cipher_suite;
  fact.compression_method = hello.compression_method;
  fact.hello_retry_request = hello.hello_retry_request;
  fact.session_id = opaque_hash(hello.session_id, options.hash_key);
  fact.session_ticket_expected = hello.session_ticket;
  fact.pre_shared_key = hello.pre_shared_key;
  fact.selected_identity = hello.selected_identity;
  fact.extended_master_secret = hello.extended_master_secret;
  fact.renegotiation_info = hello.renegotiation_info;
  fact.encrypt_then_mac = hello.encrypt_then_mac;
  fact.downgrade_sentinel = hello.downgrade_sentinel;
  fact.group = hello.group;
  fact.use_srtp = hello.use_srtp;
  fact.alpn = std::string{hello.alpn};
  if (options.keep_lists) fact.extensions = extension_types(hello.extensions);
  return fact;
}

}  // namespace sealtrace
