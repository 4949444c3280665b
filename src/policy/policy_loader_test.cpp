#include "policy/policy_loader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "policy/policy_words.hpp"

namespace sealtrace {
namespace {

/// kHead begins a pack; its rows start in line 7.
constexpr std::string_view kHead = R"(policy: 1
name: small
title: A small pack
documents:
  doc: {title: The document, edition: "2020"}
rows:
)";

std::string with_head(std::string_view rest) { return std::string{kHead} + std::string{rest}; }

TEST(PolicyLoader, ReadsEveryKeyOfARow) {
  const Policy policy = parse_policy(with_head(R"(  - id: row
    title: A row
    classes: [server-to-server, exchange-um]
    requirement: mtls
    source: {document: doc, clause: section 1}
    severity: medium
    accept_inferred: strong
    upgrade_in_place: true
    suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]
    carried_by: [client-to-server]
    exceptions:
      - {reason: clear_traffic, when: trusted-application, status: accepted_risk, severity: low, because: it says so, why: w, remedy: r, verify: v}
    expected_when:
      - {client: [client], server: [front-end, director]}
    why: because
    remedy: fix it
    verify: look
    disabled: not now
)"),
                                     "p");
  ASSERT_EQ(policy.rows.size(), 1U);
  const PolicyRow& row = policy.rows[0];
  EXPECT_EQ(row.requirement, Requirement::mtls);
  EXPECT_EQ(row.source.document, "The document");
  EXPECT_EQ(row.source.edition, "2020");
  EXPECT_EQ(row.severity, Severity::medium);
  EXPECT_TRUE(row.accept_strong_inference && row.upgrade_in_place);
  EXPECT_EQ(row.suites, (std::vector{CipherSuite{0x1301}, CipherSuite{0xC030}}));
  EXPECT_EQ(row.exceptions[0].when, Condition::trusted_application);
  EXPECT_EQ(row.exceptions[0].status, Status::accepted_risk);
  EXPECT_EQ(row.exceptions[0].texts.verify, "v");
  EXPECT_EQ(row.expected_when[0].server.count(), 2U);
  EXPECT_EQ(row.disabled, "not now");
  EXPECT_EQ(row.line, 7U);
  EXPECT_EQ(policy.row_for(TrafficClass::exchange_um), &row);
  EXPECT_EQ(policy.row_for(TrafficClass::unknown), nullptr);
}

struct WrongCase {
  const char* name;
  const char* rows;  ///< after kHead
  std::vector<std::string> problems;
};

