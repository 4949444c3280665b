#include "correlate/resumption.hpp"

#include <gtest/gtest.h>

#include "correlate/fact_script.hpp"
#include "correlate/fold.hpp"
#include "correlate/ordering.hpp"

namespace sealtrace {
namespace {

using testing::facts_of;
using testing::flow_of;
using testing::FlowShape;
using testing::kDeclined;
using testing::kMutual;
using testing::kOneWay;
using testing::kResumed;
using testing::ScriptValues;
using enum ClientAuthStatus;

constexpr OpaqueHash kId{100};
constexpr OpaqueHash kTicket{200};
constexpr OpaqueHash kNewTicket{201};
constexpr std::string_view kMutualWithTicket =
    ">hello <hello <cert <kx <req <done >cert >kx >verify >ccs >fin <ticket <ccs <fin >data <data";
constexpr std::string_view kOneWayWithTicket = ">hello <hello <cert <kx <done >kx >ccs >fin <ticket <ccs <fin >data <data";
constexpr std::string_view kResumedWithTicket = ">hello <hello <ticket <ccs <fin >ccs >fin >data <data";

/// Step is one flow of an audit; flows begin in the order of the steps, a second apart.
struct Step {
  std::string_view script;
  ScriptValues values;
  FlowShape shape{};
};

const ScriptValues kIssuesId{.session_id = kId};
const ScriptValues kOffersId{.offered_session_id = kId, .session_id = kId};
const ScriptValues kIssuesTicket{.issued_ticket = kTicket};
const ScriptValues kOffersTicket{.offered_session_id = OpaqueHash{7}, .session_id = OpaqueHash{7}, .offered_ticket = kTicket};

struct Case {
  std::string_view name;
  std::vector<Step> steps;
  ClientAuthStatus status = not_observable;  ///< of the last step
  std::uint64_t lineage = 0;
  bool weak = false;
  NotObservableCause cause = NotObservableCause::none;
};

const Case kCases[] = {
    {"a session id inherits mutual", {{kMutual, kIssuesId}, {kResumed, kOffersId}}, mutual, 1},
    {"a session id inherits declined", {{kDeclined, kIssuesId}, {kResumed, kOffersId}}, declined, 1},
    {"a session id inherits one-way", {{kOneWay, kIssuesId}, {kResumed, kOffersId}}, one_way, 1},
    {"a ticket inherits, whatever id goes with it", {{kMutualWithTicket, kIssuesTicket}, {kResumed, kOffersTicket}}, mutual, 1},
    {"a renewed ticket inherits from the full handshake",
     {{kMutualWithTicket, kIssuesTicket},
      {kResumedWithTicket, {.offered_ticket = kTicket, .issued_ticket = kNewTicket}},
      {kResumed, {.offered_ticket = kNewTicket}}},
     mutual,
     1},
    {"DTLS inherits alike",
     {{kMutualWithTicket, {.version = TlsVersion::dtls1_2, .issued_ticket = kTicket}},
      {kResumed, {.version = TlsVersion::dtls1_2, .offered_ticket = kTicket}}},
     mutual,
     1},
    {"without extended master secret the link is weaker",
     {{kMutual, {.session_id = kId, .extended_master_secret = false}},
      {kResumed, {.offered_session_id = kId, .session_id = kId, .extended_master_secret = false}}},
     mutual,
     1,
     true},
    {"the full handshake was not seen", {{kResumed, kOffersId}}, not_observable, 0, false, NotObservableCause::resumed},
    {"the full handshake began later",
     {{kResumed, kOffersId}, {kMutual, kIssuesId}, {kResumed, {.offered_ticket = kTicket}}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"a ticket nobody issued is not helped by a known id",
     {{kMutual, kIssuesId}, {kResumed, {.offered_session_id = kId, .session_id = kId, .offered_ticket = kTicket}}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"an id is not a ticket",
     {{kMutual, {.session_id = kTicket}}, {kResumed, kOffersTicket}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"another version contradicts",
     {{kMutual, {.version = TlsVersion::tls1_1, .session_id = kId}}, {kResumed, kOffersId}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"another suite contradicts",
     {{kMutual, {.cipher_suite = CipherSuite{0x002F}, .session_id = kId}}, {kResumed, kOffersId}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"an id given to two sessions that differ links nothing",
     {{kMutual, kIssuesId}, {kOneWay, kIssuesId}, {kResumed, kOffersId}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"an id given to a session that was not decided links nothing",
     {{kMutual, kIssuesId}, {">hello <hello <cert <gap >kx >ccs >fin <ccs <fin", kIssuesId}, {kResumed, kOffersId}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"an id given twice to sessions alike links the first", {{kMutual, kIssuesId}, {kMutual, kIssuesId}, {kResumed, kOffersId}}, mutual, 1},
    {"a handshake without Finished issues nothing",
     {{">hello <hello <cert <kx <req <done >cert >kx >verify >ccs >fin", kIssuesId}, {kResumed, kOffersId}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"a rejected handshake issues nothing",
     {{">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <fatal", kIssuesId}, {kResumed, kOffersId}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"a resumption that is renegotiated does not stay one-way",
     {{kOneWayWithTicket, kIssuesTicket}, {">hello <hello <ccs <fin >ccs >fin >enc <enc", kOffersTicket}},
     not_observable,
     0,
     false,
     NotObservableCause::renegotiated},
    {"a resumption that could hide a renegotiation does not stay one-way",
     {{kOneWayWithTicket, kIssuesTicket}, {">hello <hello <ccs <fin >ccs >fin >later-gap <later-gap", kOffersTicket}},
     not_observable,
     0,
     false,
     NotObservableCause::gap},
    {"a mutual resumption stays mutual when renegotiated",
     {{kMutualWithTicket, kIssuesTicket}, {">hello <hello <ccs <fin >ccs >fin >enc <enc", kOffersTicket}},
     mutual,
     1},
    {"a resumption that the capture cuts inherits nothing",
     {{kMutual, kIssuesId}, {">hello <hello <ccs <fin", kOffersId}},
     not_observable,
     0,
     false,
     NotObservableCause::still_running},
    {"a resumption seen from one side inherits nothing",
     {{kMutual, kIssuesId}, {"<hello <ccs <fin", kOffersId, {.client_seen = false}}},
     not_observable,
     0,
     false,
     NotObservableCause::client_not_seen},
    {"TLS 1.3 is never linked by what stands in the clear",
     {{kMutual, kIssuesId},
      {">hello <psk-hello <data >data <data", {.version = TlsVersion::tls1_3, .offered_session_id = kId, .session_id = kId}}},
     not_observable,
     0,
     false,
     NotObservableCause::resumed},
    {"a ticket of TLS 1.3 that secrets showed links",
     {{">hello <hello <data <*ee <*req <*cert <*verified <*checked >data >*cert >*verified >*checked <data <*ticket",
       {.version = TlsVersion::tls1_3, .issued_ticket = kTicket}},
      {">hello <psk-hello <data >data <data", {.version = TlsVersion::tls1_3, .offered_ticket = kTicket, .extended_master_secret = false}}},
     mutual,
     1},
};

std::vector<FlowProfile> audit_of(const std::vector<Step>& steps) {
  std::vector<FlowProfile> flows;
  Timestamp start{};
  for (const Step& step : steps) {
    FlowProfile flow = flow_of(step.shape);
    std::vector<Fact> facts = facts_of(step.script, step.values);
    fold(flow, facts, false);
    flow.start = start += std::chrono::seconds{1};
    flows.push_back(std::move(flow));
  }
  number_flows(flows);
  return flows;
}

TEST(Resumption, InheritsWhatTheFullHandshakeShowed) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    std::vector<FlowProfile> flows = audit_of(row.steps);
    link_resumptions(flows);
    const ClientAuth& auth = flows.back().tls->client_auth;
    EXPECT_EQ(to_string(auth.status), to_string(row.status));
    EXPECT_EQ(to_string(auth.cause), to_string(row.cause));
    EXPECT_EQ(value(auth.lineage), row.lineage);
    EXPECT_EQ(auth.weak_lineage, row.weak);
    EXPECT_EQ(auth.basis, row.lineage != 0 ? Basis::lineage : Basis::decoded);
    EXPECT_TRUE(flows.back().tls->client_chain.empty());
  }
}

TEST(Resumption, LinkingTwiceChangesNothing) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    std::vector<FlowProfile> flows = audit_of(row.steps);
    link_resumptions(flows);
    link_resumptions(flows);
    EXPECT_EQ(to_string(flows.back().tls->client_auth.status), to_string(row.status));
    EXPECT_EQ(value(flows.back().tls->client_auth.lineage), row.lineage);
  }
}

TEST(Resumption, LinkingAgainFollowsNewNumbers) {
  std::vector<FlowProfile> flows = audit_of({{kMutual, kIssuesId}, {kResumed, kOffersId}});
  link_resumptions(flows);
  FlowProfile earlier = flow_of({});
  std::vector<Fact> facts = facts_of(kOneWay, {});
  fold(earlier, facts, false);
  flows.push_back(std::move(earlier));  // a flow that began before them ends
  number_flows(flows);
  link_resumptions(flows);
  EXPECT_EQ(flows.back().tls->client_auth.status, mutual);
  EXPECT_EQ(value(flows.back().tls->client_auth.lineage), 2U);
}

TEST(Resumption, LinkingAgainForgetsASessionThatIsNoLongerThere) {
  std::vector<FlowProfile> flows = audit_of({{kMutual, kIssuesId}, {kResumed, kOffersId}});
  link_resumptions(flows);
  flows.erase(flows.begin());
  link_resumptions(flows);
  EXPECT_EQ(flows.back().tls->client_auth.status, not_observable);
  EXPECT_EQ(flows.back().tls->client_auth.cause, NotObservableCause::resumed);
  EXPECT_EQ(flows.back().tls->client_auth.basis, Basis::decoded);
}

TEST(Resumption, WithoutTheFullHandshakeNothingIsInherited) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    for (std::size_t missing = 0; missing + 1 < row.steps.size(); ++missing) {
      std::vector<Step> steps = row.steps;
      steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(missing));
      std::vector<FlowProfile> flows = audit_of(steps);
      link_resumptions(flows);
      const ClientAuthStatus status = flows.back().tls->client_auth.status;
      const bool contradiction = row.name.starts_with("an id given");  // either half alone is a good session
      EXPECT_TRUE(contradiction || status == row.status || status == not_observable)
          << to_string(status) << " without flow " << missing + 1;
    }
  }
}

}  // namespace
}  // namespace sealtrace
