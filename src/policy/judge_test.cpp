#include "policy/judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/classify.hpp"
#include "policy/finding_writer.hpp"
#include "policy/judge_flow.hpp"
#include "policy/policy_loader.hpp"
#include "policy/verdict.hpp"

namespace sealtrace {
namespace {

constexpr CipherSuite kEcdheRsaAes256Gcm{0xC030};
constexpr std::uint32_t kFrontEnd1 = 0;
constexpr std::uint32_t kFrontEnd2 = 1;
constexpr std::uint32_t kClients = 2;
constexpr std::uint32_t kStranger = 3;
constexpr std::uint32_t kEdgeAv = 4;

const IpAddress kClientAddress = *IpAddress::parse("10.0.1.1");
const IpAddress kServerAddress = *IpAddress::parse("10.0.1.2");

Timestamp at(int seconds) { return Timestamp{std::chrono::seconds{seconds}}; }

Asset named(std::string name, std::initializer_list<Role> roles, AssetKind kind = AssetKind::host) {
  Asset asset{.kind = kind, .name = std::move(name), .roles = {}, .zone = "internal", .domain = {}};
  for (const Role role : roles) asset.roles.set(static_cast<std::size_t>(role));
  return asset;
}

/// tls_flow is an ordinary TLS 1.2 session between two assets, `number` telling flows apart.
FlowProfile tls_flow(std::uint32_t client, std::uint32_t server, std::uint16_t port, ClientAuthStatus status, int number = 0) {
  FlowProfile flow;
  flow.start_seen = flow.initiator_seen = flow.responder_seen = flow.responder_accepted = true;
  flow.initiator.asset = client;
  flow.responder.asset = server;
  flow.initiator.endpoint = {.address = kClientAddress, .port = static_cast<std::uint16_t>(50'000 + number)};
  flow.responder.endpoint = {.address = kServerAddress, .port = port};
  flow.payload_bytes = 5000;
  flow.closed = CloseReason::tcp_close;
  flow.first_frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 1)};
  flow.last_frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 50)};
  flow.start = at(10 * number);
  flow.end = at(10 * number + 5);
  flow.tls = std::make_unique<TlsProfile>();
  flow.tls->established = flow.tls->client_hello_seen = flow.tls->server_hello_seen = true;
  flow.tls->version = TlsVersion::tls1_2;
  flow.tls->cipher_suite = kEcdheRsaAes256Gcm;
  flow.tls->frames.server_hello =
      TimedEvidence{Evidence{.frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 5)}}, at(10 * number + 1)};
  flow.tls->frames.server_finished = Evidence{.frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 9)}};
  const bool mutual = status == ClientAuthStatus::mutual;
  flow.tls->client_auth = {.requested = mutual, .presented = mutual, .certificate_verify_seen = mutual, .status = status};
  return flow;
}

FlowProfile plain_flow(std::uint32_t client, std::uint32_t server, std::uint16_t port, Transport transport, int number = 0) {
  FlowProfile flow = tls_flow(client, server, port, ClientAuthStatus::none, number);
  flow.transport = transport;
  flow.tls.reset();
  return flow;
}

class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    result.assets = {named("fe01", {Role::front_end}), named("fe02", {Role::front_end}),
                     named("10.20.0.0/16", {Role::client}, AssetKind::network), named("10.9.9.9", {}, AssetKind::address),
                     named("edge", {Role::edge_av})};
    topology.hosts = {{.fqdn = "fe01", .roles = result.assets[0].roles, .addresses = {}, .web = {}, .publishes = {}},
                      {.fqdn = "fe02", .roles = result.assets[1].roles, .addresses = {}, .web = {}, .publishes = {}}};
    topology.networks = {{.name = "10.20.0.0/16", .cidr = {}, .roles = result.assets[2].roles}};
  }

  void run(const JudgeOptions& options = {}) { judge(result, policy, topology, options); }
  const RowVerdict& row(std::string_view id) { return *std::ranges::find(result.rows, id, &RowVerdict::id); }

  Policy policy = load_policy("lync-2013");
  Topology topology;
  AuditResult result;
};

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

