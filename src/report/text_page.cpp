#include "report/text_page.hpp"

#include <algorithm>

namespace sealtrace {

namespace {

constexpr std::size_t kLabelColumns = 13;
constexpr std::size_t kTableIndent = 2;
constexpr std::size_t kColumnGap = 2;
constexpr std::size_t kLeastColumns = 4;
constexpr std::size_t kMaxCellColumns = 160;    ///< of one cell's text: names are shorter, and a hostile one must not fill the page
constexpr std::size_t kPieceBytes = 64 * 1024;  ///< when text collected so far goes to the sink

/// escape_sequence is the ANSI colour of a style (ECMA-48 SGR): the eight basic colours, which terminals let their users choose.
std::string_view escape_sequence(Style style) {
  switch (style) {
    case Style::plain: return {};
    case Style::strong: return "\x1b[1m";
    case Style::faint: return "\x1b[2m";
    case Style::good: return "\x1b[32m";
    case Style::bad: return "\x1b[1;31m";
    case Style::open: return "\x1b[33m";
    case Style::risk: return "\x1b[35m";
  }
  return {};
}

}  // namespace

Style status_style(Status status) {
  switch (status) {
    case Status::pass: return Style::good;
    case Status::fail: return Style::bad;
    case Status::inconclusive: return Style::open;
    case Status::accepted_risk:
    case Status::waived: return Style::risk;
    case Status::not_applicable:
    case Status::not_observed: return Style::faint;
  }
  return Style::plain;
}

std::string_view status_word(Status status) {
  switch (status) {
    case Status::pass: return "PASS";
    case Status::fail: return "FAIL";
    case Status::inconclusive: return "INCONCLUSIVE";
    case Status::accepted_risk: return "ACCEPTED RISK";
    case Status::waived: return "WAIVED";
    case Status::not_applicable: return "NOT APPLICABLE";
    case Status::not_observed: return "NOT OBSERVED";
  }
  return "UNKNOWN";
}

std::string_view status_sign(Status status) {
  switch (status) {
    case Status::pass: return "✓";
    case Status::fail: return "✗";
    case Status::inconclusive: return "?";
    case Status::accepted_risk: return "!";
    case Status::waived: return "w";
    case Status::not_applicable: return "·";
    case Status::not_observed: return "○";
  }
  return "?";
}

std::string status_text(Status status) { return std::string{status_sign(status)} + " " + std::string{status_word(status)}; }

TextPage::TextPage(const ReportOptions& options, const Sink& sink)
    : width_{std::clamp(options.width, kMinWidth, kMaxWidth)},
      color_{options.color},
      charset_{options.unicode ? Charset::unicode : Charset::ascii},
      sink_{sink} {}

TextPage::~TextPage() {
  if (!buffer_.empty()) sink_(buffer_);
}

std::string TextPage::clean_cell(std::string_view text) const { return printable(text, charset_, kMaxCellColumns); }

void TextPage::put(std::string_view clean_text, Style style) {
  const std::string_view sequence = color_ && !clean_text.empty() ? escape_sequence(style) : std::string_view{};
  buffer_ += sequence;
  buffer_ += clean_text;
  if (!sequence.empty()) buffer_ += "\x1b[0m";
}

void TextPage::end_line() {
  while (!buffer_.empty() && buffer_.back() == ' ') buffer_.pop_back();
  buffer_ += '\n';
  if (buffer_.size() < kPieceBytes) return;
  sink_(buffer_);
  buffer_.clear();
}

void TextPage::blank() { end_line(); }

void TextPage::rule(std::string_view sign) {
  const std::string clean_sign = clean(sign);
  for (std::size_t i = 0; i < width_; ++i) put(clean_sign, Style::plain);
  end_line();
}

void TextPage::heading(std::string_view title, std::string_view aside) {
  blank();
  if (aside.empty()) return line({{std::string{title}, Style::strong}});
  line({{std::string{title}, Style::strong}, {"   " + std::string{aside}, Style::faint}});
}

void TextPage::line(const std::vector<Span>& pieces, std::size_t indent) {
  buffer_.append(indent, ' ');
  std::size_t left = width_ - indent;
  for (const Span& piece : pieces) {
    const std::string text = cut(clean(piece.text), left, charset_);
    put(text, piece.style);
    left -= columns(text);
  }
  end_line();
}

void TextPage::ends(const Span& left, const Span& right) {
  const std::string right_text = cut(clean(right.text), width_ / 2, charset_);
  const std::size_t left_columns = width_ - columns(right_text) - kColumnGap;
  put(padded(cut(clean(left.text), left_columns, charset_), left_columns + kColumnGap), left.style);
  put(right_text, right.style);
  end_line();
}

void TextPage::paragraph(std::string_view text, std::size_t indent, Style style) {
  for (const std::string& part : wrap(clean(text), width_ - indent)) {
    buffer_.append(indent, ' ');
    put(part, style);
    end_line();
  }
}

void TextPage::labelled(std::string_view label, std::string_view text, Style style) {
  if (text.empty()) return;
  std::string head = std::string(kTableIndent, ' ') + padded(clean(label), kLabelColumns - kTableIndent);
  for (const std::string& part : wrap(clean(text), width_ - kLabelColumns)) {
    put(head, Style::faint);
    put(part, style);
    end_line();
    head.assign(kLabelColumns, ' ');
  }
}

void TextPage::item(std::string_view text, std::size_t indent) {
  std::string head = std::string(indent, ' ') + clean("· ");
  for (const std::string& part : wrap(clean(text), width_ - indent - 2)) {
    buffer_ += head;
    put(part, Style::plain);
    end_line();
    head.assign(indent + 2, ' ');
  }
}

/// fit gives each column its natural width, then takes from the one farthest above its least width until the table fits.
std::vector<std::size_t> TextPage::fit(const std::vector<Column>& table_columns, const std::vector<TableRow>& rows) const {
  std::vector<std::size_t> widths;
  for (const Column& column : table_columns) widths.push_back(columns(clean(column.title)));
  for (const TableRow& row : rows) {
    for (std::size_t i = 0; i < widths.size() && i < row.cells.size(); ++i)
      widths[i] = std::max(widths[i], columns(clean_cell(row.cells[i].text)));
  }
  std::size_t total = kTableIndent;
  for (const std::size_t width : widths) total += width + kColumnGap;
  total -= kColumnGap;
  const auto narrow = [&](const auto& least_of) {
    while (total > width_) {
      std::size_t giving = widths.size();
      std::size_t most = 0;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        if (widths[i] <= least_of(table_columns[i]) + most) continue;
        most = widths[i] - least_of(table_columns[i]);
        giving = i;
      }
      if (giving == widths.size()) return;
      --widths[giving];
      --total;
    }
  };
  narrow([](const Column& column) { return column.shrinks ? column.min_columns : kMaxCellColumns; });
  narrow([](const Column&) { return kLeastColumns; });  // only where a fixed column's content is not what was expected
  return widths;
}

