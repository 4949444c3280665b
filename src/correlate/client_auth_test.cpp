#include "correlate/client_auth.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "correlate/fact_script.hpp"
#include "correlate/fold.hpp"

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
using Cause = NotObservableCause;

struct Case {
  std::string_view name;
  std::string_view script;
  FlowShape shape;
  ScriptValues values;
  ClientAuthStatus status = none;
  Cause cause = Cause::none;
  std::optional<bool> requested;
  std::optional<bool> presented;
  std::optional<bool> verified;
  bool established = false;
};

constexpr std::optional<bool> kYes = true;
constexpr std::optional<bool> kNo = false;
constexpr std::optional<bool> kOpen = std::nullopt;
const FlowShape kWhole{};
const FlowShape kClosed{.closed = CloseReason::tcp_close};
const FlowShape kReset{.reset = true};
const FlowShape kNoClient{.client_seen = false};
const FlowShape kNoServer{.server_seen = false};
const FlowShape kCut{.truncated = true, .missing_bytes = 50};
const FlowShape kLossy{.closed = CloseReason::tcp_close, .missing_bytes = 50};
const FlowShape kConflict{.conflicting = true};
const ScriptValues kTls12{};
const ScriptValues kTls13{.version = TlsVersion::tls1_3};
const ScriptValues kDtls12{.version = TlsVersion::dtls1_2};
const ScriptValues kDtls13{.version = TlsVersion::dtls1_3};
const ScriptValues kSsl2{.version = TlsVersion::ssl2};
const ScriptValues kSsl3{.version = TlsVersion::ssl3};
const ScriptValues kEchoedId{.offered_session_id = OpaqueHash{5}, .session_id = OpaqueHash{5}};

