#include "crypto/identifier_digests.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "crypto/digest.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {
namespace {

std::string lower_hex(Bytes octets) {
  std::string text;
  text.reserve(octets.size() * 2);
  for (const std::uint8_t octet : octets) fmt::format_to(std::back_inserter(text), "{:02x}", octet);
  return text;
}

}  // namespace

std::string md5_hex(std::string_view text) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) return {};
  return lower_hex(Bytes{digest}.first(size));
}

std::string sha256_hex(std::string_view text) { return lower_hex(sha256(as_bytes(text))); }

std::array<std::uint8_t, 20> sha1(std::span<const std::uint8_t> octets) {
  std::array<std::uint8_t, 20> digest{};
  SHA1(octets.data(), octets.size(), digest.data());
  return digest;
}

}  // namespace sealtrace
