#include "app/certs_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <vector>

#include "model/certificate_use.hpp"
#include "model/host_roles.hpp"
#include "policy/certificate_uses.hpp"
#include "policy/required_names.hpp"

namespace sealtrace {
namespace {

struct Request {
  std::string server;
  std::vector<CertificateUsage> usages;  ///< one certificate may serve several
  std::string subject;
  std::vector<std::string> names;
  std::string to_add;    ///< names that the topology does not state
  std::string issuer{};  ///< in words; empty: the enterprise CA or a public one
  bool client_eku = false;
  bool exportable = false;
};

class Planner {
 public:
  explicit Planner(const Topology& topology) : topology_{topology} {}

  std::vector<Request> plan() {
    const std::vector<RoleSet> roles = host_roles(topology_);
    for (std::size_t i = 0; i < topology_.hosts.size(); ++i) {
      RoleSet all = roles[i];
      for (const HostAddress& address : topology_.hosts[i].addresses) all |= address.roles;
      plan_host(topology_.hosts[i].fqdn, all);
    }
    return std::move(requests_);
  }

 private:
  void plan_host(const std::string& server, const RoleSet& roles) {
    const auto has = [&](Role role) { return roles.test(static_cast<std::size_t>(role)); };
    const std::string pool = pool_of(topology_, server);
    const std::string& first = pool.empty() ? server : pool;
    const std::vector<std::string> own = pool.empty() || pool == server ? std::vector{server} : std::vector{pool, server};
    if (has(Role::front_end) || has(Role::standard_edition) || has(Role::director)) {
      plan_web_server(server, first, own);
    } else if (has(Role::mediation_server) || has(Role::survivable_branch) || has(Role::persistent_chat)) {
      std::vector<std::string> names = own;
      if (has(Role::survivable_branch)) {
        for (const std::string& domain : topology_.sip_domains) names.push_back("sip." + domain);
      }
      requests_.push_back(
          {.server = server, .usages = {CertificateUsage::standard}, .subject = first, .names = std::move(names), .to_add = {}});
    }
    if (has(Role::front_end) || has(Role::standard_edition)) plan_oauth();
    if (has(Role::edge_access)) plan_edge_external(server, pool);
    if (has(Role::edge_internal))
      requests_.push_back({.server = server, .usages = {CertificateUsage::edge_internal}, .subject = first, .names = own, .to_add = {}});
    if (has(Role::reverse_proxy)) plan_publishing(server);
  }

  void plan_web_server(const std::string& server, const std::string& subject, std::vector<std::string> names) {
    const TopologyWeb web = web_of(topology_, server);
    const TopologySimpleUrls& simple = topology_.simple_urls;
    for (const std::string& domain : topology_.sip_domains) add(names, "sip." + domain);
    add(names, web.internal);
    add(names, web.external);
    for (const std::vector<std::string>* urls : {&simple.meet, &simple.dialin, &simple.admin}) add_all(names, *urls);
    for (const std::string& domain : topology_.sip_domains) add(names, "lyncdiscoverinternal." + domain);
    for (const std::string& domain : topology_.sip_domains) add(names, "lyncdiscover." + domain);
    requests_.push_back(
        {.server = server,
         .usages = {CertificateUsage::standard, CertificateUsage::web_services_internal, CertificateUsage::web_services_external},
         .subject = subject,
         .names = std::move(names),
         .to_add = unstated({{web.internal.empty(), "the internal web FQDN"},
                             {web.external.empty(), "the external web FQDN"},
                             {simple.meet.empty(), "the simple URLs for meet"},
                             {simple.dialin.empty(), "the simple URLs for dialin"},
                             {simple.admin.empty(), "the simple URLs for admin"}})});
  }

  /// plan_oauth is for the deployment: the certificate is assigned once and replicated.
  void plan_oauth() {
    if (oauth_planned_ || topology_.sip_domains.empty()) return;
    oauth_planned_ = true;
    requests_.push_back({.server = "all Front End Servers together",
                         .usages = {CertificateUsage::oauth_token_issuer},
                         .subject = topology_.sip_domains.front(),
                         .names = {topology_.sip_domains.front()},
                         .to_add = {},
                         .exportable = true});
  }

  void plan_edge_external(const std::string& server, const std::string& pool) {
    if (!pool.empty() && std::ranges::find(planned_edge_pools_, pool) != planned_edge_pools_.end()) return;
    if (!pool.empty()) planned_edge_pools_.push_back(pool);
    std::vector<std::string> names;
    for (const std::string& domain : topology_.sip_domains) names.push_back("sip." + domain);
    const bool public_provider =
        std::ranges::any_of(topology_.partners, [](const TopologyPartner& partner) { return partner.kind == "public"; });
    const bool xmpp = std::ranges::any_of(topology_.partners, [](const TopologyPartner& partner) { return partner.kind == "xmpp"; });
    std::vector<CertificateUsage> usages{CertificateUsage::access_edge_external, CertificateUsage::data_edge_external,
                                         CertificateUsage::audio_video_authentication};
    if (xmpp) {
      usages.push_back(CertificateUsage::xmpp_server);
      for (const std::string& domain : topology_.sip_domains) names.push_back(domain);
    }
    requests_.push_back({.server = pool.empty() ? server : "every Edge Server of " + pool,
                         .usages = std::move(usages),
                         .subject = names.empty() ? server : names.front(),
                         .names = std::move(names),
                         .to_add = "the FQDNs of the Access and Web Conferencing Edge services where they differ",
                         .issuer = "a public CA issues it",
                         .client_eku = public_provider,
                         .exportable = true});
  }

