#include "proto/text_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sealtrace {
namespace {

constexpr std::string_view kHead =
    "OPTIONS sip:a.example SIP/2.0\r\n"
    "Via: SIP/2.0/TCP b.example\r\n"
    "Subject: one\r\n"
    "\t two\r\n"
    "l: 0\r\n"
    "\r\n";

TEST(TextHead, ReadsAStartLineAndItsFields) {
  const std::string message = std::string{kHead} + "body";
  const auto head = parse_text_head(as_bytes(message));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->start_line, "OPTIONS sip:a.example SIP/2.0");
  ASSERT_EQ(head->fields.size(), 3U);
  EXPECT_EQ(head->fields[0].name, "Via");
  EXPECT_EQ(head->fields[0].value, "SIP/2.0/TCP b.example");
  EXPECT_EQ(head->fields[1].value, "one\r\n\t two");
  EXPECT_EQ(head->length, kHead.size());
  ASSERT_NE(head->find("content-length", 'l'), nullptr);
  EXPECT_EQ(head->find("content-length", 'l')->value, "0");
  EXPECT_EQ(head->find("content-length"), nullptr);
}

TEST(TextHead, IsNotWholeWhenCut) {
  for (std::size_t length = 0; length < kHead.size(); ++length) {
    const auto cut = parse_text_head(as_bytes(kHead.substr(0, length)));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::need_more) << length;
  }
}

TEST(TextHead, TakesBareLineFeeds) {
  const auto head = parse_text_head(as_bytes("GET / HTTP/1.1\nHost: a\n\n"));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->find("HOST")->value, "a");
}

TEST(TextHead, RefusesWhatNoPeerSends) {
  struct Case {
    std::string_view octets;
    ParseError error;
  };
  const Case cases[] = {
      {"\r\nA: b\r\n\r\n", {ParseErrorCode::malformed, 0, "start-line"}},
      {" A\r\n\r\n", {ParseErrorCode::malformed, 0, "start-line"}},
      {"A\r\nB\r\n\r\n", {ParseErrorCode::malformed, 3, "field-name"}},
      {"A\r\n: c\r\n\r\n", {ParseErrorCode::malformed, 3, "field-name"}},
      {"A\r\n B: c\r\n\r\n", {ParseErrorCode::malformed, 3, "header fields"}},
  };
  for (const Case& c : cases) {
    const auto head = parse_text_head(as_bytes(c.octets));
    ASSERT_FALSE(head) << c.octets;
    EXPECT_EQ(head.error(), c.error) << c.octets;
  }
}

TEST(TextHead, HasBounds) {
  const auto endless = parse_text_head(as_bytes(std::string(kMaxTextHeadBytes, 'a')));
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code, ParseErrorCode::malformed);
  std::string many = "A\r\n";
  for (std::size_t i = 0; i <= kMaxTextHeadFields; ++i) many += "B: c\r\n";
  const auto crowded = parse_text_head(as_bytes(many + "\r\n"));
  ASSERT_FALSE(crowded);
  EXPECT_EQ(crowded.error().field, "header fields");
}

TEST(TextWords, AreComparedAndCut) {
  EXPECT_TRUE(same_word("Sip", "sIP"));
  EXPECT_FALSE(same_word("sip", "sips"));
  EXPECT_EQ(lower_case("A\x01"
                       "Bc"),
            "a?bc");
  EXPECT_EQ(lower_case("ABC", 2), "ab");
  EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
  std::string_view rest = "a , b";
  EXPECT_EQ(next_word(rest, ','), "a");
  EXPECT_EQ(next_word(rest, ','), "b");
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(decimal("042"), 42U);
  EXPECT_FALSE(decimal("4x"));
  EXPECT_FALSE(decimal(""));
  EXPECT_FALSE(decimal("1234567890"));
}

}  // namespace
}  // namespace sealtrace
