// ASCII text: what protocols, files and names mean alike in either case, and the white space around it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace sealtrace {

/// lower_letter gives a capital of ASCII as its small letter, anything else as it is.
constexpr char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// lower turns ASCII capitals into small letters.
inline std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), lower_letter);
  return result;
}

/// same_word compares ASCII text without regard to case. Most that are equal are so to the letter.
constexpr bool same_word(std::string_view one, std::string_view other) {
  return one == other || std::ranges::equal(one, other, {}, lower_letter, lower_letter);
}

/// is_space tells white space: SP, HTAB, CR, LF.
constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// trimmed drops white space at both ends. What is left lies in `text`, also when it is empty.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace sealtrace
