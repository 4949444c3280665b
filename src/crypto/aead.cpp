#include "crypto/aead.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace sealtrace {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kMaxTagBytes = 16;

}  // namespace

const EVP_CIPHER* fetched_cipher(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, Owned<EVP_CIPHER, EVP_CIPHER_free>, std::less<>> ciphers;
  const std::lock_guard lock{mutex};
  auto found = ciphers.find(name);
  if (found == ciphers.end()) {
    std::string key{name};
    EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, key.c_str(), nullptr);
    found = ciphers.emplace(std::move(key), cipher).first;
  }
  return found->second.get();
}

AeadOpener::AeadOpener(std::string_view cipher, Bytes key) {
  const EVP_CIPHER* const method = fetched_cipher(cipher);
  CipherContext context{EVP_CIPHER_CTX_new()};
  if (method == nullptr || context == nullptr || key.size() != static_cast<std::size_t>(EVP_CIPHER_get_key_length(method))) return;
  if (EVP_CIPHER_get_mode(method) == EVP_CIPH_CCM_MODE) ccm_key_ = SecretOctets{key};
  if (EVP_DecryptInit_ex2(context.get(), method, nullptr, nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(kNonceBytes), nullptr) != 1 ||
      EVP_DecryptInit_ex2(context.get(), nullptr, key.data(), nullptr, nullptr) != 1) {
    return;
  }
  context_ = std::move(context);
}

bool AeadOpener::open(Bytes nonce, std::initializer_list<Bytes> additional, Bytes cipher_text, Bytes tag,
                      std::vector<std::uint8_t>& plain) {
  wipe(plain);
  plain.resize(cipher_text.size() + 1);  // OpenSSL wants somewhere to write nothing to
  const bool holds = ready() && nonce.size() == kNonceBytes && !tag.empty() && tag.size() <= kMaxTagBytes &&
                     decrypt(nonce, additional, cipher_text, tag, plain);
  if (!holds) wipe(plain);
  plain.resize(holds ? cipher_text.size() : 0);
  return holds;
}

/// decrypt follows OpenSSL's order for each mode: with CCM the tag comes before the key, the length before the octets, and the last call
/// tells; with the others the tag comes behind the octets.
bool AeadOpener::decrypt(Bytes nonce, std::initializer_list<Bytes> additional, Bytes cipher_text, Bytes tag,
                         std::span<std::uint8_t> plain) {
  EVP_CIPHER_CTX* const context = context_.get();
  std::array<std::uint8_t, kMaxTagBytes> expected{};
  std::ranges::copy(tag, expected.begin());
  const auto set_tag = [&] {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), expected.data()) == 1;
  };
  int length = 0;
  const auto add = [&](std::uint8_t* out, Bytes octets) {
    return EVP_DecryptUpdate(context, out, &length, octets.data(), static_cast<int>(octets.size())) == 1;
  };
  const bool ccm = !ccm_key_.empty();
  if (ccm && !set_tag()) return false;
  if (EVP_DecryptInit_ex2(context, nullptr, ccm ? ccm_key_.octets().data() : nullptr, nonce.data(), nullptr) != 1) return false;
  if (ccm && EVP_DecryptUpdate(context, nullptr, &length, nullptr, static_cast<int>(cipher_text.size())) != 1) return false;
  for (const Bytes part : additional) {
    if (!part.empty() && !add(nullptr, part)) return false;
  }
  if (ccm) return add(plain.data(), cipher_text);
  return set_tag() && (cipher_text.empty() || add(plain.data(), cipher_text)) &&
         EVP_DecryptFinal_ex(context, plain.data() + cipher_text.size(), &length) == 1;
}

}  // namespace sealtrace
