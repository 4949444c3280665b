#include "report/json_writer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace sealtrace {

namespace {

std::string json_of(std::string_view text) {
  TextBuffer out;
  JsonWriter{out}.value(text);
  return std::string{out.view()};
}

struct EscapingCase {
  std::string_view name;
  std::string_view text;
  std::string_view json;
};

class Escaping : public testing::TestWithParam<EscapingCase> {};

TEST_P(Escaping, gives_this_json) { EXPECT_EQ(json_of(GetParam().text), GetParam().json); }

using namespace std::string_view_literals;

constexpr EscapingCase kCases[] = {
    {"plain_text_stays_itself", "fe01.contoso.com", R"("fe01.contoso.com")"},
    {"empty_text_is_an_empty_string", "", R"("")"},
    {"quotes_and_backslashes_are_escaped", R"(a"b\c)", R"("a\"b\\c")"},
    {"line_ends_and_tabs_have_short_forms", "a\nb\rc\td", R"("a\nb\rc\td")"},
    {"a_zero_octet_is_escaped", "a\0b"sv, R"("a\u0000b")"},
    {"an_escape_character_is_escaped", "\x1b[2J", R"("\u001b[2J")"},
    {"delete_is_escaped", "\x7f", R"("\u007f")"},
    {"a_c1_control_is_escaped", "\xC2\x9B", R"("\u009b")"},
    {"a_bidirectional_override_is_escaped", "\xE2\x80\xAE", R"("\u202e")"},
    {"a_tag_character_is_a_surrogate_pair", "\xF3\xA0\x81\x81", R"("\udb40\udc41")"},
    {"letters_beyond_ascii_stay_themselves", "M\xC3\xBCller \xE6\xBC\xA2 \xF0\x9F\x94\x92",
     "\"M\xC3\xBCller \xE6\xBC\xA2 \xF0\x9F\x94\x92\""},
    {"an_octet_that_is_never_utf8_is_replaced", "a\xFFz", "\"a\xEF\xBF\xBDz\""},
    {"a_lone_continuation_octet_is_replaced", "\x80", "\"\xEF\xBF\xBD\""},
    {"an_overlong_form_is_replaced_octet_by_octet", "\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"a_surrogate_is_replaced_octet_by_octet", "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"a_value_over_10ffff_is_replaced", "\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"a_sequence_cut_by_the_end_is_replaced", "ab\xE2\x80", "\"ab\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"a_sequence_cut_by_a_letter_keeps_the_letter", "\xE2\x80x", "\"\xEF\xBF\xBD\xEF\xBF\xBDx\""},
};
INSTANTIATE_TEST_SUITE_P(JsonWriter, Escaping, testing::ValuesIn(kCases), [](const auto& test) { return std::string{test.param.name}; });

TEST(JsonWriter, puts_commas_between_members_and_elements_only) {
  TextBuffer out;
  JsonWriter json{out};
  json.begin_object();
  json.member("record", "flow");
  json.member("count", std::uint64_t{3});
  json.begin_array("list");
  json.value(true);
  json.value(std::int32_t{-1});
  json.begin_object();
  json.end_object();
  json.begin_array();
  json.end_array();
  json.end_array();
  json.member("last", false);
  json.end_object();
  EXPECT_EQ(out.view(), R"({"record":"flow","count":3,"list":[true,-1,{},[]],"last":false})");
}

TEST(JsonWriter, writes_the_ends_of_the_integer_ranges) {
  TextBuffer out;
  JsonWriter json{out};
  json.begin_array();
  json.value(std::numeric_limits<std::uint64_t>::max());
  json.value(std::numeric_limits<std::int64_t>::min());
  json.value(std::uint8_t{200});
  json.end_array();
  EXPECT_EQ(out.view(), "[18446744073709551615,-9223372036854775808,200]");
}

TEST(JsonWriter, takes_text_of_every_kind_as_text_and_never_as_a_truth_value) {
  TextBuffer out;
  JsonWriter json{out};
  json.begin_object();
  const char* pointer = "x";
  json.member("pointer", pointer);
  json.member("string", std::string{"y"});
  json.member_if_known("unknown", "");
  json.member_if_known("known", "z");
  json.end_object();
  EXPECT_EQ(out.view(), R"({"pointer":"x","string":"y","known":"z"})");
}

TEST(JsonWriter, escapes_names_that_are_not_fixed) {
  TextBuffer out;
  JsonWriter json{out};
  json.begin_object();
  json.key_text("a\"b");
  json.value(1);
  json.end_object();
  EXPECT_EQ(out.view(), R"({"a\"b":1})");
}

TEST(JsonWriter, indents_when_asked) {
  TextBuffer out;
  JsonWriter json{out, 2};
  json.begin_object();
  json.member("a", 1);
  json.begin_array("list");
  json.value("x");
  json.value("y");
  json.end_array();
  json.begin_array("empty");
  json.end_array();
  json.end_object();
  EXPECT_EQ(out.view(), "{\n  \"a\": 1,\n  \"list\": [\n    \"x\",\n    \"y\"\n  ],\n  \"empty\": []\n}");
}

}  // namespace

}  // namespace sealtrace
