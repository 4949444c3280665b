#include "policy/policy_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "policy/policy_loader.hpp"
#include "policy/policy_words.hpp"

namespace sealtrace {
namespace {

const EmbeddedPolicy& lync() {
  for (const EmbeddedPolicy& policy : embedded_policies()) {
    if (policy.name == "lync-2013") return policy;
  }
  throw std::logic_error{"lync-2013 is not embedded"};
}

std::vector<CaseOutcome> run_all(const Policy& policy) {
  std::vector<CaseOutcome> outcomes;
  for (PolicyCase& policy_case : parse_cases(lync().cases, "lync-2013.cases.yaml"))
    outcomes.push_back(run_case(std::move(policy_case), policy));
  return outcomes;
}

TEST(Lync2013, SaysWhatItsCasesExpect) {
  for (const CaseOutcome& outcome : run_all(load_policy("lync-2013"))) {
    EXPECT_EQ(outcome.message, "") << "line " << outcome.line << ": " << outcome.name;
  }
}

TEST(Lync2013, EveryRowThatJudgesTlsHasACasePassingFailingAndOpen) {
  const Policy policy = load_policy("lync-2013");
  std::map<std::string, std::set<Status>> seen;
  for (const CaseOutcome& outcome : run_all(policy)) {
    if (const std::optional<Reason> reason = find_reason(outcome.reason)) seen[outcome.row].insert(info(*reason).status);
  }
  for (const PolicyRow& row : policy.rows) {
    const bool judges_tls =
        row.requirement == Requirement::mtls || row.requirement == Requirement::tls || row.requirement == Requirement::https;
    if (!judges_tls || row.id == "im-presence") continue;  // im-presence never has a leg of its own
    EXPECT_EQ(seen[row.id].count(Status::pass), 1U) << row.id;
    EXPECT_EQ(seen[row.id].count(Status::fail), 1U) << row.id;
    EXPECT_EQ(seen[row.id].count(Status::inconclusive), 1U) << row.id;
  }
}

TEST(Lync2013, HasNothingDoubtful) {
  for (const PolicyProblem& problem : lint_policy(load_policy("lync-2013"))) ADD_FAILURE() << problem.line << ": " << problem.message;
}

TEST(Lync2013, ReadsAsItsReviewedSnapshotSays) {
  std::ifstream snapshot{SEALTRACE_SOURCE_DIR "/policies/lync-2013.snapshot.txt"};
  std::istringstream now{describe_policy(load_policy("lync-2013"))};
  std::string reviewed_line;
  std::string line;
  for (int number = 1; std::getline(now, line); ++number) {
    ASSERT_TRUE(std::getline(snapshot, reviewed_line)) << "the snapshot ends before line " << number << ": " << line;
    ASSERT_EQ(line, reviewed_line)
        << "line " << number
        << "; if the change is meant: sealtrace policy show lync-2013 > policies/lync-2013.snapshot.txt, and read the difference";
  }
  EXPECT_FALSE(std::getline(snapshot, reviewed_line)) << "the snapshot goes on: " << reviewed_line;
}

TEST(Lync2013, IsTheSameFromTheProgramAndFromItsFile) {
  EXPECT_EQ(describe_policy(load_policy("lync-2013")), describe_policy(load_policy(SEALTRACE_SOURCE_DIR "/policies/lync-2013.yaml")));
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

TEST(PolicyCases, MistakesInCasesAreNamed) {
  constexpr std::string_view kText = R"(policy_cases: 1
cases:
  - {name: a, port: 0, tls: {cipher: NOPE}, client: {roles: [frontend]}, expect: {staus: pass}}
)";
  try {
    parse_cases(kText, "c");
    FAIL();
  } catch (const PolicyError& error) {
    EXPECT_STREQ(error.what(),
                 "c:3:21: 'port' must be a number from 1 to 65535\n"
                 "c:3:38: 'NOPE' is no IANA name of a suite\n"
                 "c:3:62: unknown role 'frontend'; did you mean 'front-end'?\n"
                 "c:3:83: unknown key of an expected verdict 'staus'; did you mean 'status'?");
  }
}

}  // namespace
}  // namespace sealtrace
