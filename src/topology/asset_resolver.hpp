// AssetResolver: from an address of the wire to the asset that the topology says it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/topology.hpp"
#include "topology/prefix_table.hpp"

namespace sealtrace {

/// AssetResolver names addresses. The most specific entry wins: the longest network, and of equal ones host before network before
/// partner. An address in none is an asset of its own, with the zone it lies in. A host is one asset for each set of roles that its
/// addresses have; what NAT shows of an address is that address. The topology must outlive the resolver.
class AssetResolver {
 public:
  /// `num_addresses` is how many there may be: room that is not used costs no memory.
  explicit AssetResolver(const Topology& topology, std::size_t num_addresses = 0);

  /// resolve gives the index of the asset in assets(). Assets are numbered in the order they are first met.
  std::uint32_t resolve(const IpAddress& address);
  [[nodiscard]] const std::vector<Asset>& assets() const { return assets_; }
  /// take_assets moves the assets out; the resolver is used up.
  [[nodiscard]] std::vector<Asset> take_assets() { return std::move(assets_); }

 private:
  /// Entry is what one line of the topology makes of a network.
  struct Entry {
    Asset asset;
    std::uint32_t index = kUnnumbered;  ///< in assets_
  };
  static constexpr std::uint32_t kUnnumbered = 0xFFFFFFFF;

  void add_hosts(const Topology& topology);
  void add_entry(const Cidr& network, Asset asset);
  [[nodiscard]] std::string zone_of(const IpAddress& address) const;
  std::uint32_t number(Entry& entry);

  std::vector<std::string> zone_names_;
  PrefixTable zones_;
  std::vector<Entry> entries_;
  PrefixTable networks_;
  std::vector<Asset> assets_;
  std::map<std::tuple<AssetKind, std::string, unsigned long long>, std::uint32_t> numbered_;  ///< by kind, name and roles
  boost::unordered_flat_map<AddressBits, std::uint32_t, AddressHash> resolved_;
};

}  // namespace sealtrace
