#include "topology/asset_resolver.hpp"

#include <string_view>

#include "model/host_roles.hpp"

namespace sealtrace {
namespace {

/// kWholeAddress is the prefix length of one address.
constexpr std::uint8_t kWholeAddress = 128;

RoleSet partner_roles(std::string_view kind) {
  RoleSet roles;
  const Role role = kind == "xmpp" ? Role::xmpp_partner : kind == "public" ? Role::public_provider : Role::federated_partner;
  roles.set(static_cast<std::size_t>(role));
  return roles;
}

}  // namespace

AssetResolver::AssetResolver(const Topology& topology, std::size_t num_addresses) {
  assets_.reserve(num_addresses);
  for (const TopologyZone& zone : topology.zones) {
    for (const Cidr& network : zone.networks) zones_.insert(network, static_cast<std::uint32_t>(zone_names_.size()));
    zone_names_.push_back(zone.name);
  }
  add_hosts(topology);
  for (const TopologyNetwork& network : topology.networks) {
    add_entry(
        network.cidr,
        {.kind = AssetKind::network, .name = network.name, .roles = network.roles, .zone = zone_of(network.cidr.network), .domain = {}});
  }
  for (const TopologyPartner& partner : topology.partners) {
    for (const Cidr& network : partner.addresses) {
      add_entry(network, {.kind = AssetKind::partner,
                          .name = partner.domain,
                          .roles = partner_roles(partner.kind),
                          .zone = zone_of(network.network),
                          .domain = partner.domain});
    }
  }
}

void AssetResolver::add_hosts(const Topology& topology) {
  const std::vector<RoleSet> roles = host_roles(topology);
  for (std::size_t i = 0; i < topology.hosts.size(); ++i) {
    const TopologyHost& host = topology.hosts[i];
    for (const HostAddress& address : host.addresses) {
      const Asset asset{.kind = AssetKind::host,
                        .name = host.fqdn,
                        .roles = address.roles.any() ? address.roles : roles[i],
                        .zone = zone_of(address.address.network),
                        .domain = {},
                        .hides_sources = host.hides_sources};
      add_entry(address.address, asset);
      if (address.nat) add_entry({.network = *address.nat, .prefix_bits = kWholeAddress}, asset);
    }
  }
}

void AssetResolver::add_entry(const Cidr& network, Asset asset) {
  if (networks_.insert(network, static_cast<std::uint32_t>(entries_.size()))) entries_.push_back({.asset = std::move(asset)});
}

std::string AssetResolver::zone_of(const IpAddress& address) const {
  const std::optional<std::uint32_t> zone = zones_.find(address);
  return zone ? zone_names_[*zone] : Asset{}.zone;
}

std::uint32_t AssetResolver::resolve(const IpAddress& address) {
  const AddressBits bits = bits_of(address);
  if (const auto known = resolved_.find(bits); known != resolved_.end()) return known->second;
  std::uint32_t index = 0;
  if (const std::optional<std::uint32_t> entry = networks_.find(address)) {
    index = number(entries_[*entry]);
  } else {
    index = static_cast<std::uint32_t>(assets_.size());
    assets_.push_back({.kind = AssetKind::address, .name = address.to_string(), .roles = {}, .zone = zone_of(address), .domain = {}});
  }
  resolved_.emplace(bits, index);
  return index;
}

std::uint32_t AssetResolver::number(Entry& entry) {
  if (entry.index != kUnnumbered) return entry.index;
  const auto [place, fresh] = numbered_.try_emplace({entry.asset.kind, entry.asset.name, entry.asset.roles.to_ullong()},
                                                    static_cast<std::uint32_t>(assets_.size()));
  if (fresh) assets_.push_back(entry.asset);
  entry.index = place->second;
  return entry.index;
}

}  // namespace sealtrace
