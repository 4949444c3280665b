#include "crypto/srtp_key_derivation.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "crypto/free_by.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kSaltBytes = 14;
constexpr std::size_t kEpochBytes = 6;
constexpr std::size_t kAuthenticationKeyBytes = 20;  // HMAC-SHA1 (RFC 3711 section 5.2)

/// Label is what a key is for (RFC 3711 section 4.3.1); those of SRTCP follow in the same order.
enum class Label : std::uint8_t { encryption = 0, authentication = 1, salt = 2 };
constexpr std::uint8_t kRtcpLabels = 3;

const EVP_CIPHER* counter_mode(std::size_t key_bytes) {
  static const EVP_CIPHER* const aes_128 = EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr);
  static const EVP_CIPHER* const aes_192 = EVP_CIPHER_fetch(nullptr, "AES-192-CTR", nullptr);
  static const EVP_CIPHER* const aes_256 = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
  return key_bytes == 16 ? aes_128 : key_bytes == 24 ? aes_192 : aes_256;
}

/// Derivation is AES in counter mode as a pseudo-random function (RFC 3711 section 4.3.3).
class Derivation {
 public:
  Derivation(const SrtpMasterKey& key, SrtpStream stream, std::uint64_t epoch)
      : key_{key.key_and_salt.octets().first(traits(key.suite).key_bytes)},
        labels_{stream == SrtpStream::rtp ? std::uint8_t{0} : kRtcpLabels} {
    std::ranges::copy(key.key_and_salt.octets().subspan(key_.size()), input_.begin());
    for (std::size_t i = 0; i < kEpochBytes; ++i) input_[kSaltBytes - 1 - i] ^= static_cast<std::uint8_t>(epoch >> (8 * i));
  }
  Derivation(const Derivation&) = delete;
  Derivation& operator=(const Derivation&) = delete;
  ~Derivation() { OPENSSL_cleanse(input_.data(), input_.size()); }

  [[nodiscard]] SecretOctets derive(Label label, std::size_t num_bytes) const {
    std::array<std::uint8_t, kBlockBytes> counter = input_;
    counter[kSaltBytes - 1 - kEpochBytes] ^= static_cast<std::uint8_t>(labels_ + static_cast<std::uint8_t>(label));
    constexpr std::array<std::uint8_t, 32> kZeros{};
    std::array<std::uint8_t, kZeros.size()> derived{};
    const Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context{EVP_CIPHER_CTX_new()};
    int num_done = 0;
    const bool done = EVP_EncryptInit_ex2(context.get(), counter_mode(key_.size()), key_.data(), counter.data(), nullptr) == 1 &&
                      EVP_EncryptUpdate(context.get(), derived.data(), &num_done, kZeros.data(), static_cast<int>(kZeros.size())) == 1;
    SecretOctets octets{Bytes{derived}.first(done ? num_bytes : 0)};
    OPENSSL_cleanse(derived.data(), derived.size());
    OPENSSL_cleanse(counter.data(), counter.size());
    return octets;
  }

 private:
  Bytes key_;
  std::uint8_t labels_;
  std::array<std::uint8_t, kBlockBytes> input_{};  ///< x, and the counter of blocks behind it
};

}  // namespace

bool has_lengths_of_suite(const SrtpMasterKey& key) {
  const SrtpSuiteTraits& suite = traits(key.suite);
  return key.key_and_salt.size() == std::size_t{suite.key_bytes} + suite.salt_bytes;
}

SrtpSessionKeys derive_session_keys(const SrtpMasterKey& key, SrtpStream stream, std::uint64_t epoch) {
  const SrtpSuiteTraits& suite = traits(key.suite);
  const bool aead = suite.salt_bytes != kSaltBytes;
  const Derivation derivation{key, stream, epoch};
  return {.encryption = derivation.derive(Label::encryption, suite.key_bytes),
          .salt = derivation.derive(Label::salt, suite.salt_bytes),
          .authentication = aead ? SecretOctets{} : derivation.derive(Label::authentication, kAuthenticationKeyBytes)};
}

}  // namespace sealtrace
