// Octets of tests as hex with notes. No product code includes this.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/hex_digit.hpp"

namespace sealtrace {

/// annotated_hex reads hex digits; blanks are free, and what follows a '#' in a line is a note.
inline std::vector<std::uint8_t> annotated_hex(std::string_view text) {
  std::vector<std::uint8_t> octets;
  int high = -1;
  bool note = false;
  for (const char c : text) {
    if (c == '\n') note = false;
    if (c == '#') note = true;
    const int digit = hex_digit(c);
    if (note || digit < 0) continue;
    if (high >= 0) octets.push_back(static_cast<std::uint8_t>(high << 4 | digit));
    high = high >= 0 ? -1 : digit;
  }
  return octets;
}

}  // namespace sealtrace
