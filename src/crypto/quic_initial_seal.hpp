// Seals QUIC Initial packets as a peer does. Only tests and fuzz targets include it.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/free_by.hpp"
#include "crypto/quic_initial.hpp"

namespace sealtrace::testing {

/// seal_quic_initial makes one packet: `header` is everything before the Length field, with the type's bits and a packet number of one
/// octet (0) in its first octet; `payload` has at least three octets.
inline std::string seal_quic_initial(const QuicPacketProtection& protection, std::string header, std::uint8_t packet_number,
                                     const std::string& payload) {
  constexpr std::size_t kTagBytes = 16;
  const std::size_t length = 1 + payload.size() + kTagBytes;
  header += static_cast<char>(0x40 | length >> 8);
  header += static_cast<char>(length & 0xFF);
  const std::size_t packet_number_offset = header.size();
  header += static_cast<char>(packet_number);
  std::array<std::uint8_t, 12> nonce = protection.iv;
  nonce.back() ^= packet_number;
  std::vector<std::uint8_t> sealed(payload.size() + kTagBytes);
  int written = 0;
  const Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context{EVP_CIPHER_CTX_new()};
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, protection.key.data(), nonce.data());
  EVP_EncryptUpdate(context.get(), nullptr, &written, as_bytes(header).data(), static_cast<int>(header.size()));
  EVP_EncryptUpdate(context.get(), sealed.data(), &written, as_bytes(payload).data(), static_cast<int>(payload.size()));
  EVP_EncryptFinal_ex(context.get(), sealed.data(), &written);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes), sealed.data() + payload.size());
  std::array<std::uint8_t, 32> mask{};
  const Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> header_context{EVP_CIPHER_CTX_new()};
  EVP_EncryptInit_ex(header_context.get(), EVP_aes_128_ecb(), nullptr, protection.header_key.data(), nullptr);
  EVP_EncryptUpdate(header_context.get(), mask.data(), &written, sealed.data() + 3, 16);
  header[0] = static_cast<char>(static_cast<std::uint8_t>(header[0]) ^ (mask[0] & 0x0F));
  header[packet_number_offset] = static_cast<char>(static_cast<std::uint8_t>(header[packet_number_offset]) ^ mask[1]);
  return header + std::string{as_text(Bytes{sealed})};
}

}  // namespace sealtrace::testing
