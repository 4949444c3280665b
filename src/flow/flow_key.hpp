// FlowKey: the ordered pair of endpoints, equal for both directions, and its two hashes.
#pragma once

#include <cstdint>
#include <cstring>

#include "flow/flow_limits.hpp"
#include "model/ip_address.hpp"

namespace sealtrace {

/// FlowKey orders the endpoints, so that both directions of a conversation have one key.
struct FlowKey {
  IpAddress low;
  IpAddress high;
  std::uint16_t low_port = 0;
  std::uint16_t high_port = 0;
  Transport transport = Transport::tcp;

  bool operator==(const FlowKey&) const = default;
};

/// OrientedKey is a key with the direction of the segment it was made of.
struct OrientedKey {
  FlowKey key;
  bool from_low = true;
};

inline OrientedKey make_flow_key(const Endpoint& source, const Endpoint& destination, Transport transport) {
  const bool from_low = source <= destination;
  const Endpoint& low = from_low ? source : destination;
  const Endpoint& high = from_low ? destination : source;
  return {.key = {.low = low.address, .high = high.address, .low_port = low.port, .high_port = high.port, .transport = transport},
          .from_low = from_low};
}

/// HashSeed makes the table's hash unpredictable: an attacker chooses addresses and ports.
struct HashSeed {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

namespace flow_detail {

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

struct Words {
  std::uint64_t low[2], high[2], ports;
};

inline Words words_of(const FlowKey& key) {
  Words words{};
  std::memcpy(words.low, key.low.octets().data(), 16);
  std::memcpy(words.high, key.high.octets().data(), 16);
  words.ports = static_cast<std::uint64_t>(key.low_port) << 32 | static_cast<std::uint64_t>(key.high_port) << 16 |
                static_cast<std::uint64_t>(key.transport);
  return words;
}

}  // namespace flow_detail

/// table_hash places a key in a table; it depends on the seed.
inline std::uint64_t table_hash(const FlowKey& key, const HashSeed& seed) {
  using flow_detail::fold;
  const flow_detail::Words words = flow_detail::words_of(key);
  const std::uint64_t addresses = fold(words.low[0] ^ seed.first, words.low[1] ^ seed.second) ^
                                  fold(words.high[0] ^ seed.second ^ 0x9E3779B97F4A7C15U, words.high[1] ^ seed.first ^ 0xC2B2AE3D27D4EB4FU);
  return fold(addresses ^ seed.second, words.ports ^ seed.first ^ 0x165667B19E3779F9U);
}

/// shard_of places a key in a shard; it is the same in every run, so that budgets bite reproducibly.
inline std::size_t shard_of(const FlowKey& key) {
  const flow_detail::Words words = flow_detail::words_of(key);
  std::uint64_t mixed = (words.low[0] ^ words.low[1]) * 0x9E3779B97F4A7C15U;
  mixed ^= mixed >> 32;
  mixed += (words.high[0] ^ words.high[1]) * 0xC2B2AE3D27D4EB4FU;
  mixed ^= mixed >> 29;
  mixed += words.ports * 0x165667B19E3779F9U;
  mixed ^= mixed >> 31;
  return static_cast<std::size_t>(mixed * 0x9E3779B97F4A7C15U >> 60) % kNumShards;
}

}  // namespace sealtrace
