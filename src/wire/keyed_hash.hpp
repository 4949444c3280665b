// keyed_hash: 64 bits that stand for octets within one audit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "wire/bytes.hpp"

namespace sealtrace {

/// keyed_hash folds `octets` into 64 bits by wide multiplication under a secret `key`. Who does not know the key can neither make
/// collisions nor test guesses; it is no cryptographic hash and its value is never stored.
inline std::uint64_t keyed_hash(Bytes octets, std::uint64_t key) {
  __extension__ using Wide = unsigned __int128;
  constexpr std::uint64_t kOddA = 0x9E3779B97F4A7C15U;
  constexpr std::uint64_t kOddB = 0xC2B2AE3D27D4EB4FU;
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  const auto mix = [&](Bytes block, std::uint64_t state) {  // at most 16 octets
    std::uint64_t words[2] = {0, 0};
    std::memcpy(words, block.data(), block.size());
    return fold(words[0] ^ state ^ kOddA, words[1] ^ key ^ kOddB) ^ state;
  };
  std::uint64_t state = fold(key ^ kOddA, static_cast<std::uint64_t>(octets.size()) ^ kOddB ^ key);
  if (octets.size() >= 64) {  // four lanes side by side: each step waits for its multiplication
    std::uint64_t lanes[4] = {state, state ^ kOddA, state ^ kOddB, state ^ key};
    for (; octets.size() >= 64; octets = octets.subspan(64)) {
      for (std::size_t lane = 0; lane < 4; ++lane) lanes[lane] = mix(octets.subspan<0, 64>().subspan(lane * 16, 16), lanes[lane]);
    }
    state = fold(lanes[0] ^ kOddA, lanes[1] ^ kOddB ^ key);
    state ^= fold(lanes[2] ^ state, lanes[3] ^ kOddB ^ key);
  }
  for (; octets.size() >= 16; octets = octets.subspan(16)) state = mix(octets.first<16>(), state);
  if (!octets.empty()) state = mix(octets, state);
  return fold(state ^ kOddB, key ^ kOddA);
}

}  // namespace sealtrace
