// What stands before TLS, beside it and instead of its end: none of it makes a pass, nor an exemption.
#include <gtest/gtest.h>

#include <memory>

#include "policy/judge_flow.hpp"
#include "policy/policy_loader.hpp"

namespace sealtrace {
namespace {

FlowProfile flow_of(Transport transport) {
  FlowProfile flow;
  flow.transport = transport;
  flow.start_seen = flow.initiator_seen = flow.responder_seen = flow.responder_accepted = true;
  flow.payload_bytes = 5000;
  flow.closed = CloseReason::tcp_close;
  return flow;
}

/// tls_flow is an ordinary TLS 1.2 session; not `established`: one that the server refused.
FlowProfile tls_flow(Transport transport, bool established = true) {
  FlowProfile flow = flow_of(transport);
  flow.tls = std::make_unique<TlsProfile>();
  flow.tls->dtls = transport == Transport::udp;
  flow.tls->established = established;
  flow.tls->client_hello_seen = flow.tls->server_hello_seen = true;
  flow.tls->version = transport == Transport::udp ? TlsVersion::dtls1_2 : TlsVersion::tls1_2;
  flow.tls->cipher_suite = CipherSuite{0xC030};
  if (!established) flow.tls->alerts.emplace_back().level = AlertLevel::fatal;
  return flow;
}

/// after_consent is TLS that began where XMPP agreed on it.
FlowProfile after_consent(bool established = true) {
  FlowProfile flow = tls_flow(Transport::tcp, established);
  flow.tls->clear_bytes_before = 500;
  flow.application = std::make_unique<ApplicationProfile>();
  SeenUpgrade upgrade;
  upgrade.dialect = "xmpp";
  upgrade.accepted = TimedEvidence{Evidence{.frame = FrameNumber{4}}, {}};
  flow.application->upgrades.push_back(upgrade);
  return flow;
}

MediaSource clear_source() {
  MediaSource source;
  MediaDecision decision;
  decision.verdict.protection = MediaProtection::clear;
  source.decisions.push_back(decision);
  return source;
}

class JudgeBesideTls : public testing::Test {
 protected:
  [[nodiscard]] Reason judged(const FlowProfile& flow) const { return judge_flow(row, {}, flow).reason; }

  Policy policy = load_policy("lync-2013");
  PolicyRow row = *policy.find_row("client-to-server");
};

TEST_F(JudgeBesideTls, OctetsBehindTheConsentThatNobodyReadLeaveTlsOpen) {
  FlowProfile flow = after_consent();
  EXPECT_EQ(judged(flow), Reason::tls_established);
  flow.tls->unread_before = true;
  EXPECT_EQ(judged(flow), Reason::clear_octets_before_tls);
  row.upgrade_in_place = true;
  EXPECT_EQ(judged(flow), Reason::clear_octets_before_tls);
  flow.tls->unread_before = false;
  flow.unread = true;  // a message before TLS that could not be read
  EXPECT_EQ(judged(flow), Reason::clear_octets_before_tls);
}

TEST_F(JudgeBesideTls, ARefusalExemptsNothingThatWasSaidBeforeIt) {
  EXPECT_EQ(judged(tls_flow(Transport::tcp, false)), Reason::handshake_aborted);
  FlowProfile flow = after_consent(false);
  EXPECT_EQ(judged(flow), Reason::handshake_aborted);
  flow.tls->unread_before = true;
  EXPECT_EQ(judged(flow), Reason::clear_octets_before_tls);
  flow = tls_flow(Transport::tcp, false);
  flow.tls->clear_bytes_before = 37'000;
  EXPECT_EQ(judged(flow), Reason::clear_octets_before_tls);
}

TEST_F(JudgeBesideTls, ConsentAloneIsNoHandshakeThatWasGivenUpWhereUnknownOctetsFollow) {
  FlowProfile flow = flow_of(Transport::tcp);
  flow.application = std::make_unique<ApplicationProfile>();
  flow.application->clear.push_back({.protocol = "smtp", .what = "opening command", .first = {}});
  EXPECT_EQ(judged(flow), Reason::handshake_aborted);
  flow.unrecognised = OctetTraits{};
  EXPECT_EQ(judged(flow), Reason::protocol_not_recognised);
}

TEST_F(JudgeBesideTls, WhatSharesTheFiveTupleOfDtlsCountsWhetherTheHandshakeEndedOrNot) {
  for (const bool established : {true, false}) {
    const auto with = [&](auto change) {
      FlowProfile flow = tls_flow(Transport::udp, established);
      flow.application = std::make_unique<ApplicationProfile>();
      change(flow);
      return judged(flow);
    };
    EXPECT_EQ(with([](FlowProfile&) {}), established ? Reason::tls_established : Reason::handshake_aborted);
    EXPECT_EQ(with([](FlowProfile& flow) { flow.unread = true; }), Reason::clear_octets_before_tls);
    EXPECT_EQ(with([](FlowProfile& flow) { flow.unrecognised = OctetTraits{}; }), Reason::clear_octets_before_tls);
    EXPECT_EQ(with([](FlowProfile& flow) { flow.application->rtcp[0] = SeenControl{}; }), Reason::clear_octets_before_tls);
    EXPECT_EQ(with([](FlowProfile& flow) { flow.application->media.push_back(clear_source()); }), Reason::media_clear);
    EXPECT_EQ(with([](FlowProfile& flow) { flow.application->media.emplace_back(); }), Reason::media_not_judged);
  }
}

TEST_F(JudgeBesideTls, ClearMediaFailsBesideAHandshakeThatIsOpen) {
  FlowProfile flow = tls_flow(Transport::udp, false);
  flow.tls->alerts.clear();
  flow.closed = CloseReason::timed_out;
  EXPECT_EQ(judged(flow), Reason::capture_ended);
  flow.application = std::make_unique<ApplicationProfile>();
  flow.application->media.push_back(clear_source());
  EXPECT_EQ(judged(flow), Reason::media_clear);
}

TEST_F(JudgeBesideTls, AConnectionWithoutItsBeginningIsNoPassAndFailsAsBefore) {
  FlowProfile flow = tls_flow(Transport::tcp);
  flow.beginning_lost = true;
  EXPECT_EQ(judged(flow), Reason::beginning_not_captured);
  row.requirement = Requirement::mtls;
  flow.tls->client_auth.status = ClientAuthStatus::one_way;
  EXPECT_EQ(judged(flow), Reason::tls_without_client_certificate);
}

TEST_F(JudgeBesideTls, WhatNobodyReadIsNotClearByDesign) {
  row = *policy.find_row("clear-by-design");
  FlowProfile flow = flow_of(Transport::udp);
  flow.application = std::make_unique<ApplicationProfile>();
  flow.application->clear.push_back({.protocol = "dns", .what = "query", .first = {}});
  EXPECT_EQ(judged(flow), Reason::clear_by_design);
  flow.unrecognised = OctetTraits{};
  EXPECT_EQ(judged(flow), Reason::requests_missed);
  flow.unrecognised.reset();
  flow.unread = true;
  EXPECT_EQ(judged(flow), Reason::requests_missed);
  flow.responder.endpoint.port = 53;
  EXPECT_EQ(judged(flow), Reason::clear_by_design);
}

}  // namespace
}  // namespace sealtrace