class WrongPolicy : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongPolicy, NamesEveryProblemWithItsLine) {
  try {
    parse_policy(with_head(GetParam().rows), "p");
    FAIL() << "was accepted";
  } catch (const PolicyError& error) {
    std::vector<std::string> messages;
    for (const PolicyProblem& problem : error.problems()) messages.push_back(problem.message);
    EXPECT_EQ(messages, GetParam().problems);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Policy, WrongPolicy,
    testing::Values(
        WrongCase{"AnUnknownKey",
                  "  - {id: a, title: t, classes: [], requirement: tls, sorce: x, source: {document: doc, clause: c}}\n",
                  {"p:7:54: unknown key of a row 'sorce'; did you mean 'source'?"}},
        WrongCase{"AnUnknownClass",
                  "  - {id: a, title: t, classes: [server-server], requirement: tls, source: {document: doc, clause: c}}\n",
                  {"p:7:33: unknown traffic class 'server-server'; did you mean 'server-to-server'?"}},
        WrongCase{"AnUnknownRequirement",
                  "  - {id: a, title: t, classes: [], requirement: mtsl, source: {document: doc, clause: c}}\n",
                  {"p:7:49: unknown requirement 'mtsl'; did you mean 'mtls'?"}},
        WrongCase{"ADocumentNobodyDeclared",
                  "  - {id: a, title: t, classes: [], requirement: tls, source: {document: dok, clause: c}}\n",
                  {"p:7:62: unknown document 'dok'; did you mean 'doc'?"}},
        WrongCase{"ARowWithoutASource", "  - {id: a, title: t, classes: [], requirement: tls}\n", {"p:7:5: a row lacks 'source'"}},
        WrongCase{"ATemplateOfNamesThatNobodyKnows",
                  "  - {id: a, title: t, classes: [], requirement: tls, source: {document: doc, clause: c}}\ncertificates:\n"
                  "  - {id: certificate-a, title: t, check: names, values: [\"{pools}\"], source: {document: doc, clause: c}, status: "
                  "fail, roles: []}\n",
                  {"p:9:58: '{pools}' is no name and no template of names"}},
        WrongCase{"TheSameRowTwice",
                  "  - {id: a, title: t, classes: [], requirement: tls, source: {document: doc, clause: c}}\n"
                  "  - {id: a, title: t, classes: [], requirement: tls, source: {document: doc, clause: c}}\n",
                  {"p:8:5: the row 'a' stands here a second time"}},
        WrongCase{"OneClassInTwoRows",
                  "  - {id: a, title: t, classes: [exchange-um], requirement: tls, source: {document: doc, clause: c}}\n"
                  "  - {id: b, title: t, classes: [exchange-um], requirement: tls, source: {document: doc, clause: c}}\n",
                  {"p:8:5: the class exchange-um belongs to the row 'a' already"}},
        WrongCase{"AnExceptionThatTurnsAnOpenAnswerIntoARisk",
                  "  - {id: a, title: t, classes: [], requirement: mtls, source: {document: doc, clause: c},\n"
                  "     exceptions: [{reason: joined_mid_stream, status: accepted_risk, because: x}]}\n",
                  {"p:8:19: joined_mid_stream is no failure: only a failure has a severity and can be accepted as a risk"}},
        WrongCase{"AnExceptionThatPasses",
                  "  - {id: a, title: t, classes: [], requirement: mtls, source: {document: doc, clause: c},\n"
                  "     exceptions: [{reason: clear_traffic, status: pass, because: x}]}\n",
                  {"p:8:51: unknown status 'pass'; known: fail, accepted_risk"}},
        WrongCase{"ATlsRuleForWhatNoPolicyDecides",
                  "tls: [{reason: suite_null, status: allowed, because: x}]\n",
                  {"p:6:1: 'rows' must be a list, found nothing", "p:7:7: suite_null is nothing that 'tls' decides about"}},
        WrongCase{
            "SrtpSuitesThatNobodyKnowsOrThatDoNotEncrypt",
            "  - {id: a, title: t, classes: [], requirement: srtp, source: {document: doc, clause: c}}\n"
            "media:\n"
            "  - {reason: srtp_suite_not_listed, status: fail, because: x,\n"
            "     suites: [AES_CM_128_HMAC_SHA1_88, SRTP_NULL_HMAC_SHA1_80]}\n",
            {"p:10:15: unknown SRTP suite that encrypts 'AES_CM_128_HMAC_SHA1_88'; did you mean 'AES_CM_128_HMAC_SHA1_80'?",
             "p:10:40: unknown SRTP suite that encrypts 'SRTP_NULL_HMAC_SHA1_80'; known: AES_CM_128_HMAC_SHA1_80, "
             "AES_CM_128_HMAC_SHA1_32, F8_128_HMAC_SHA1_80, AES_192_CM_HMAC_SHA1_80, AES_192_CM_HMAC_SHA1_32, AES_256_CM_HMAC_SHA1_80, "
             "AES_256_CM_HMAC_SHA1_32, AEAD_AES_128_GCM, AEAD_AES_256_GCM"}},
        WrongCase{"SuitesWhereNoneAreAskedForAndNoneWhereTheyAre",
                  "  - {id: a, title: t, classes: [], requirement: srtp, source: {document: doc, clause: c}}\n"
                  "media:\n"
                  "  - {reason: srtp_suite_not_listed, status: fail, because: x}\n"
                  "  - {reason: digits_in_clear, status: fail, because: x, suites: [AEAD_AES_128_GCM]}\n",
                  {"p:9:5: a rule for media lacks 'suites'", "p:10:65: only srtp_suite_not_listed lists suites"}},
        WrongCase{"ASuiteThatNobodyAssigned",
                  "  - {id: a, title: t, classes: [], requirement: tls, suites: [AES128-SHA], source: {document: doc, clause: c}}\n",
                  {"p:7:63: 'AES128-SHA' is no IANA name of a suite"}},
        WrongCase{"AnIdInCapitals",
                  "  - {id: A B, title: t, classes: [], requirement: tls, source: {document: doc, clause: c}}\n",
                  {"p:7:5: 'A B' is no row id: lower-case letters, digits, hyphens"}}),
    [](const auto& instance) { return instance.param.name; });

TEST(PolicyLoader, AnUnknownNameSuggestsAnEmbeddedPack) {
  try {
    load_policy("lync-2103");
    FAIL();
  } catch (const PolicyError& error) {
    EXPECT_STREQ(error.what(), "--policy: unknown policy 'lync-2103'; did you mean 'lync-2013'?");
  }
}

TEST(PolicyLoader, AFileThatCannotBeReadIsNamed) {
  try {
    load_policy("/nonexistent/pack.yaml");
    FAIL();
  } catch (const PolicyError& error) {
    EXPECT_STREQ(error.what(), "/nonexistent/pack.yaml: cannot be opened: No such file or directory");
  }
}

TEST(PolicyWords, ExplainKnowsRowsAndReasons) {
  const Policy policy = load_policy("lync-2013");
  EXPECT_NE(explain(policy, "federation-sip")->find("row 5061/TCP"), std::string::npos);
  EXPECT_NE(explain(policy, "joined_mid_stream")->find("to decide it: Restart the connection"), std::string::npos);
  EXPECT_NE(explain(policy, "suite_rc4")->find("RFC 7465"), std::string::npos);
  EXPECT_NE(explain(policy, "clear_traffic")->find("In the row mediation-gateway-signalling of lync-2013"), std::string::npos);
  EXPECT_FALSE(explain(policy, "federation-spi").has_value());
  EXPECT_EQ(explain_suggestion(policy, "federation-spi"), "unknown row or reason 'federation-spi'; did you mean 'federation-sip'?");
}

TEST(PolicyWords, EveryReasonCanBeExplained) {
  const Policy policy = load_policy("lync-2013");
  for (const ReasonInfo& reason : all_reasons()) {
    EXPECT_EQ(find_reason(reason.code), reason.reason);
    EXPECT_TRUE(explain(policy, reason.code).has_value()) << reason.code;
  }
}

TEST(PolicyLint, AListOfSuitesWithoutTlsIsDoubtful) {
  const Policy policy =
      parse_policy(with_head("  - {id: a, title: t, classes: [exchange-um], requirement: srtp, suites: [TLS_AES_128_GCM_SHA256],\n"
                             "     source: {document: doc, clause: c}, why: w, remedy: r, verify: v}\n"),
                   "p");
  std::vector<std::string> about_row;
  for (const PolicyProblem& problem : lint_policy(policy)) {
    if (problem.line == 7) about_row.push_back(problem.message);
  }
  EXPECT_EQ(about_row, (std::vector<std::string>{"the row a lists suites but does not ask for TLS"}));
}

TEST(PolicyLint, NamesWhatIsDoubtful) {
  const Policy policy = parse_policy(with_head(R"(  - id: a
    title: t
    classes: [unknown]
    requirement: tls
    source: {document: doc, clause: c}
    accept_inferred: strong
    exceptions:
      - {reason: clear_traffic, status: accepted_risk, because: always}
      - {reason: clear_traffic, when: trunk-transport-tls, severity: critical, because: never reached}
      - {reason: suite_null, because: nothing}
    expected_when: [{client: [client], server: []}]
    why: w
    remedy: r
)"),
                                     "p");
  std::vector<std::string> about_row;
  for (const PolicyProblem& problem : lint_policy(policy)) {
    if (problem.line == 7) about_row.push_back(problem.message);
  }
  EXPECT_EQ(about_row, (std::vector<std::string>{
                           "the row a must ask for 'classify' exactly when its class is 'unknown'",
                           "the row a accepts an inference but does not ask for mtls",
                           "the row a lacks why, remedy or verify",
                           "the row a has an expected leg with an end that nobody can be",
                           "the row a has an exception for clear_traffic behind one that always wins",
                           "the row a has an exception that changes neither status nor severity",
                       }));
}

}  // namespace
}  // namespace sealtrace
