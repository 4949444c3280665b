// Seals records of DTLS 1.2 as a peer does. Only tests and fuzz targets include it.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "crypto/aead.hpp"
#include "crypto/tls_record_protection.hpp"

namespace sealtrace::testing {

/// seal_aes128_gcm gives the fragment of a record with AES-128-GCM (RFC 5288 section 3): `number` is the explicit nonce, eight octets,
/// `additional` what is authenticated beside `content`.
inline std::vector<std::uint8_t> seal_aes128_gcm(const TlsKeyBlock& keys, Bytes number, Bytes additional, Bytes content) {
  constexpr std::size_t kTagBytes = 16;
  std::vector<std::uint8_t> nonce{keys.iv.octets().begin(), keys.iv.octets().end()};
  nonce.insert(nonce.end(), number.begin(), number.end());
  std::vector<std::uint8_t> fragment{number.begin(), number.end()};
  fragment.resize(number.size() + content.size() + kTagBytes);
  std::uint8_t* const out = fragment.data() + number.size();
  const CipherContext context{EVP_CIPHER_CTX_new()};
  int length = 0;
  if (EVP_EncryptInit_ex2(context.get(), fetched_cipher("AES-128-GCM"), keys.key.octets().data(), nonce.data(), nullptr) != 1) std::abort();
  EVP_EncryptUpdate(context.get(), nullptr, &length, additional.data(), static_cast<int>(additional.size()));
  if (!content.empty()) EVP_EncryptUpdate(context.get(), out, &length, content.data(), static_cast<int>(content.size()));
  EVP_EncryptFinal_ex(context.get(), out + content.size(), &length);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes), out + content.size());
  return fragment;
}

}  // namespace sealtrace::testing
