// hex_digit: hexadecimal text, a digit at a time.
#pragma once

namespace sealtrace {

/// hex_digit gives the value of a hexadecimal digit in either case; -1 for anything else.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace sealtrace
