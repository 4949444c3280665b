#include "model/host_roles.hpp"

#include <string_view>
#include <unordered_map>

namespace sealtrace {

std::vector<RoleSet> host_roles(const Topology& topology) {
  std::unordered_map<std::string_view, RoleSet> by_pool;
  for (const TopologyPool& pool : topology.pools) {
    const std::size_t role = static_cast<std::size_t>(pool.role);
    by_pool[pool.fqdn].set(role);
    for (const std::string& member : pool.members) by_pool[member].set(role);
  }
  std::vector<RoleSet> roles;
  for (const TopologyHost& host : topology.hosts) {
    const auto pool = by_pool.find(host.fqdn);
    roles.push_back(pool == by_pool.end() ? host.roles : host.roles | pool->second);
  }
  return roles;
}

}  // namespace sealtrace
