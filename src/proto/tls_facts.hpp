// From parsed hellos to the facts of the model: what TLS and DTLS sessions report alike.
#pragma once

#include <cstdint>

#include "model/fact.hpp"
#include "proto/tls_handshake.hpp"

namespace sealtrace {

/// HelloFactOptions: `hash_key` for OpaqueHash; `keep_lists` keeps the lists that only fingerprints need (cipher suites,
/// extension types, groups, point formats, signature algorithms).
struct HelloFactOptions {
  std::uint64_t hash_key = 0;
  bool keep_lists = false;
};

/// opaque_hash names octets that must not be kept; 0 for none.
OpaqueHash opaque_hash(Bytes octets, std::uint64_t hash_key);

/// client_hello_fact and server_hello_fact copy what outlives the message.
TlsClientHello client_hello_fact(const ClientHello& hello, TlsHelloForm form, std::uint16_t legacy_record_version,
                                 HelloFactOptions options);
TlsServerHello server_hello_fact(const ServerHello& hello, HelloFactOptions options);

}  // namespace sealtrace
