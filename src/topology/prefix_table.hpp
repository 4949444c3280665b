// PrefixTable: longest-prefix match over networks of both IP versions.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/ip_address.hpp"
#include "model/seeded_hash.hpp"

namespace sealtrace {

/// AddressBits is an address as two words, most significant first.
struct AddressBits {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const AddressBits&) const = default;
};

inline AddressBits bits_of(const IpAddress& address) {
  AddressBits bits;
  for (std::size_t i = 0; i < 8; ++i) {
    bits.high = bits.high << 8 | address.octets()[i];
    bits.low = bits.low << 8 | address.octets()[i + 8];
  }
  return bits;
}

/// masked keeps the first `prefix_bits` of an address.
constexpr AddressBits masked(AddressBits bits, unsigned prefix_bits) {
  const auto keep = [](std::uint64_t word, unsigned count) { return count == 0 ? 0 : word & ~std::uint64_t{0} << (64 - count); };
  return {.high = keep(bits.high, std::min(prefix_bits, 64U)), .low = keep(bits.low, prefix_bits > 64 ? prefix_bits - 64 : 0)};
}

/// AddressHash hashes an address under its own seed: the network chooses the addresses.
struct AddressHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(const AddressBits& bits) const { return hash(bits.high, bits.low); }
};

/// PrefixTable maps networks to numbers; the longest network that holds an address wins, of equal ones the first inserted.
class PrefixTable {
 public:
  /// insert gives false when the very same network is in the table already (and then changes nothing).
  bool insert(const Cidr& network, std::uint32_t number) {
    const auto length = std::ranges::lower_bound(lengths_, network.prefix_bits, std::greater{}, &Length::prefix_bits);
    Length& at = length != lengths_.end() && length->prefix_bits == network.prefix_bits
                     ? *length
                     : *lengths_.insert(length, Length{.prefix_bits = network.prefix_bits, .numbers = {}});
    return at.numbers.try_emplace(masked(bits_of(network.network), network.prefix_bits), number).second;
  }
  [[nodiscard]] std::optional<std::uint32_t> find(const IpAddress& address) const {
    const AddressBits bits = bits_of(address);
    for (const Length& length : lengths_) {
      const auto found = length.numbers.find(masked(bits, length.prefix_bits));
      if (found != length.numbers.end()) return found->second;
    }
    return std::nullopt;
  }

 private:
  struct Length {
    std::uint8_t prefix_bits = 0;
    boost::unordered_flat_map<AddressBits, std::uint32_t, AddressHash> numbers;
  };
  std::vector<Length> lengths_;  ///< longest first
};

}  // namespace sealtrace
