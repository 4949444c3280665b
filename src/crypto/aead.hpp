// AeadOpener: what an AEAD sealed, opened by OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/free_by.hpp"
#include "model/secret_octets.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

/// fetched_cipher gives a cipher by OpenSSL's name, which must outlive the program's use of it; null for one that it does not have. Each is
/// fetched once: an implicit fetch costs more than opening a packet.
const EVP_CIPHER* fetched_cipher(std::string_view name);

/// AeadOpener opens with one key, of GCM, CCM or ChaCha20-Poly1305. The nonce has 12 octets.
class AeadOpener {
 public:
  AeadOpener(std::string_view cipher, Bytes key);

  /// ready is false when OpenSSL does not have the cipher, or the key is not of its length.
  [[nodiscard]] bool ready() const { return context_ != nullptr; }
  /// open fills `plain`, whose former octets are wiped; false, and nothing in it, when the tag is wrong. `additional` are the parts of what
  /// is authenticated only; with CCM there is one.
  bool open(Bytes nonce, std::initializer_list<Bytes> additional, Bytes cipher_text, Bytes tag, std::vector<std::uint8_t>& plain);

 private:
  bool decrypt(Bytes nonce, std::initializer_list<Bytes> additional, Bytes cipher_text, Bytes tag, std::span<std::uint8_t> plain);

  CipherContext context_;
  SecretOctets ccm_key_;  ///< set anew for each: OpenSSL takes the length of the tag only before it
};

}  // namespace sealtrace
