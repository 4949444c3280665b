#include "topology/topology_lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "model/host_roles.hpp"
#include "topology/prefix_table.hpp"

namespace sealtrace {
namespace {

constexpr RoleSet set_of(std::initializer_list<Role> roles) {
  unsigned long long bits = 0;
  for (const Role role : roles) bits |= 1ULL << static_cast<unsigned>(role);
  return RoleSet{bits};
}

constexpr RoleSet kGateways = set_of({Role::pstn_gateway, Role::sbc, Role::ip_pbx, Role::survivable_branch});
constexpr RoleSet kMediation = set_of({Role::mediation_server, Role::survivable_branch});
constexpr RoleSet kInside = set_of({Role::front_end, Role::standard_edition, Role::director, Role::mediation_server, Role::edge_internal,
                                    Role::sql_back_end, Role::file_store, Role::persistent_chat});
constexpr RoleSet kWebServers = set_of({Role::front_end, Role::standard_edition, Role::director});

/// Linter walks a topology once per kind of problem.
class Linter {
 public:
  explicit Linter(const Topology& topology) : topology_{topology}, roles_{host_roles(topology)} {}

  std::vector<TopologyProblem> lint() {
    check_zones();
    check_pools();
    check_hosts();
    check_web();
    check_claims();
    check_networks();
    check_trunks();
    check_partners();
    std::ranges::sort(problems_, {}, [](const TopologyProblem& problem) { return std::tie(problem.line, problem.message); });
    return std::move(problems_);
  }

 private:
  void error(std::uint32_t line, std::string message) { problems_.push_back({line, ProblemSeverity::error, std::move(message)}); }
  void warn(std::uint32_t line, std::string message) { problems_.push_back({line, ProblemSeverity::warning, std::move(message)}); }

  void check_zones();
  void check_pools();
  void check_hosts();
  void check_web();
  void check_claims();
  void check_networks();
  void check_trunks();
  void check_partners();
  [[nodiscard]] RoleSet all_roles(std::size_t host) const;

