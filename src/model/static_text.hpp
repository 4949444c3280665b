// StaticText: a word of the program's own, in one pointer.
#pragma once

#include <string_view>

namespace sealtrace {

/// StaticText names a string literal: what it is made of is known when the program is compiled, and lives as long as it runs.
class StaticText {
 public:
  /// Of a literal, or a constant that stands for a whole one.
  consteval StaticText(const char* literal) : text_{literal} {}  // NOLINT(google-explicit-constructor): it stands for the literal
  consteval StaticText(std::string_view constant) : text_{constant.data()} {  // NOLINT(google-explicit-constructor)
    if (constant.data()[constant.size()] != '\0') throw "a part of a literal";
  }
  constexpr StaticText() = default;
  constexpr operator std::string_view() const { return text_; }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] constexpr bool empty() const { return *text_ == '\0'; }

 private:
  const char* text_ = "";
};

}  // namespace sealtrace
