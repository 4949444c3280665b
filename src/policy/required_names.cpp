#include "policy/required_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/ascii.hpp"

namespace sealtrace {
namespace {

constexpr std::string_view kDomain = "{domain}";
constexpr std::string_view kWebDomain = "{web-domain}";
constexpr std::array<std::string_view, 8> kWholeTemplates{"{server}", "{pool}",   "{web-internal}", "{web-external}",
                                                          "{meet}",   "{dialin}", "{admin}",        "{published}"};

const TopologyHost* find_host(const Topology& topology, std::string_view fqdn) {
  const auto found = std::ranges::find(topology.hosts, fqdn, &TopologyHost::fqdn);
  return found == topology.hosts.end() ? nullptr : &*found;
}

/// external_web_names lists the external web FQDN of every pool and host.
std::vector<std::string> external_web_names(const Topology& topology) {
  std::vector<std::string> names;
  const auto add = [&](const TopologyWeb& web) {
    if (!web.external.empty()) names.push_back(web.external);
  };
  for (const TopologyPool& pool : topology.pools) add(pool.web);
  for (const TopologyHost& host : topology.hosts) add(host.web);
  return names;
}

/// serves_web says whether the names of the SIP domains are asked for: of a server with web services, and of a proxy that publishes all.
bool serves_web(const CertificateUse& use, const Topology& topology) {
  if (!use.roles.test(static_cast<std::size_t>(Role::reverse_proxy))) return web_of(topology, use.holder).stated();
  return !publishes_of_its_own(topology, use.holder) && !external_web_names(topology).empty();
}

/// Filler collects names, each once.
class Filler {
 public:
  Filler(const CertificateUse& use, const Topology& topology) : use_{use}, topology_{topology} {}

  void fill(std::string_view value) {
    const TopologySimpleUrls& simple = topology_.simple_urls;
    if (value == "{server}") {
      if (use_.partner_domain.empty()) add(use_.holder);
    } else if (value == "{pool}") {
      add(use_.pool);
    } else if (value == "{web-internal}") {
      add(web_of(topology_, use_.holder).internal);
    } else if (value == "{web-external}") {
      add(web_of(topology_, use_.holder).external);
    } else if (value == "{meet}") {
      add_all(simple.meet);
    } else if (value == "{dialin}") {
      add_all(simple.dialin);
    } else if (value == "{admin}") {
      add_all(simple.admin);
    } else if (value == "{published}") {
      add_all(published_names(topology_, use_.holder));
    } else if (value.ends_with(kWebDomain)) {
      if (serves_web(use_, topology_)) add_for_domains(value.substr(0, value.size() - kWebDomain.size()));
    } else if (value.ends_with(kDomain)) {
      add_for_domains(value.substr(0, value.size() - kDomain.size()));
    } else {
      add(value);
    }
  }
  std::vector<std::string> take() { return std::move(names_); }

 private:
  void add(std::string_view name) {
    std::string wanted = lower(name);
    if (!wanted.empty() && std::ranges::find(names_, wanted) == names_.end()) names_.push_back(std::move(wanted));
  }
  void add_all(const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
  }
  void add_for_domains(std::string_view prefix) {
    for (const std::string& domain : topology_.sip_domains) add(std::string{prefix} + domain);
  }

  const CertificateUse& use_;
  const Topology& topology_;
  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string> required_names(const std::vector<std::string>& values, const CertificateUse& use, const Topology& topology) {
  Filler filler{use, topology};
  for (const std::string& value : values) filler.fill(value);
  return filler.take();
}

bool is_name_value(std::string_view value) {
  if (std::ranges::find(kWholeTemplates, value) != kWholeTemplates.end()) return true;
  const std::string_view suffix = value.ends_with(kWebDomain) ? kWebDomain : value.ends_with(kDomain) ? kDomain : std::string_view{};
  return value.substr(0, value.size() - suffix.size()).find_first_of("{}") == std::string_view::npos;
}

TopologyWeb web_of(const Topology& topology, std::string_view fqdn) {
  const TopologyHost* host = find_host(topology, fqdn);
  if (host != nullptr && host->web.stated()) return host->web;
  for (const TopologyPool& pool : topology.pools) {
    const bool of_pool = pool.fqdn == fqdn || std::ranges::find(pool.members, fqdn) != pool.members.end();
    if (of_pool && pool.web.stated()) return pool.web;
  }
  return {};
}

bool publishes_of_its_own(const Topology& topology, std::string_view fqdn) {
  const TopologyHost* host = find_host(topology, fqdn);
  return host != nullptr && !host->publishes.empty();
}

std::vector<std::string> published_names(const Topology& topology, std::string_view fqdn) {
  if (publishes_of_its_own(topology, fqdn)) return find_host(topology, fqdn)->publishes;
  std::vector<std::string> names = external_web_names(topology);
  if (names.empty()) return names;
  names.insert(names.end(), topology.simple_urls.meet.begin(), topology.simple_urls.meet.end());
  names.insert(names.end(), topology.simple_urls.dialin.begin(), topology.simple_urls.dialin.end());
  return names;
}

}  // namespace sealtrace
