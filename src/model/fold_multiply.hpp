// fold_multiply: the step that the hashes of this program are made of.
#pragma once

#include <cstdint>

namespace sealtrace {

/// fold_multiply mixes two words into one: the 128-bit product, its halves XOR-ed (the step of wyhash).
inline std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace sealtrace
