#include "policy/required_names.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealtrace {
namespace {

using Names = std::vector<std::string>;

/// deployment has a pool and a branch with web services of their own, a proxy that publishes all, and one that names what it publishes.
Topology deployment() {
  Topology topology;
  topology.sip_domains = {"contoso.com", "fabrikam.com"};
  topology.simple_urls = {
      .meet = {"meet.contoso.com", "meet.fabrikam.com"}, .dialin = {"meet.contoso.com"}, .admin = {"admin.contoso.com"}};
  topology.pools.push_back({.fqdn = "pool01.contoso.com",
                            .role = Role::front_end,
                            .members = {"fe01.contoso.com", "se01.contoso.com"},
                            .web = {.internal = "web01.contoso.com", .external = "lyncweb.contoso.com"}});
  for (const char* fqdn : {"fe01.contoso.com", "se01.contoso.com", "dir01.contoso.com", "rp01.contoso.com", "rp02.contoso.com"})
    topology.hosts.push_back({.fqdn = fqdn, .roles = {}, .addresses = {}, .web = {}, .publishes = {}});
  topology.hosts[1].web.external = "branchweb.contoso.com";
  topology.hosts[4].publishes = {"branchweb.contoso.com", "office.contoso.com"};
  return topology;
}

CertificateUse held_by(const std::string& holder, Role role, const std::string& pool = {}) {
  CertificateUse use;
  use.holder = holder;
  use.roles.set(static_cast<std::size_t>(role));
  use.pool = pool;
  return use;
}

struct NameCase {
  const char* name;
  CertificateUse use;
  Names values;
  Names names;
};

class RequiredNames : public testing::TestWithParam<NameCase> {};

TEST_P(RequiredNames, AreWhatTheTopologyStates) {
  EXPECT_EQ(required_names(GetParam().values, GetParam().use, deployment()), GetParam().names);
}

const CertificateUse kFrontEnd = held_by("FE01.contoso.com", Role::front_end, "pool01.contoso.com");
const CertificateUse kMember = held_by("fe01.contoso.com", Role::front_end, "pool01.contoso.com");
const CertificateUse kBranch = held_by("se01.contoso.com", Role::standard_edition, "pool01.contoso.com");
const CertificateUse kDirector = held_by("dir01.contoso.com", Role::director);
const CertificateUse kProxy = held_by("rp01.contoso.com", Role::reverse_proxy);
const CertificateUse kOwnProxy = held_by("rp02.contoso.com", Role::reverse_proxy);

INSTANTIATE_TEST_SUITE_P(
    Policy, RequiredNames,
    testing::Values(
        NameCase{"ServerAndPool", kFrontEnd, {"{server}", "{pool}"}, {"fe01.contoso.com", "pool01.contoso.com"}},
        NameCase{"NoPool", kDirector, {"{server}", "{pool}"}, {"dir01.contoso.com"}},
        NameCase{"EachDomain", kDirector, {"sip.{domain}"}, {"sip.contoso.com", "sip.fabrikam.com"}},
        NameCase{"EachDomainAsUri", kDirector, {"sip:{domain}"}, {"sip:contoso.com", "sip:fabrikam.com"}},
        NameCase{"WebServicesOfThePool", kMember, {"{web-internal}", "{web-external}"}, {"web01.contoso.com", "lyncweb.contoso.com"}},
        NameCase{"WebServicesOfItsOwnBeforeThoseOfThePool", kBranch, {"{web-internal}", "{web-external}"}, {"branchweb.contoso.com"}},
        NameCase{"NoWebServices", kDirector, {"{web-internal}", "{web-external}"}, {}},
        NameCase{"SimpleUrlsEachOnce",
                 kMember,
                 {"{meet}", "{dialin}", "{admin}"},
                 {"meet.contoso.com", "meet.fabrikam.com", "admin.contoso.com"}},
        NameCase{"DiscoverOfAServerWithWebServices",
                 kMember,
                 {"lyncdiscoverinternal.{web-domain}"},
                 {"lyncdiscoverinternal.contoso.com", "lyncdiscoverinternal.fabrikam.com"}},
        NameCase{"DiscoverOfAServerWithout", kDirector, {"lyncdiscoverinternal.{web-domain}"}, {}},
        NameCase{"EverythingIsPublished",
                 kProxy,
                 {"{published}"},
                 {"lyncweb.contoso.com", "branchweb.contoso.com", "meet.contoso.com", "meet.fabrikam.com"}},
        NameCase{"DiscoverIsPublished", kProxy, {"lyncdiscover.{web-domain}"}, {"lyncdiscover.contoso.com", "lyncdiscover.fabrikam.com"}},
        NameCase{
            "AListOfItsOwn", kOwnProxy, {"{published}", "lyncdiscover.{web-domain}"}, {"branchweb.contoso.com", "office.contoso.com"}}),
    [](const auto& instance) { return instance.param.name; });

TEST(RequiredNamesOfNothing, AreNone) {
  const Names all{"{pool}",      "{web-internal}", "{web-external}",           "{meet}", "{dialin}", "{admin}",
                  "{published}", "sip.{domain}",   "lyncdiscover.{web-domain}"};
  EXPECT_EQ(required_names(all, kDirector, {}), Names{});
  EXPECT_EQ(required_names(all, kProxy, {}), Names{});
  Topology simple;  // which pool is published is not known, so neither is who serves the simple URLs
  simple.simple_urls.meet = {"meet.contoso.com"};
  EXPECT_EQ(required_names({"{published}"}, kProxy, simple), Names{});
}

TEST(NameValues, AreNamesAndTemplates) {
  for (const char* value : {"{server}", "{published}", "sip.{domain}", "{domain}", "lyncdiscover.{web-domain}", "www.contoso.com"})
    EXPECT_TRUE(is_name_value(value)) << value;
  for (const char* value : {"{servers}", "{web}", "sip.{domains}", "{server}.contoso.com", "{x}.{domain}", "sip.{domain"})
    EXPECT_FALSE(is_name_value(value)) << value;
}

}  // namespace
}  // namespace sealtrace