TEST_F(JudgeTest, TheTopologyAndRequireMakeRowsExpected) {
  run({.required_rows = {"exchange-um"}});
  EXPECT_TRUE(row("server-to-server").expected);
  EXPECT_TRUE(row("client-to-server").expected);
  EXPECT_TRUE(row("audio-video-media").expected) << "a network holds more than one client";
  EXPECT_TRUE(row("exchange-um").expected);
  EXPECT_FALSE(row("federation-sip").expected);
  EXPECT_EQ(row("server-to-server").status, Status::not_observed);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.overall, "incomplete");
  topology.hosts.pop_back();
  run();
  EXPECT_FALSE(row("server-to-server").expected) << "one Front End has nobody to talk to";
}

TEST_F(JudgeTest, AnEmptyAuditWithoutTopologyIsNoError) {
  topology = {};
  run();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.overall, "incomplete") << "nothing was decided";
}

TEST_F(JudgeTest, TrafficThatTravelsInsideAnotherRowIsOpenWhenThatWasSeen) {
  run();
  EXPECT_EQ(row("im-presence").status, Status::not_observed);
  result.flows.push_back(tls_flow(kClients, kFrontEnd1, 5061, ClientAuthStatus::one_way));
  run();
  EXPECT_EQ(row("client-to-server").status, Status::pass);
  EXPECT_EQ(row("im-presence").status, Status::inconclusive);
  EXPECT_EQ(row("im-presence").note, "travels inside 1 leg of other rows, which pass; what they carry is not seen");
  result.flows.push_back(plain_flow(kClients, kFrontEnd2, 5061, Transport::tcp));
  run();
  EXPECT_EQ(row("im-presence").status, Status::inconclusive);
  EXPECT_EQ(row("im-presence").note, "travels inside 2 legs of other rows, not all of which pass; what they carry is not seen");
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

TEST_F(JudgeTest, AFindingOfAProposedClassSaysSo) {
  result.flows.push_back(tls_flow(kFrontEnd1, kStranger, 5067, ClientAuthStatus::one_way, 0));
  run();
  EXPECT_NE(result.findings[0].message.find("a topology file makes it certain"), std::string::npos);
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

TEST_F(JudgeTest, AResumptionWithAWeakLinkPassesAndSaysSo) {
  result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, 5061, ClientAuthStatus::mutual));
  result.flows.back().tls->client_auth.basis = Basis::lineage;
  result.flows.back().tls->client_auth.lineage = FlowId{9};
  result.flows.back().tls->client_auth.weak_lineage = true;
  run();
  EXPECT_EQ(result.legs[0].status, Status::pass);
  EXPECT_EQ(result.legs[0].protection, "TLS 1.2 with client certificate; resumed without extended master secret");
}

TEST_F(JudgeTest, AnUnresolvedPartyIsNobody) {
  result.flows.push_back(tls_flow(kNoAsset, kNoAsset, 5061, ClientAuthStatus::one_way));
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "role_unknown");
}

TEST_F(JudgeTest, ADisabledRowIsReportedWithItsReason) {
  auto& disabled = *std::ranges::find(policy.rows, "client-to-server", &PolicyRow::id);
  disabled.disabled = "clients are audited elsewhere";
  result.flows.push_back(tls_flow(kClients, kFrontEnd1, 5061, ClientAuthStatus::one_way));
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "row_disabled");
  EXPECT_EQ(row("client-to-server").status, Status::not_applicable);
  EXPECT_EQ(row("client-to-server").note, "disabled: clients are audited elsewhere");
  EXPECT_FALSE(row("client-to-server").expected);
}

TEST_F(JudgeTest, UnknownRowsAreNamedWithTheNearest) {
  EXPECT_EQ(find_unknown_row(policy, {"server-to-server"}), "");
  EXPECT_EQ(find_unknown_row(policy, {"server-to-sever"}), "unknown row of lync-2013 'server-to-sever'; did you mean 'server-to-server'?");
}

struct ExitCase {
  const char* name;
  ExitState state;
  int code;
};

class ExitCode : public testing::TestWithParam<ExitCase> {};

TEST_P(ExitCode, IsTheFirstThatApplies) { EXPECT_EQ(exit_code(GetParam().state), GetParam().code); }

