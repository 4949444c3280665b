#include "proto/base64.hpp"

#include <cstdint>
#include <vector>

namespace sealtrace {
namespace {

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

std::optional<SecretOctets> decode_base64(std::string_view text, std::size_t max_bytes) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() / 4 * 3 > max_bytes) return std::nullopt;
  std::vector<std::uint8_t> octets;
  octets.reserve(text.size());  // no growth: what it leaves behind would not be wiped
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  bool good = true;
  for (const char c : text) {
    const int value = base64_value(c);
    good = value >= 0 && octets.size() < max_bytes;
    if (!good) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    octets.push_back(static_cast<std::uint8_t>(bits >> num_bits & 0xFFU));
  }
  std::optional<SecretOctets> secret;
  if (good) secret.emplace(octets);
  wipe(octets);
  return secret;
}

}  // namespace sealtrace
