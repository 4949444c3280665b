#include "policy/judge_by.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "policy/policy_loader.hpp"

namespace sealtrace {
namespace {

/// A client speaks TLS 1.2 to a Front End, and a Mediation Server one-way TLS to a gateway: the first passes everywhere.
class JudgeByTest : public testing::Test {
 protected:
  JudgeByTest() {
    const auto asset = [&](const char* name, Role role) {
      Asset made{.kind = AssetKind::host, .name = name, .roles = {}, .zone = "internal", .domain = {}};
      made.roles.set(static_cast<std::size_t>(role));
      result.assets.push_back(made);
    };
    asset("client", Role::client);
    asset("fe01", Role::front_end);
    asset("med01", Role::mediation_server);
    asset("gw1", Role::pstn_gateway);
    add_flow(0, 1, 5061);
    add_flow(2, 3, 5067);
    result.policies = {{.name = "first", .sha256 = {}}, {.name = "second", .sha256 = {}}};
  }

  void add_flow(std::uint32_t client, std::uint32_t server, std::uint16_t port) {
    FlowProfile flow;
    flow.start_seen = flow.initiator_seen = flow.responder_seen = flow.responder_accepted = true;
    flow.initiator.asset = client;
    flow.responder.asset = server;
    flow.responder.endpoint.port = port;
    flow.payload_bytes = 1;
    flow.tls = std::make_unique<TlsProfile>();
    flow.tls->established = flow.tls->client_hello_seen = flow.tls->server_hello_seen = true;
    flow.tls->version = TlsVersion::tls1_2;
    flow.tls->cipher_suite = CipherSuite{0xC030};
    flow.tls->client_auth = {.requested = false, .presented = false, .certificate_verify_seen = false, .status = ClientAuthStatus::one_way};
    result.flows.push_back(std::move(flow));
  }

  Topology topology;
  AuditResult result;
};

TEST_F(JudgeByTest, OnePolicySaysWhatItSaysAlone) {
  const std::vector<Policy> policies{load_policy("lync-2013")};
  judge_by(result, policies, [&](const Policy& policy) { judge(result, policy, topology, {}); });
  const auto ids = [&] {
    std::vector<std::string> found;
    for (const Finding& finding : result.findings) found.push_back(finding.id);
    return found;
  };
  const std::vector<std::string> by_one = ids();
  judge(result, policies.front(), topology, {});
  EXPECT_EQ(ids(), by_one);
  EXPECT_FALSE(by_one.empty());
}

TEST_F(JudgeByTest, SeveralPoliciesStandBesideEachOther) {
  const std::vector<Policy> policies{load_policy("lync-2013"), load_policy("skype-for-business-2019")};
  judge_by(result, policies, [&](const Policy& policy) { judge(result, policy, topology, {}); });
  ASSERT_EQ(result.legs.size(), 4U);
  EXPECT_EQ(result.rows.size(), policies[0].rows.size() + policies[1].rows.size());
  for (std::uint32_t i = 0; i < result.legs.size(); ++i) {
    const Leg& leg = result.legs[i];
    EXPECT_EQ(leg.id(), "l" + std::to_string(i + 1));
    EXPECT_EQ(leg.policy, i / 2);
    for (const std::uint32_t finding : leg.findings) EXPECT_EQ(result.findings[finding].policy, leg.policy);
  }
  std::set<std::string> ids;
  for (std::uint32_t i = 0; i < result.findings.size(); ++i) {
    const Finding& finding = result.findings[i];
    EXPECT_TRUE(ids.insert(finding.id).second) << finding.id;
    for (const std::uint32_t leg : finding.legs) EXPECT_EQ(std::ranges::count(result.legs[leg].findings, i), 1);
  }
  EXPECT_TRUE(std::ranges::any_of(result.findings, [](const Finding& finding) { return finding.policy == 1; }));
  for (const RowVerdict& row : result.rows) {
    if (row.worst_finding == 0xFFFFFFFF) continue;
    EXPECT_EQ(result.findings[row.worst_finding].policy, row.policy) << row.id;
  }
  ASSERT_EQ(result.judged.size(), 2U);
  for (const JudgedFlow& judged : result.judged) {
    EXPECT_LT(judged.classification.leg, 2U) << "the leg of the first policy";
    EXPECT_TRUE(std::ranges::any_of(judged.results, [](const Result& answer) { return answer.policy == 1; }));
    for (const Result& answer : judged.results) {
      if (answer.finding == 0xFFFFFFFF) continue;
      EXPECT_EQ(result.findings[answer.finding].policy, answer.policy);
    }
  }
}

TEST_F(JudgeByTest, TheWorstDecides) {
  Policy lenient = load_policy("lync-2013");
  lenient.name = "lenient";
  for (PolicyRow& row : lenient.rows) row.disabled = "for this test";
  const Policy strict = load_policy("lync-2013");
  for (const std::vector<Policy>& policies : {std::vector{lenient, strict}, std::vector{strict, lenient}}) {
    judge_by(result, policies, [&](const Policy& policy) { judge(result, policy, topology, {}); });
    EXPECT_EQ(result.overall, "fail");
    EXPECT_EQ(result.exit_code, 1);
  }
}

TEST(RequiredRows, MustBeKnownToOneOfThePolicies) {
  const std::vector<Policy> policies{load_policy("generic-sip"), load_policy("lync-2013")};
  const auto only_second =
      std::ranges::find_if(policies[1].rows, [&](const PolicyRow& row) { return policies[0].find_row(row.id) == nullptr; });
  ASSERT_NE(only_second, policies[1].rows.end());
  EXPECT_EQ(find_row_unknown_to_all(policies, {only_second->id}), "");
  EXPECT_NE(find_row_unknown_to_all(policies, {only_second->id, "no-such-row"}), "");
}

}  // namespace
}  // namespace sealtrace
