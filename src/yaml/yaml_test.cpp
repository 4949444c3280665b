#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/flat_yaml.hpp"
#include "yaml/yaml_map.hpp"
#include "yaml/yaml_node.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

/// problems_of gives what is wrong with a text, each as "f:line:column: message".
std::vector<std::string> problems_of(std::string_view text) {
  YamlProblems problems;
  const std::optional<YamlNode> node = parse_yaml(text, problems);
  EXPECT_EQ(node.has_value(), problems.empty());
  std::vector<std::string> texts;
  for (const YamlProblem& problem : problems.sorted()) texts.push_back(to_text(problem, "f"));
  return texts;
}

struct RefusedCase {
  const char* name;
  std::string text;
  const char* problem;
};

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, NamesThePlaceAndTheReason) {
  const std::vector<std::string> problems = problems_of(GetParam().text);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].substr(0, std::string_view{GetParam().problem}.size()), GetParam().problem);
}

std::string nested(std::size_t levels) { return "a: " + std::string(levels, '[') + std::string(levels, ']') + "\n"; }

INSTANTIATE_TEST_SUITE_P(
    Yaml, Refused,
    testing::Values(RefusedCase{"ADuplicateKey", "a: 1\nb: 2\na: 3\n", "f:3:1: the key 'a' stands here a second time"},
                    RefusedCase{"ADuplicateKeyDeepInside", "a:\n  - {b: 1, c: 2, b: 3}\n", "f:2:18: the key 'b' stands here a second time"},
                    RefusedCase{"AnAnchor", "a: &x [1]\n", "f:1:4: anchors (&name) are not allowed"},
                    RefusedCase{"AnAliasBomb", "a: &x [1,1]\nb: &y [*x,*x]\n", "f:1:4: anchors (&name) are not allowed"},
                    RefusedCase{"AMergeKey", "a: 1\nb: {<<: *x}\n", "f:2:9"},
                    RefusedCase{"ATag", "a: !!binary aGk=\n", "f:1:4: tags (!name) are not allowed"},
                    RefusedCase{"AListAsKey", "? [a, b]\n: 1\n", "f:1:3: a key must be plain text"},
                    RefusedCase{"ASecondDocument", "a: 1\n---\nb: 2\n", "f:3:1: a second document"},
                    RefusedCase{"AnEmptyFile", "", "f:1:1: the file is empty"},
                    RefusedCase{"OnlyAComment", "# nothing\n", "f:1:1: the file is empty"},
                    RefusedCase{"DeepNesting", nested(40), "f:1:19: nested deeper than 16 levels"},
                    RefusedCase{"VeryDeepNesting", nested(100'000), "f:1:19: nested deeper than 16 levels"},
                    RefusedCase{"AControlCharacter", "a: b\nc: d\x04\n", "f:2:5: control character 0x04"},
                    RefusedCase{"AControlCharacterFromAnEscape", "a: \"\\e[2J\"\n", "f:1:4: control characters are not allowed in text"},
                    RefusedCase{"Latin1", "a: caf\xE9\n", "f:1:7: not UTF-8 text"},
                    RefusedCase{"AnOverlongSequence", "a: \xC0\xAF\n", "f:1:4: not UTF-8 text"},
                    RefusedCase{"ASurrogate", "a: \xED\xA0\x80\n", "f:1:4: not UTF-8 text"},
                    RefusedCase{"Utf16",
                                std::string{"\xFF\xFE"
                                            "a\0:\0",
                                            6},
                                "f:1:1: not UTF-8 text"},
                    RefusedCase{"ABrokenMap", "a: [1\nb: 2\n", "f:2:"},
                    RefusedCase{"TooManyValues",
                                "a: [" +
                                    [] {
                                      std::string all;
                                      for (int i = 0; i < 200'001; ++i) all += "1,";
                                      return all;
                                    }() +
                                    "]\n",
                                "f:1:"},
                    RefusedCase{"TooManyBytes", std::string(kMaxYamlBytes + 1, '#'), "f: larger than 4194304 bytes"}),
    [](const auto& instance) { return instance.param.name; });

TEST(Yaml, KeepsTheOrderAndThePlaceOfEverything) {
  YamlProblems problems;
  const std::optional<YamlNode> root = parse_yaml("b: 1\na:\n  - {x: yes}\n  - ~\n", problems);
  ASSERT_TRUE(root.has_value());
  ASSERT_EQ(root->entries.size(), 2U);
  EXPECT_EQ(root->entries[0].key, "b");
  const YamlNode& list = root->entries[1].value;
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].where.line, 3U);
  EXPECT_EQ(list.items[0].entries[0].value.text, "yes");
  EXPECT_EQ(list.items[1].kind, YamlKind::null);
}

TEST(FlatYaml, GivesTheTreeAgain) {
  YamlProblems problems;
  const std::optional<YamlNode> root = parse_yaml("b: \"1\\n\"\na:\n  - {x: yes, y: }\n  - ~\n  - []\n  - {}\nc: two words\n", problems);
  ASSERT_TRUE(root.has_value());
  const FlatYamlTree flat = flatten(*root);
  const YamlNode again = unflatten({.nodes = flat.nodes, .texts = flat.texts});
  ASSERT_EQ(again.entries.size(), 3U);
  EXPECT_EQ(again.entries[0].value.text, "1\n");
  const YamlNode& list = again.entries[1].value;
  ASSERT_EQ(list.items.size(), 4U);
  ASSERT_EQ(list.items[0].entries.size(), 2U);
  EXPECT_EQ(list.items[0].entries[0].key, "x");
  EXPECT_EQ(list.items[0].entries[0].where.line, 3U);
  EXPECT_EQ(list.items[0].entries[0].where.column, 6U);
  EXPECT_EQ(list.items[0].entries[0].value.text, "yes");
  EXPECT_EQ(list.items[0].entries[1].value.kind, YamlKind::null);
  EXPECT_EQ(list.items[1].kind, YamlKind::null);
  EXPECT_EQ(list.items[2].kind, YamlKind::sequence);
  EXPECT_EQ(list.items[3].kind, YamlKind::map);
  EXPECT_EQ(again.entries[2].value.text, "two words");
  const FlatYamlTree once_more = flatten(again);
  EXPECT_EQ(once_more.nodes, flat.nodes);
  EXPECT_EQ(once_more.texts, flat.texts);
}

TEST(Yaml, ManyProblemsAreCountedButOnlyTheFirstHundredKept) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "a: 1\n";
  EXPECT_EQ(problems_of(text).size(), kMaxYamlProblems);
}