const Case kCases[] = {
    // mutual
    {"every message of the proof and both Finished are mutual", kMutual, kWhole, kTls12, mutual, Cause::none, kYes, kYes, kYes, true},
    {"mutual without a ServerKeyExchange (RSA)", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin", kWhole, kTls12,
     mutual, Cause::none, kYes, kYes, kYes, true},
    {"mutual with a ticket and a stapled status",
     ">hello <hello <cert <status <kx <req <done >cert >kx >verify >ccs >fin <ticket <ccs <fin", kWhole, kTls12, mutual, Cause::none, kYes,
     kYes, kYes, true},
    {"mutual over DTLS after a cookie", ">hello <cookie >hello <hello <cert <kx <req <done >cert >kx >verify >ccs >fin <ccs <fin", kWhole,
     kDtls12, mutual, Cause::none, kYes, kYes, kYes, true},
    {"mutual stays mutual when the handshake is later renegotiated",
     ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin >enc <enc", kWhole, kTls12, mutual, Cause::none, kYes, kYes,
     kYes, true},
    {"mutual stays mutual when application data was missed",
     ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin "
     ">later-gap <later-gap",
     kWhole, kTls12, mutual, Cause::none, kYes, kYes, kYes, true},
    {"an alert after both Finished changes nothing", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin <alert >alert",
     kClosed, kTls12, mutual, Cause::none, kYes, kYes, kYes, true},
    // declined
    {"an empty certificate and a session that goes on is declined", kDeclined, kWhole, kTls12, declined, Cause::none, kYes, kNo, kNo, true},
    {"SSL 3.0 declines by an alert", ">hello <hello <cert <req <done >warning-41 >kx >ccs >fin <ccs <fin", kWhole, kSsl3, declined,
     Cause::none, kYes, kNo, kNo, true},
    // rejected
    {"a certificate and a fatal alert of the server is rejected", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <fatal",
     kClosed, kTls12, rejected, Cause::none, kYes, kYes, kYes, false},
    {"a fatal alert is enough while the flow stays open", ">hello <hello <cert <req <done >cert >kx >verify <fatal", kWhole, kTls12,
     rejected, Cause::none, kYes, kYes, kYes, false},
    {"an empty certificate is declined, also when a fatal alert follows", ">hello <hello <cert <req <done >no-cert >kx >ccs >fin <fatal",
     kWhole, kTls12, declined, Cause::none, kYes, kNo, kNo, false},
    {"a certificate and a close is rejected", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin", kClosed, kTls12, rejected,
     Cause::none, kYes, kYes, kYes, false},
    {"a certificate and a reset is rejected", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin", kReset, kTls12, rejected,
     Cause::none, kYes, kYes, kYes, false},
    {"a certificate and an early close_notify is rejected", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <notify", kWhole,
     kTls12, rejected, Cause::none, kYes, kYes, kYes, false},
    // one-way
    {"no request and a session that goes on is one-way", kOneWay, kWhole, kTls12, one_way, Cause::none, kNo, kNo, kNo, true},
    {"an anonymous suite is one-way: nobody was asked", ">hello <hello <kx <done >kx >ccs >fin <ccs <fin", kWhole, kTls12, one_way,
     Cause::none, kNo, kNo, kNo, true},
    {"a session is one-way when octets of one side only were missed after it",
     ">hello <hello <cert <done >kx >ccs >fin <ccs <fin <later-gap", kWhole, kTls12, one_way, Cause::none, kNo, kNo, kNo, true},
    {"octets missed before TLS began do not matter", "<later-gap >hello <hello <cert <done >kx >ccs >fin <ccs <fin", kWhole, kTls12,
     one_way, Cause::none, kNo, kNo, kNo, true},
    {"a UDP port pair joined inside a session is judged by the next one", ">mid >hello <hello <cert <done >kx >ccs >fin <ccs <fin", kWhole,
     kDtls12, one_way, Cause::none, kNo, kNo, kNo, true},
    // resumed
    {"an abbreviated handshake is resumed", kResumed, kWhole, kTls12, not_observable, Cause::resumed, kNo, kNo, kNo, true},
    {"an echoed session id is resumed", kResumed, kWhole, kEchoedId, not_observable, Cause::resumed, kNo, kNo, kNo, true},
    {"a resumption with a renewed ticket is resumed", ">hello <hello <ticket <ccs <fin >ccs >fin", kWhole, kTls12, not_observable,
     Cause::resumed, kNo, kNo, kNo, true},
    {"a resumption that failed is none", ">hello <hello <ccs <fin >fatal", kClosed, kEchoedId, none, Cause::none, kOpen, kOpen, kOpen,
     false},
    {"a resumption that the capture cuts is still running", ">hello <hello <ccs <fin", kWhole, kTls12, not_observable, Cause::still_running,
     kOpen, kOpen, kOpen, false},
    // renegotiated
    {"a handshake record after a one-way handshake is a renegotiation", ">hello <hello <cert <done >kx >ccs >fin <ccs <fin >enc <enc >ccs",
     kWhole, kTls12, not_observable, Cause::renegotiated, kNo, kNo, kNo, true},
    {"a handshake record after a declined handshake is a renegotiation",
     ">hello <hello <cert <req <done >no-cert >kx >ccs >fin <ccs <fin <enc >enc", kWhole, kTls12, not_observable, Cause::renegotiated, kYes,
     kNo, kNo, true},
    {"a renegotiation could hide where both sides' later octets were missed",
     ">hello <hello <cert <done >kx >ccs >fin <ccs <fin >later-gap <later-gap", kWhole, kTls12, not_observable, Cause::gap, kNo, kNo, kNo,
     true},
    // TLS 1.3
    {"TLS 1.3 hides who authenticated", ">hello <hello <ccs <data <data >ccs >data <data", kWhole, kTls13, not_observable, Cause::encrypted,
     kOpen, kOpen, kOpen, true},
    {"TLS 1.3 after a hello retry", ">hello <retry <ccs >ccs >hello <hello <data >data <data", kWhole, kTls13, not_observable,
     Cause::encrypted, kOpen, kOpen, kOpen, true},
    {"a TLS 1.3 PSK is resumed", ">hello <psk-hello <data >data <data", kWhole, kTls13, not_observable, Cause::resumed, kOpen, kOpen, kOpen,
     true},
    {"a TLS 1.3 server that answers with an alert only is not established", ">hello <hello <data >data <alert-sized", kClosed, kTls13,
     not_observable, Cause::encrypted, kOpen, kOpen, kOpen, false},
    {"a fatal alert in the clear ends TLS 1.3 before any certificate", ">hello <hello >fatal", kClosed, kTls13, none, Cause::none, kOpen,
     kOpen, kOpen, false},
    {"DTLS 1.3 hides who authenticated", ">hello <hello <data >data <data", kWhole, kDtls13, not_observable, Cause::encrypted, kOpen, kOpen,
     kOpen, true},
    {"SSL 2 hides who authenticated", ">hello <hello >data <data", kWhole, kSsl2, not_observable, Cause::encrypted, kOpen, kOpen, kOpen,
     true},
    // one side missing, cut, gaps
    {"the server's side alone", "<hello <cert <kx <req <done <ccs <fin", kNoClient, kTls12, not_observable, Cause::client_not_seen, kYes,
     kOpen, kOpen, false},
    {"the server's side alone, nobody asked", "<hello <cert <kx <done <ccs <fin", kNoClient, kTls12, not_observable, Cause::client_not_seen,
     kNo, kOpen, kOpen, false},
    {"the client's side alone", ">hello >cert >kx >verify >ccs >fin", kNoServer, kTls12, not_observable, Cause::server_not_seen, kOpen,
     kYes, kYes, false},
    {"a hello to a server that was not captured", ">hello", kNoServer, kTls12, not_observable, Cause::server_not_seen, kOpen, kOpen, kOpen,
     false},
    {"the client's certificate was missed", ">hello <hello <cert <req <done >gap >verify >ccs >fin <ccs <fin", kWhole, kTls12,
     not_observable, Cause::gap, kYes, kOpen, kYes, true},
    {"a gap in the server's flight", ">hello <hello <gap <done >cert >kx >verify >ccs >fin <ccs <fin", kWhole, kTls12, not_observable,
     Cause::gap, kOpen, kYes, kYes, true},
    {"a cut frame in the server's flight", ">hello <hello <gap <done >kx >ccs >fin <ccs <fin", kCut, kTls12, not_observable,
     Cause::truncated, kOpen, kNo, kNo, true},
    {"a malformed message", ">hello <hello <unreadable <done >kx >ccs >fin <ccs <fin", kWhole, kTls12, not_observable, Cause::unreadable,
     kOpen, kNo, kNo, true},
    {"a budget that was exceeded in the handshake", ">hello <hello <cert <budget <done >kx >ccs >fin <ccs <fin", kWhole, kTls12,
     not_observable, Cause::gap, kOpen, kOpen, kOpen, true},
    {"octets sent twice that differ", kMutual, kConflict, kTls12, not_observable, Cause::conflicting, kYes, kYes, kYes, true},
    {"a session joined in the middle", ">mid >data <mid <data", kWhole, kTls12, not_observable, Cause::mid_stream, kOpen, kOpen, kOpen,
     false},
    {"a handshake joined after the ClientHello", "<hello <cert <done >kx >ccs >fin <ccs <fin", kWhole, kTls12, not_observable, Cause::gap,
     kNo, kOpen, kOpen, true},
    {"a capture that ends in the handshake", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin", kWhole, kTls12, not_observable,
     Cause::still_running, kYes, kYes, kYes, false},
    {"a close after missed octets may have been anything", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin", kLossy, kTls12,
     not_observable, Cause::gap, kYes, kYes, kYes, false},
    // messages that contradict each other
    {"a certificate that nobody asked for", ">hello <hello <cert <done >cert >kx >verify >ccs >fin <ccs <fin", kWhole, kTls12,
     not_observable, Cause::gap, kOpen, kYes, kYes, true},
    {"a certificate without its CertificateVerify", ">hello <hello <cert <req <done >cert >kx >ccs >fin <ccs <fin", kWhole, kTls12,
     not_observable, Cause::gap, kYes, kYes, kNo, true},
    {"a request without an answer", ">hello <hello <cert <req <done >kx >ccs >fin <ccs <fin", kWhole, kTls12, not_observable, Cause::gap,
     kYes, kNo, kNo, true},
    {"an empty certificate with a CertificateVerify", ">hello <hello <cert <req <done >no-cert >kx >verify >ccs >fin <ccs <fin", kWhole,
     kTls12, not_observable, Cause::gap, kYes, kNo, kYes, true},
    {"a CertificateVerify before its certificate", ">hello <hello <cert <req <done >verify >cert >kx >ccs >fin <ccs <fin", kWhole, kTls12,
     not_observable, Cause::unreadable, kYes, kYes, kYes, true},
    {"a Finished without ChangeCipherSpec", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <fin", kWhole, kTls12,
     not_observable, Cause::gap, kYes, kYes, kYes, false},
    {"a request sent by the client", ">hello <hello <cert <done >req >cert >kx >verify >ccs >fin <ccs <fin", kWhole, kTls12, not_observable,
     Cause::unreadable, kOpen, kYes, kYes, true},
    {"a second hello of the server within one handshake", ">hello <hello <cert <req <hello <done >cert >kx >verify >ccs >fin <ccs <fin",
     kWhole, kTls12, not_observable, Cause::gap, kOpen, kYes, kYes, true},
    // never got far enough
    {"a hello and an alert is none", ">hello <fatal", kClosed, kTls12, none, Cause::none, kOpen, kOpen, kOpen, false},
    {"a hello and a reset is none", ">hello", kReset, kTls12, none, Cause::none, kOpen, kOpen, kOpen, false},
    {"a hello at the end of the capture is still running", ">hello", kWhole, kTls12, not_observable, Cause::still_running, kOpen, kOpen,
     kOpen, false},
    {"a client that refuses the server's certificate is none", ">hello <hello <cert <kx <req <done >fatal", kClosed, kTls12, none,
     Cause::none, kYes, kOpen, kOpen, false},
    {"pseudo-TLS is none", ">pseudo <pseudo", kClosed, kTls12, none, Cause::none, kOpen, kOpen, kOpen, false},
    // several handshakes in the clear
    {"two mutual handshakes on one port pair are mutual",
     ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin >hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs "
     "<fin",
     kWhole, kDtls12, mutual, Cause::none, kYes, kYes, kYes, true},
    {"a one-way handshake after a mutual one decides nothing",
     ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin >hello <hello <cert <done >kx >ccs >fin <ccs <fin", kWhole,
     kDtls12, not_observable, Cause::renegotiated, kNo, kNo, kNo, true},
    {"a mutual handshake after a one-way one decides nothing",
     ">hello <hello <cert <done >kx >ccs >fin <ccs <fin >hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin", kWhole,
     kDtls12, not_observable, Cause::renegotiated, kYes, kYes, kYes, true},
    {"a hello that nobody answers changes nothing", ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin >hello", kWhole,
     kDtls12, mutual, Cause::none, kYes, kYes, kYes, true},
    {"a second handshake that the capture cuts leaves it open",
     ">hello <hello <cert <req <done >cert >kx >verify >ccs >fin <ccs <fin >hello <hello <cert", kWhole, kDtls12, not_observable,
     Cause::still_running, kOpen, kOpen, kOpen, true},
};

