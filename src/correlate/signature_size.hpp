// signature_key: which kind of key makes a signature of a given length.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace sealtrace {

/// signature_key names the kind of key by the length of its CertificateVerify message, in octets: header, scheme, length (8 octets),
/// signature (RFC 8446 section 4.4.3, RFC 5246 section 7.4.8). Empty for a length that no kind has. ECDSA is DER, so its length varies.
constexpr std::string_view signature_key(std::uint32_t message_bytes) {
  struct KeySize {
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    std::string_view key;
  };
  constexpr auto kKeySizes = std::to_array<KeySize>({
      {72, 72, "ed25519"},
      {76, 80, "ecdsa_p256"},
      {108, 112, "ecdsa_p384"},
      {122, 122, "ed448"},
      {136, 136, "rsa_1024"},
      {143, 147, "ecdsa_p521"},
      {264, 264, "rsa_2048"},
      {392, 392, "rsa_3072"},
      {520, 520, "rsa_4096"},
      {1032, 1032, "rsa_8192"},
      {2428, 2428, "mldsa44"},
      {3317, 3317, "mldsa65"},
      {4635, 4635, "mldsa87"},
  });
  for (const KeySize& size : kKeySizes) {
    if (size.least <= message_bytes && message_bytes <= size.most) return size.key;
  }
  return {};
}

static_assert(signature_key(264) == "rsa_2048" && signature_key(78) == "ecdsa_p256" && signature_key(36).empty());

}  // namespace sealtrace
