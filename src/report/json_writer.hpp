// JsonWriter: JSON (RFC 8259) appended to a buffer, fast enough for a record per flow.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "report/text_buffer.hpp"

namespace sealtrace {

/// JsonKey is a member's name, fixed when the program is compiled: a name that would need escaping does not compile.
class JsonKey {
 public:
  template <std::size_t N>
  consteval JsonKey(const char (&name)[N]) : text_(name, N - 1) {  // NOLINT: a key is written where it is used
    for (const char c : text_) {
      if (c < 0x20 || c > 0x7E || c == '"' || c == '\\') throw "a JSON key is plain ASCII";
    }
  }
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// JsonWriter appends to a buffer it borrows. It keeps commas and, with `indent_columns`, line breaks; the caller keeps
/// begin and end in pairs and names a member before its value. Text may be anything: what is not UTF-8 becomes U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(TextBuffer& out, std::size_t indent_columns = 0) : out_(out), indent_columns_(indent_columns) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void begin_object(JsonKey name) {
    key(name);
    begin('{');
  }
  void begin_array(JsonKey name) {
    key(name);
    begin('[');
  }

  /// key is inlined always: where the name is known, so is its length, and it is a few stores instead of a call.
  [[gnu::always_inline]] void key(JsonKey name) {
    separate();
    char* text = out_.room(name.text().size() + 3);
    *text++ = '"';
    text += name.text().copy(text, name.text().size());
    *text++ = '"';
    *text++ = ':';
    out_.fill(text);
    after_key();
  }
  /// key_text names a member by a word that is not fixed at compile time: a status, a budget.
  void key_text(std::string_view name) {
    separate();
    append_string(name);
    out_.append(':');
    after_key();
  }

  void value(std::string_view text) {
    separate();
    append_string(text);
    need_comma_ = true;
  }
  void value(std::same_as<bool> auto flag) {
    separate();
    out_.append(flag ? std::string_view{"true"} : std::string_view{"false"});
    need_comma_ = true;
  }
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  void value(Integer number) {
    constexpr std::size_t kMaxDigits = 20;  // of 64 bits, with a sign
    separate();
    char* text = out_.room(kMaxDigits);
    out_.fill(std::to_chars(text, text + kMaxDigits, number).ptr);
    need_comma_ = true;
  }

  /// A finite number, with as many digits as it takes to read the same one back.
  void value(double number) {
    constexpr std::size_t kMaxDigits = 32;
    separate();
    char* text = out_.room(kMaxDigits);
    out_.fill(std::to_chars(text, text + kMaxDigits, number).ptr);
    need_comma_ = true;
  }

  template <typename Value>
  [[gnu::always_inline]] void member(JsonKey name, const Value& content) {
    key(name);
    if constexpr (std::convertible_to<const Value&, std::string_view>) {
      value(std::string_view{content});
    } else {
      value(content);
    }
  }
  /// member_if_known leaves the key out for empty text: an absent key means not known.
  void member_if_known(JsonKey name, std::string_view text) {
    if (!text.empty()) member(name, text);
  }
  template <typename Texts>
  void text_array(JsonKey name, const Texts& texts) {
    begin_array(name);
    for (const auto& text : texts) value(std::string_view{text});
    end_array();
  }

 private:
  void begin(char bracket) {
    separate();
    out_.append(bracket);
    need_comma_ = false;
    ++depth_;
  }
  void end(char bracket) {
    --depth_;
    if (indent_columns_ != 0 && need_comma_) break_line();
    out_.append(bracket);
    need_comma_ = true;
  }
  void after_key() {
    if (indent_columns_ != 0) out_.append(' ');
    need_comma_ = false;
    after_key_ = true;
  }
  void separate() {
    if (need_comma_) out_.append(',');
    if (indent_columns_ != 0 && depth_ != 0 && !after_key_) break_line();
    after_key_ = false;
  }
  void break_line() {
    out_.append('\n');
    out_.append(depth_ * indent_columns_, ' ');
  }
  /// append_quoted appends plain text in quotes in one step: most of a record is this.
  void append_quoted(std::string_view plain) {
    char* text = out_.room(plain.size() + 2);
    *text++ = '"';
    text += plain.copy(text, plain.size());
    *text++ = '"';
    out_.fill(text);
  }
  void append_string(std::string_view text);
  void append_escaped(std::string_view text);

  TextBuffer& out_;
  std::size_t indent_columns_;
  std::size_t depth_ = 0;
  bool need_comma_ = false;
  bool after_key_ = false;
};

}  // namespace sealtrace
