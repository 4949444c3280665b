// Text on its way to a terminal: sanitised, measured, wrapped. Names, subjects and messages come from peers that may be hostile.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sealtrace {

/// kMaxPrintedColumns bounds one piece of text in a text report: longer ones say nothing more to a reader. The records have all of it.
inline constexpr std::size_t kMaxPrintedColumns = 2000;

enum class Charset : unsigned char { unicode, ascii };

/// printable makes any octets fit to print. Line feeds and tabs become spaces; what steers a display, and every octet that is not
/// UTF-8, is shown as \u{202E} or \x{FF}; runs of combining marks are cut; more than `max_columns` end in an ellipsis. With
/// Charset::ascii the report's own signs get ASCII forms and every other character is shown as \u{E9}.
std::string printable(std::string_view text, Charset charset, std::size_t max_columns = kMaxPrintedColumns);

/// columns is the width of printable text on a terminal: wide East Asian characters take two, combining marks none.
std::size_t columns(std::string_view text);

/// cut shortens printable text to `max_columns`, the last of which is an ellipsis where anything was cut.
std::string cut(std::string_view text, std::size_t max_columns, Charset charset);

/// wrap breaks printable text at spaces into lines of at most `max_columns`; a longer word is broken, after punctuation if it
/// has any. At least one line.
std::vector<std::string> wrap(std::string_view text, std::size_t max_columns);

/// padded fills printable text with spaces up to `width`, on the left if `right_aligned`.
std::string padded(std::string text, std::size_t width, bool right_aligned = false);

}  // namespace sealtrace
