#include "policy/policy_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "policy/policy_loader.hpp"
#include "policy/policy_words.hpp"

namespace sealtrace {
namespace {

const std::filesystem::path kPolicies = SEALTRACE_SOURCE_DIR "/policies";

/// Pack: every pack of the program has to keep the same promises.
class Pack : public testing::TestWithParam<EmbeddedPolicy> {
 protected:
  static std::string name() { return std::string{GetParam().name}; }

  static std::vector<CaseOutcome> run_all(const Policy& policy) {
    std::vector<CaseOutcome> outcomes;
    for (PolicyCase& policy_case : parse_cases(GetParam().cases, name() + ".cases.yaml"))
      outcomes.push_back(run_case(std::move(policy_case), policy));
    return outcomes;
  }
};

TEST_P(Pack, SaysWhatItsCasesExpect) {
  const std::vector<CaseOutcome> outcomes = run_all(load_policy(name()));
  EXPECT_GT(outcomes.size(), 50U);
  for (const CaseOutcome& outcome : outcomes) EXPECT_EQ(outcome.message, "") << "line " << outcome.line << ": " << outcome.name;
}

TEST_P(Pack, EveryRowThatJudgesTlsHasACasePassingFailingAndOpen) {
  const Policy policy = load_policy(name());
  std::map<std::string, std::set<Status>> seen;
  for (const CaseOutcome& outcome : run_all(policy)) {
    if (const std::optional<Reason> reason = find_reason(outcome.reason)) seen[outcome.row].insert(info(*reason).status);
  }
  for (const PolicyRow& row : policy.rows) {
    const bool judges_tls =
        row.requirement == Requirement::mtls || row.requirement == Requirement::tls || row.requirement == Requirement::https;
    const bool never_passes = row.requirement == Requirement::not_supported || row.requirement == Requirement::classify;
    if (!(judges_tls || never_passes) || row.id == "im-presence") continue;  // im-presence never has a leg of its own
    EXPECT_EQ(seen[row.id].count(Status::pass), judges_tls ? 1U : 0U) << row.id;
    EXPECT_EQ(seen[row.id].count(Status::fail), 1U) << row.id;
    EXPECT_EQ(seen[row.id].count(Status::inconclusive), 1U) << row.id;
  }
}

TEST_P(Pack, HasNothingDoubtful) {
  for (const PolicyProblem& problem : lint_policy(load_policy(name()))) ADD_FAILURE() << problem.line << ": " << problem.message;
}

TEST_P(Pack, ReadsAsItsReviewedSnapshotSays) {
  std::ifstream snapshot{kPolicies / (name() + ".snapshot.txt")};
  std::istringstream now{describe_policy(load_policy(name()))};
  std::string reviewed_line;
  std::string line;
  for (int number = 1; std::getline(now, line); ++number) {
    ASSERT_TRUE(std::getline(snapshot, reviewed_line)) << "the snapshot ends before line " << number << ": " << line;
    ASSERT_EQ(line, reviewed_line) << "line " << number << "; if the change is meant: scripts/policy-snapshots, and read the difference";
  }
  EXPECT_FALSE(std::getline(snapshot, reviewed_line)) << "the snapshot goes on: " << reviewed_line;
}

TEST_P(Pack, IsTheSameFromTheProgramAndFromItsFile) {
  EXPECT_EQ(load_policy(name()).name, name());
  EXPECT_EQ(describe_policy(load_policy(name())), describe_policy(load_policy((kPolicies / (name() + ".yaml")).string())));
}

INSTANTIATE_TEST_SUITE_P(Policies, Pack, testing::ValuesIn(embedded_policies().begin(), embedded_policies().end()), [](const auto& pack) {
  std::string name{pack.param.name};
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Packs, AreAllThatStandInTheFolder) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator{kPolicies}) {
    std::string file = entry.path().filename().string();
    for (const std::string_view ending : {".cases.yaml", ".snapshot.txt", ".yaml"}) {
      if (file.ends_with(ending)) {
        files.insert(file.substr(0, file.size() - ending.size()));
        break;
      }
    }
  }
  std::set<std::string> embedded;
  for (const EmbeddedPolicy& policy : embedded_policies()) embedded.emplace(policy.name);
  EXPECT_EQ(embedded, files);
  EXPECT_EQ(embedded, (std::set<std::string>{"generic-sip", "lync-2013", "skype-for-business-2015", "skype-for-business-2019",
                                             "teams-direct-routing"}));
}

TEST(PolicyCases, ACaseThatFailsSaysWhatWasExpectedAndFound) {
  constexpr std::string_view kText = R"(policy_cases: 1
cases:
  - {name: wrong, port: 5067, tls: {}, expect: {class: federation-sip, status: pass}}
)";
  const CaseOutcome outcome = run_case(std::move(parse_cases(kText, "c").front()), load_policy("lync-2013"));
  EXPECT_EQ(outcome.message, "class: expected federation-sip, found mediation-gateway-signalling; status: expected pass, found fail");
  EXPECT_EQ(outcome.line, 3U);
}

TEST(PolicyCases, CasesOfAPackThatIsExtendedAreTakenOverAndReplacedByName) {
  constexpr std::string_view kText = R"(policy_cases: 1
extends: lync-2013
cases:
  - {name: A client whose server chose RC4, port: 5061, expect: {status: inconclusive}}
  - {name: One of its own, port: 5061, expect: {status: inconclusive}}
)";
  const std::vector<PolicyCase> cases = parse_cases(kText, "c");
  const std::size_t inherited = parse_cases("policy_cases: 1\nextends: lync-2013\ncases: []\n", "c").size();
  EXPECT_EQ(cases.size(), inherited + 1);
  EXPECT_EQ(cases.back().name, "One of its own");
  EXPECT_EQ(cases.front().line, 2U) << "what is taken over stands where it is taken over";
  const auto replaced = std::ranges::find(cases, "A client whose server chose RC4", &PolicyCase::name);
  ASSERT_NE(replaced, cases.end());
  EXPECT_EQ(replaced->line, 4U);
  EXPECT_EQ(replaced->expected.status, "inconclusive");
}

TEST(PolicyCases, MistakesInCasesAreNamed) {
  constexpr std::string_view kText = R"(policy_cases: 1
cases:
  - {name: a, port: 0, tls: {cipher: NOPE}, client: {roles: [frontend]}, expect: {staus: pass}}
  - {name: a, port: 1, expect: {}}
)";
  try {
    parse_cases(kText, "c");
    FAIL();
  } catch (const PolicyError& error) {
    EXPECT_STREQ(error.what(),
                 "c:3:21: 'port' must be a number from 1 to 65535\n"
                 "c:3:38: 'NOPE' is no IANA name of a suite\n"
                 "c:3:62: unknown role 'frontend'; did you mean 'front-end'?\n"
                 "c:3:83: unknown key of an expected verdict 'staus'; did you mean 'status'?\n"
                 "c:4:5: the case 'a' stands here a second time");
  }
}

}  // namespace
}  // namespace sealtrace
