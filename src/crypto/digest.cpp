#include "crypto/digest.hpp"

#include <new>

namespace sealtrace {
namespace {

/// sha256_method is fetched once: an implicit fetch costs more than hashing a certificate.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

EVP_MD_CTX* new_context() {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  if (context == nullptr) throw std::bad_alloc{};
  return context;
}

}  // namespace

Sha256 sha256(Bytes octets) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context{new_context()};
  Sha256 digest{};
  EVP_DigestInit_ex2(context.get(), sha256_method(), nullptr);
  EVP_DigestUpdate(context.get(), octets.data(), octets.size());
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return digest;
}

std::string upper_hex(Bytes octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text(octets.size() * 2, '\0');
  auto at = text.begin();
  for (const std::uint8_t octet : octets) {
    *at++ = kDigits[octet >> 4];
    *at++ = kDigits[octet & 0x0F];
  }
  return text;
}

Sha256Stream::Sha256Stream() : context_{new_context()} { EVP_DigestInit_ex2(context_.get(), sha256_method(), nullptr); }

void Sha256Stream::update(Bytes octets) { EVP_DigestUpdate(context_.get(), octets.data(), octets.size()); }

std::string Sha256Stream::finish() {
  Sha256 digest{};
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  return upper_hex(digest);
}

}  // namespace sealtrace