/// assess folds `facts` over a flow of the case's shape.
FlowProfile folded(std::vector<Fact> facts, const FlowShape& shape) {
  FlowProfile flow = flow_of(shape);
  fold(flow, facts, false);
  return flow;
}

ClientAuth assess(std::vector<Fact> facts, const FlowShape& shape) {
  const FlowProfile flow = folded(std::move(facts), shape);
  return flow.tls ? flow.tls->client_auth : ClientAuth{};
}

bool decided(ClientAuthStatus status) { return status == mutual || status == one_way || status == declined || status == rejected; }

TEST(ClientAuth, FollowsTheTable) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    const FlowProfile flow = folded(facts_of(row.script, row.values), row.shape);
    const ClientAuth& auth = flow.tls->client_auth;
    EXPECT_EQ(to_string(auth.status), to_string(row.status));
    EXPECT_EQ(to_string(auth.cause), to_string(row.cause));
    EXPECT_EQ(auth.requested, row.requested);
    EXPECT_EQ(auth.presented, row.presented);
    EXPECT_EQ(auth.certificate_verify_seen, row.verified);
    EXPECT_EQ(flow.tls->established, row.established);
    EXPECT_EQ(auth.basis, Basis::decoded);
  }
}

TEST(ClientAuth, NothingTakenAwayMakesAHandshakeMutual) {
  for (const Case& row : kCases) {
    // Of a contradiction, either half alone is a good handshake.
    if (row.status == mutual || row.name.starts_with("a second hello of the server")) continue;
    SCOPED_TRACE(row.name);
    const std::vector<Fact> whole = facts_of(row.script, row.values);
    for (std::size_t taken = 0; taken < whole.size(); ++taken) {
      std::vector<Fact> facts = whole;
      facts.erase(facts.begin() + static_cast<std::ptrdiff_t>(taken));
      EXPECT_NE(assess(std::move(facts), row.shape).status, mutual) << "without fact " << taken;
    }
  }
}

