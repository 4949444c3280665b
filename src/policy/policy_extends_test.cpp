#include "policy/policy_extends.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy_words.hpp"
#include "yaml/flat_yaml.hpp"

namespace sealtrace {
namespace {

constexpr std::string_view kBase = R"(policy: 1
name: base
title: The pack below
edition: "2000"
documents:
  doc: {title: The old document, edition: "2000"}
  other: {title: Another document}
role_groups:
  some: [client]
tls:
  - {reason: version_tls1_0, status: allowed, because: it is old}
  - {reason: suite_rc4, status: accepted_risk, because: it is there}
rows:
  - {id: first, title: First, classes: [exchange-um], requirement: tls, source: {document: doc, clause: one}}
  - {id: second, title: Second, classes: [persistent-chat], requirement: mtls, source: {document: other, clause: two},
     expected_when: [{client: [some], server: [front-end]}]}
)";
constexpr std::string_view kMiddle = "policy: 1\nname: middle\ntitle: Middle\nextends: base\n";
constexpr std::string_view kUpper = "policy: 1\nname: upper\ntitle: Upper\nextends: middle\n";
constexpr std::string_view kLoop = "policy: 1\nname: loop\ntitle: Loop\nextends: loop\n";
constexpr std::string_view kBroken = "policy: 1\nname: broken\ntitle: [\n";
constexpr std::array kPacks{EmbeddedPolicy{"base", kBase, ""}, EmbeddedPolicy{"middle", kMiddle, ""}, EmbeddedPolicy{"upper", kUpper, ""},
                            EmbeddedPolicy{"loop", kLoop, ""}, EmbeddedPolicy{"broken", kBroken, ""}};

/// kHead begins a pack; what follows starts in line 5.
constexpr std::string_view kHead = "policy: 1\nname: upon\ntitle: Upon\nextends: base\n";

Policy upon_base(std::string_view rest) { return parse_policy(std::string{kHead} + std::string{rest}, "p", kPacks); }

std::vector<std::string> problems_of(std::string_view text) {
  try {
    parse_policy(text, "p", kPacks);
  } catch (const PolicyError& error) {
    std::vector<std::string> messages;
    for (const PolicyProblem& problem : error.problems()) messages.push_back(problem.message);
    return messages;
  }
  return {};
}

TEST(PolicyExtends, IsJudgedByTheTextOfEveryPackBelow) {
  const std::string text = std::string{kHead} + "";
  EXPECT_EQ(text_judged_by(parse_policy(text, "p", kPacks), text, kPacks), text + std::string{kBase});
  EXPECT_EQ(text_judged_by(parse_policy(kUpper, "p", kPacks), kUpper, kPacks),
            std::string{kUpper} + std::string{kMiddle} + std::string{kBase});
  EXPECT_EQ(text_judged_by(parse_policy(kBase, "p", kPacks), kBase, kPacks), kBase);
}

TEST(PolicyExtends, TakesWhatItDoesNotState) {
  const Policy policy = upon_base("");
  EXPECT_EQ(policy.name, "upon");
  EXPECT_EQ(policy.extends, "base");
  EXPECT_EQ(policy.edition, "") << "an edition is the pack's own";
  ASSERT_EQ(policy.rows.size(), 2U);
  EXPECT_EQ(policy.rows[0].source.document, "The old document");
  EXPECT_EQ(policy.rows[0].line, 4U);
  EXPECT_EQ(policy.flag_rules.size(), 2U);
  EXPECT_EQ(policy.row_for(TrafficClass::persistent_chat)->id, "second");
}

TEST(PolicyExtends, ReplacesARowAsAWhole) {
  const Policy policy = upon_base(
      "rows:\n"
      "  - {id: second, title: New, classes: [persistent-chat, call-admission], requirement: tls, source: {document: doc, clause: three}}\n"
      "  - {id: third, title: Third, classes: [unknown], requirement: classify, source: {document: doc, clause: four}}\n");
  ASSERT_EQ(policy.rows.size(), 3U);
  EXPECT_EQ(policy.rows[0].id, "first");
  EXPECT_EQ(policy.rows[1].title, "New");
  EXPECT_EQ(policy.rows[1].requirement, Requirement::tls);
  EXPECT_TRUE(policy.rows[1].expected_when.empty()) << "nothing of the row below remains";
  EXPECT_EQ(policy.rows[1].line, 6U);
  EXPECT_EQ(policy.rows[2].id, "third");
}

TEST(PolicyExtends, ReplacesADocumentForTheRowsThatNameIt) {
  const Policy policy = upon_base("documents:\n  doc: {title: The new document}\n");
  EXPECT_EQ(policy.rows[0].source.document, "The new document");
  EXPECT_EQ(policy.rows[0].source.edition, "");
  EXPECT_EQ(policy.rows[0].source.clause, "one");
  EXPECT_EQ(policy.rows[1].source.document, "Another document");
}

TEST(PolicyExtends, ReplacesRulesByReasonAndRoleGroupsByName) {
  const Policy policy =
      upon_base("role_groups: {some: [phone]}\ntls:\n  - {reason: suite_rc4, status: fail, severity: high, because: it is gone}\n");
  ASSERT_EQ(policy.flag_rules.size(), 2U);
  EXPECT_EQ(policy.find_flag_rule(Reason::version_tls1_0)->status, std::nullopt);
  EXPECT_EQ(policy.find_flag_rule(Reason::suite_rc4)->status, Status::fail);
  EXPECT_TRUE(policy.rows[1].expected_when[0].client.test(static_cast<std::size_t>(Role::phone)));
  EXPECT_FALSE(policy.rows[1].expected_when[0].client.test(static_cast<std::size_t>(Role::client)));
}

TEST(PolicyExtends, TwoPacksMayLieBelow) {
  EXPECT_EQ(parse_policy("policy: 1\nname: a\ntitle: A\nextends: middle\n", "p", kPacks).rows.size(), 2U);
  EXPECT_EQ(problems_of("policy: 1\nname: a\ntitle: A\nextends: upper\n"),
            (std::vector<std::string>{"p:4:10: 'upper' cannot be extended: 'middle' cannot be extended: 'base' lies under more than 2 "
                                      "packs: extend the one below it"}));
}

TEST(PolicyExtends, WrongBasesAreNamedInTheirLine) {
  EXPECT_EQ(problems_of("policy: 1\nname: a\ntitle: A\nextends: bsae\n"),
            (std::vector<std::string>{"p:4:10: unknown policy 'bsae'; did you mean 'base'?"}));
  EXPECT_EQ(problems_of("policy: 1\nname: a\ntitle: A\nextends: [base]\n").size(), 1U);
  EXPECT_EQ(problems_of("policy: 1\nname: a\ntitle: A\nextends: loop\n").size(), 1U);
  EXPECT_EQ(problems_of("policy: 1\nname: a\ntitle: A\nextends: broken\n").size(), 1U);
}

TEST(PolicyExtends, MistakesOfThePackItselfKeepTheirLines) {
  EXPECT_EQ(problems_of(std::string{kHead} +
                        "rows:\n"
                        "  - {id: x, title: t, classes: [exchange-um], requirement: tls, source: {document: doc, clause: c}}\n"
                        "  - {id: x, title: t, classes: [], requirement: tls, source: {document: doc, clause: c}}\n"),
            (std::vector<std::string>{"p:6:5: the class exchange-um belongs to the row 'first' already",
                                      "p:7:5: the row 'x' stands here a second time"}));
  EXPECT_EQ(problems_of(std::string{kHead} +
                        "rows:\n"
                        "  - {id: first, title: t, classes: [exchange-um], requirement: tls, source: {document: doc, clause: c}}\n"
                        "  - {id: first, title: t, classes: [], requirement: tls, source: {document: doc, clause: c}}\n"),
            (std::vector<std::string>{"p:7:5: the row 'first' stands here a second time"}));
}

TEST(PolicyExtends, AClassThatARowBelowHoldsStaysItsOwn) {
  // The conflict is with a row of the other file; the only line that can be named is the one that took it over.
  EXPECT_EQ(problems_of(std::string{kHead} +
                        "rows:\n"
                        "  - {id: first, title: t, classes: [persistent-chat], requirement: tls, source: {document: doc, clause: c}}\n"),
            (std::vector<std::string>{"p:4:10: the class persistent-chat belongs to the row 'first' already"}));
}

TEST(PolicyExtends, APartOfTheWrongKindIsNoPart) {
  EXPECT_EQ(problems_of(std::string{kHead} + "rows: nothing\n"), (std::vector<std::string>{"p:5:7: 'rows' must be a list, found text"}));
}

TEST(PolicyExtends, TheDescriptionSaysSo) {
  EXPECT_NE(describe_policy(upon_base("")).find("Extends base; what stands here is the whole of both\n"), std::string::npos);
  EXPECT_NE(describe_policy(upon_base("")).find("second: Second\n"), std::string::npos);
}

TEST(PackTree, IsWhatTheTextSays) {
  for (const EmbeddedPolicy& pack : embedded_policies()) {
    YamlProblems problems;
    const std::optional<YamlNode> read = parse_yaml(pack.text, problems);
    ASSERT_TRUE(read.has_value()) << pack.name;
    const FlatYamlTree flat = flatten(*read);
    EXPECT_TRUE(std::ranges::equal(flat.nodes, pack.tree.nodes)) << pack.name;
    EXPECT_EQ(flat.texts, pack.tree.texts) << pack.name;
  }
}

TEST(PackTree, OfATextThatIsNoPackIsRead) {
  YamlProblems problems;
  const std::string changed = std::string{embedded_policies().front().text} + "mine: 1\n";
  const std::optional<YamlNode> tree = pack_tree(changed, embedded_policies(), problems);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->entries.back().key, "mine");
}

}  // namespace
}  // namespace sealtrace
