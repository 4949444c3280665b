#include "policy/classify.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/judge_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST_F(JudgeTest, AnImitationOfTlsIsNoMediaOnAPortOfItsOwn) {
  for (const std::uint16_t port : {std::uint16_t{5061}, std::uint16_t{444}}) {
    result.flows.clear();
    result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, port, ClientAuthStatus::none));
    result.flows.back().tls->pseudo = true;
    run();
    EXPECT_EQ(result.judged[0].results[0].reason, "pseudo_tls") << port;
  }
}

TEST_F(JudgeTest, APortOfItsOwnIsNotTalkedOutOfItsRow) {
  struct Told {
    std::string_view protocol;
    std::uint32_t client;
    std::uint32_t server;
    std::uint16_t port;
    Transport transport;
    std::string_view row;
  };
  const std::vector<Told> table{
      {"dns", kFrontEnd1, kFrontEnd2, 5061, Transport::tcp, "server-to-server"},
      {"ldap", kFrontEnd1, kFrontEnd2, 5061, Transport::tcp, "server-to-server"},
      {"ntp", kClients, kFrontEnd1, 5060, Transport::udp, "client-to-server"},
      {"snmp", kClients, kFrontEnd1, 5060, Transport::udp, "client-to-server"},
      {"kerberos", kClients, kFrontEnd1, 443, Transport::tcp, "content-download"},
      {"mdns", kClients, kClients, 5353, Transport::udp, "clear-by-design"},  // media may be on any port: what is read there decides
      {"ldap", kClients, kStranger, 389, Transport::tcp, "infrastructure"},
  };
  for (const Told& told : table) {
    result.flows.clear();
    FlowProfile flow = plain_flow(told.client, told.server, told.port, told.transport);
    flow.protocols = {told.protocol};
    flow.application = std::make_unique<ApplicationProfile>();
    flow.application->clear = {{.protocol = told.protocol, .what = "message", .first = Evidence{.frame = FrameNumber{3}}}};
    result.flows.push_back(std::move(flow));
    run();
    EXPECT_EQ(result.judged[0].results[0].rule, told.row) << told.protocol << " on " << told.port;
  }
}

}  // namespace
}  // namespace sealtrace