TEST(ClientAuth, EveryMessageOfTheProofIsNeededForMutual) {
  const std::vector<Fact> whole = facts_of(kMutual);
  const std::size_t num_handshake_facts = whole.size() - 2;  // the last two are application data
  for (std::size_t taken = 0; taken < num_handshake_facts; ++taken) {
    std::vector<Fact> facts = whole;
    facts.erase(facts.begin() + static_cast<std::ptrdiff_t>(taken));
    const bool shown_by_nothing_else = taken != 2 && taken != 3;  // the server's own Certificate and key exchange prove no client
    EXPECT_EQ(assess(std::move(facts), kWhole).status != mutual, shown_by_nothing_else) << "without fact " << taken;
  }
}

/// lose takes the facts marked in `lost` away as the loss of octets does: a gap of the same sender stands in their place.
std::vector<Fact> lose(const std::vector<Fact>& whole, const std::vector<bool>& lost) {
  std::vector<Fact> facts;
  std::array<bool, 2> in_gap{};
  std::array<bool, 2> finished{};
  for (std::size_t at = 0; at < whole.size(); ++at) {
    const std::size_t side = index(whole[at].sender);
    if (!lost[at]) {
      facts.push_back(whole[at]);
      in_gap[side] = false;
      finished[side] = finished[side] || std::holds_alternative<TlsFinished>(whole[at].body);
    } else if (!in_gap[side]) {
      Fact gap = whole[at];
      gap.body = StreamGap{.missing_bytes = 100, .within_handshake = !finished[side]};
      facts.push_back(std::move(gap));
      in_gap[side] = true;
    }
  }
  return facts;
}

