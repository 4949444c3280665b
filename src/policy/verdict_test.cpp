#include "policy/verdict.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "policy/judge_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST_F(JudgeTest, TheTopologyAndRequireMakeRowsExpected) {
  run({.required_rows = {"exchange-um"}});
  EXPECT_TRUE(row("server-to-server").expected);
  EXPECT_TRUE(row("client-to-server").expected);
  EXPECT_TRUE(row("audio-video-media").expected) << "a network holds more than one client";
  EXPECT_TRUE(row("exchange-um").expected);
  EXPECT_FALSE(row("federation-sip").expected);
  EXPECT_EQ(row("server-to-server").status, Status::not_observed);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.overall, "incomplete");
  topology.hosts.pop_back();
  run();
  EXPECT_FALSE(row("server-to-server").expected) << "one Front End has nobody to talk to";
}

TEST_F(JudgeTest, AnEmptyAuditWithoutTopologyIsNoError) {
  topology = {};
  run();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.overall, "incomplete") << "nothing was decided";
}

TEST_F(JudgeTest, TrafficThatTravelsInsideAnotherRowIsOpenWhenThatWasSeen) {
  run();
  EXPECT_EQ(row("im-presence").status, Status::not_observed);
  result.flows.push_back(tls_flow(kClients, kFrontEnd1, 5061, ClientAuthStatus::one_way));
  run();
  EXPECT_EQ(row("client-to-server").status, Status::pass);
  EXPECT_EQ(row("im-presence").status, Status::inconclusive);
  EXPECT_EQ(row("im-presence").note, "travels inside 1 leg of other rows, which pass; what they carry is not seen");
  result.flows.push_back(plain_flow(kClients, kFrontEnd2, 5061, Transport::tcp));
  run();
  EXPECT_EQ(row("im-presence").status, Status::inconclusive);
  EXPECT_EQ(row("im-presence").note, "travels inside 2 legs of other rows, not all of which pass; what they carry is not seen");
}

TEST_F(JudgeTest, ADisabledRowIsReportedWithItsReason) {
  auto& disabled = *std::ranges::find(policy.rows, "client-to-server", &PolicyRow::id);
  disabled.disabled = "clients are audited elsewhere";
  result.flows.push_back(tls_flow(kClients, kFrontEnd1, 5061, ClientAuthStatus::one_way));
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "row_disabled");
  EXPECT_EQ(row("client-to-server").status, Status::not_applicable);
  EXPECT_EQ(row("client-to-server").note, "disabled: clients are audited elsewhere");
  EXPECT_FALSE(row("client-to-server").expected);
}

struct ExitCase {
  const char* name;
  ExitState state;
  int code;
};

class ExitCode : public ::testing::TestWithParam<ExitCase> {};

TEST_P(ExitCode, IsTheFirstThatApplies) { EXPECT_EQ(exit_code(GetParam().state), GetParam().code); }

INSTANTIATE_TEST_SUITE_P(Verdict, ExitCode,
                         ::testing::Values(ExitCase{"NothingToSay", {}, 0},
                                           ExitCase{"AnInternalErrorBeforeAll", {true, true, true, true, true, true, true}, 70},
                                           ExitCase{"AWrongPolicyBeforeUnreadableInput", {false, true, true, true, true, true, true}, 2},
                                           ExitCase{"NoInputBeforeViolations", {false, false, true, true, true, true, true}, 4},
                                           ExitCase{"AViolationBeforeIncompleteRows", {false, false, false, true, true, true, true}, 1},
                                           ExitCase{"AMinorViolation", {.minor_violation = true}, 3},
                                           ExitCase{"AnIncompleteRow", {.incomplete = true}, 3},
                                           ExitCase{"AnInputThatCouldNotBeReadWhole", {.partly_unreadable = true}, 3}),
                         [](const auto& instance) { return instance.param.name; });

TEST_F(JudgeTest, FailOnAndStrictMoveTheLine) {
  result.flows.push_back(tls_flow(kClients, kFrontEnd1, 5061, ClientAuthStatus::one_way));
  result.flows.back().tls->cipher_suite = CipherSuite{0x0005};  // RC4: accepted risk, medium
  topology = {};
  run({.required_rows = {}, .fail_on = Severity::high});
  EXPECT_EQ(result.exit_code, 3);
  run({.required_rows = {}, .fail_on = Severity::medium});
  EXPECT_EQ(result.exit_code, 1);
  run({.required_rows = {}, .fail_on = Severity::critical, .strict = true});
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(JudgeTest, StrictCountsIncompleteRows) {
  run({.required_rows = {}, .fail_on = Severity::high, .strict = true});
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(JudgeTest, CapturesThatCannotBeReadShowInTheExitCode) {
  topology = {};
  result.captures.resize(1);
  result.captures[0].unreadable = true;
  run();
  EXPECT_EQ(result.exit_code, 4);
  result.captures.resize(2);
  run();
  EXPECT_EQ(result.exit_code, 3);
  result.captures.erase(result.captures.begin());
  run();
  EXPECT_EQ(result.exit_code, 0);
  result.captures[0].complete = false;
  run();
  EXPECT_EQ(result.exit_code, 3);
}

}  // namespace
}  // namespace sealtrace
