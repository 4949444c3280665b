#include "report/terminal_text.hpp"

#include <gtest/gtest.h>

#include "report/humanise.hpp"
#include "report/sample_audit.hpp"

namespace sealtrace {

namespace {

using namespace std::string_view_literals;

struct PrintableCase {
  std::string_view name;
  std::string_view text;
  std::string_view unicode;
  std::string_view ascii;
};

class Printable : public testing::TestWithParam<PrintableCase> {};

TEST_P(Printable, shows_this) {
  EXPECT_EQ(printable(GetParam().text, Charset::unicode), GetParam().unicode);
  EXPECT_EQ(printable(GetParam().text, Charset::ascii), GetParam().ascii);
}

constexpr PrintableCase kCases[] = {
    {"plain_text_as_it_is", "gw1.contoso.com", "gw1.contoso.com", "gw1.contoso.com"},
    {"an_escape_sequence_as_text", "\x1b[31mred", "\\u{1B}[31mred", "\\u{1B}[31mred"},
    {"a_c1_control_as_text",
     "\xC2\x9B"
     "1m",
     "\\u{9B}1m", "\\u{9B}1m"},
    {"a_bell_and_a_backspace_as_text", "\a\b", "\\u{7}\\u{8}", "\\u{7}\\u{8}"},
    {"a_zero_octet_as_text", "a\0b"sv, "a\\u{0}b", "a\\u{0}b"},
    {"a_bidirectional_override_as_text",
     "\xE2\x80\xAE"
     "cod",
     "\\u{202E}cod", "\\u{202E}cod"},
    {"a_zero_width_space_as_text",
     "a\xE2\x80\x8B"
     "b",
     "a\\u{200B}b", "a\\u{200B}b"},
    {"line_feeds_and_tabs_as_spaces", "a\nb\tc", "a b c", "a b c"},
    {"a_carriage_return_as_text", "a\rb", "a\\u{D}b", "a\\u{D}b"},
    {"broken_utf8_octet_by_octet", "\xC3(\xFF", "\\x{C3}(\\x{FF}", "\\x{C3}(\\x{FF}"},
    {"letters_beyond_ascii_as_numbers_in_ascii", "M\xC3\xBCller", "Müller", "M\\u{FC}ller"},
    {"the_report_s_own_signs_in_ascii_forms", "✓ a → b — c…", "✓ a → b — c…", "+ a > b - c~"},
    {"no_more_than_three_marks_on_a_letter", "a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81z", "a\xCC\x81\xCC\x81\xCC\x81z",
     "a\\u{301}\\u{301}\\u{301}z"},
};
INSTANTIATE_TEST_SUITE_P(TerminalText, Printable, testing::ValuesIn(kCases), [](const auto& test) { return std::string{test.param.name}; });

TEST(TerminalText, cuts_long_text_with_an_ellipsis_within_the_bound) {
  const std::string shown = printable(std::string(5'000, 'x'), Charset::unicode, 10);
  EXPECT_EQ(shown, "xxxxxxxxx…");
  EXPECT_EQ(columns(printable(std::string(50'000, '\x01'), Charset::ascii, 100)), 100U);
}

TEST(TerminalText, measures_wide_and_combining_characters) {
  EXPECT_EQ(columns("漢字"), 4U);
  EXPECT_EQ(columns("e\xCC\x81"), 1U);
  EXPECT_EQ(cut("漢字漢字", 5, Charset::unicode), "漢字…");
}

TEST(TerminalText, wraps_at_spaces_and_breaks_long_words_after_punctuation) {
  EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("edge01.contoso.com:5061", 20), (std::vector<std::string>{"edge01.contoso.com:", "5061"}));
  EXPECT_EQ(wrap(std::string(25, 'A'), 10), (std::vector<std::string>{"AAAAAAAAAA", "AAAAAAAAAA", "AAAAA"}));
  EXPECT_EQ(wrap("", 10), std::vector<std::string>{""});
  EXPECT_EQ(wrap("   ", 10), std::vector<std::string>{""});
  EXPECT_EQ(wrap("漢字漢字", 1), (std::vector<std::string>{"漢", "字", "漢", "字"}));
}

TEST(TerminalText, wraps_hostile_text_within_every_width) {
  const std::string shown = printable(hostile_text(), Charset::unicode);
  for (std::size_t width = 2; width < 60; ++width) {
    for (const std::string& line : wrap(shown, width)) EXPECT_LE(columns(line), width);
  }
}

TEST(TerminalText, pads_by_columns) {
  EXPECT_EQ(padded("漢", 4), "漢  ");
  EXPECT_EQ(padded("7", 3, true), "  7");
  EXPECT_EQ(padded("long", 2), "long");
}

TEST(Humanise, writes_numbers_as_people_do) {
  EXPECT_EQ(with_separators(0), "0");
  EXPECT_EQ(with_separators(999), "999");
  EXPECT_EQ(with_separators(1'234'567), "1,234,567");
  EXPECT_EQ(counted(1, "flow"), "1 flow");
  EXPECT_EQ(counted(0, "flow"), "0 flows");
  EXPECT_EQ(counted(2, "entry", "entries"), "2 entries");
  EXPECT_EQ(human_bytes(812), "812 bytes");
  EXPECT_EQ(human_bytes(1'000), "1.0 kB");
  EXPECT_EQ(human_bytes(999'999), "1.0 MB");
  EXPECT_EQ(human_bytes(31'405'228), "31.4 MB");
  EXPECT_EQ(human_bytes(18'446'744'073'709'551'615U), "18.4 EB");
  using namespace std::chrono_literals;
  EXPECT_EQ(human_duration(-1s), "0 s");
  EXPECT_EQ(human_duration(532ms), "0.532 s");
  EXPECT_EQ(human_duration(58s), "58 s");
  EXPECT_EQ(human_duration(42min + 13s), "42 min 13 s");
  EXPECT_EQ(human_duration(3h + 5min), "3 h 05 min");
  EXPECT_EQ(human_duration(52h), "2 d 4 h");
  EXPECT_EQ(as_words("ip_header_malformed"), "ip header malformed");
}

}  // namespace

}  // namespace sealtrace
