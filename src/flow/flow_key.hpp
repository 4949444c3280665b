// FlowKey: the ordered pair of endpoints, equal for both directions, and its two hashes.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "flow/flow_limits.hpp"
#include "model/fold_multiply.hpp"
#include "model/ip_address.hpp"

namespace sealtrace {

/// FlowKey orders the endpoints, so that both directions of a conversation have one key. Which one is called low is orient's to say: it is
/// no order of addresses.
struct FlowKey {
  IpAddress low;
  IpAddress high;
  std::uint16_t low_port = 0;
  std::uint16_t high_port = 0;
  Transport transport = Transport::tcp;
};

/// KeyWords is a key as it is made of every packet, looked up and hashed: in words that stay in registers.
struct KeyWords {
  std::array<std::uint64_t, 2> low{};
  std::array<std::uint64_t, 2> high{};
  std::uint64_t ports = 0;  ///< of low and high, and the transport

  bool operator==(const KeyWords&) const = default;
};

constexpr std::uint64_t ports_of(const FlowKey& key) {
  return std::uint64_t{key.low_port} << 32 | std::uint64_t{key.high_port} << 16 | static_cast<std::uint64_t>(key.transport);
}
inline KeyWords words_of(const FlowKey& key) { return {.low = key.low.words(), .high = key.high.words(), .ports = ports_of(key)}; }

/// OrientedKey is a key with the direction of the segment it was made of.
struct OrientedKey {
  KeyWords key;
  bool from_low = true;
};

/// orient makes a key. Which way a packet goes cannot be predicted, so there is no branch.
inline OrientedKey orient(const Endpoint& source, const Endpoint& destination, Transport transport) {
  __extension__ using Wide = unsigned __int128;
  const auto from = std::bit_cast<Wide>(source.address.words());
  const auto to = std::bit_cast<Wide>(destination.address.words());
  const bool from_low = static_cast<bool>((from < to) | ((from == to) & (source.port <= destination.port)));
  const std::array<const Endpoint*, 2> ends{&destination, &source};
  const Endpoint& low = *ends[from_low];
  const Endpoint& high = *ends[!from_low];
  return {.key = {.low = low.address.words(),
                  .high = high.address.words(),
                  .ports = std::uint64_t{low.port} << 32 | std::uint64_t{high.port} << 16 | static_cast<std::uint64_t>(transport)},
          .from_low = from_low};
}

/// flow_key is the key of a segment as a record keeps it; `from_low` is what orient found.
inline FlowKey flow_key(const Endpoint& source, const Endpoint& destination, Transport transport, bool from_low) {
  const Endpoint& low = from_low ? source : destination;
  const Endpoint& high = from_low ? destination : source;
  return {.low = low.address, .high = high.address, .low_port = low.port, .high_port = high.port, .transport = transport};
}

/// HashSeed makes the table's hash unpredictable: an attacker chooses addresses and ports.
struct HashSeed {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// table_hash places a key in a table; it depends on the seed.
inline std::uint64_t table_hash(const KeyWords& key, const HashSeed& seed) {
  const std::uint64_t addresses =
      fold_multiply(key.low[0] ^ seed.first, key.low[1] ^ seed.second) ^
      fold_multiply(key.high[0] ^ seed.second ^ 0x9E3779B97F4A7C15U, key.high[1] ^ seed.first ^ 0xC2B2AE3D27D4EB4FU);
  return fold_multiply(addresses ^ seed.second, key.ports ^ seed.first ^ 0x165667B19E3779F9U);
}

/// shard_of places a key in a shard; it is the same in every run, so that budgets bite reproducibly.
inline std::size_t shard_of(const KeyWords& key) {
  const std::uint64_t mixed =
      (key.low[0] ^ key.low[1]) * 0x9E3779B97F4A7C15U + (key.high[0] ^ key.high[1]) * 0xC2B2AE3D27D4EB4FU + key.ports * 0x165667B19E3779F9U;
  return static_cast<std::size_t>(mixed >> 60) % kNumShards;
}

}  // namespace sealtrace