TEST(ClientAuth, LossNeverDecidesOtherwise) {
  std::mt19937 random{20260105};
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    const std::vector<Fact> whole = facts_of(row.script, row.values);
    const ClientAuthStatus before = assess(whole, row.shape).status;
    for (int round = 0; round < 400; ++round) {
      std::vector<bool> lost(whole.size());
      const double rate = std::uniform_real_distribution<>{0.02, 0.9}(random);
      bool client_finished = false;
      for (std::size_t at = 0; at < lost.size(); ++at) {
        // Damage does not take signs of damage away, and a second handshake of which nothing is seen cannot be judged.
        const FactBody& body = whole[at].body;
        client_finished |= std::holds_alternative<TlsFinished>(body) && whole[at].sender == Side::initiator;
        const bool kept = std::holds_alternative<StreamGap>(body) || std::holds_alternative<Boxed<MessageUnreadable>>(body) ||
                          std::holds_alternative<BudgetExceeded>(body) ||
                          (client_finished && std::holds_alternative<Boxed<TlsClientHello>>(body));
        lost[at] = !kept && std::bernoulli_distribution{rate}(random);
      }
      FlowShape shape = row.shape;
      if (std::ranges::find(lost, true) != lost.end()) shape.missing_bytes += 100;
      const ClientAuthStatus after = assess(lose(whole, lost), shape).status;
      EXPECT_TRUE(!decided(after) || after == before) << to_string(before) << " became " << to_string(after);
    }
  }
}

