#include "app/text_encoding.hpp"

#include <cstddef>
#include <cstdint>

namespace sealtrace {
namespace {

void append(std::string& text, std::uint32_t point) {
  const auto put = [&](std::uint32_t octet) { text.push_back(static_cast<char>(octet)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

std::string from_utf16(std::string_view octets, bool big_endian) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<std::uint8_t>(octets[at]);
    const auto second = static_cast<std::uint8_t>(octets[at + 1]);
    return static_cast<std::uint32_t>(big_endian ? first << 8 | second : second << 8 | first);
  };
  std::string text;
  for (std::size_t at = 0; at + 1 < octets.size(); at += 2) {
    std::uint32_t point = unit(at);
    if (point >= 0xD800 && point < 0xE000) {
      const bool pair = point < 0xDC00 && at + 3 < octets.size() && unit(at + 2) >= 0xDC00 && unit(at + 2) < 0xE000;
      point = pair ? 0x10000 + ((point - 0xD800) << 10) + (unit(at + 2) - 0xDC00) : kReplacement;
      if (pair) at += 2;
    }
    append(text, point);
  }
  return text;
}

/// looks_like_utf16: cmd /u writes little-endian UTF-16 without a mark. Its first characters are ASCII in all that is read here; no DER
/// begins so.
bool looks_like_utf16(std::string_view octets) {
  constexpr std::size_t kLookedAt = 8;
  if (octets.size() < kLookedAt) return false;
  for (std::size_t at = 0; at < kLookedAt; at += 2) {
    if (octets[at] == '\0' || (octets[at] & 0x80) != 0 || octets[at + 1] != '\0') return false;
  }
  return true;
}

}  // namespace

std::string utf8_text(std::string_view octets) {
  if (octets.starts_with("\xFF\xFE")) return from_utf16(octets.substr(2), false);
  if (octets.starts_with("\xFE\xFF")) return from_utf16(octets.substr(2), true);
  if (looks_like_utf16(octets)) return from_utf16(octets, false);
  return std::string{octets.starts_with("\xEF\xBB\xBF") ? octets.substr(3) : octets};
}

}  // namespace sealtrace
