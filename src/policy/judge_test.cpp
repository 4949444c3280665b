#include "policy/judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "policy/judge_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST_F(JudgeTest, AddressesWithoutRolesDifferInTheirZoneAndHaveLegsOfTheirOwn) {
  constexpr std::uint32_t kNeighbour = 5;
  constexpr std::uint32_t kInBranch = 6;
  result.assets.push_back(named("10.9.9.8", {}, AssetKind::address));
  result.assets.push_back(named("10.99.0.1", {}, AssetKind::address));
  result.assets.back().zone = "branch";
  for (const auto& [client, server] : {std::pair{kStranger, kNeighbour}, {kStranger, kInBranch}, {kNeighbour, kInBranch}}) {
    FlowProfile flow = plain_flow(client, server, 389, Transport::tcp, static_cast<int>(result.flows.size()));
    flow.protocols = {"ldap"};
    flow.application = std::make_unique<ApplicationProfile>();
    flow.application->clear.push_back({.protocol = "ldap", .what = "search", .first = {}});
    result.flows.push_back(std::move(flow));
  }
  run();
  ASSERT_EQ(result.legs.size(), 3U);
  EXPECT_EQ(result.legs[2].client_asset, kNeighbour);
  const auto severity = [&](std::size_t flow) { return result.judged[flow].results.front().severity; };
  EXPECT_EQ(result.judged[0].results.front().rule, "infrastructure");
  EXPECT_EQ(severity(0), Severity::low);
  EXPECT_EQ(severity(1), Severity::medium);  // it crosses zones
  EXPECT_EQ(severity(2), Severity::medium);
}

TEST_F(JudgeTest, ALegIsTheWorstOfItsFlowsAndARowTheWorstOfItsLegs) {
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::mutual, 0));
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::one_way, 1));
  result.flows.push_back(tls_flow(kFrontEnd2, kFrontEnd1, 5061, ClientAuthStatus::mutual, 2));
  run();
  ASSERT_EQ(result.legs.size(), 2U);
  EXPECT_EQ(result.legs[0].id(), "l1");
  EXPECT_EQ(result.legs[0].status, Status::fail);
  EXPECT_EQ(result.legs[0].protection, "TLS 1.2 with client certificate and without client certificate");
  EXPECT_EQ(result.legs[0].required, "MTLS");
  EXPECT_EQ(result.legs[0].coverage.num_flows, 2U);
  EXPECT_EQ(result.legs[0].coverage.num_decided, 2U);
  EXPECT_EQ(result.legs[0].first_seen, at(0));
  EXPECT_EQ(result.legs[0].last_seen, at(15));
  EXPECT_EQ(result.legs[1].status, Status::pass);
  EXPECT_EQ(row("server-to-server").status, Status::fail);
  EXPECT_EQ(row("server-to-server").num_legs.at(Status::pass), 1U);
  EXPECT_EQ(row("server-to-server").worst_finding, 0U);
  EXPECT_EQ(result.judged[1].classification.leg, 0U);
  EXPECT_EQ(result.judged[1].results[0].finding, 0U);
  EXPECT_EQ(result.overall, "fail");
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(JudgeTest, FindingsStandWorstFirst) {
  result.flows.push_back(tls_flow(kClients, kFrontEnd1, 5061, ClientAuthStatus::one_way, 0));
  result.flows.back().tls->cipher_suite = CipherSuite{0x0005};                       // RC4: accepted risk, medium
  result.flows.push_back(plain_flow(kClients, kFrontEnd1, 443, Transport::tcp, 1));  // open
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::one_way, 2));
  run();
  ASSERT_GE(result.findings.size(), 3U);
  EXPECT_EQ(result.findings[0].status, Status::fail);
  EXPECT_EQ(result.findings[1].status, Status::accepted_risk);
  EXPECT_EQ(result.findings[2].status, Status::inconclusive);
  EXPECT_EQ(result.findings[2].severity, Severity::low);
  EXPECT_EQ(result.judged[0].results[1].finding, 1U);
  EXPECT_TRUE(std::ranges::equal(result.legs[0].findings, std::vector<std::uint32_t>{1}));
}