/// read reads a map with the keys name, size, on and list, and gives what was wrong with it.
std::vector<std::string> read(std::string_view text) {
  constexpr std::array<std::string_view, 2> kColours{"red", "green"};
  YamlProblems problems;
  const std::optional<YamlNode> root = parse_yaml(text, problems);
  EXPECT_TRUE(root.has_value());
  const YamlMap map{*root, "a thing", {"name", "size", "on", "list", "colour"}, problems};
  static_cast<void>(map.required_text("name"));
  static_cast<void>(map.number("size", 1, 9));
  static_cast<void>(map.flag("on"));
  static_cast<void>(map.items("list"));
  static_cast<void>(map.choice("colour", kColours));
  std::vector<std::string> texts;
  for (const YamlProblem& problem : problems.sorted()) texts.push_back(to_text(problem, "f"));
  return texts;
}

struct ReadCase {
  const char* name;
  const char* text;
  std::vector<std::string> problems;
};

class Read : public testing::TestWithParam<ReadCase> {};

TEST_P(Read, SaysWhatIsWrong) { EXPECT_EQ(read(GetParam().text), GetParam().problems); }

INSTANTIATE_TEST_SUITE_P(
    Yaml, Read,
    testing::Values(
        ReadCase{"NothingWrong", "name: a\nsize: 9\non: true\nlist: []\ncolour: red\n", {}},
        ReadCase{"AMisspeltKey", "name: a\nlsit: []\n", {"f:2:1: unknown key of a thing 'lsit'; did you mean 'list'?"}},
        ReadCase{"AKeyLikeNone", "name: a\nxyzzy: 1\n", {"f:2:1: unknown key of a thing 'xyzzy'; known: name, size, on, list, colour"}},
        ReadCase{"AMissingKey", "size: 1\n", {"f:1:1: a thing lacks 'name'"}},
        ReadCase{"AListForText", "name: [a]\n", {"f:1:7: 'name' must be text, found a list"}},
        ReadCase{"NothingForText", "name:\n", {"f:1:1: 'name' must be text, found nothing"}},
        ReadCase{"AHexNumber", "name: a\nsize: 0x5\n", {"f:2:7: 'size' must be a number from 1 to 9"}},
        ReadCase{"ANumberTooLarge", "name: a\nsize: 10\n", {"f:2:7: 'size' must be a number from 1 to 9"}},
        ReadCase{"TheNorwayProblem", "name: a\non: no\n", {"f:2:5: 'on' must be true or false"}},
        ReadCase{"TextForAList", "name: a\nlist: b\n", {"f:2:7: 'list' must be a list, found text"}},
        ReadCase{"AnUnknownChoice", "name: a\ncolour: gren\n", {"f:2:9: unknown colour 'gren'; did you mean 'green'?"}},
        ReadCase{"SeveralProblems",
                 "nam: a\nsize: x\n",
                 {"f:1:1: a thing lacks 'name'", "f:1:1: unknown key of a thing 'nam'; did you mean 'name'?",
                  "f:2:7: 'size' must be a number from 1 to 9"}},
        ReadCase{"NoMapAtAll", "[1]\n", {"f:1:1: expected a map (a thing), found a list"}}),
    [](const auto& instance) { return instance.param.name; });

TEST(YamlText, QuotesUntrustedTextOnOneLineAndShort) {
  EXPECT_EQ(in_quotes("a\nb"), "'a b'");
  EXPECT_EQ(in_quotes(std::string(100, 'x')).size(), 65U);
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "\xC3\xA9"), "'" + std::string(59, 'x') + "...'");
}

TEST(YamlText, TheNearestNameIsFarEnoughFromNonsense) {
  constexpr std::array<std::string_view, 3> kNames{"front-end", "mediation-server", "sbc"};
  EXPECT_EQ(nearest("fornt-end", kNames), "front-end");
  EXPECT_EQ(nearest("mediation", kNames), "");
  EXPECT_EQ(nearest("sbx", kNames), "sbc");
  EXPECT_EQ(nearest("", kNames), "");
  EXPECT_EQ(nearest(std::string(5000, 'a'), kNames), "");
}

}  // namespace
}  // namespace sealtrace
