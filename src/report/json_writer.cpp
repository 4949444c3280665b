#include "report/json_writer.hpp"

#include <algorithm>
#include <array>

#include "report/utf8.hpp"

namespace sealtrace {

namespace {

/// kPlain marks the octets that stand for themselves in a JSON string.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t octet = 0x20; octet < 0x7F; ++octet) plain[octet] = octet != '"' && octet != '\\';
  return plain;
}();

void append_unit(std::string& out, std::uint32_t utf16_unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHex[utf16_unit >> static_cast<unsigned>(shift) & 0xFU]);
}

/// append_code_point writes a character as escapes, beyond U+FFFF as a surrogate pair (RFC 8259 section 7).
void append_code_point(std::string& out, char32_t code) {
  if (code < 0x10000) return append_unit(out, code);
  append_unit(out, 0xD800U + ((code - 0x10000U) >> 10U));
  append_unit(out, 0xDC00U + ((code - 0x10000U) & 0x3FFU));
}

}  // namespace

void JsonWriter::append_string(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return kPlain[static_cast<unsigned char>(c)]; })) return append_quoted(text);
  out_.push_back('"');
  append_escaped(text);
  out_.push_back('"');
}

// What steers a display is escaped although JSON would allow some of it: a record is often read in a terminal.
void JsonWriter::append_escaped(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t plain_end = at;
    while (plain_end < text.size() && kPlain[static_cast<unsigned char>(text[plain_end])]) ++plain_end;
    out_.append(text.substr(at, plain_end - at));
    at = plain_end;
    if (at == text.size()) break;
    const Utf8Character character = decode_utf8(text, at);
    switch (character.code) {
      case U'"': out_.append("\\\""); break;
      case U'\\': out_.append("\\\\"); break;
      case U'\n': out_.append("\\n"); break;
      case U'\r': out_.append("\\r"); break;
      case U'\t': out_.append("\\t"); break;
      default:
        if (steers_display(character.code)) {
          append_code_point(out_, character.code);
        } else {
          append_utf8(out_, character.code);
        }
    }
    at += character.num_bytes;
  }
}

}  // namespace sealtrace
