#include "correlate/fold.hpp"

#include <gtest/gtest.h>

#include "correlate/fact_script.hpp"

namespace sealtrace {
namespace {

using testing::facts_of;
using testing::flow_of;
using testing::kMutual;
using testing::kOneWay;
using testing::ScriptValues;

FlowProfile folded(std::vector<Fact> facts, bool keep_hellos = false) {
  FlowProfile flow = flow_of({});
  fold(flow, facts, keep_hellos);
  return flow;
}

void turn_round(std::vector<Fact>& facts) {
  for (Fact& fact : facts) fact.sender = other(fact.sender);
}

TEST(Fold, AFlowWithoutTlsHasNoTlsProfile) {
  std::vector<Fact> facts = facts_of("<gap >unreadable >budget");
  facts.push_back({.body = ProtocolRecognised{"sip"}, .sender = Side::initiator, .time = {}, .evidence = {}});
  const FlowProfile flow = folded(std::move(facts));
  EXPECT_EQ(flow.tls, nullptr);
  EXPECT_TRUE(std::ranges::equal(flow.protocols, std::vector<std::string_view>{"sip"}));
  EXPECT_TRUE(std::ranges::equal(flow.budgets_exceeded, std::vector<std::string_view>{"handshake_bytes"}));
}

TEST(Fold, ARecognisedProtocolIsNamedOnce) {
  std::vector<Fact> facts;
  for (const std::string_view name : {"stun", "dtls", "stun"}) {
    facts.push_back({.body = ProtocolRecognised{name}, .sender = Side::initiator, .time = {}, .evidence = {}});
  }
  const FlowProfile flow = folded(std::move(facts));
  EXPECT_TRUE(std::ranges::equal(flow.protocols, std::vector<std::string_view>{"stun", "dtls"}));
  ASSERT_NE(flow.tls, nullptr);
  EXPECT_TRUE(flow.tls->dtls);
}

TEST(Fold, AMutualHandshakeFillsTheProfile) {
  const ScriptValues values{.session_id = OpaqueHash{11}};
  const FlowProfile flow = folded(facts_of(kMutual, values));
  const TlsProfile& tls = *flow.tls;
  EXPECT_TRUE(tls.client_hello_seen && tls.server_hello_seen && tls.established);
  EXPECT_TRUE(tls.extended_master_secret && tls.secure_renegotiation);
  EXPECT_FALSE(tls.dtls || tls.hello_retry || tls.handshake_damaged || tls.joined_mid_stream || tls.history_cut);
  EXPECT_EQ(tls.version, TlsVersion::tls1_2);
  EXPECT_EQ(tls.cipher_suite, CipherSuite{0xC030});
  EXPECT_EQ(tls.server_name, "pool01.contoso.com");
  EXPECT_EQ(tls.supported_versions, std::vector<std::uint16_t>{0x0303});
  EXPECT_EQ(tls.server_chain.size(), 2U);
  EXPECT_EQ(tls.client_chain.size(), 2U);
  EXPECT_EQ(tls.session_id, OpaqueHash{11});
  EXPECT_EQ(tls.resumption, Resumption::none);
  EXPECT_EQ(tls.history, "CsxkrnXKVcFcfDd");
  EXPECT_EQ(tls.client_hello, nullptr);
  EXPECT_EQ(value(tls.frames.client_hello.frame), 1U);
  EXPECT_EQ(value(tls.frames.server_hello.frame), 2U);
  EXPECT_EQ(value(tls.frames.server_certificate.frame), 3U);
  EXPECT_EQ(value(tls.frames.certificate_request.frame), 5U);
  EXPECT_EQ(value(tls.frames.client_certificate.frame), 7U);
  EXPECT_EQ(value(tls.frames.certificate_verify.frame), 9U);
  EXPECT_EQ(value(tls.frames.client_finished.frame), 11U);
  EXPECT_EQ(value(tls.frames.server_finished.frame), 13U);
  EXPECT_EQ(value(tls.frames.first_application_data.frame), 14U);
  EXPECT_FALSE(tls.frames.renegotiation.known());
}

TEST(Fold, AssociationsWithSeveralPeersBehindARelayAreNotTakenForOne) {
  std::vector<Fact> facts;
  std::vector<Fact> one_way = facts_of(kOneWay);
  std::vector<Fact> mutual = facts_of(kMutual);
  for (Fact& fact : one_way) fact.channel = 1;
  for (Fact& fact : mutual) fact.channel = 2;
  for (std::size_t i = 0; i < mutual.size(); ++i) {  // what a client sends to one peer falls between what it sends to the other
    if (i < one_way.size()) facts.push_back(one_way[i]);
    facts.push_back(mutual[i]);
  }
  const FlowProfile flow = folded(std::move(facts));
  EXPECT_EQ(flow.tls->history, folded(facts_of(kOneWay)).tls->history);
  EXPECT_EQ(flow.tls->client_chain.size(), 0U);
}

TEST(Fold, TheClientHelloDecidesWhoIsTheClient) {
  std::vector<Fact> facts = facts_of(kMutual);
  turn_round(facts);  // the TCP initiator is the TLS server
  FlowProfile flow = flow_of({});
  flow.initiator.packets = 3;
  fold(flow, facts, false);
  EXPECT_EQ(flow.responder.packets, 3U);
  EXPECT_EQ(flow.initiator.endpoint.port, 5061);
  EXPECT_EQ(facts.front().sender, Side::initiator);
  EXPECT_EQ(flow.tls->client_auth.status, ClientAuthStatus::mutual);
  EXPECT_EQ(flow.tls->history, "CsxkrnXKVcFcfDd");
}

TEST(Fold, WithoutAClientHelloTheOtherMessagesDecide) {
  for (const std::string_view script : {"<hello <cert <done <ccs", ">kx >ccs", ">verify", "<req", "<cookie", "<ask-again"}) {
    SCOPED_TRACE(script);
    std::vector<Fact> facts = facts_of(script);
    turn_round(facts);
    const FlowProfile flow = folded(std::move(facts));
    EXPECT_EQ(flow.initiator.endpoint.port, 5061);
  }
}

TEST(Fold, AFlowTurnedRoundKeepsWhatWasSeenOfEachSide) {
  std::vector<Fact> facts = facts_of("<hello <cert <done");
  turn_round(facts);
  FlowProfile flow = flow_of({.server_seen = false});  // only the side that sent the ServerHello was captured
  fold(flow, facts, false);
  EXPECT_FALSE(flow.initiator_seen);
  EXPECT_TRUE(flow.responder_seen);
  EXPECT_TRUE(flow.responder_accepted);
  EXPECT_EQ(flow.tls->client_auth.cause, NotObservableCause::client_not_seen);
}

TEST(Fold, ResumptionIsToldByItsKind) {
  const struct {
    std::string_view name, script;
    ScriptValues values;
    Resumption resumption;
  } kCases[] = {
      {"an id that the server echoes",
       testing::kResumed,
       {.offered_session_id = OpaqueHash{5}, .session_id = OpaqueHash{5}},
       Resumption::session_id},
      {"a ticket, whatever id the server echoes",
       testing::kResumed,
       {.offered_session_id = OpaqueHash{5}, .session_id = OpaqueHash{5}, .offered_ticket = OpaqueHash{6}},
       Resumption::session_ticket},
      {"neither: the hello's extensions were not seen", testing::kResumed, {}, Resumption::unknown},
      {"an echoed id before anything else was seen",
       ">hello <hello",
       {.offered_session_id = OpaqueHash{5}, .session_id = OpaqueHash{5}},
       Resumption::session_id},
      {"an id that the server did not take", kMutual, {.offered_session_id = OpaqueHash{5}, .session_id = OpaqueHash{6}}, Resumption::none},
      {"an echoed id and yet a full handshake",
       kMutual,
       {.offered_session_id = OpaqueHash{5}, .session_id = OpaqueHash{5}},
       Resumption::none},
      {"a ServerHello and nothing more", ">hello <hello", {}, Resumption::none},
      {"a gap in which the certificate may have been", ">hello <hello <gap <ccs <fin >ccs >fin", {}, Resumption::none},
      {"a TLS 1.3 PSK", ">hello <psk-hello", {.version = TlsVersion::tls1_3}, Resumption::pre_shared_key},
      {"TLS 1.3's compatibility echo is no resumption",
       ">hello <hello <ccs",
       {.version = TlsVersion::tls1_3, .offered_session_id = OpaqueHash{5}, .session_id = OpaqueHash{5}},
       Resumption::none},
  };
  for (const auto& row : kCases) {
    EXPECT_EQ(folded(facts_of(row.script, row.values)).tls->resumption, row.resumption) << row.name;
  }
}

TEST(Fold, HellosAreKeptForFingerprintsOnly) {
  const FlowProfile flow = folded(facts_of(">hello <retry >hello <hello", {.version = TlsVersion::tls1_3}), true);
  ASSERT_NE(flow.tls->client_hello, nullptr);
  ASSERT_NE(flow.tls->server_hello, nullptr);
  EXPECT_FALSE(flow.tls->server_hello->hello_retry_request);
  EXPECT_TRUE(flow.tls->hello_retry);
  EXPECT_EQ(flow.tls->client_hello->server_name, "pool01.contoso.com");
  EXPECT_EQ(flow.tls->server_name, "pool01.contoso.com");
}

TEST(Fold, DtlsCookiesCountAsHelloRetry) {
  const FlowProfile flow = folded(facts_of(">hello <cookie >hello <hello", {.version = TlsVersion::dtls1_2}));
  EXPECT_TRUE(flow.tls->hello_retry);
  EXPECT_TRUE(flow.tls->dtls);
}

TEST(Fold, PseudoTlsProtectsNothing) {
  const FlowProfile flow = folded(facts_of(">pseudo <pseudo"));
  EXPECT_TRUE(flow.tls->pseudo);
  EXPECT_FALSE(flow.tls->established);
  EXPECT_EQ(flow.tls->version, TlsVersion::none);
}

TEST(Fold, AlertsAreKeptWithTheirSenderAndBounded) {
  std::string script = ">hello <fatal";
  for (int i = 0; i < 100; ++i) script += " >notify";
  const FlowProfile flow = folded(facts_of(script));
  ASSERT_FALSE(flow.tls->alerts.empty());
  EXPECT_LT(flow.tls->alerts.size(), 100U);
  EXPECT_EQ(flow.tls->alerts.front().sender, Side::responder);
  EXPECT_EQ(flow.tls->alerts.front().level, AlertLevel::fatal);
  EXPECT_EQ(value(flow.tls->alerts.front().evidence.frame), 2U);
}

}  // namespace
}  // namespace sealtrace
