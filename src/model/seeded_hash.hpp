// SeededHash: 128 bits, an address, an endpoint, or text, to 64 under a seed that nobody outside knows, for tables whose keys the network
// chooses.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string_view>

#include "model/fold_multiply.hpp"
#include "model/ip_address.hpp"

namespace sealtrace {

/// SeededHash folds two words by multiplication (the step of wyhash). Two objects hash alike only when copied from one another.
class SeededHash {
 public:
  SeededHash() {
    std::random_device device;
    for (std::uint64_t& seed : seeds_) seed = std::uint64_t{device()} << 32 | device();
  }
  [[nodiscard]] std::uint64_t operator()(std::uint64_t high, std::uint64_t low) const {
    return fold_multiply(fold_multiply(high ^ seeds_[0], low ^ seeds_[1]) ^ seeds_[2], 0x9E3779B97F4A7C15);
  }

  [[nodiscard]] std::uint64_t operator()(const IpAddress& address) const {
    const auto [one, two] = address.words();
    return (*this)(one, two);
  }
  [[nodiscard]] std::uint64_t operator()(const Endpoint& endpoint) const { return (*this)((*this)(endpoint.address), endpoint.port); }
  [[nodiscard]] std::uint64_t operator()(std::string_view text) const { return fold(text.data(), text.size()); }
  [[nodiscard]] std::uint64_t operator()(std::span<const std::uint8_t> octets) const { return fold(octets.data(), octets.size()); }

 private:
  /// fold takes sixteen octets at a time, and their number: the last ones are filled up with zeros.
  template <typename Octet>
  [[nodiscard]] std::uint64_t fold(const Octet* octets, std::size_t num_octets) const {
    std::uint64_t hash = num_octets;
    while (num_octets != 0) {
      std::uint64_t words[2] = {0, 0};
      const std::size_t taken = std::min(num_octets, sizeof words);
      std::memcpy(words, octets, taken);
      hash = (*this)(words[0] ^ hash, words[1]);
      octets += taken;
      num_octets -= taken;
    }
    return hash;
  }

  std::uint64_t seeds_[3];
};

}  // namespace sealtrace
