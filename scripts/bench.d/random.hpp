// Random: a small generator whose numbers are the same on every machine (SplitMix64).
#pragma once

#include <cstdint>
#include <span>

namespace bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }
  /// below gives a number from 0 to `limit` - 1.
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>((next() >> 32) * limit >> 32); }
  std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + below(high - low); }
  void fill(std::span<std::uint8_t> octets) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      if (i % 8 == 0) word = next();
      octets[i] = static_cast<std::uint8_t>(word >> i % 8 * 8);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace bench
