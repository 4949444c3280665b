#include "dissectors/xmpp/xml_scanner.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

/// tokens tells what a scanner makes of `text`, fed in pieces; runs of text are joined.
std::string tokens(std::string_view text, std::size_t piece_bytes) {
  XmlScanner scanner;
  std::string told;
  std::string pending;
  bool in_text = false;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    pending += text.substr(at, piece_bytes);
    while (!pending.empty()) {
      const auto token = scanner.next(as_bytes(pending));
      if (!token) {
        if (token.error().code == ParseErrorCode::need_more) break;
        return told + "!" + std::string{token.error().field};
      }
      const bool is_text = token->kind == XmlTokenKind::text;
      if (is_text && token->text.empty()) {
        pending.erase(0, token->length);
        continue;
      }
      if (!is_text || !in_text) told += is_text ? "'" : "";
      in_text = is_text;
      switch (token->kind) {
        case XmlTokenKind::text: told += token->text; break;
        case XmlTokenKind::declaration: told += "[xml]"; break;
        case XmlTokenKind::start_tag: told += "[" + std::string{token->name} + "]"; break;
        case XmlTokenKind::empty_tag: told += "[" + std::string{token->name} + "/]"; break;
        case XmlTokenKind::end_tag: told += "[/" + std::string{token->name} + "]"; break;
      }
      pending.erase(0, token->length);
    }
  }
  return pending.empty() ? told : told + "...";
}

struct TokenCase {
  std::string_view name;
  std::string_view text;
  std::string_view expected;
};

void PrintTo(const TokenCase& each, std::ostream* out) { *out << each.name; }
std::string name_of(const testing::TestParamInfo<TokenCase>& info) { return std::string{info.param.name}; }

class XmlTokens : public testing::TestWithParam<TokenCase> {};
TEST_P(XmlTokens, AreTheSameHoweverTheTextIsCut) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 10'000U}) EXPECT_EQ(tokens(GetParam().text, piece), GetParam().expected) << piece;
}
INSTANTIATE_TEST_SUITE_P(
    Table, XmlTokens,
    testing::Values(TokenCase{"ElementsAndText", "<?xml version='1.0'?><a:b c=\"d\">e<f/></a:b >", "[xml][a:b]'e[f/][/a:b]"},
                    TokenCase{"AQuotedEndMarkEndsNothing", "<a b='/>' c=\">'\">d</a>", "[a]'d[/a]"},
                    TokenCase{"CdataIsText", "<a><![CDATA[<b>]]]></a>", "[a]'<b>][/a]"}, TokenCase{"ATagThatIsNotWhole", "<a b='c'", "..."},
                    TokenCase{"CommentsAreForbidden", "<!-- a -->", "!markup declaration"},
                    TokenCase{"DoctypesAreForbidden", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "!markup declaration"},
                    TokenCase{"ProcessingInstructionsAreForbidden", "<?php ?>", "!processing instruction"},
                    TokenCase{"ControlOctetsAreNoXml", std::string_view{"<a>\0", 4}, "[a]!character"},
                    TokenCase{"AControlOctetInATag", "<a \x16\x03>", "!character"}, TokenCase{"NoName", "<>", "!element name"},
                    TokenCase{"ATagInATag", "<a <b>", "!tag"}, TokenCase{"AnEndTagWithAttributes", "<a></a b='c'>", "[a]!end tag"},
                    TokenCase{"ASlashInAName", "<a/b>", "!element name"}, TokenCase{"AnEmptyDeclaration", "<?xml?>", "!XML declaration"}),
    name_of);

TEST(XmlScanner, BoundsATagAndItsName) {
  XmlScanner scanner;
  const std::string endless = "<a b='" + std::string(kMaxXmlTagBytes, 'c');
  const auto token = scanner.next(as_bytes(endless));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error(), (ParseError{.code = ParseErrorCode::unsupported, .offset = kMaxXmlTagBytes, .field = "tag"}));
  XmlScanner another;
  const auto long_name = another.next(as_bytes("<" + std::string(kMaxXmlNameBytes + 1, 'a') + ">"));
  ASSERT_FALSE(long_name);
  EXPECT_EQ(long_name.error().code, ParseErrorCode::unsupported);
}

TEST(XmlAttributes, AreReadInOrderOrNotAtAll) {
  XmlAttributes all{" a='1'\n b:c = \"'2'\" "};
  const auto first = all.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "a");
  EXPECT_EQ(first->value, "1");
  const auto second = all.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name, "b:c");
  EXPECT_EQ(second->value, "'2'");
  EXPECT_FALSE(all.next());
  EXPECT_TRUE(all.ok());
  for (const std::string_view bad : {" a", " a=", " a=1", " a='1'b='2'", " ='1'", " a='1", " 1='a'"}) {
    XmlAttributes malformed{bad};
    EXPECT_FALSE(malformed.next()) << bad;
    EXPECT_FALSE(malformed.ok()) << bad;
  }
}

TEST(XmlAttributes, AreBounded) {
  std::string many;
  for (std::size_t i = 0; i <= kMaxXmlAttributes; ++i) many += " a='1'";
  XmlAttributes all{many};
  std::size_t num_read = 0;
  while (all.next()) ++num_read;
  EXPECT_EQ(num_read, kMaxXmlAttributes);
  EXPECT_FALSE(all.ok());
}

TEST(XmlText, ExpandsTheFiveEntitiesAndNoOther) {
  EXPECT_EQ(xml_unescaped("a&amp;b&lt;c&gt;d&apos;e&quot;f", 100), "a&b<c>d'e\"f");
  EXPECT_EQ(xml_unescaped("&lol9;&#x41;&", 100), "???");
  EXPECT_EQ(xml_unescaped("abcdef", 3), "abc");
}

}  // namespace
}  // namespace sealtrace
