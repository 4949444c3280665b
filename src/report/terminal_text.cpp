#include "report/terminal_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "report/utf8.hpp"

namespace sealtrace {

namespace {

/// kMaxCombiningMarks is how many marks may stand on one letter: scripts need up to three, more only climb over other lines.
constexpr std::size_t kMaxCombiningMarks = 3;

struct CodeRange {
  char32_t first;
  char32_t last;
};

constexpr std::array<CodeRange, 6> kCombining{
    {{0x300, 0x36F}, {0x483, 0x489}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}}};
constexpr std::array<CodeRange, 10> kWide{{{0x1100, 0x115F},
                                           {0x2E80, 0x303E},
                                           {0x3041, 0xA4CF},
                                           {0xA960, 0xA97F},
                                           {0xAC00, 0xD7A3},
                                           {0xF900, 0xFAFF},
                                           {0xFE30, 0xFE6F},
                                           {0xFF00, 0xFF60},
                                           {0xFFE0, 0xFFE6},
                                           {0x1F300, 0x1FAFF}}};

template <std::size_t N>
bool within(const std::array<CodeRange, N>& ranges, char32_t code) {
  return std::ranges::any_of(ranges, [code](const CodeRange& range) { return code >= range.first && code <= range.last; });
}

bool is_combining(char32_t code) { return within(kCombining, code); }

/// is_plain says that text is of ASCII's printable characters alone, as most is: each takes a column and is shown as it is.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::size_t character_columns(char32_t code) {
  if (code < 0x300) return 1;
  if (is_combining(code)) return 0;
  return within(kWide, code) || (code >= 0x20000 && code <= 0x3FFFD) ? 2 : 1;
}

/// ascii_form is how the report's own signs look in pure ASCII; empty for any other character.
std::string_view ascii_form(char32_t code) {
  switch (code) {
    case U'—':
    case U'–':
    case U'─': return "-";
    case U'═': return "=";
    case U'…': return "~";
    case U'→': return ">";
    case U'·': return "/";
    case U'✓': return "+";
    case U'✗': return "x";
    case U'○': return "o";
    case U'§': return "s.";
    default: return {};
  }
}

/// shown is the form of one character that reaches the page.
std::string shown(std::string_view text, std::size_t at, const Utf8Character& character, Charset charset) {
  if (!character.valid) return fmt::format("\\x{{{:02X}}}", static_cast<unsigned char>(text[at]));
  const char32_t code = character.code;
  if (code == U'\n' || code == U'\t') return " ";
  if (steers_display(code)) return fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(code));
  if (charset == Charset::ascii && code >= 0x80) {
    const std::string_view form = ascii_form(code);
    return form.empty() ? fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(code)) : std::string{form};
  }
  return std::string{text.substr(at, character.num_bytes)};
}

/// take_columns is how many octets of `text` fit into `max_columns`.
std::size_t take_columns(std::string_view text, std::size_t max_columns) {
  std::size_t at = 0;
  for (std::size_t used = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text, at);
    used += character_columns(character.code);
    if (used > max_columns) break;
    at += character.num_bytes;
  }
  return at;
}

/// break_point is where to break a word of which `fitting` octets fit: after the last punctuation of its second half, else at the end.
std::size_t break_point(std::string_view word, std::size_t fitting) {
  for (std::size_t at = fitting; at > fitting / 2; --at) {
    if (std::string_view{"/.,:;&|=-_"}.find(word[at - 1]) != std::string_view::npos) return at;
  }
  return fitting;
}

}  // namespace

std::string printable(std::string_view text, Charset charset, std::size_t max_columns) {
  if (text.size() <= max_columns && is_plain(text)) return std::string{text};
  std::string out;
  std::size_t num_marks = 0;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text, at);
    num_marks = is_combining(character.code) ? num_marks + 1 : 0;
    if (num_marks <= kMaxCombiningMarks) {
      const std::string piece = shown(text, at, character, charset);
      const std::size_t piece_columns = columns(piece);
      if (used + piece_columns > max_columns) return cut(out + piece, max_columns, charset);
      used += piece_columns;
      out += piece;
    }
    at += character.num_bytes;
  }
  return out;
}

std::size_t columns(std::string_view text) {
  if (is_plain(text)) return text.size();
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text, at);
    used += character_columns(character.code);
    at += character.num_bytes;
  }
  return used;
}

std::string cut(std::string_view text, std::size_t max_columns, Charset charset) {
  if (columns(text) <= max_columns) return std::string{text};
  if (max_columns == 0) return {};
  std::string shortened{text.substr(0, take_columns(text, max_columns - 1))};
  return shortened += charset == Charset::unicode ? "…" : "~";
}

std::vector<std::string> wrap(std::string_view text, std::size_t max_columns) {
  const std::size_t width = std::max<std::size_t>(max_columns, 2);  // room for the widest character
  std::vector<std::string> lines;
  std::string line;
  std::size_t used = 0;
  const auto finish_line = [&] {
    lines.push_back(std::exchange(line, {}));
    used = 0;
  };
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (used != 0 && used + 1 + columns(word) > width) finish_line();
    while (columns(word) > width) {
      const std::size_t num_bytes = break_point(word, take_columns(word, width));
      line = word.substr(0, num_bytes);
      word.remove_prefix(num_bytes);
      finish_line();
    }
    if (word.empty()) continue;
    if (used != 0) line += ' ';
    used += columns(word) + (used != 0 ? 1 : 0);
    line += word;
  }
  if (!line.empty() || lines.empty()) finish_line();
  return lines;
}

std::string padded(std::string text, std::size_t width, bool right_aligned) {
  const std::size_t used = columns(text);
  if (used >= width) return text;
  return right_aligned ? std::string(width - used, ' ') + text : text.append(width - used, ' ');
}

}  // namespace sealtrace
