// From the secrets of a key log to keys: HKDF of TLS 1.3 (RFC 8446 section 7), the PRF of TLS 1.0 to 1.2 (RFC 5246 section 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/secret_octets.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// TlsHash is the hash of a suite's key schedule; `md5_sha1` is both, one behind the other (TLS 1.0 and 1.1).
enum class TlsHash : std::uint8_t { md5_sha1, sha256, sha384 };

/// hash_bytes is the length of its output, in octets.
std::size_t hash_bytes(TlsHash hash);

/// tls_digest hashes `octets`.
std::vector<std::uint8_t> tls_digest(TlsHash hash, Bytes octets);

/// hkdf_extract is HKDF-Extract (RFC 5869 section 2.2).
SecretOctets hkdf_extract(TlsHash hash, Bytes salt, Bytes input);

/// hkdf_expand_label is HKDF-Expand-Label with an empty context (RFC 8446 section 7.1), for up to one block of the hash; empty beyond.
SecretOctets hkdf_expand_label(TlsHash hash, Bytes secret, std::string_view label, std::size_t bytes);

/// tls_prf is PRF(secret, label, seed) of TLS 1.2 with `hash`, of TLS 1.0 and 1.1 with md5_sha1 (RFC 5246 section 5, RFC 2246 section 5).
SecretOctets tls_prf(TlsHash hash, Bytes secret, std::string_view label, Bytes seed, std::size_t bytes);

/// tls12_exported is keying material of TLS 1.0 to 1.2 and their DTLS, exported without a context (RFC 5705 section 4).
SecretOctets tls12_exported(TlsHash hash, Bytes master_secret, std::string_view label, Bytes client_random, Bytes server_random,
                            std::size_t bytes);

/// tls13_verify_data is a Finished's content under the sender's traffic secret (RFC 8446 section 4.4.4).
SecretOctets tls13_verify_data(TlsHash hash, Bytes traffic_secret, Bytes transcript);

/// tls12_verify_data is a Finished's content in TLS 1.0 to 1.2 (RFC 5246 section 7.4.9).
SecretOctets tls12_verify_data(TlsHash hash, Bytes master_secret, bool of_client, Bytes transcript);

}  // namespace sealtrace
