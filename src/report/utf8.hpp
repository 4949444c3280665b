// UTF-8 as reports need it: strict decoding of text that a peer chose, and the characters that steer a display.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sealtrace {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

/// Utf8Character is one character of a text and how many octets it took. An octet that starts no well-formed sequence
/// (Unicode 15 table 3-7) is one replacement character of length 1, and not `valid`.
struct Utf8Character {
  char32_t code = kReplacementCharacter;
  std::uint8_t num_bytes = 1;
  bool valid = false;
};

/// decode_utf8 reads the character at `at`, which must be inside `text`.
Utf8Character decode_utf8(std::string_view text, std::size_t at);

/// steers_display is true for characters that a terminal or a text renderer acts upon instead of showing: C0 and C1 controls,
/// bidirectional controls, zero-width characters, line separators, tags. They never reach a report as themselves.
bool steers_display(char32_t code);

}  // namespace sealtrace