void TextPage::put_cells(const std::vector<Column>& table_columns, const std::vector<std::size_t>& widths, const std::vector<Span>& cells) {
  std::vector<std::vector<std::string>> wrapped;
  std::size_t num_lines = 1;
  for (std::size_t i = 0; i < widths.size() && i < cells.size(); ++i) {
    wrapped.push_back(wrap(clean_cell(cells[i].text), widths[i]));
    num_lines = std::max(num_lines, wrapped.back().size());
  }
  for (std::size_t number = 0; number < num_lines; ++number) {
    buffer_.append(kTableIndent, ' ');
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
      if (i != 0) buffer_.append(kColumnGap, ' ');
      const std::string text = number < wrapped[i].size() ? wrapped[i][number] : std::string{};
      const std::string full = padded(text, widths[i], table_columns[i].right_aligned);
      const bool last = i + 1 == wrapped.size();
      put(last && !table_columns[i].right_aligned ? text : full, cells[i].style);
    }
    end_line();
  }
}

void TextPage::table(const std::vector<Column>& table_columns, const std::vector<TableRow>& rows, std::size_t note_indent) {
  const std::vector<std::size_t> widths = fit(table_columns, rows);
  std::vector<Span> titles;
  std::vector<Span> lines;
  for (std::size_t i = 0; i < table_columns.size(); ++i) {
    titles.push_back({std::string{table_columns[i].title}, Style::faint});
    std::string under;
    for (std::size_t column = 0; column < widths[i]; ++column) under += "─";
    lines.push_back({std::move(under), Style::faint});
  }
  put_cells(table_columns, widths, titles);
  put_cells(table_columns, widths, lines);
  for (const TableRow& row : rows) {
    put_cells(table_columns, widths, row.cells);
    if (row.note.empty() || widths.empty()) continue;
    paragraph(row.note, note_indent != 0 ? note_indent : kTableIndent + widths.front() + kColumnGap, Style::faint);
  }
}

}  // namespace sealtrace
