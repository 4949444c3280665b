// Octets of tests as hex with notes. No product code includes this.
#pragma once

#include <cctype>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sealtrace {

/// annotated_hex reads hex digits; blanks are free, and what follows a '#' in a line is a note.
inline std::vector<std::uint8_t> annotated_hex(std::string_view text) {
  std::vector<std::uint8_t> octets;
  int high = -1;
  bool note = false;
  for (const char c : text) {
    if (c == '\n') note = false;
    if (c == '#') note = true;
    if (note || std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high >= 0) octets.push_back(static_cast<std::uint8_t>(high << 4 | digit));
    high = high >= 0 ? -1 : digit;
  }
  return octets;
}

}  // namespace sealtrace