  const Topology& topology_;
  std::vector<RoleSet> roles_;
  PrefixTable zones_;
  std::vector<TopologyProblem> problems_;
};

RoleSet Linter::all_roles(std::size_t host) const {
  RoleSet roles = roles_[host];
  for (const HostAddress& address : topology_.hosts[host].addresses) roles |= address.roles;
  return roles;
}

void Linter::check_zones() {
  for (std::uint32_t i = 0; i < topology_.zones.size(); ++i) {
    const TopologyZone& zone = topology_.zones[i];
    if (zone.networks.empty()) warn(zone.line, fmt::format("the zone '{}' has no networks", zone.name));
    for (const Cidr& network : zone.networks) {
      if (!zones_.insert(network, i)) error(zone.line, fmt::format("{} stands in two zones, or twice in one", network.to_string()));
    }
  }
  // A network inside another zone's network: the more specific one wins, which may not be meant.
  PrefixTable wider;
  std::vector<std::pair<Cidr, std::uint32_t>> networks;
  for (std::uint32_t i = 0; i < topology_.zones.size(); ++i) {
    for (const Cidr& network : topology_.zones[i].networks) networks.emplace_back(network, i);
  }
  std::ranges::sort(networks, {}, [](const auto& entry) { return std::tie(entry.first.prefix_bits, entry.first.network, entry.second); });
  for (const auto& [network, zone] : networks) {
    const std::optional<std::uint32_t> outer = wider.find(network.network);
    if (wider.insert(network, zone) && outer && *outer != zone) {
      warn(topology_.zones[zone].line, fmt::format("{} of the zone '{}' lies inside the zone '{}': the narrower network wins",
                                                   network.to_string(), topology_.zones[zone].name, topology_.zones[*outer].name));
    }
  }
}

void Linter::check_pools() {
  std::unordered_set<std::string_view> hosts;
  for (const TopologyHost& host : topology_.hosts) hosts.insert(host.fqdn);
  for (const TopologyPool& pool : topology_.pools) {
    if (pool.members.empty() && !hosts.contains(pool.fqdn)) {
      warn(pool.line, fmt::format("the pool '{}' has no members and no host of its name: nothing gets its role", pool.fqdn));
    }
  }
}

void Linter::check_hosts() {
  for (std::size_t i = 0; i < topology_.hosts.size(); ++i) {
    const TopologyHost& host = topology_.hosts[i];
    if (host.addresses.empty()) warn(host.line, fmt::format("the host '{}' has no address: it will not be recognised", host.fqdn));
    if (all_roles(i).none())
      warn(host.line, fmt::format("the host '{}' has no role and is in no pool: its legs stay unclassified", host.fqdn));
    for (const HostAddress& address : host.addresses) {
      const RoleSet roles = address.roles.any() ? address.roles : roles_[i];
      if (!topology_.zones.empty() && (roles & kInside).any() && !zones_.find(address.address.network)) {
        warn(address.line, fmt::format("{} of '{}' is in no zone and counts as external", address.address.to_string(), host.fqdn));
      }
    }
  }
}

void Linter::check_web() {
  for (const TopologyPool& pool : topology_.pools) {
    if (pool.web.stated() && !kWebServers.test(static_cast<std::size_t>(pool.role)))
      warn(pool.line, fmt::format("the pool '{}' has no web services by its role: 'web' has no effect", pool.fqdn));
  }
  for (std::size_t i = 0; i < topology_.hosts.size(); ++i) {
    const TopologyHost& host = topology_.hosts[i];
    const RoleSet roles = all_roles(i);
    if (host.web.stated() && (roles & kWebServers).none())
      warn(host.line, fmt::format("the host '{}' has no web services by its roles: 'web' has no effect", host.fqdn));
    if (!host.publishes.empty() && !roles.test(static_cast<std::size_t>(Role::reverse_proxy)))
      warn(host.line, fmt::format("the host '{}' is no reverse-proxy: 'publishes' has no effect", host.fqdn));
  }
}

void Linter::check_claims() {
  struct Claim {
    std::string_view host;
    RoleSet roles;
    std::uint32_t line = 0;
  };
  std::map<Cidr, Claim> claims;
  const auto claim = [&](const Cidr& network, const Claim& fresh) {
    const auto [place, unclaimed] = claims.try_emplace(network, fresh);
    if (unclaimed) return;
    const Claim& first = place->second;
    if (first.host == fresh.host && first.roles == fresh.roles) {
      warn(fresh.line, fmt::format("{} of '{}' stands here a second time (first in line {})", network.to_string(), fresh.host, first.line));
    } else {
      error(fresh.line, fmt::format("{} belongs to '{}' here and to '{}' in line {}, which wins", network.to_string(), fresh.host,
                                    first.host, first.line));
    }
  };
  for (std::size_t i = 0; i < topology_.hosts.size(); ++i) {
    const TopologyHost& host = topology_.hosts[i];
    for (const HostAddress& address : host.addresses) {
      const Claim fresh{.host = host.fqdn, .roles = address.roles.any() ? address.roles : roles_[i], .line = address.line};
      claim(address.address, fresh);
      if (address.nat && Cidr{.network = *address.nat, .prefix_bits = 128} != address.address) {
        claim({.network = *address.nat, .prefix_bits = 128}, fresh);
      }
    }
  }
  for (const TopologyNetwork& network : topology_.networks) {
    claim(network.cidr, {.host = network.name, .roles = network.roles, .line = network.line});
  }
  for (const TopologyPartner& partner : topology_.partners) {
    for (const Cidr& network : partner.addresses) claim(network, {.host = partner.domain, .roles = {}, .line = partner.line});
  }
}

void Linter::check_networks() {
  for (const TopologyNetwork& network : topology_.networks) {
    if (network.roles.none()) warn(network.line, fmt::format("the network '{}' has no role: its legs stay unclassified", network.name));
  }
}

void Linter::check_trunks() {
  std::unordered_map<std::string_view, RoleSet> roles;
  for (std::size_t i = 0; i < topology_.hosts.size(); ++i) roles[topology_.hosts[i].fqdn] = all_roles(i);
  for (const TopologyPool& pool : topology_.pools) roles[pool.fqdn].set(static_cast<std::size_t>(pool.role));
  for (const TopologyTrunk& trunk : topology_.trunks) {
    if ((roles[trunk.gateway] & kGateways).none()) {
      error(trunk.line, fmt::format("the trunk's gateway '{}' is no pstn-gateway, sbc, ip-pbx or survivable-branch", trunk.gateway));
    }
    if ((roles[trunk.mediation] & kMediation).none()) {
      error(trunk.line, fmt::format("the trunk's mediation '{}' is no mediation-server or survivable-branch", trunk.mediation));
    }
    if (trunk.transport != "tls" && !trunk.transport.empty() && trunk.srtp_mode == SrtpMode::required) {
      warn(trunk.line, "srtp_mode is required, but Lync uses SRTP on a trunk only when its transport is tls");
    }
  }
}

void Linter::check_partners() {
  for (const TopologyPartner& partner : topology_.partners) {
    if (partner.addresses.empty())
      warn(partner.line, fmt::format("the partner '{}' has no address: it will not be recognised", partner.domain));
  }
  std::unordered_set<std::uint32_t> used;
  const auto use = [&](const Cidr& network) {
    if (const std::optional<std::uint32_t> zone = zones_.find(network.network)) used.insert(*zone);
  };
  for (const TopologyHost& host : topology_.hosts) {
    for (const HostAddress& address : host.addresses) use(address.address);
  }
  for (const TopologyNetwork& network : topology_.networks) use(network.cidr);
  for (const TopologyPartner& partner : topology_.partners) std::ranges::for_each(partner.addresses, use);
  for (std::uint32_t i = 0; i < topology_.zones.size(); ++i) {
    if (!used.contains(i))
      warn(topology_.zones[i].line, fmt::format("no host, network or partner is in the zone '{}'", topology_.zones[i].name));
  }
}

}  // namespace

std::vector<TopologyProblem> lint_topology(const Topology& topology) { return Linter{topology}.lint(); }

}  // namespace sealtrace