INSTANTIATE_TEST_SUITE_P(Verdict, ExitCode,
                         testing::Values(ExitCase{"NothingToSay", {}, 0},
                                         ExitCase{"AnInternalErrorBeforeAll", {true, true, true, true, true, true, true}, 70},
                                         ExitCase{"AWrongPolicyBeforeUnreadableInput", {false, true, true, true, true, true, true}, 2},
                                         ExitCase{"NoInputBeforeViolations", {false, false, true, true, true, true, true}, 4},
                                         ExitCase{"AViolationBeforeIncompleteRows", {false, false, false, true, true, true, true}, 1},
                                         ExitCase{"AMinorViolation", {.minor_violation = true}, 3},
                                         ExitCase{"AnIncompleteRow", {.incomplete = true}, 3},
                                         ExitCase{"AnInputThatCouldNotBeReadWhole", {.partly_unreadable = true}, 3}),
                         [](const auto& instance) { return instance.param.name; });

TEST_F(JudgeTest, FailOnAndStrictMoveTheLine) {
  result.flows.push_back(tls_flow(kClients, kFrontEnd1, 5061, ClientAuthStatus::one_way));
  result.flows.back().tls->cipher_suite = CipherSuite{0x0005};  // RC4: accepted risk, medium
  topology = {};
  run({.required_rows = {}, .fail_on = Severity::high});
  EXPECT_EQ(result.exit_code, 3);
  run({.required_rows = {}, .fail_on = Severity::medium});
  EXPECT_EQ(result.exit_code, 1);
  run({.required_rows = {}, .fail_on = Severity::critical, .strict = true});
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(JudgeTest, StrictCountsIncompleteRows) {
  run({.required_rows = {}, .fail_on = Severity::high, .strict = true});
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(JudgeTest, CapturesThatCannotBeReadShowInTheExitCode) {
  topology = {};
  result.captures.resize(1);
  result.captures[0].unreadable = true;
  run();
  EXPECT_EQ(result.exit_code, 4);
  result.captures.resize(2);
  run();
  EXPECT_EQ(result.exit_code, 3);
  result.captures.erase(result.captures.begin());
  run();
  EXPECT_EQ(result.exit_code, 0);
  result.captures[0].complete = false;
  run();
  EXPECT_EQ(result.exit_code, 3);
}

// Property: taking information away never makes a pass. Every combination of what a TLS profile can say is judged, then judged again
// with less.

using Weakening = void (*)(FlowProfile&);

constexpr Weakening kWeakenings[] = {
    [](FlowProfile& flow) { flow.tls->established = false; },
    [](FlowProfile& flow) { flow.tls->client_auth.presented.reset(); },
    [](FlowProfile& flow) { flow.tls->client_auth.certificate_verify_seen.reset(); },
    [](FlowProfile& flow) { flow.tls->client_auth.requested.reset(); },
    [](FlowProfile& flow) { flow.tls->client_auth.lineage = FlowId{}; },
    [](FlowProfile& flow) { flow.tls->client_auth.strength = InferenceStrength::none; },
    [](FlowProfile& flow) { flow.tls->client_auth.basis = Basis::assumed; },
    [](FlowProfile& flow) { flow.tls->client_auth = {}; },
    [](FlowProfile& flow) { flow.tls->client_auth.status = ClientAuthStatus::not_observable; },
    [](FlowProfile& flow) { flow.tls->version = TlsVersion::none; },
    [](FlowProfile& flow) { flow.tls->cipher_suite = CipherSuite{0xFEFE}; },
    [](FlowProfile& flow) { flow.tls->handshake_damaged = true; },
    [](FlowProfile& flow) { flow.conflicting = true; },
    [](FlowProfile& flow) { flow.tls->clear_bytes_before = 1; },
    [](FlowProfile& flow) { flow.tls.reset(); },
};

TEST(JudgeFlow, TakingInformationAwayNeverMakesAPass) {
  const Policy policy = load_policy("lync-2013");
  PolicyRow row = *policy.find_row("server-to-server");
  std::uint64_t num_passes = 0;
  const auto passes = [&](const FlowProfile& flow) { return info(judge_flow(row, {}, flow).reason).status == Status::pass; };
  const auto check = [&](Requirement requirement, bool accept, ClientAuth auth, bool established, TlsVersion version, std::uint16_t suite) {
    row.requirement = requirement;
    row.accept_strong_inference = accept;
    const auto make = [&] {
      FlowProfile flow = tls_flow(0, 1, 5061, ClientAuthStatus::one_way);
      flow.tls->client_auth = auth;
      flow.tls->established = established;
      flow.tls->version = version;
      flow.tls->cipher_suite = CipherSuite{suite};
      return flow;
    };
    const bool before = passes(make());
    num_passes += before ? 1 : 0;
    if (before) {
      ASSERT_TRUE(established);
      if (requirement == Requirement::mtls) {
        ASSERT_EQ(auth.status, ClientAuthStatus::mutual);
      }
      return;
    }
    for (const Weakening weaken : kWeakenings) {
      FlowProfile flow = make();
      weaken(flow);
      ASSERT_FALSE(passes(flow));
    }
  };
  for (int status = 0; status <= 5; ++status) {
    for (int basis = 0; basis <= 6; ++basis) {
      for (int observed = 0; observed < 9; ++observed) {
        for (int strength = 0; strength <= (static_cast<Basis>(basis) == Basis::inferred ? 2 : 0); ++strength) {
          for (const bool lineage : {false, true}) {
            if (lineage && static_cast<Basis>(basis) != Basis::lineage) continue;
            const auto seen = [](int value) { return value == 0 ? std::optional<bool>{} : std::optional<bool>{value == 1}; };
            const ClientAuth auth{.requested = true,
                                  .presented = seen(observed % 3),
                                  .certificate_verify_seen = seen(observed / 3),
                                  .status = static_cast<ClientAuthStatus>(status),
                                  .basis = static_cast<Basis>(basis),
                                  .cause = NotObservableCause::none,
                                  .strength = static_cast<InferenceStrength>(strength),
                                  .lineage = lineage ? FlowId{3} : FlowId{}};
            for (const bool established : {false, true}) {
              for (const std::uint16_t suite : {std::uint16_t{0xC030}, std::uint16_t{0x0001}, std::uint16_t{0xFEFE}}) {
                check(Requirement::mtls, true, auth, established, TlsVersion::tls1_2, suite);
                check(Requirement::mtls, false, auth, established, TlsVersion::tls1_0, suite);
                check(Requirement::tls, false, auth, established, TlsVersion::ssl2, suite);
                check(Requirement::tls, false, auth, established, TlsVersion::tls1_3, suite);
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(num_passes, 100U);
}

TEST(JudgeFlow, AnInferencePassesOnlyWhereThePolicyAcceptsItAndOnlyAStrongOne) {
  const Policy policy = load_policy("lync-2013");
  PolicyRow row = *policy.find_row("server-to-server");
  FlowProfile flow = tls_flow(0, 1, 5061, ClientAuthStatus::mutual);
  flow.tls->client_auth.basis = Basis::inferred;
  flow.tls->client_auth.strength = InferenceStrength::strong;
  EXPECT_EQ(judge_flow(row, {}, flow).reason, Reason::inferred_only);
  row.accept_strong_inference = true;
  EXPECT_EQ(judge_flow(row, {}, flow).reason, Reason::mutual_tls_inferred);
  flow.tls->client_auth.strength = InferenceStrength::probable;
  EXPECT_EQ(judge_flow(row, {}, flow).reason, Reason::inferred_only);
}

struct DamageCase {
  const char* name;
  void (*damage)(FlowProfile&);
  Reason reason;
};

class Damage : public testing::TestWithParam<DamageCase> {};

TEST_P(Damage, LeavesAnUnfinishedHandshakeOpen) {
  const Policy policy = load_policy("lync-2013");
  FlowProfile flow = tls_flow(0, 1, 5061, ClientAuthStatus::none);
  flow.tls->established = false;
  EXPECT_EQ(judge_flow(*policy.find_row("client-to-server"), {}, flow).reason, Reason::handshake_aborted)
      << "without damage it was given up";
  GetParam().damage(flow);
  EXPECT_EQ(judge_flow(*policy.find_row("client-to-server"), {}, flow).reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    JudgeFlow, Damage,
    testing::Values(
        DamageCase{"AGap", [](FlowProfile& flow) { flow.missing_bytes = 1; }, Reason::handshake_gap},
        DamageCase{"ACutFrame", [](FlowProfile& flow) { flow.truncated = true; }, Reason::frames_truncated},
        DamageCase{"NoServer", [](FlowProfile& flow) { flow.responder_seen = false; }, Reason::server_not_seen},
        DamageCase{"NoClient", [](FlowProfile& flow) { flow.initiator_seen = false; }, Reason::client_not_seen},
        DamageCase{"AnUnreadableMessage", [](FlowProfile& flow) { flow.tls->handshake_damaged = true; }, Reason::handshake_unreadable},
        DamageCase{"AMissingStart", [](FlowProfile& flow) { flow.tls->joined_mid_stream = true; }, Reason::joined_mid_stream},
        DamageCase{"ConflictingOctets", [](FlowProfile& flow) { flow.conflicting = true; }, Reason::conflicting_octets},
        DamageCase{"AnEvictedFlow", [](FlowProfile& flow) { flow.closed = CloseReason::evicted; }, Reason::flow_evicted},
        DamageCase{"AnIdleEnd", [](FlowProfile& flow) { flow.closed = CloseReason::timed_out; }, Reason::capture_ended},
        DamageCase{"TheEndOfTheCapture", [](FlowProfile& flow) { flow.closed = CloseReason::end_of_capture; }, Reason::capture_ended}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(JudgeTest, AnImitationOfTlsIsNoMediaOnAPortOfItsOwn) {
  for (const std::uint16_t port : {std::uint16_t{5061}, std::uint16_t{444}}) {
    result.flows.clear();
    result.flows.push_back(tls_flow(kFrontEnd1, kFrontEnd2, port, ClientAuthStatus::none));
    result.flows.back().tls->pseudo = true;
    run();
    EXPECT_EQ(result.judged[0].results[0].reason, "pseudo_tls") << port;
  }
}

/// smb_flow is SMB to a file store whose sides were seen encrypted, or not.
FlowProfile smb_flow(bool client_encrypts, bool server_encrypts) {
  FlowProfile flow = plain_flow(kFrontEnd1, kFrontEnd2, 445, Transport::tcp);
  flow.protocols = {"smb"};
  flow.application = std::make_unique<ApplicationProfile>();
  flow.application->protections = {
      {.protocol = "smb", .how = "SMB 3 encryption", .first = Evidence{.frame = FrameNumber{3}}, .by = {client_encrypts, server_encrypts}}};
  return flow;
}

TEST_F(JudgeTest, OneSideAloneIsNotProtectedByItsOwnWord) {
  result.flows.push_back(smb_flow(true, true));
  result.flows.push_back(smb_flow(true, false));
  result.flows.push_back(smb_flow(false, true));
  result.flows.push_back(smb_flow(true, true));
  result.flows.back().unread = true;
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "protected_by_other");
  for (std::size_t i = 1; i < result.flows.size(); ++i) EXPECT_EQ(result.judged[i].results[0].reason, "requests_missed") << i;
}

TEST_F(JudgeTest, ATlsThatFailedHidesNothingThatWasRead) {
  FlowProfile flow = smb_flow(false, false);
  flow.tls = std::make_unique<TlsProfile>();
  flow.closed = CloseReason::tcp_close;
  flow.start_seen = flow.initiator_seen = flow.responder_seen = true;
  flow.application->protections.clear();
  result.flows.push_back(std::move(flow));
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "handshake_aborted");
  result.flows[0].application->clear = {{.protocol = "smb", .what = "read response", .first = Evidence{.frame = FrameNumber{2}}}};
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "clear_traffic");
}

TEST_F(JudgeTest, DataInClearBesideEncryptedMessagesIsNotProtected) {
  for (const std::string_view what : {"read response", "write request", "create request", "compressed message"}) {
    result.flows.clear();
    result.flows.push_back(smb_flow(true, true));
    result.flows.back().application->clear = {
        {.protocol = "smb", .what = "tree connect request", .first = Evidence{.frame = FrameNumber{2}}},
        {.protocol = "smb", .what = what, .first = Evidence{.frame = FrameNumber{9}}}};
    run();
    EXPECT_EQ(result.judged[0].results[0].reason, "clear_traffic") << what;
  }
}

TEST_F(JudgeTest, ALayerThatMayOnlySignIsNoProtection) {
  result.flows.push_back(smb_flow(true, true));
  result.flows.back().protocols = {"ldap"};
  result.flows.back().application->protections.front().protocol = "ldap";
  result.flows.back().application->protections.front().how = "SASL layer";
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "protection_not_proved");
  result.flows.back().application->protections.front().how = "SASL layer, sealed";
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "protected_by_other");
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
