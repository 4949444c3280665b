// JsonWriter: JSON (RFC 8259) appended to a buffer, fast enough for a record per flow.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealtrace {

/// JsonKey is a member's name, fixed when the program is compiled: a name that would need escaping does not compile.
class JsonKey {
 public:
  template <std::size_t N>
  consteval JsonKey(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT: a key is written where it is used
    for (const char c : text_) {
      if (c < 0x20 || c > 0x7E || c == '"' || c == '\\') throw "a JSON key is plain ASCII";
    }
  }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// JsonWriter appends to a buffer it borrows. It keeps commas and, with `indent_columns`, line breaks; the caller keeps
/// begin and end in pairs and names a member before its value. Text may be anything: what is not UTF-8 becomes U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, std::size_t indent_columns = 0) : out_(out), indent_columns_(indent_columns) {}

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

  void key(JsonKey name) {
    separate();
    append_quoted(name.text(), colon());
  }
  /// key_text names a member by a word that is not fixed at compile time: a status, a budget.
  void key_text(std::string_view name) {
    separate();
    append_string(name);
    out_.append(colon());
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
    separate();
    char digits[24];
    const auto written = std::to_chars(digits, digits + sizeof digits, number);
    out_.append(digits, written.ptr);
    need_comma_ = true;
  }

  template <typename Value>
  void member(JsonKey name, const Value& content) {
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
    out_.push_back(bracket);
    need_comma_ = false;
    ++depth_;
  }
  void end(char bracket) {
    --depth_;
    if (indent_columns_ != 0 && need_comma_) break_line();
    out_.push_back(bracket);
    need_comma_ = true;
  }
  /// colon is what stands between a name and its value.
  std::string_view colon() {
    need_comma_ = false;
    after_key_ = true;
    return indent_columns_ != 0 ? std::string_view{": "} : std::string_view{":"};
  }
  void separate() {
    if (need_comma_) out_.push_back(',');
    if (indent_columns_ != 0 && depth_ != 0 && !after_key_) break_line();
    after_key_ = false;
  }
  void break_line() {
    out_.push_back('\n');
    out_.append(depth_ * indent_columns_, ' ');
  }
  /// append_quoted appends plain text in quotes, and `after`, in one step: most of a record is this.
  void append_quoted(std::string_view plain, std::string_view after = {}) {
    const std::size_t size = out_.size();
    out_.resize_and_overwrite(size + plain.size() + after.size() + 2, [&](char* text, std::size_t new_size) {
      text[size] = '"';
      plain.copy(text + size + 1, plain.size());
      text[size + 1 + plain.size()] = '"';
      after.copy(text + size + 2 + plain.size(), after.size());
      return new_size;
    });
  }
  void append_string(std::string_view text);
  void append_escaped(std::string_view text);

  std::string& out_;
  std::size_t indent_columns_;
  std::size_t depth_ = 0;
  bool need_comma_ = false;
  bool after_key_ = false;
};

}  // namespace sealtrace
