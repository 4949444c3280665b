#include "crypto/tls_key_schedule.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace sealtrace {
namespace {

const EVP_MD* method_of(TlsHash hash) {
  static const EVP_MD* const md5_sha1 = EVP_MD_fetch(nullptr, "MD5-SHA1", nullptr);  // fetched once: each implicit fetch takes a lock
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  switch (hash) {
    case TlsHash::md5_sha1: return md5_sha1;
    case TlsHash::sha256: return sha256;
    case TlsHash::sha384: return sha384;
  }
  return sha256;
}

using Octets = std::vector<std::uint8_t>;

void append(Octets& octets, Bytes more) { octets.insert(octets.end(), more.begin(), more.end()); }
void append(Octets& octets, std::string_view text) { append(octets, as_bytes(text)); }

/// hmac_of gives an empty result when OpenSSL refuses.
Octets hmac_of(const EVP_MD* method, Bytes key, Bytes data) {
  constexpr std::uint8_t kNoKey = 0;  // a null key would mean "the one before"
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> output{};
  unsigned length = 0;
  const void* const key_data = key.empty() ? &kNoKey : key.data();
  if (method == nullptr ||
      HMAC(method, key_data, static_cast<int>(key.size()), data.data(), data.size(), output.data(), &length) == nullptr) {
    return {};
  }
  Octets result{output.begin(), output.begin() + length};
  wipe(output);
  return result;
}

/// xor_p_hash adds P_hash(secret, seed) to `output` (RFC 5246 section 5).
void xor_p_hash(const EVP_MD* method, Bytes secret, Bytes seed, Octets& output) {
  Octets a{seed.begin(), seed.end()};
  std::size_t at = 0;
  while (at < output.size()) {
    Octets next = hmac_of(method, secret, a);
    if (next.empty()) return;
    wipe(a);
    a = next;
    append(next, seed);
    Octets block = hmac_of(method, secret, next);
    const std::size_t used = std::min(block.size(), output.size() - at);
    for (std::size_t i = 0; i < used; ++i) output[at + i] ^= block[i];
    at += used;
    wipe(block);
  }
  wipe(a);
}

SecretOctets take(Octets octets) {
  SecretOctets secret{octets};
  wipe(octets);
  return secret;
}

}  // namespace

std::size_t hash_bytes(TlsHash hash) {
  switch (hash) {
    case TlsHash::md5_sha1: return 36;
    case TlsHash::sha256: return 32;
    case TlsHash::sha384: return 48;
  }
  return 0;
}

Octets tls_digest(TlsHash hash, Bytes octets) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> output{};
  unsigned length = 0;
  if (EVP_Digest(octets.data(), octets.size(), output.data(), &length, method_of(hash), nullptr) != 1) return {};
  return {output.begin(), output.begin() + length};
}

SecretOctets hkdf_extract(TlsHash hash, Bytes salt, Bytes input) { return take(hmac_of(method_of(hash), salt, input)); }

SecretOctets hkdf_expand_label(TlsHash hash, Bytes secret, std::string_view label, std::size_t bytes) {
  constexpr std::string_view kPrefix = "tls13 ";
  if (bytes > hash_bytes(hash)) return {};
  Octets info{static_cast<std::uint8_t>(bytes >> 8), static_cast<std::uint8_t>(bytes),
              static_cast<std::uint8_t>(kPrefix.size() + label.size())};
  append(info, kPrefix);
  append(info, label);
  info.push_back(0);  // no context
  info.push_back(1);  // the first block of HKDF-Expand (RFC 5869 section 2.3)
  Octets block = hmac_of(method_of(hash), secret, info);
  SecretOctets result{Bytes{block}.first(std::min(bytes, block.size()))};
  wipe(block);
  return result;
}

SecretOctets tls_prf(TlsHash hash, Bytes secret, std::string_view label, Bytes seed, std::size_t bytes) {
  Octets labelled;
  append(labelled, label);
  append(labelled, seed);
  Octets output(bytes, 0);
  if (hash != TlsHash::md5_sha1) {
    xor_p_hash(method_of(hash), secret, labelled, output);
    return take(std::move(output));
  }
  // RFC 2246 section 5: the halves of the secret share an octet when its length is odd.
  static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  const std::size_t half = (secret.size() + 1) / 2;
  xor_p_hash(md5, secret.first(half), labelled, output);
  xor_p_hash(sha1, secret.last(half), labelled, output);
  return take(std::move(output));
}

SecretOctets tls12_exported(TlsHash hash, Bytes master_secret, std::string_view label, Bytes client_random, Bytes server_random,
                            std::size_t bytes) {
  Octets seed;
  append(seed, client_random);
  append(seed, server_random);
  return tls_prf(hash, master_secret, label, seed, bytes);
}

SecretOctets tls13_verify_data(TlsHash hash, Bytes traffic_secret, Bytes transcript) {
  const SecretOctets key = hkdf_expand_label(hash, traffic_secret, "finished", hash_bytes(hash));
  return take(hmac_of(method_of(hash), key.octets(), tls_digest(hash, transcript)));
}

SecretOctets tls12_verify_data(TlsHash hash, Bytes master_secret, bool of_client, Bytes transcript) {
  constexpr std::size_t kVerifyDataBytes = 12;
  const Octets digest = tls_digest(hash, transcript);
  return tls_prf(hash, master_secret, of_client ? "client finished" : "server finished", digest, kVerifyDataBytes);
}

}  // namespace sealtrace