TEST_F(JudgeTest, AnOpenLegIsAFindingOnlyInAnExpectedRow) {
  result.flows.push_back(plain_flow(kStranger, kFrontEnd1, 5061, Transport::tcp, 0));
  result.flows.push_back(plain_flow(kClients, kFrontEnd1, 5061, Transport::tcp, 1));
  run();
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].rule, "client-to-server");
  EXPECT_EQ(result.findings[0].remedy, info(Reason::protocol_not_recognised).cure);
  EXPECT_EQ(row("unclassified").status, Status::inconclusive);
  EXPECT_FALSE(row("unclassified").expected);
}

TEST_F(JudgeTest, MessagesInsideClearSignallingAreJudgedOnALegOfTheirOwn) {
  FlowProfile flow = plain_flow(kClients, kFrontEnd1, 5060, Transport::tcp);
  flow.protocols = {"sip"};
  flow.application = std::make_unique<ApplicationProfile>();
  flow.application->clear.push_back({.protocol = "sip", .what = "MESSAGE request", .sender = Side::initiator, .first = {}});
  flow.application->sip.emplace().instant_message = Evidence{.frame = FrameNumber{7}};
  result.flows.push_back(std::move(flow));
  run();
  ASSERT_EQ(result.legs.size(), 2U);
  EXPECT_EQ(result.legs[0].traffic_class, TrafficClass::client_to_server);
  EXPECT_EQ(result.legs[1].traffic_class, TrafficClass::im_presence);
  EXPECT_NE(row("im-presence").status, Status::not_observed);
  ASSERT_EQ(result.judged[0].results.size(), 2U);
  EXPECT_EQ(result.judged[0].results[1].rule, "im-presence");
  const Finding& finding = result.findings.at(result.judged[0].results[1].finding);
  EXPECT_EQ(value(finding.evidence.at(0).where.frame), 7U);
}

TEST_F(JudgeTest, ALegOfProbesAloneIsNotJudgedAndItsRowNotObserved) {
  result.flows.push_back(plain_flow(kFrontEnd1, kFrontEnd2, 5061, Transport::tcp));
  result.flows.back().payload_bytes = 0;
  run();
  ASSERT_EQ(result.legs.size(), 1U);
  EXPECT_EQ(result.legs[0].status, Status::not_applicable);
  EXPECT_EQ(result.legs[0].coverage.num_exempt, 1U);
  EXPECT_EQ(result.legs[0].protection, "nothing sent");
  EXPECT_EQ(row("server-to-server").status, Status::not_observed);
  EXPECT_TRUE(result.findings.empty());
}

TEST_F(JudgeTest, AProbeOfNobodyIsNoLeg) {
  result.flows.push_back(plain_flow(kStranger, kFrontEnd1, 9999, Transport::tcp));
  result.flows.back().payload_bytes = 0;
  run();
  EXPECT_TRUE(result.legs.empty());
  EXPECT_EQ(result.judged[0].classification.leg, kNoAsset);
}

TEST_F(JudgeTest, AFlowJoinedMidStreamIsTurnedToItsServer) {
  FlowProfile flow = plain_flow(kFrontEnd2, kFrontEnd1, 50'123, Transport::tcp);
  flow.initiator.endpoint.port = 5061;
  flow.start_seen = false;
  result.flows.push_back(std::move(flow));
  run();
  EXPECT_EQ(result.legs[0].client_asset, kFrontEnd1);
  EXPECT_EQ(result.legs[0].server_asset, kFrontEnd2);
  EXPECT_EQ(result.legs[0].server_port, 5061);
  EXPECT_EQ(result.legs[0].traffic_class, TrafficClass::server_to_server);
}

TEST_F(JudgeTest, JudgingAgainGivesTheSame) {
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::one_way));
  run();
  const std::string id = result.findings[0].id;
  run();
  EXPECT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].id, id);
  EXPECT_EQ(result.legs.size(), 1U);
  EXPECT_EQ(result.judged[0].results.size(), 1U);
}

TEST_F(JudgeTest, AnUnresolvedPartyIsNobody) {
  result.flows.push_back(tls_flow(kNoAsset, kNoAsset, 5061, ClientAuthStatus::one_way));
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "role_unknown");
}

TEST_F(JudgeTest, UnknownRowsAreNamedWithTheNearest) {
  EXPECT_EQ(find_unknown_row(policy, {"server-to-server"}), "");
  EXPECT_EQ(find_unknown_row(policy, {"server-to-sever"}), "unknown row of lync-2013 'server-to-sever'; did you mean 'server-to-server'?");
}

}  // namespace
}  // namespace sealtrace
