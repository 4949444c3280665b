#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/host_roles.hpp"
#include "topology/asset_resolver.hpp"
#include "topology/topology_lint.hpp"
#include "topology/topology_loader.hpp"

namespace sealtrace {
namespace {

/// kContoso uses every key of the format.
constexpr std::string_view kContoso = R"(topology: 1
name: Contoso
product: lync-2013
sip_domains: [contoso.com]
zones:
  - {name: internal, networks: [10.0.0.0/8, "fd00::/8"]}
  - {name: perimeter, networks: [192.0.2.0/24]}
simple_urls: {meet: [Meet.contoso.com], dialin: [dialin.contoso.com], admin: [admin.contoso.com]}
pools:
  - fqdn: pool01.contoso.com
    role: front-end
    members: [fe01.contoso.com, fe02.contoso.com]
    web: {internal: web01.contoso.com, external: lyncweb.contoso.com}
hosts:
  - {fqdn: fe01.contoso.com, roles: [front-end], addresses: [10.0.1.11, "fd00::11"]}
  - {fqdn: FE02.contoso.com, addresses: [10.0.1.12]}
  - {fqdn: pool01.contoso.com, addresses: [10.0.1.10], hides_sources: true}
  - {fqdn: med01.contoso.com, roles: [mediation-server], addresses: [10.0.1.20]}
  - {fqdn: gw1.contoso.com, roles: [pstn-gateway], addresses: [10.9.0.5]}
  - fqdn: edge01.contoso.com
    addresses:
      - {ip: 192.0.2.10, roles: [edge-access], nat: 203.0.113.10}
      - {ip: 192.0.2.12, roles: [edge-av]}
      - {ip: 10.0.9.1, roles: [edge-internal]}
  - {fqdn: se01.contoso.com, roles: [standard-edition], addresses: [10.0.1.13], web: {external: branchweb.contoso.com}}
  - {fqdn: rp01.contoso.com, roles: [reverse-proxy], addresses: [192.0.2.20], publishes: [lyncweb.contoso.com, meet.contoso.com]}
networks:
  - {cidr: 10.20.0.0/16, roles: [client]}
  - {cidr: 10.20.7.0/24, roles: [phone], name: phones}
trunks:
  - {gateway: gw1.contoso.com, mediation: med01.contoso.com, port: 5067, transport: tls, srtp_mode: required}
partners:
  - {domain: fabrikam.com, kind: sip, addresses: [203.0.113.7]}
  - {domain: example.org, kind: xmpp, addresses: [198.51.100.9], xmpp: {tls: required, sasl: optional, dialback: false}}
  - {domain: live.example, kind: public, addresses: [198.51.100.64/26]}
settings: {encryption_level: supported, internal_im_tcp: forbidden, fips: true}
trust:
  internal_ca: [ca/internal.pem]
  public_ca: [ca/public.pem]
  partner_ca: {fabrikam.com: [ca/fabrikam.pem]}
)";

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

RoleSet roles(std::initializer_list<Role> list) {
  RoleSet set;
  for (const Role role : list) set.set(static_cast<std::size_t>(role));
  return set;
}

TEST(TopologyLoader, ReadsEveryKeyOfTheFormat) {
  const Topology topology = parse_topology(kContoso, "contoso.yaml");
  EXPECT_EQ(topology.name, "Contoso");
  EXPECT_EQ(topology.product, "lync-2013");
  EXPECT_EQ(topology.sip_domains, std::vector<std::string>{"contoso.com"});
  ASSERT_EQ(topology.zones.size(), 2U);
  EXPECT_EQ(topology.zones[0].networks[1].to_string(), "fd00::/8");
  EXPECT_EQ(topology.pools[0].members[1], "fe02.contoso.com");
  EXPECT_EQ(topology.simple_urls.meet, std::vector<std::string>{"meet.contoso.com"}) << "names are lower-cased";
  EXPECT_EQ(topology.simple_urls.dialin, std::vector<std::string>{"dialin.contoso.com"});
  EXPECT_EQ(topology.simple_urls.admin, std::vector<std::string>{"admin.contoso.com"});
  EXPECT_EQ(topology.pools[0].web.internal, "web01.contoso.com");
  EXPECT_EQ(topology.pools[0].web.external, "lyncweb.contoso.com");
  ASSERT_EQ(topology.hosts.size(), 8U);
  EXPECT_EQ(topology.hosts[6].web.internal, "");
  EXPECT_EQ(topology.hosts[6].web.external, "branchweb.contoso.com");
  EXPECT_EQ(topology.hosts[7].publishes, (std::vector<std::string>{"lyncweb.contoso.com", "meet.contoso.com"}));
  EXPECT_EQ(topology.hosts[1].fqdn, "fe02.contoso.com") << "names are lower-cased";
  EXPECT_TRUE(topology.hosts[2].hides_sources);
  EXPECT_EQ(topology.hosts[5].addresses[0].nat, ip("203.0.113.10"));
  EXPECT_EQ(topology.hosts[5].line, 20U);
  EXPECT_EQ(topology.networks[1].name, "phones");
  EXPECT_EQ(topology.networks[0].name, "10.20.0.0/16");
  EXPECT_EQ(topology.trunks[0].port, 5067);
  EXPECT_EQ(topology.trunks[0].srtp_mode, SrtpMode::required);
  EXPECT_EQ(topology.partners[1].xmpp_sasl, "optional");
  EXPECT_EQ(topology.partners[1].xmpp_dialback, false);
  EXPECT_EQ(topology.settings.encryption_level, "supported");
  EXPECT_TRUE(topology.settings.fips);
  EXPECT_EQ(topology.trust.partner_ca.at("fabrikam.com"), std::vector<std::string>{"ca/fabrikam.pem"});
  EXPECT_TRUE(lint_topology(topology).empty());
}

TEST(TopologyLoader, HostsHaveTheRolesOfTheirPools) {
  const Topology topology = parse_topology(kContoso, "contoso.yaml");
  const std::vector<RoleSet> all = host_roles(topology);
  EXPECT_EQ(all[1], roles({Role::front_end})) << "a member";
  EXPECT_EQ(all[2], roles({Role::front_end})) << "the pool's own address";
  EXPECT_EQ(all[5], RoleSet{});
}

struct WrongCase {
  const char* name;
  const char* text;  ///< after "topology: 1\n"
  std::vector<std::string> problems;
};

class WrongTopology : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongTopology, NamesEveryProblemWithItsLine) {
  try {
    parse_topology(std::string{"topology: 1\n"} + GetParam().text, "t.yaml");
    FAIL() << "was accepted";
  } catch (const TopologyError& error) {
    std::vector<std::string> messages;
    for (const TopologyProblem& problem : error.problems()) messages.push_back(problem.message);
    EXPECT_EQ(messages, GetParam().problems);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Topology, WrongTopology,
    testing::Values(WrongCase{"AnUnknownKey", "host: []\n", {"t.yaml:2:1: unknown key of the topology 'host'; did you mean 'hosts'?"}},
                    WrongCase{"AnUnknownKeyOfAHost",
                              "hosts:\n  - {fqdn: a.b, adresses: [10.0.0.1]}\n",
                              {"t.yaml:3:17: unknown key of a host 'adresses'; did you mean 'addresses'?"}},
                    WrongCase{"AnUnknownKeyOfWebServices",
                              "pools:\n  - {fqdn: p.b, role: front-end, web: {inner: w.b}}\n",
                              {"t.yaml:3:40: unknown key of web 'inner'; known: internal, external"}},
                    WrongCase{"AUrlForAName",
                              "simple_urls:\n  meet: [\"https://meet.b\"]\n",
                              {"t.yaml:3:10: 'meet' must be a DNS name of letters, digits, hyphens and dots, found 'https://meet.b'"}},
                    WrongCase{"ADuplicateKey", "name: a\nname: b\n", {"t.yaml:3:1: the key 'name' stands here a second time"}},
                    WrongCase{"AnUnknownRole",
                              "hosts:\n  - {fqdn: a.b, roles: [mediation]}\n  - {fqdn: c.d, roles: [frontend]}\n",
                              {"t.yaml:3:25: unknown role 'mediation'", "t.yaml:4:25: unknown role 'frontend'; did you mean 'front-end'?"}},
                    WrongCase{"ABadAddress",
                              "hosts:\n  - {fqdn: a.b, addresses: [10.0.0.300]}\n",
                              {"t.yaml:3:29: '10.0.0.300' is no IP address or network"}},
                    WrongCase{"HostBitsInANetwork",
                              "networks:\n  - {cidr: 10.0.0.1/8, roles: [client]}\n",
                              {"t.yaml:3:12: '10.0.0.1/8' is no network: its prefix is too long, or bits beyond it are not zero"}},
                    WrongCase{"AMemberThatIsNoHost",
                              "pools:\n  - {fqdn: p.b, role: front-end, members: [fe1.b]}\nhosts:\n  - {fqdn: fe01.b}\n",
                              {"t.yaml:3:44: unknown host in 'members' 'fe1.b'; did you mean 'fe01.b'?"}},
                    WrongCase{"ATrunkToNobody",
                              "hosts:\n  - {fqdn: gw.b}\ntrunks:\n  - {gateway: gw.b, mediation: med.b}\n",
                              {"t.yaml:5:32: unknown host in 'mediation' 'med.b'; known: gw.b"}},
                    WrongCase{"AHostTwice",
                              "hosts:\n  - {fqdn: a.b}\n  - {fqdn: A.B}\n",
                              {"t.yaml:4:5: the host 'a.b' stands here a second time; list all its addresses in one"}},
                    WrongCase{"ATextForAList", "zones: internal\n", {"t.yaml:2:8: 'zones' must be a list, found text"}},
                    WrongCase{"AZoneNamedExternal",
                              "zones:\n  - {name: external, networks: [10.0.0.0/8]}\n",
                              {"t.yaml:3:5: a zone cannot be named 'external': that is whatever is in no zone"}},
                    WrongCase{"APortOutOfRange",
                              "hosts:\n  - {fqdn: a.b}\ntrunks:\n  - {gateway: a.b, mediation: a.b, port: 65536}\n",
                              {"t.yaml:5:42: 'port' must be a number from 1 to 65535"}},
                    WrongCase{"ANameWithASpace",
                              "hosts:\n  - {fqdn: \"a b\"}\n",
                              {"t.yaml:3:12: 'fqdn' must be a DNS name of letters, digits, hyphens and dots, found 'a b'"}},
                    WrongCase{"XmppOfASipPartner",
                              "partners:\n  - {domain: a.b, kind: sip, xmpp: {tls: required}}\n",
                              {"t.yaml:3:36: 'xmpp' belongs to a partner of kind xmpp"}},
                    WrongCase{"SeveralThings",
                              "zones:\n  - {networks: [x]}\nsettings: {fips: yes}\n",
                              {"t.yaml:3:5: a zone lacks 'name'", "t.yaml:3:17: 'x' is no IP address or network",
                               "t.yaml:4:18: 'fips' must be true or false"}}),
    [](const auto& instance) { return instance.param.name; });

TEST(TopologyLoader, AnotherVersionOfTheFormatIsRefused) {
  EXPECT_THROW(parse_topology("topology: 2\n", "t.yaml"), TopologyError);
  EXPECT_THROW(parse_topology("name: x\n", "t.yaml"), TopologyError);
}

TEST(TopologyLoader, AFileThatCannotBeReadIsAnErrorThatNamesIt) {
  try {
    load_topology("/nonexistent/topology.yaml");
    FAIL();
  } catch (const TopologyError& error) {
    EXPECT_STREQ(error.what(), "/nonexistent/topology.yaml: cannot be opened: No such file or directory");
  }
}

struct ResolveCase {
  const char* name;
  const char* address;
  AssetKind kind;
  const char* asset;
  RoleSet roles;
  const char* zone;
};

class Resolve : public testing::TestWithParam<ResolveCase> {};

TEST_P(Resolve, GivesTheAsset) {
  const Topology topology = parse_topology(kContoso, "contoso.yaml");
  AssetResolver resolver{topology};
  const Asset& asset = resolver.assets()[resolver.resolve(ip(GetParam().address))];
  EXPECT_EQ(asset.kind, GetParam().kind);
  EXPECT_EQ(asset.name, GetParam().asset);
  EXPECT_EQ(asset.roles, GetParam().roles);
  EXPECT_EQ(asset.zone, GetParam().zone);
}

INSTANTIATE_TEST_SUITE_P(
    Topology, Resolve,
    testing::Values(
        ResolveCase{"AHost", "10.0.1.20", AssetKind::host, "med01.contoso.com", roles({Role::mediation_server}), "internal"},
        ResolveCase{"AHostByIpv6", "fd00::11", AssetKind::host, "fe01.contoso.com", roles({Role::front_end}), "internal"},
        ResolveCase{"APoolMemberWithoutRolesOfItsOwn", "10.0.1.12", AssetKind::host, "fe02.contoso.com", roles({Role::front_end}),
                    "internal"},
        ResolveCase{"AnAddressThatNarrowsTheRoles", "192.0.2.12", AssetKind::host, "edge01.contoso.com", roles({Role::edge_av}),
                    "perimeter"},
        ResolveCase{"WhatNatShows", "203.0.113.10", AssetKind::host, "edge01.contoso.com", roles({Role::edge_access}), "perimeter"},
        ResolveCase{"AClientNetwork", "10.20.1.1", AssetKind::network, "10.20.0.0/16", roles({Role::client}), "internal"},
        ResolveCase{"ANarrowerNetworkInIt", "10.20.7.1", AssetKind::network, "phones", roles({Role::phone}), "internal"},
        ResolveCase{"APartner", "203.0.113.7", AssetKind::partner, "fabrikam.com", roles({Role::federated_partner}), "external"},
        ResolveCase{"AnXmppPartner", "198.51.100.9", AssetKind::partner, "example.org", roles({Role::xmpp_partner}), "external"},
        ResolveCase{"APublicProvidersNetwork", "198.51.100.70", AssetKind::partner, "live.example", roles({Role::public_provider}),
                    "external"},
        ResolveCase{"AnUnknownAddressInside", "10.77.0.1", AssetKind::address, "10.77.0.1", {}, "internal"},
        ResolveCase{"AnUnknownAddressOutside", "2001:db8::1", AssetKind::address, "2001:db8::1", {}, "external"}),
    [](const auto& instance) { return instance.param.name; });

TEST(AssetResolver, OneHostIsOneAssetPerSetOfRoles) {
  const Topology topology = parse_topology(kContoso, "contoso.yaml");
  AssetResolver resolver{topology};
  EXPECT_EQ(resolver.resolve(ip("10.0.1.11")), resolver.resolve(ip("fd00::11")));
  EXPECT_EQ(resolver.resolve(ip("192.0.2.10")), resolver.resolve(ip("203.0.113.10")));
  EXPECT_NE(resolver.resolve(ip("192.0.2.10")), resolver.resolve(ip("192.0.2.12")));
  EXPECT_EQ(resolver.resolve(ip("10.20.1.1")), resolver.resolve(ip("10.20.1.2"))) << "clients collapse into their network";
  EXPECT_EQ(resolver.assets().size(), 4U);
}

TEST(AssetResolver, WithoutATopologyEveryAddressIsItsOwnAsset) {
  const Topology topology;
  AssetResolver resolver{topology};
  EXPECT_EQ(resolver.resolve(ip("10.0.0.1")), 0U);
  EXPECT_EQ(resolver.resolve(ip("10.0.0.2")), 1U);
  EXPECT_EQ(resolver.resolve(ip("10.0.0.1")), 0U);
  EXPECT_EQ(resolver.assets()[1].name, "10.0.0.2");
}

TEST(PrefixTable, MasksBothWords) {
  constexpr AddressBits kOnes{.high = ~std::uint64_t{0}, .low = ~std::uint64_t{0}};
  EXPECT_EQ(masked(kOnes, 0), (AddressBits{}));
  EXPECT_EQ(masked(kOnes, 1), (AddressBits{.high = std::uint64_t{1} << 63}));
  EXPECT_EQ(masked(kOnes, 64), (AddressBits{.high = ~std::uint64_t{0}}));
  EXPECT_EQ(masked(kOnes, 128), kOnes);
  PrefixTable table;
  EXPECT_TRUE(table.insert(*Cidr::parse("0.0.0.0/0"), 1));
  EXPECT_TRUE(table.insert(*Cidr::parse("::/0"), 2));
  EXPECT_FALSE(table.insert(*Cidr::parse("::/0"), 3));
  EXPECT_EQ(table.find(ip("1.2.3.4")), 1U);
  EXPECT_EQ(table.find(ip("1::")), 2U);
}

struct LintCase {
  const char* name;
  const char* text;  ///< after "topology: 1\n"
  ProblemSeverity severity;
  std::uint32_t line;
  const char* message;
};

class DoubtfulTopology : public testing::TestWithParam<LintCase> {};

TEST_P(DoubtfulTopology, IsReportedWithItsLine) {
  const std::vector<TopologyProblem> problems = lint_topology(parse_topology(std::string{"topology: 1\n"} + GetParam().text, "t"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, GetParam().severity);
  EXPECT_EQ(problems[0].line, GetParam().line);
  EXPECT_EQ(problems[0].message, GetParam().message);
}

constexpr ProblemSeverity kError = ProblemSeverity::error;
constexpr ProblemSeverity kWarning = ProblemSeverity::warning;

INSTANTIATE_TEST_SUITE_P(
    Topology, DoubtfulTopology,
    testing::Values(
        LintCase{"AHostWithoutAddress", "hosts:\n  - {fqdn: a.b, roles: [sbc]}\n", kWarning, 3,
                 "the host 'a.b' has no address: it will not be recognised"},
        LintCase{"AHostWithoutRole", "hosts:\n  - {fqdn: a.b, addresses: [10.0.0.1]}\n", kWarning, 3,
                 "the host 'a.b' has no role and is in no pool: its legs stay unclassified"},
        LintCase{"ATrunkToAHostThatIsNoGateway",
                 "hosts:\n  - {fqdn: a.b, roles: [director], addresses: [10.0.0.1]}\n  - {fqdn: m.b, roles: [mediation-server], addresses: "
                 "[10.0.0.2]}\n"
                 "trunks:\n  - {gateway: a.b, mediation: m.b}\n",
                 kError, 6, "the trunk's gateway 'a.b' is no pstn-gateway, sbc, ip-pbx or survivable-branch"},
        LintCase{
            "AnAddressOfTwoHosts",
            "hosts:\n  - {fqdn: a.b, roles: [sbc], addresses: [10.0.0.1]}\n  - {fqdn: c.d, roles: [director], addresses: [10.0.0.1]}\n",
            kError, 4, "10.0.0.1/32 belongs to 'c.d' here and to 'a.b' in line 3, which wins"},
        LintCase{
            "ANatAddressOfTwoHosts",
            "hosts:\n  - {fqdn: a.b, roles: [sbc], addresses: [{ip: 10.0.0.1, nat: 192.0.2.1}]}\n  - {fqdn: c.d, roles: [sbc], addresses: "
            "[192.0.2.1]}\n",
            kError, 4, "192.0.2.1/32 belongs to 'c.d' here and to 'a.b' in line 3, which wins"},
        LintCase{"AnAddressTwice", "hosts:\n  - {fqdn: a.b, roles: [sbc], addresses: [10.0.0.1, 10.0.0.1]}\n", kWarning, 3,
                 "10.0.0.1/32 of 'a.b' stands here a second time (first in line 3)"},
        LintCase{"APartnerWithoutAddress", "partners:\n  - {domain: a.b, kind: sip}\n", kWarning, 3,
                 "the partner 'a.b' has no address: it will not be recognised"},
        LintCase{"AnUnusedZone", "zones:\n  - {name: x, networks: [10.0.0.0/8]}\n", kWarning, 3,
                 "no host, network or partner is in the zone 'x'"},
        LintCase{"ANarrowerZoneInAnother",
                 "zones:\n  - {name: x, networks: [10.0.0.0/8]}\n  - {name: y, networks: [10.1.0.0/16]}\n"
                 "networks:\n  - {cidr: 10.0.0.0/16, roles: [client]}\n  - {cidr: 10.1.0.0/16, roles: [phone]}\n",
                 kWarning, 4, "10.1.0.0/16 of the zone 'y' lies inside the zone 'x': the narrower network wins"},
        LintCase{"ANetworkInTwoZones",
                 "zones:\n  - {name: x, networks: [10.0.0.0/8]}\n  - {name: y, networks: [10.0.0.0/8, 192.0.2.0/24]}\n"
                 "networks:\n  - {cidr: 10.0.0.0/16, roles: [client]}\n  - {cidr: 192.0.2.0/24, roles: [phone]}\n",
                 kError, 4, "10.0.0.0/8 stands in two zones, or twice in one"},
        LintCase{"AFrontEndOutsideEveryZone",
                 "zones:\n  - {name: x, networks: [192.0.2.0/24]}\nnetworks:\n  - {cidr: 192.0.2.0/24, roles: [client]}\n"
                 "hosts:\n  - {fqdn: a.b, roles: [front-end], addresses: [10.0.0.1]}\n",
                 kWarning, 7, "10.0.0.1/32 of 'a.b' is in no zone and counts as external"},
        LintCase{"ANetworkWithoutRole", "networks:\n  - {cidr: 10.0.0.0/16, roles: []}\n", kWarning, 3,
                 "the network '10.0.0.0/16' has no role: its legs stay unclassified"},
        LintCase{"AnEmptyPool", "pools:\n  - {fqdn: p.b, role: front-end}\n", kWarning, 3,
                 "the pool 'p.b' has no members and no host of its name: nothing gets its role"},
        LintCase{"WebServicesOfAMediationPool",
                 "pools:\n  - {fqdn: p.b, role: mediation-server, members: [a.b], web: {external: w.b}}\n"
                 "hosts:\n  - {fqdn: a.b, addresses: [10.0.0.1]}\n",
                 kWarning, 3, "the pool 'p.b' has no web services by its role: 'web' has no effect"},
        LintCase{"WebServicesOfAGateway", "hosts:\n  - {fqdn: a.b, roles: [sbc], addresses: [10.0.0.1], web: {internal: w.b}}\n", kWarning,
                 3, "the host 'a.b' has no web services by its roles: 'web' has no effect"},
        LintCase{"AGatewayThatPublishes", "hosts:\n  - {fqdn: a.b, roles: [sbc], addresses: [10.0.0.1], publishes: [w.b]}\n", kWarning, 3,
                 "the host 'a.b' is no reverse-proxy: 'publishes' has no effect"},
        LintCase{"SrtpWithoutTls",
                 "hosts:\n  - {fqdn: g.b, roles: [sbc], addresses: [10.0.0.1]}\n  - {fqdn: m.b, roles: [mediation-server], addresses: "
                 "[10.0.0.2]}\n"
                 "trunks:\n  - {gateway: g.b, mediation: m.b, transport: tcp, srtp_mode: required}\n",
                 kWarning, 6, "srtp_mode is required, but Lync uses SRTP on a trunk only when its transport is tls"}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sealtrace
