// FlowKey: two endpoints in one order for both directions, and the two hashes of a pair in any order.
#pragma once

#include <array>
#include <cstdint>

#include "flow/flow_limits.hpp"
#include "model/fold_multiply.hpp"
#include "model/ip_address.hpp"

namespace sealtrace {

/// FlowKey has the two ends of a conversation in an order that is the same for both directions.
struct FlowKey {
  std::array<Endpoint, 2> ends;
  Transport transport{};
};

/// sender_of gives the place of `source` among the ends of a key, 0 or 1. It is no order of addresses: the words that differ nearly
/// always are compared first, as they lie in memory.
inline std::uint8_t sender_of(const Endpoint& source, const Endpoint& destination) {
  const auto from = source.address.words();
  const auto to = destination.address.words();
  if (from[1] != to[1]) [[likely]]
    return static_cast<std::uint8_t>(from[1] > to[1]);
  return static_cast<std::uint8_t>(from[0] != to[0] ? from[0] > to[0] : source.port > destination.port);
}

/// flow_key is the key of a segment; `sender` is what sender_of found.
inline FlowKey flow_key(const Endpoint& source, const Endpoint& destination, Transport transport, std::uint8_t sender) {
  FlowKey key;
  key.transport = transport;
  key.ends[sender] = source;
  key.ends[1U - sender] = destination;
  return key;
}

/// HashSeed makes the table's hash unpredictable: an attacker chooses addresses and ports. With 0 all IPv4 addresses are one to the hash.
struct HashSeed {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// pair_of gives one number for two ports in any order, and another for every other two: their sum and their product.
constexpr std::uint64_t pair_of(std::uint16_t a, std::uint16_t b) { return (std::uint64_t{a} + b) << 32U | std::uint64_t{a} * b; }

/// table_hash places a pair of ends in a table, in any order; it depends on the seed. Few flows share it whatever the seed: the same ends
/// by another transport, or with their ports exchanged.
inline std::uint64_t table_hash(const Endpoint& a, const Endpoint& b, const HashSeed& seed) {
  const auto mixed = [&seed](const IpAddress& address) {
    return fold_multiply(address.words()[0] ^ seed.first, address.words()[1] ^ seed.second);
  };
  const std::uint64_t ports = pair_of(a.port, b.port);
  return fold_multiply(mixed(a.address) ^ ports, mixed(b.address) ^ ports);
}

/// shard_of places a pair of ends in a shard, in any order; it is the same in every run, so that budgets bite reproducibly.
inline std::size_t shard_of(const Endpoint& a, const Endpoint& b) {
  const auto sum = [](const IpAddress& address) { return address.words()[0] + address.words()[1]; };
  const std::uint64_t mixed = (sum(a.address) + sum(b.address) + pair_of(a.port, b.port)) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(mixed >> 60) % kNumShards;
}

}  // namespace sealtrace
