#include "policy/propose.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/judge.hpp"
#include "policy/policy_loader.hpp"
#include "policy/propose_tables.hpp"

namespace sealtrace {
namespace {

constexpr std::string_view kServer = "10.0.1.2";
constexpr std::string_view kClient = "10.0.1.1";

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }
TimedEvidence frame(std::uint64_t number) { return Evidence{.capture = {}, .frame = FrameNumber{number}}; }

class ProposeTest : public testing::Test {
 protected:
  FlowProfile& flow(std::uint16_t port, Transport transport = Transport::tcp, std::string_view client = kClient,
                    std::string_view server = kServer) {
    FlowProfile& flow = audit.flows.emplace_back();
    const std::uint64_t first = 100 * audit.flows.size();
    flow.transport = transport;
    flow.start_seen = flow.responder_accepted = true;
    flow.payload_bytes = 1000;
    flow.initiator.endpoint = {.address = ip(client), .port = static_cast<std::uint16_t>(40'000 + audit.flows.size())};
    flow.responder.endpoint = {.address = ip(server), .port = port};
    flow.initiator.asset = asset(client);
    flow.responder.asset = asset(server);
    flow.first_frame = FrameNumber{first};
    flow.first_payload = frame(first + 1);
    return flow;
  }
  FlowProfile& tls(std::uint16_t port, ClientAuthStatus status, std::string_view client = kClient, std::string_view server = kServer) {
    FlowProfile& made = flow(port, Transport::tcp, client, server);
    const std::uint64_t first = value(made.first_frame);
    made.tls = std::make_unique<TlsProfile>();
    made.tls->established = made.tls->client_hello_seen = made.tls->server_hello_seen = true;
    made.tls->version = TlsVersion::tls1_2;
    made.tls->cipher_suite = CipherSuite{0xC030};
    made.tls->client_auth.status = status;
    made.tls->frames.client_hello = frame(first + 3);
    made.tls->frames.server_hello = frame(first + 5);
    made.tls->frames.server_certificate = frame(first + 6);
    made.tls->frames.client_certificate = frame(first + 7);
    return made;
  }
  ApplicationProfile& application(FlowProfile& flow) {
    flow.application = std::make_unique<ApplicationProfile>();
    return *flow.application;
  }
  SipProfile& sip(std::uint16_t port = 5060, Transport transport = Transport::tcp) {
    return application(flow(port, transport)).sip.emplace();
  }
  void dns_answer(std::string_view name, std::string_view address) {
    DnsAnswer answer{.names = {name, {}}, .address = ip(address), .has_address = true, .type = 1};
    application(flow(53, Transport::udp, "10.0.1.1", "10.0.1.53")).names.push_back(answer);
  }
  void dns_pointer(std::string_view owner, std::string_view target, std::uint16_t type) {
    DnsAnswer answer{.names = {owner, target}, .address = {}, .has_address = false, .type = type};
    application(flow(53, Transport::udp, "10.0.1.1", "10.0.1.53")).names.push_back(answer);
  }
  CertificateId certificate(std::string subject, std::vector<std::string> dns_names = {}) {
    CertificateFields fields;
    fields.subject = std::move(subject);
    fields.dns_names = std::move(dns_names);
    audit.certificates.emplace_back().fields = [fields] { return fields; };
    return CertificateId{static_cast<std::uint32_t>(audit.certificates.size() - 1)};
  }
  std::uint32_t asset(std::string_view name) {
    const auto known = std::ranges::find(audit.assets, name, &Asset::name);
    if (known == audit.assets.end()) {
      audit.assets.push_back({.kind = AssetKind::address, .name = std::string{name}, .roles = {}, .zone = "internal", .domain = {}});
      return static_cast<std::uint32_t>(audit.assets.size() - 1);
    }
    return static_cast<std::uint32_t>(known - audit.assets.begin());
  }

  /// in_lines gives the proposals for an address, "role (strength): reason @frame; ..." each.
  std::vector<std::string> in_lines(std::string_view address) const {
    std::vector<std::string> lines;
    for (const RoleProposal& proposal : propose_roles(audit).list) {
      if (proposal.address != address) continue;
      std::vector<std::string> reasons;
      for (const ProposalReason& reason : proposal.reasons)
        reasons.push_back(fmt::format("{} @{}", reason.what, value(reason.where.frame)));
      lines.push_back(fmt::format("{} ({}): {}", proposal.role, to_string(proposal.strength), fmt::join(reasons, "; ")));
    }
    return lines;
  }
  std::string name_of(std::string_view address) const {
    for (const RoleProposal& proposal : propose_roles(audit).list) {
      if (proposal.address == address) return proposal.name;
    }
    return "(no proposal)";
  }

  AuditResult audit;
};

using Lines = std::vector<std::string>;

TEST_F(ProposeTest, NothingIsProposedOfNothing) {
  EXPECT_TRUE(propose_roles(audit).list.empty());
  flow(5061);
  EXPECT_TRUE(propose_roles(audit).list.empty()) << "a port alone says nothing";
}

TEST_F(ProposeTest, WhoAcceptsTlsOnAProductPort) {
  tls(5070, ClientAuthStatus::mutual);
  EXPECT_EQ(in_lines(kServer),
            Lines{"mediation-server (probable): accepts TLS on 5070, the port where Mediation Servers listen for Front Ends @105"});
  EXPECT_EQ(in_lines(kClient), Lines{"front-end (probable): opens TLS with a client certificate to 5070, the port where Mediation Servers "
                                     "listen for Front Ends @107"});
}

TEST_F(ProposeTest, TlsWithoutAServerHelloIsNotAccepted) {
  tls(5070, ClientAuthStatus::none).tls->server_hello_seen = false;
  EXPECT_TRUE(in_lines(kServer).empty());
}

TEST_F(ProposeTest, AClientWithoutCertificateIsNoMoreThanPossible) {
  tls(5061, ClientAuthStatus::declined);
  EXPECT_EQ(in_lines(kClient), Lines{"client or phone (possible): opens TLS without a client certificate to 5061, as clients do @103"});
}

TEST_F(ProposeTest, AddressesWithARoleAreLeftAlone) {
  tls(5070, ClientAuthStatus::mutual);
  audit.assets[asset(kServer)].roles.set(static_cast<std::size_t>(Role::mediation_server));
  EXPECT_TRUE(in_lines(kServer).empty());
  EXPECT_FALSE(in_lines(kClient).empty());
}

TEST_F(ProposeTest, ClearSipCountsOnlyWhereTheStartOfTheConnectionWasSeen) {
  sip(5068);
  EXPECT_EQ(in_lines(kServer), Lines{"mediation-server (probable): accepts clear SIP on 5068, the port where Mediation Servers take clear "
                                     "SIP of gateways @101"});
  audit.flows[0].start_seen = false;
  EXPECT_TRUE(in_lines(kServer).empty());
}

TEST_F(ProposeTest, WhoSendsARegisterOfItsOwnIsAClientAndWhoIsSentItARegistrar) {
  SipProfile& profile = sip(7060, Transport::udp);
  profile.registration = profile.sides[0].registration = frame(7);
  EXPECT_EQ(in_lines(kClient), Lines{"client or phone (probable): registers with SIP REGISTER requests of its own @7"});
  EXPECT_EQ(in_lines(kServer), Lines{"front-end, director or sip-registrar (probable): is sent SIP REGISTER requests @7"});
}

TEST_F(ProposeTest, WhoIsCalledByAProxyIsNoRegistrar) {
  SipProfile& profile = sip(7060, Transport::udp);
  profile.registration = profile.sides[0].registration = frame(7);
  profile.sides[1].forwarded = frame(12);  // an INVITE that comes back
  EXPECT_EQ(in_lines(kClient), Lines{"client or phone (probable): registers with SIP REGISTER requests of its own @7"});
}

TEST_F(ProposeTest, WhatAClientAnswersMayComeFromBehindAProxy) {
  sip(7060).sides[1].products.push_back({.name = "UCCAPI/15.0", .own = false, .first = frame(9)});
  EXPECT_TRUE(in_lines(kServer).empty());
}

TEST_F(ProposeTest, WhoPassesOnARegisterIsNoClient) {
  SipProfile& profile = sip(7060);
  profile.registration = profile.sides[0].forwarded = profile.sides[0].forwarded_registration = frame(7);
  EXPECT_EQ(in_lines(kServer), Lines{"front-end, director or sip-registrar (probable): is sent SIP REGISTER requests @7"});
  EXPECT_EQ(in_lines(kClient), Lines{"front-end, director, sbc, edge-access, edge-internal or sip-proxy (probable): passes on SIP requests "
                                     "of others, with more than one Via @7"});
}

struct ProductCase {
  std::string_view product;
  bool own;
  std::string_view role;
};
TEST_F(ProposeTest, ProductsNameThemselves) {
  for (const ProductCase& product : std::vector<ProductCase>{
           {"RTCC/5.0.0.0 MediationServer", true, "mediation-server (strong)"},
           {"RTCC/5.0.0.0 AV-MCU", true, "front-end (strong)"},
           {"UCCAPI/15.0.4420.1017 OC/15.0.4420.1017 (Microsoft Lync)", true, "client (strong)"},
           {"CPE/4.0.7423.1 OCPhone/4.0.7423.1 (Microsoft Lync 2010 Phone Edition)", true, "phone (strong)"},
           {"RTC/1.3.5470", true, "client (strong)"},
           {"RTC/5.0", false, "front-end, director, edge-access or edge-internal (possible)"},
           {"Audiocodes-Sip-Gateway-Mediant 1000B/v.7.20A.258", true, "pstn-gateway or sbc (strong)"},
           {"SONUS SBC2000 6.1", true, "sbc (strong)"},
           {"Cisco-SIPGateway/IOS-15.2.4.M3", false, "pstn-gateway or sbc (possible)"},
           {"Microsoft.PSTNHub.SIPProxy v.2020.5.27.2", true, "teams-sip-proxy (strong)"},
       }) {
    audit.flows.clear();
    sip(7060).sides[0].products.push_back({.name = std::string{product.product}, .own = product.own, .first = frame(9)});
    const Lines lines = in_lines(kClient);
    ASSERT_EQ(lines.size(), 1U) << product.product;
    EXPECT_TRUE(lines[0].starts_with(fmt::format("{}:", product.role))) << lines[0];
    EXPECT_TRUE(lines[0].contains(product.product)) << lines[0];
    EXPECT_TRUE(lines[0].ends_with("@9")) << lines[0];
  }
  audit.flows.clear();
  sip(7060).sides[0].products.push_back({.name = "Something Else/1.0", .own = true, .first = frame(9)});
  EXPECT_TRUE(in_lines(kClient).empty());
}

TEST_F(ProposeTest, TheNarrowerProposalTakesTheEvidenceThatItExplains) {
  SipProfile& profile = sip(7060);
  profile.registration = profile.sides[0].registration = frame(7);
  profile.sides[0].products.push_back({.name = "CPE/4.0 OCPhone/4.0", .own = true, .first = frame(9)});
  EXPECT_EQ(in_lines(kClient),
            Lines{"phone (strong): calls itself \"CPE/4.0 OCPhone/4.0\", in SIP requests of its own @9; registers with SIP "
                  "REGISTER requests of its own @7"});
}

TEST_F(ProposeTest, AGuessTakesNothingFromSurerEvidence) {
  tls(5067, ClientAuthStatus::one_way).tls->server_name = "gw1.contoso.com";
  EXPECT_EQ(in_lines(kServer),
            (Lines{"mediation-server, pstn-gateway, sbc or ip-pbx (probable): accepts TLS on 5067, the trunk port of Mediation Servers and "
                   "gateways @105",
                   "pstn-gateway or sbc (possible): is asked for as \"gw1.contoso.com\", a common name of gateways @103"}));
}

TEST_F(ProposeTest, ContradictionsStandSideBySide) {
  tls(5070, ClientAuthStatus::mutual);
  tls(5041, ClientAuthStatus::mutual);
  const Lines lines = in_lines(kServer);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("mediation-server (probable)")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("persistent-chat (probable)")) << lines[1];
}

TEST_F(ProposeTest, ReasonsAreThreeAtMostAndAllAreCounted) {
  for (const int port : {5063, 5064, 5065, 8404, 8058}) tls(static_cast<std::uint16_t>(port), ClientAuthStatus::one_way);
  for (int i = 0; i < 10; ++i) tls(5063, ClientAuthStatus::one_way);  // said before
  const Proposals proposals = propose_roles(audit);
  ASSERT_EQ(proposals.list.size(), 1U);
  EXPECT_EQ(proposals.list[0].role, "front-end");
  EXPECT_EQ(proposals.list[0].reasons.size(), kMaxProposalReasons);
  EXPECT_EQ(proposals.list[0].num_reasons, 5U);
  EXPECT_TRUE(proposals.list[0].reasons[0].what.starts_with("accepts TLS on 5063"));
}

TEST_F(ProposeTest, CertificatesNameTheirHolders) {
  const CertificateId server =
      certificate("CN=sip.contoso.com,O=Contoso", {"sip.contoso.com", "lyncdiscoverinternal.contoso.com", "FE01.contoso.com"});
  const CertificateId client = certificate("O=a CN=b,CN=med01.contoso.com");
  FlowProfile& profile = tls(443, ClientAuthStatus::mutual);
  profile.tls->server_chain = {server};
  profile.tls->client_chain = {client};
  EXPECT_EQ(
      in_lines(kServer),
      (Lines{"front-end or director (probable): shows a certificate for \"lyncdiscoverinternal.contoso.com\", where clients inside "
             "discover their server @106; shows a certificate for \"sip.contoso.com\", where clients sign in @106",
             "front-end (possible): shows a certificate for \"FE01.contoso.com\", a common name of Front Ends @106; shows a certificate "
             "for \"sip.contoso.com\", where clients sign in @106"}));
  EXPECT_EQ(name_of(kServer), "fe01.contoso.com") << "a host's own name before a service's";
  EXPECT_EQ(name_of(kClient), "med01.contoso.com");
}

TEST_F(ProposeTest, DnsGivesNamesAndRoles) {
  tls(7000, ClientAuthStatus::one_way).tls->server_name = "alias.contoso.com";
  dns_answer("fe01.contoso.com", kServer);
  dns_answer("sip.contoso.com", kServer);
  dns_pointer("_sipinternaltls._tcp.contoso.com", "fe01.contoso.com", 33);
  dns_pointer("lyncdiscover.contoso.com", "fe01.contoso.com", 5);
  dns_answer("edge.fabrikam.com", "203.0.113.9");  // talks to nobody here
  const Lines lines = in_lines(kServer);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(
      lines[0],
      "front-end or director (strong): is the target of the SRV record \"_sipinternaltls._tcp.contoso.com\" @401; has in DNS the alias "
      "\"lyncdiscover.contoso.com\", where clients discover their server @501; has in DNS the name \"sip.contoso.com\", where clients sign "
      "in @301");
  EXPECT_TRUE(lines[1].starts_with("front-end (possible)")) << lines[1];
  EXPECT_EQ(name_of(kServer), "fe01.contoso.com");
  EXPECT_EQ(in_lines("10.0.1.53"), Lines{"dns-server (strong): answers DNS queries on 53 @201"});
  EXPECT_TRUE(in_lines("203.0.113.9").empty());
}

TEST_F(ProposeTest, APoolsNameIsTheLastResort) {
  for (const std::string_view member : {"10.0.1.2", "10.0.1.3"}) {
    tls(5070, ClientAuthStatus::mutual, kClient, member);
    dns_answer("all.contoso.com", member);
  }
  EXPECT_EQ(name_of("10.0.1.2"), "all.contoso.com");
  dns_answer("one.contoso.com", "10.0.1.2");
  EXPECT_EQ(name_of("10.0.1.2"), "one.contoso.com");
  EXPECT_EQ(name_of("10.0.1.3"), "all.contoso.com");
}

TEST_F(ProposeTest, WhatIsNoHostNameIsNoName) {
  for (const std::string_view name : {"*.contoso.com", "10.0.1.2", "a..b", "two words.com", "x\n- y.com", "single", ".com", "com."}) {
    audit.flows.clear();
    tls(5070, ClientAuthStatus::mutual).tls->server_name = name;
    EXPECT_EQ(name_of(kServer), "") << name;
  }
}

TEST_F(ProposeTest, InfrastructureShowsByItsProtocols) {
  for (const auto& [protocol, port, role] :
       std::vector<std::tuple<std::string_view, std::uint16_t, std::string_view>>{{"tds", 1433, "sql-back-end (strong)"},
                                                                                  {"smb", 445, "file-store (possible)"},
                                                                                  {"ldap", 389, "domain-controller (probable)"},
                                                                                  {"kerberos", 88, "domain-controller (strong)"}}) {
    audit.flows.clear();
    flow(port).protocols = {protocol};
    const Lines lines = in_lines(kServer);
    ASSERT_EQ(lines.size(), 1U) << protocol;
    EXPECT_TRUE(lines[0].starts_with(role)) << lines[0];
    EXPECT_TRUE(in_lines(kClient).empty()) << protocol;
    audit.flows[0].responder_accepted = false;
    EXPECT_TRUE(in_lines(kServer).empty()) << protocol;
  }
}

TEST_F(ProposeTest, RelaysOfMicrosoftsDialectAreTheEdges) {
  StunProfile& stun = application(flow(3478, Transport::udp)).stun.emplace();
  stun.relay = true;
  stun.flavours.set(static_cast<std::size_t>(StunFlavour::ms_turn));
  EXPECT_EQ(in_lines(kServer), Lines{"edge-av or edge-internal (strong): relays media by the TURN of [MS-TURN] on 3478 @101"});
  stun.flavours.reset();
  EXPECT_EQ(in_lines(kServer), Lines{"media-relay (strong): relays media by TURN on 3478 @101"});
  stun.relay = false;
  EXPECT_EQ(in_lines(kServer), Lines{"media-relay (possible): answers STUN on 3478 @101"});
  audit.flows[0].responder.endpoint.port = 50'123;  // connectivity checks between two clients
  EXPECT_TRUE(in_lines(kServer).empty());
}

TEST_F(ProposeTest, TheImitatedTlsHelloIsTheEdges) {
  tls(443, ClientAuthStatus::none).tls->pseudo = true;
  EXPECT_EQ(in_lines(kServer), Lines{"edge-av or edge-internal (strong): answers the imitated TLS hello of the A/V Edge on 443 @103"});
}

TEST_F(ProposeTest, XmppServersAreBothEnds) {
  application(flow(5269)).xmpp = XmppStream{.server_to_server = true, .from = "fabrikam.com", .to = "contoso.com"};
  EXPECT_EQ(in_lines(kServer), Lines{"edge-access or xmpp-partner (strong): takes XMPP server-to-server streams for \"contoso.com\" @101"});
  EXPECT_EQ(in_lines(kClient),
            Lines{"edge-access or xmpp-partner (strong): opens XMPP server-to-server streams for \"fabrikam.com\" @101"});
  audit.flows[0].application->xmpp->server_to_server = false;
  EXPECT_TRUE(in_lines(kServer).empty());
}

TEST_F(ProposeTest, HttpPathsCountWhereTheyWereAnsweredByOtherThanAProxy) {
  HttpProfile& http = application(flow(80)).http.emplace();
  http.first_of_path.emplace_back(HttpPathClass::address_book, frame(8));
  EXPECT_TRUE(in_lines(kServer).empty());
  http.num_responses = 1;
  EXPECT_EQ(in_lines(kServer), Lines{"front-end, director or reverse-proxy (probable): serves over clear HTTP \"address_book\" @8"});
  http.connect = true;
  EXPECT_TRUE(in_lines(kServer).empty());
}

TEST_F(ProposeTest, LongTextOfTheWireIsCut) {
  sip(7060).sides[0].products.push_back({.name = "UCCAPI/" + std::string(500, 'x'), .own = true, .first = frame(9)});
  EXPECT_LT(in_lines(kClient)[0].size(), 250U);
}

TEST_F(ProposeTest, ManyAddressesFillTheListServersFirstAndTheRestIsCounted) {
  for (unsigned i = 0; i < 1'500; ++i) {
    tls(5061, ClientAuthStatus::declined, fmt::format("10.1.{}.{}", i / 250, i % 250), "10.200.0.1");
  }
  const Proposals proposals = propose_roles(audit);
  EXPECT_EQ(proposals.list.size(), kMaxProposals);
  EXPECT_EQ(proposals.num_left_out, 1'501 - kMaxProposals);
  EXPECT_EQ(proposals.list[0].address, "10.200.0.1");
  EXPECT_EQ(proposals.list[1].address, "10.1.0.0");
}

TEST_F(ProposeTest, ProposalsAreTheSameEachTime) {
  for (unsigned i = 0; i < 50; ++i) {
    tls(static_cast<std::uint16_t>(5060 + i % 20), ClientAuthStatus::mutual, fmt::format("10.1.0.{}", i), fmt::format("10.2.0.{}", i % 7));
  }
  const auto text = [&] {
    std::string all;
    for (const RoleProposal& p : propose_roles(audit).list)
      all += fmt::format("{} {} {} {}\n", p.address, p.name, p.role, p.reasons[0].what);
    return all;
  };
  EXPECT_EQ(text(), text());  // the hash of addresses is seeded anew each time
}

/// verdicts_of writes down everything that judge decides.
std::string verdicts_of(const AuditResult& audit) {
  std::string text = fmt::format("{} {}\n", audit.overall, audit.exit_code);
  for (const JudgedFlow& judged : audit.judged) {
    text += fmt::format("{} {} {}", to_string(judged.classification.traffic_class), judged.classification.basis, judged.classification.leg);
    for (const Result& result : judged.results) {
      text +=
          fmt::format(" {}={}/{}/{}/{}", result.rule, to_string(result.status), to_string(result.severity), result.reason, result.finding);
    }
    text += '\n';
  }
  for (const Leg& leg : audit.legs) {
    text += fmt::format("{} {} {} {} {}\n", leg.id(), to_string(leg.traffic_class), to_string(leg.status), leg.protection, leg.required);
  }
  for (const Finding& finding : audit.findings) text += fmt::format("{} {} {}\n", finding.id, finding.title, finding.message);
  for (const RowVerdict& row : audit.rows) text += fmt::format("{} {} {} {}\n", row.id, to_string(row.status), row.expected, row.note);
  return text;
}

TEST_F(ProposeTest, NoVerdictKnowsOfProposals) {
  const Policy policy = load_policy("lync-2013");
  tls(5067, ClientAuthStatus::one_way);
  tls(5061, ClientAuthStatus::one_way, kServer, kClient);
  tls(5041, ClientAuthStatus::mutual);
  sip(5068).call = frame(9);
  judge(audit, policy, {}, {});
  const std::string without = verdicts_of(audit);
  audit.proposals = propose_roles(audit).list;
  ASSERT_GE(audit.proposals.size(), 2U);
  judge(audit, policy, {}, {});
  EXPECT_EQ(verdicts_of(audit), without);
  for (const Asset& asset : audit.assets) EXPECT_TRUE(asset.roles.none()) << asset.name;

  // The same roles in a topology do change verdicts: what is proposed would matter, were it applied.
  audit.assets[asset(kServer)].roles.set(static_cast<std::size_t>(Role::mediation_server));
  audit.assets[asset(kClient)].roles.set(static_cast<std::size_t>(Role::pstn_gateway));
  judge(audit, policy, {}, {});
  EXPECT_NE(verdicts_of(audit), without);
}

TEST(ProposeTables, RowsOfPortsDoNotOverlap) {
  for (std::uint32_t port = 1; port < 65'536; ++port) {
    const ListenerRow* row = find_listener(static_cast<std::uint16_t>(port));
    if (row == nullptr) continue;
    EXPECT_TRUE(row->first <= port && port <= row->last && row->listener != 0) << port;
  }
  EXPECT_EQ(find_listener(5072)->first, 5071);
  EXPECT_EQ(find_listener(5074), nullptr);
  EXPECT_EQ(find_listener(1), nullptr);
}

TEST(ProposeTables, NamesAreFoundByTheirFirstLabel) {
  EXPECT_EQ(find_name("EDGE-12.contoso.com")->label, "edge");
  EXPECT_EQ(find_name("sip.pstnhub.microsoft.com")->role, roles({Role::teams_sip_proxy}));
  EXPECT_EQ(find_name("sip.contoso.com")->role, roles({Role::front_end, Role::director, Role::edge_access}));
  EXPECT_EQ(find_name("sip7.contoso.com"), nullptr) << "a service's name has no number";
  EXPECT_EQ(find_name("edge"), nullptr);
  EXPECT_EQ(find_name(""), nullptr);
  EXPECT_EQ(find_name("12.contoso.com"), nullptr);
  EXPECT_EQ(find_service("_sip._tls.contoso.com")->service, "_sip._tls");
  EXPECT_EQ(find_service("_sip._tls"), nullptr);
  EXPECT_EQ(find_service("_sip._tlsx.contoso.com"), nullptr);
}

}  // namespace
}  // namespace sealtrace
