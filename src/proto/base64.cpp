#include "proto/base64.hpp"

#include <algorithm>
#include <vector>

#include "wire/bytes.hpp"

namespace sealtrace {
namespace {

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

Base64Front decode_base64_front(std::string_view text, std::span<std::uint8_t> octets) {
  Base64Front front;
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0 || front.num_octets == octets.size()) break;
    ++front.num_characters;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    octets[front.num_octets++] = static_cast<std::uint8_t>(bits >> num_bits & 0xFFU);
  }
  return front;
}

std::optional<SecretOctets> decode_base64(std::string_view text, std::size_t max_bytes) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() / 4 * 3 > max_bytes) return std::nullopt;
  std::vector<std::uint8_t> octets(std::min(text.size(), max_bytes));
  const Base64Front front = decode_base64_front(text, octets);
  std::optional<SecretOctets> secret;
  if (front.num_characters == text.size()) secret.emplace(Bytes{octets}.first(front.num_octets));
  wipe(octets);
  return secret;
}

}  // namespace sealtrace
