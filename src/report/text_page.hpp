// TextPage: lines, labels, paragraphs and tables for the terminal. It is the one place where text reaches the page, so all of it is
// sanitised, within the width, and coloured only when asked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"
#include "report/options.hpp"
#include "report/terminal_text.hpp"

namespace sealtrace {

/// Style is what a piece of text means; colour is only ever its second sign.
enum class Style : unsigned char { plain, strong, faint, good, bad, open, risk };

/// status_style, status_word and status_sign are the colour, the word and the sign of a status.
Style status_style(Status status);
std::string_view status_word(Status status);
std::string_view status_sign(Status status);
/// status_text is sign and word: "✗ FAIL".
std::string status_text(Status status);

struct Span {
  std::string text;
  Style style = Style::plain;
};

struct Column {
  std::string_view title;
  std::size_t min_columns = 4;  ///< how far it may shrink
  bool right_aligned = false;
  bool shrinks = false;  ///< gives way, and wraps, when the table is too wide
};

struct TableRow {
  std::vector<Span> cells;
  std::string note;  ///< printed below the row
};

class TextPage {
 public:
  TextPage(const ReportOptions& options, const Sink& sink);
  TextPage(const TextPage&) = delete;
  TextPage& operator=(const TextPage&) = delete;
  ~TextPage();

  [[nodiscard]] std::size_t width() const { return width_; }

  void blank();
  /// rule draws a line across the page.
  void rule(std::string_view sign);
  /// heading begins a section: a blank line, the title, and `aside` in a quieter voice.
  void heading(std::string_view title, std::string_view aside = {});
  /// line prints pieces on one line, cut at the width.
  void line(const std::vector<Span>& pieces, std::size_t indent = 0);
  /// ends prints one piece at the left and one at the right end of a line.
  void ends(const Span& left, const Span& right);
  void paragraph(std::string_view text, std::size_t indent = 2, Style style = Style::plain);
  /// labelled prints a label and, beside it, wrapped text; nothing when the text is empty.
  void labelled(std::string_view label, std::string_view text, Style style = Style::plain);
  /// item is a paragraph that hangs from a bullet.
  void item(std::string_view text, std::size_t indent = 2);
  /// table prints rows under titles; notes stand from the second column on, or from `note_indent`.
  void table(const std::vector<Column>& columns, const std::vector<TableRow>& rows, std::size_t note_indent = 0);

 private:
  [[nodiscard]] std::string clean(std::string_view text) const { return printable(text, charset_); }
  [[nodiscard]] std::string clean_cell(std::string_view text) const;
  void put(std::string_view clean_text, Style style);
  void end_line();
  void put_cells(const std::vector<Column>& columns, const std::vector<std::size_t>& widths, const std::vector<Span>& cells);
  [[nodiscard]] std::vector<std::size_t> fit(const std::vector<Column>& columns, const std::vector<TableRow>& rows) const;

  std::size_t width_;
  bool color_;
  Charset charset_;
  const Sink& sink_;
  std::string buffer_;
};

}  // namespace sealtrace
