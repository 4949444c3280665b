#include "policy/leg_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "policy/judge_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST_F(JudgeTest, MediaOfManyPortsIsOneLeg) {
  for (int i = 0; i < 5; ++i) {
    result.flows.push_back(plain_flow(kClients, kFrontEnd1, static_cast<std::uint16_t>(50'000 + i), Transport::udp, i));
  }
  run();
  ASSERT_EQ(result.legs.size(), 1U);
  EXPECT_EQ(result.legs[0].server_port, 0);
  EXPECT_EQ(result.legs[0].status, Status::inconclusive);
  EXPECT_EQ(result.legs[0].protection, "not recognised");
}

TEST_F(JudgeTest, TwoAddressesOfOneHostAreOneEnd) {
  result.assets.push_back(named("fe02", {Role::front_end, Role::monitoring}));
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::mutual, 0));
  result.flows.push_back(tls_flow(kFrontEnd1, static_cast<std::uint32_t>(result.assets.size() - 1), 5061, ClientAuthStatus::mutual, 1));
  run();
  EXPECT_EQ(result.legs.size(), 1U);
}

TEST_F(JudgeTest, PseudoTlsAndMediaOfOneEdgeAreOneLeg) {
  result.flows.push_back(tls_flow(kClients, kEdgeAv, 443, ClientAuthStatus::none, 0));
  result.flows.back().tls->pseudo = true;
  result.flows.back().tls->established = false;
  result.flows.push_back(plain_flow(kClients, kEdgeAv, 443, Transport::tcp, 1));
  run();
  ASSERT_EQ(result.legs.size(), 1U);
  EXPECT_EQ(result.legs[0].protection, "imitated TLS; not recognised");
  EXPECT_EQ(result.legs[0].status, Status::inconclusive);
}

TEST_F(JudgeTest, AResumptionWithAWeakLinkPassesAndSaysSo) {
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::mutual));
  result.flows.back().tls->client_auth.basis = Basis::lineage;
  result.flows.back().tls->client_auth.lineage = FlowId{9};
  result.flows.back().tls->client_auth.weak_lineage = true;
  run();
  EXPECT_EQ(result.legs[0].status, Status::pass);
  EXPECT_EQ(result.legs[0].protection, "TLS 1.2 with client certificate; resumed without extended master secret");
}

}  // namespace
}  // namespace sealtrace
