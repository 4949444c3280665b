// StaticText: a word of the program's own, in one pointer.
#pragma once

#include <cstddef>
#include <string_view>

namespace sealtrace {

/// StaticText is a string literal: it lives as long as the program runs. Nothing but literals is to be given: it keeps where they lie.
class StaticText {
 public:
  constexpr StaticText() = default;
  template <std::size_t kSize>
  constexpr StaticText(const char (&literal)[kSize]) : text_{literal} {}  // NOLINT(google-explicit-constructor): it stands for the literal
  template <std::size_t kSize>
  StaticText(char (&)[kSize]) = delete;  // no literal: what it holds may change, or go

  constexpr operator std::string_view() const { return text_; }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] constexpr bool empty() const { return *text_ == '\0'; }

 private:
  const char* text_ = "";
};

}  // namespace sealtrace
