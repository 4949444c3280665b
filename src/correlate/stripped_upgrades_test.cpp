#include "correlate/stripped_upgrades.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string_view>

namespace sealtrace {
namespace {

TimedEvidence at(unsigned second, std::uint64_t frame = 1) {
  return {Evidence{.capture = CaptureId{}, .frame = FrameNumber{frame}}, Timestamp{} + std::chrono::seconds{second}};
}

/// upgrade_flow is a flow to the server at 10.0.0.1 that began with its start, with one upgrade of `dialect`.
FlowProfile upgrade_flow(std::string_view dialect, std::uint64_t id, const std::function<void(SeenUpgrade&)>& fill) {
  FlowProfile flow;
  flow.id = FlowId{id};
  flow.start_seen = flow.initiator_seen = flow.responder_seen = true;
  flow.initiator.endpoint = {*IpAddress::parse("10.0.0.9"), static_cast<std::uint16_t>(50'000 + id)};
  flow.responder.endpoint = {*IpAddress::parse("10.0.0.1"), 25};
  flow.application = std::make_unique<ApplicationProfile>();
  SeenUpgrade& upgrade = flow.application->upgrades.emplace_back();
  upgrade.dialect = dialect;
  fill(upgrade);
  return flow;
}
FlowProfile offers(std::string_view dialect, std::uint64_t id, unsigned second) {
  return upgrade_flow(dialect, id, [&](SeenUpgrade& upgrade) { upgrade.offered = at(second, 7); });
}
FlowProfile lacks(std::string_view dialect, std::uint64_t id, unsigned second) {
  return upgrade_flow(dialect, id, [&](SeenUpgrade& upgrade) { upgrade.absent = at(second); });
}
FlowProfile accepts(std::string_view dialect, std::uint64_t id, unsigned second) {
  return upgrade_flow(dialect, id, [&](SeenUpgrade& upgrade) { upgrade.accepted = at(second, 7); });
}
/// refuses is a flow whose client asks, is refused, and goes on in clear a second later unless told otherwise.
FlowProfile refuses(std::string_view dialect, std::uint64_t id, unsigned second, bool goes_on = true) {
  FlowProfile flow = upgrade_flow(dialect, id, [&](SeenUpgrade& upgrade) {
    upgrade.requested = at(second);
    upgrade.refused = at(second);
  });
  flow.application->clear.push_back({.protocol = dialect, .what = "request", .sender = Side::initiator, .first = at(second)});
  if (goes_on)
    flow.application->clear.push_back({.protocol = dialect, .what = "message", .sender = Side::initiator, .first = at(second + 1)});
  return flow;
}

struct Case {
  std::string_view name;
  std::function<std::vector<FlowProfile>()> flows;
  std::uint64_t offer_of_second = 0;  ///< the flow whose offer the second one lacks; 0: not stripped
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::vector<FlowProfile> two(FlowProfile first, FlowProfile second, const std::function<void(FlowProfile&)>& change = {}) {
  std::vector<FlowProfile> flows;
  flows.push_back(std::move(first));
  flows.push_back(std::move(second));
  if (change) change(flows.back());
  return flows;
}

const Case kCases[] = {
    {"an offer that is gone", [] { return two(offers("smtp", 1, 10), lacks("smtp", 2, 20)); }, 1},
    {"consent is as good as an offer", [] { return two(accepts("imap", 1, 10), lacks("imap", 2, 20)); }, 1},
    {"an offer that came later", [] { return two(offers("smtp", 1, 30), lacks("smtp", 2, 20)); }},
    {"an offer of the same moment", [] { return two(offers("smtp", 1, 20), lacks("smtp", 2, 20)); }},
    {"another server",
     [] {
       return two(offers("smtp", 1, 10), lacks("smtp", 2, 20),
                  [](FlowProfile& flow) { flow.responder.endpoint.address = *IpAddress::parse("10.0.0.2"); });
     }},
    {"another port",
     [] { return two(offers("smtp", 1, 10), lacks("smtp", 2, 20), [](FlowProfile& flow) { flow.responder.endpoint.port = 587; }); }},
    {"another protocol", [] { return two(offers("imap", 1, 10), lacks("smtp", 2, 20)); }},
    {"another domain of an XMPP server",
     [] {
       std::vector<FlowProfile> flows = two(offers("xmpp", 1, 10), lacks("xmpp", 2, 20));
       flows[0].application->xmpp.emplace().to = "contoso.com";
       flows[1].application->xmpp.emplace().to = "fabrikam.com";
       return flows;
     }},
    {"a beginning that was not seen",
     [] { return two(offers("smtp", 1, 10), lacks("smtp", 2, 20), [](FlowProfile& flow) { flow.start_seen = false; }); }},
    {"copies that differ",
     [] { return two(offers("smtp", 1, 10), lacks("smtp", 2, 20), [](FlowProfile& flow) { flow.conflicting = true; }); }},
    {"an offer in copies that differ",
     [] {
       std::vector<FlowProfile> flows = two(offers("smtp", 1, 10), lacks("smtp", 2, 20));
       flows[0].conflicting = true;
       return flows;
     }},
    {"TLS that began all the same",
     [] { return two(offers("smtp", 1, 10), lacks("smtp", 2, 20), [](FlowProfile& flow) { flow.tls = std::make_unique<TlsProfile>(); }); }},
    {"an offer after all",
     [] {
       return two(offers("smtp", 1, 10), lacks("smtp", 2, 20), [](FlowProfile& flow) { flow.application->upgrades[0].offered = at(21); });
     }},
    {"neither offer nor list", [] { return two(offers("smtp", 1, 10), upgrade_flow("smtp", 2, [](SeenUpgrade&) {})); }},
    {"PostgreSQL that had consented refuses", [] { return two(accepts("postgresql", 1, 10), refuses("postgresql", 2, 20)); }, 1},
    {"PostgreSQL that ends with an error", [] { return two(accepts("postgresql", 1, 10), refuses("postgresql", 2, 20, false)); }},
    {"TDS, whatever was to be covered", [] { return two(accepts("tds", 1, 10), refuses("tds_login", 2, 20)); }, 1},
    {"LDAP refuses for many causes", [] { return two(accepts("ldap", 1, 10), refuses("ldap", 2, 20)); }},
    {"SMTP refuses what it offers", [] { return two(accepts("smtp", 1, 10), refuses("smtp", 2, 20)); }},
};

class StrippedUpgrade : public ::testing::TestWithParam<Case> {};
TEST_P(StrippedUpgrade, IsOneThatTheServerHadEarlier) {
  std::vector<FlowProfile> flows = GetParam().flows();
  for (int round = 0; round < 2; ++round) {  // a second call says the same
    EXPECT_EQ(link_stripped_upgrades(flows), 0U);
    EXPECT_FALSE(flows[0].application->upgrades[0].stripped);
    const std::optional<EarlierOffer>& stripped = flows[1].application->upgrades[0].stripped;
    ASSERT_EQ(stripped.has_value(), GetParam().offer_of_second != 0);
    if (!stripped) continue;
    EXPECT_EQ(stripped->flow, FlowId{GetParam().offer_of_second});
    EXPECT_EQ(stripped->where.frame, FrameNumber{7});
  }
}
INSTANTIATE_TEST_SUITE_P(Each, StrippedUpgrade, ::testing::ValuesIn(kCases));

TEST(StrippedUpgrades, TheFirstOfferByTimeIsNamed) {
  std::vector<FlowProfile> flows = two(offers("smtp", 1, 15), offers("smtp", 2, 10));
  flows.push_back(lacks("smtp", 3, 20));
  EXPECT_EQ(link_stripped_upgrades(flows), 0U);
  ASSERT_TRUE(flows[2].application->upgrades[0].stripped);
  EXPECT_EQ(flows[2].application->upgrades[0].stripped->flow, FlowId{2});
}

TEST(StrippedUpgrades, AnEarlierCallIsForgotten) {
  std::vector<FlowProfile> flows = two(offers("smtp", 1, 10), lacks("smtp", 2, 20));
  link_stripped_upgrades(flows);
  flows.erase(flows.begin());
  link_stripped_upgrades(flows);
  EXPECT_FALSE(flows[0].application->upgrades[0].stripped);
}

TEST(StrippedUpgrades, ServersBeyondTheLimitAreCounted) {
  std::vector<FlowProfile> flows = two(offers("smtp", 1, 10), offers("imap", 2, 10));
  flows.push_back(lacks("imap", 3, 20));
  EXPECT_EQ(link_stripped_upgrades(flows, 1), 1U);
  EXPECT_FALSE(flows[2].application->upgrades[0].stripped);
}

}  // namespace
}  // namespace sealtrace