TEST(ClientAuth, ACaptureThatEndsEarlierNeverDecidesOtherwise) {
  for (const Case& row : kCases) {
    // What comes after a complete handshake cannot be foreseen: the prefix of a renegotiated session is a session like others.
    if (row.cause == Cause::renegotiated || row.name.starts_with("a renegotiation could hide")) continue;
    if (row.name.starts_with("a second handshake") || row.cause == Cause::conflicting) continue;
    SCOPED_TRACE(row.name);
    const std::vector<Fact> whole = facts_of(row.script, row.values);
    FlowShape shape = row.shape;
    shape.closed = CloseReason::end_of_capture;
    shape.reset = false;
    const ClientAuthStatus before = assess(whole, row.shape).status;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const ClientAuthStatus after = assess({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}, shape).status;
      EXPECT_TRUE(!decided(after) || after == before) << to_string(before) << " became " << to_string(after) << " at " << length;
    }
  }
}

TEST(ClientAuth, OneSideAloneDecidesNothing) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    for (const Side seen : {Side::initiator, Side::responder}) {
      std::vector<Fact> facts = facts_of(row.script, row.values);
      std::erase_if(facts, [seen](const Fact& fact) { return fact.sender != seen; });
      FlowShape shape = row.shape;
      (seen == Side::initiator ? shape.server_seen : shape.client_seen) = false;
      EXPECT_FALSE(decided(assess(std::move(facts), shape).status));
    }
  }
}

TEST(ClientAuth, TheOrderBetweenTheSidesDoesNotMatter) {
  std::mt19937 random{20260106};
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    const std::vector<Fact> whole = facts_of(row.script, row.values);
    const ClientAuth before = assess(whole, row.shape);
    std::array<std::vector<Fact>, 2> sides;
    for (const Fact& fact : whole) sides[index(fact.sender)].push_back(fact);
    if (std::ranges::any_of(whole, [](const Fact& fact) { return std::holds_alternative<BudgetExceeded>(fact.body); })) continue;
    for (int round = 0; round < 50; ++round) {
      std::vector<Fact> facts;
      std::array<std::size_t, 2> at{};
      while (facts.size() < whole.size()) {
        std::size_t side = std::bernoulli_distribution{0.5}(random) ? 0 : 1;
        if (at[side] == sides[side].size()) side = 1 - side;
        facts.push_back(sides[side][at[side]++]);
      }
      const ClientAuth after = assess(std::move(facts), row.shape);
      EXPECT_EQ(to_string(after.status), to_string(before.status));
      EXPECT_EQ(to_string(after.cause), to_string(before.cause));
      EXPECT_EQ(after.requested, before.requested);
      EXPECT_EQ(after.presented, before.presented);
      EXPECT_EQ(after.certificate_verify_seen, before.certificate_verify_seen);
    }
  }
}

}  // namespace
}  // namespace sealtrace
