#include "crypto/hkdf.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <vector>

namespace sealtrace {
namespace {

Sha256 hmac_sha256(Bytes key, Bytes octets) {
  Sha256 digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets.data(), octets.size(), digest.data(), &length);
  return digest;
}

}  // namespace

Sha256 hkdf_extract(Bytes salt, Bytes input) { return hmac_sha256(salt, input); }

void hkdf_expand_label(Bytes secret, std::string_view label, std::span<std::uint8_t> out) {
  constexpr std::string_view kPrefix = "tls13 ";
  std::vector<std::uint8_t> info{static_cast<std::uint8_t>(out.size() >> 8), static_cast<std::uint8_t>(out.size()),
                                 static_cast<std::uint8_t>(kPrefix.size() + label.size())};
  info.insert(info.end(), kPrefix.begin(), kPrefix.end());
  info.insert(info.end(), label.begin(), label.end());
  info.push_back(0);  // an empty context
  std::vector<std::uint8_t> block;
  std::uint8_t counter = 0;
  while (!out.empty()) {
    block.insert(block.end(), info.begin(), info.end());
    block.push_back(++counter);
    const Sha256 digest = hmac_sha256(secret, block);
    const std::size_t taken = std::min(out.size(), digest.size());
    std::copy_n(digest.begin(), taken, out.begin());
    out = out.subspan(taken);
    block.assign(digest.begin(), digest.end());
  }
}

}  // namespace sealtrace
