#include "report/utf8.hpp"

namespace sealtrace {

namespace {

/// LeadByte says what a first octet promises; `second_low` and `second_high` exclude overlong forms, surrogates and values over U+10FFFF.
struct LeadByte {
  std::uint8_t num_bytes = 0;
  std::uint8_t second_low = 0x80;
  std::uint8_t second_high = 0xBF;
};

LeadByte lead_byte(std::uint8_t octet) {
  if (octet >= 0xC2 && octet <= 0xDF) return {.num_bytes = 2};
  if (octet == 0xE0) return {.num_bytes = 3, .second_low = 0xA0};
  if (octet == 0xED) return {.num_bytes = 3, .second_high = 0x9F};
  if (octet >= 0xE1 && octet <= 0xEF) return {.num_bytes = 3};
  if (octet == 0xF0) return {.num_bytes = 4, .second_low = 0x90};
  if (octet >= 0xF1 && octet <= 0xF3) return {.num_bytes = 4};
  if (octet == 0xF4) return {.num_bytes = 4, .second_high = 0x8F};
  return {};
}

}  // namespace

Utf8Character decode_utf8(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const std::uint8_t first = octet(0);
  if (first < 0x80) return {.code = first, .num_bytes = 1, .valid = true};
  const LeadByte lead = lead_byte(first);
  if (lead.num_bytes == 0 || text.size() - at < lead.num_bytes) return {};
  if (octet(1) < lead.second_low || octet(1) > lead.second_high) return {};
  char32_t code = first & (0xFFU >> (lead.num_bytes + 1U));
  for (std::size_t i = 1; i < lead.num_bytes; ++i) {
    if ((octet(i) & 0xC0U) != 0x80U) return {};
    code = code << 6U | (octet(i) & 0x3FU);
  }
  return {.code = code, .num_bytes = lead.num_bytes, .valid = true};
}

bool steers_display(char32_t code) {
  const auto within = [code](char32_t first, char32_t last) { return code >= first && code <= last; };
  return code < 0x20 || within(0x7F, 0x9F)            // C0, DEL, C1
         || code == 0xAD || code == 0x34F             // soft hyphen, grapheme joiner
         || code == 0x61C || code == 0x180E           // Arabic letter mark, Mongolian vowel separator
         || within(0x200B, 0x200F)                    // zero-width characters, left-to-right and right-to-left marks
         || within(0x2028, 0x202E)                    // line and paragraph separator, bidirectional embeddings and overrides
         || within(0x2060, 0x206F)                    // word joiner, bidirectional isolates, deprecated format characters
         || within(0xFE00, 0xFE0F) || code == 0xFEFF  // variation selectors, byte order mark
         || within(0xFFF9, 0xFFFB)                    // interlinear annotation
         || within(0xE0000, 0xE0FFF);                 // tags, variation selectors
}

}  // namespace sealtrace
