#include "report/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "report/utf8.hpp"

namespace sealtrace {

namespace {

/// kPlain marks the octets that stand for themselves in a JSON string.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t octet = 0x20; octet < 0x7F; ++octet) plain[octet] = octet != '"' && octet != '\\';
  return plain;
}();

constexpr std::string_view kReplacementText = "\xEF\xBF\xBD";  // U+FFFD

constexpr std::uint64_t each_octet(std::uint64_t octet) { return octet * 0x0101010101010101U; }

/// has_zero_octet is not 0 when one of eight octets is.
constexpr std::uint64_t has_zero_octet(std::uint64_t word) { return (word - each_octet(1)) & ~word & each_octet(0x80); }

/// word_is_plain says whether none of eight octets needs a second look.
bool word_is_plain(const char* octets) {
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof word);
  const std::uint64_t below_space = (word - each_octet(0x20)) & ~word;
  const std::uint64_t special =
      has_zero_octet(word ^ each_octet('"')) | has_zero_octet(word ^ each_octet('\\')) | has_zero_octet(word ^ each_octet(0x7F));
  return (((below_space | word) & each_octet(0x80)) | special) == 0;
}

/// all_plain says of a whole text what kPlain says of an octet. The last word may overlap the one before.
bool all_plain(std::string_view text) {
  if (text.size() < 8) return std::ranges::all_of(text, [](char c) { return kPlain[static_cast<unsigned char>(c)]; });
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) {
    if (!word_is_plain(text.data() + at)) return false;
  }
  return word_is_plain(text.data() + text.size() - 8);
}

void append_unit(TextBuffer& out, std::uint32_t utf16_unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.append(kHex[utf16_unit >> static_cast<unsigned>(shift) & 0xFU]);
}

/// append_code_point writes a character as escapes, beyond U+FFFF as a surrogate pair (RFC 8259 section 7).
void append_code_point(TextBuffer& out, char32_t code) {
  if (code < 0x10000) return append_unit(out, code);
  append_unit(out, 0xD800U + ((code - 0x10000U) >> 10U));
  append_unit(out, 0xDC00U + ((code - 0x10000U) & 0x3FFU));
}

}  // namespace

void JsonWriter::append_string(std::string_view text) {
  if (all_plain(text)) return append_quoted(text);
  out_.append('"');
  append_escaped(text);
  out_.append('"');
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
          out_.append(character.valid ? text.substr(at, character.num_bytes) : kReplacementText);
        }
    }
    at += character.num_bytes;
  }
}

}  // namespace sealtrace