  void plan_publishing(const std::string& server) {
    const std::vector<std::string> published = published_names(topology_, server);
    const bool of_its_own = publishes_of_its_own(topology_, server);
    std::vector<std::string> names;
    add_all(names, published);
    if (!of_its_own) {
      for (const std::string& domain : topology_.sip_domains) add(names, "lyncdiscover." + domain);
    }
    std::string to_add = unstated({{published.empty(), "the external web FQDNs (one of them is the subject)"},
                                   {!of_its_own && (published.empty() || topology_.simple_urls.meet.empty()), "meet"},
                                   {!of_its_own && (published.empty() || topology_.simple_urls.dialin.empty()), "dialin"},
                                   {!of_its_own, "Office Web Apps where it is published"}});
    requests_.push_back({.server = server,
                         .usages = {CertificateUsage::web_publishing},
                         .subject = names.empty() ? server : names.front(),
                         .names = std::move(names),
                         .to_add = std::move(to_add),
                         .issuer = "a public CA issues it"});
  }

  /// add takes a name once, and none that is not stated.
  static void add(std::vector<std::string>& names, const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  static void add_all(std::vector<std::string>& names, const std::vector<std::string>& more) {
    for (const std::string& name : more) add(names, name);
  }

  struct Missing {
    bool missing = false;
    std::string_view what;
  };
  static std::string unstated(std::initializer_list<Missing> list) {
    std::string text;
    for (const Missing& each : list) {
      if (each.missing) text += fmt::format("{}{}", text.empty() ? "" : ", ", each.what);
    }
    return text;
  }

  const Topology& topology_;
  std::vector<Request> requests_;
  std::vector<std::string> planned_edge_pools_;
  bool oauth_planned_ = false;
};

void write_request(std::back_insert_iterator<std::string> out, const Request& request) {
  std::string usages;
  for (const CertificateUsage usage : request.usages) usages += fmt::format("{}{}", usages.empty() ? "" : ", ", to_string(usage));
  fmt::format_to(out, "# {}: {}\n", request.server, usages);
  fmt::format_to(
      out, "# subject CN={}; RSA, 2048 bits; SHA-256; {}; with a CRL distribution point\n", request.subject,
      request.client_eku ? "server and client authentication (a public provider asks for the client's)" : "server authentication");
  fmt::format_to(out, "# names: ");
  for (std::size_t i = 0; i < request.names.size(); ++i) fmt::format_to(out, "{}{}", i == 0 ? "" : ", ", request.names[i]);
  fmt::format_to(out, "\n");
  if (!request.to_add.empty()) fmt::format_to(out, "# to add, for the topology does not state them: {}\n", request.to_add);
  if (!request.issuer.empty()) fmt::format_to(out, "# {}\n", request.issuer);
  if (request.exportable) fmt::format_to(out, "# the private key must be exportable: every server gets the same certificate\n");
  fmt::format_to(out, "[req]\nprompt = no\ndefault_bits = 2048\ndefault_md = sha256\ndistinguished_name = dn\nreq_extensions = v3\n");
  fmt::format_to(out, "[dn]\nCN = {}\n[v3]\nbasicConstraints = CA:FALSE\nkeyUsage = critical, digitalSignature, keyEncipherment\n",
                 request.subject);
  fmt::format_to(out, "extendedKeyUsage = serverAuth{}\nsubjectAltName = @names\n[names]\n", request.client_eku ? ", clientAuth" : "");
  for (std::size_t i = 0; i < request.names.size(); ++i) fmt::format_to(out, "DNS.{} = {}\n", i + 1, request.names[i]);
  fmt::format_to(out, "\n");
}

}  // namespace

std::string certificate_plan(const Topology& topology) {
  std::string text;
  const std::back_insert_iterator<std::string> out{text};
  const std::vector<Request> requests = Planner{topology}.plan();
  fmt::format_to(
      out,
      "# Certificates of {}. Each section is a configuration for: openssl req -new -newkey rsa:2048 -nodes -config FILE -keyout KEY\n\n",
      topology.name.empty() ? "this deployment" : topology.name);
  for (const Request& request : requests) write_request(out, request);
  if (requests.empty()) fmt::format_to(out, "# no server of this topology needs one\n");
  return text;
}

}  // namespace sealtrace
