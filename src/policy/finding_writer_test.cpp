#include "policy/finding_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "policy/judge_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST_F(JudgeTest, AFindingIsOnePerLegAndReasonWithAFewFrames) {
  for (int i = 0; i < 20; ++i) result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::one_way, i));
  run();
  const auto failures = std::ranges::count(result.findings, Status::fail, &Finding::status);
  ASSERT_EQ(failures, 1);
  const Finding& finding = result.findings[0];
  EXPECT_EQ(finding.num_flows, 20U);
  EXPECT_EQ(finding.evidence.size(), kMaxFindingEvidence);
  EXPECT_EQ(finding.evidence[0].what, "ServerHello; no CertificateRequest follows it");
  EXPECT_EQ(finding.evidence[0].time, at(1));
  EXPECT_EQ(finding.evidence[0].display_filter,
            "frame.number == 5 && ip.addr == 10.0.1.1 && ip.addr == 10.0.1.2 && tcp.port == 50000 && tcp.port == 5061");
  EXPECT_EQ(finding.first_seen, at(0));
  EXPECT_EQ(finding.last_seen, at(195));
  EXPECT_EQ(finding.title, "TLS without a client certificate");
  EXPECT_EQ(
      finding.message,
      "fe01 to fe02, port 5061/tcp (server-to-server): The TLS handshake completed, but the client did not authenticate itself with a "
      "certificate. The server did not ask for one. Required: MTLS (Encryption for Lync Server 2013, traffic protection table, row server "
      "to "
      "server).");
  EXPECT_EQ(finding.verify, "tshark -r CAPTURE -Y 'tcp.port == 5061 && tls.handshake.type in {13, 15}'");
  EXPECT_FALSE(finding.why.empty());
  EXPECT_NE(finding.remedy.find("fe01 holds a certificate"), std::string::npos);
}

TEST_F(JudgeTest, AFindingKeepsItsIdWhateverTheFramesAndTheOtherFlows) {
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::one_way, 0));
  run();
  const std::string id = result.findings[0].id;
  EXPECT_TRUE(id.starts_with("F-") && id.size() == 10) << id;
  result.flows.insert(result.flows.begin(), tls_flow(kFrontEnd2, kFrontEnd1, 444, ClientAuthStatus::one_way, 4));
  result.flows[1] = tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::declined, 7);
  run();
  EXPECT_EQ(result.findings[0].id, id);
}

TEST_F(JudgeTest, AFindingOfAProposedClassSaysSo) {
  result.flows.push_back(tls_flow(kFrontEnd1, kStranger, 5067, ClientAuthStatus::one_way, 0));
  run();
  EXPECT_NE(result.findings[0].message.find("a topology file makes it certain"), std::string::npos);
}

}  // namespace
}  // namespace sealtrace
