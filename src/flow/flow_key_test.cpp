#include "flow/flow_key.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

namespace sealtrace {
namespace {

constexpr HashSeed kSeed{.first = 0x0123456789ABCDEFU, .second = 0xFEDCBA9876543210U};

Endpoint end(std::string_view address, std::uint16_t port) { return {.address = IpAddress::parse(address).value(), .port = port}; }

TEST(FlowKey, IsTheSameForBothDirections) {
  const std::vector<std::array<Endpoint, 2>> pairs{
      {end("10.0.0.1", 5060), end("10.0.0.2", 5060)},
      {end("127.0.0.1", 40000), end("127.0.0.1", 443)},
      {end("127.0.0.1", 443), end("127.0.0.1", 443)},
      {end("2001:db8::1", 443), end("2001:db8:1::1", 443)},  // alike but in the first eight octets
      {end("fe80::1", 5), end("10.0.0.1", 5)},
  };
  for (const auto& [a, b] : pairs) {
    const FlowKey one = flow_key(a, b, Transport::udp, sender_of(a, b));
    const FlowKey other = flow_key(b, a, Transport::udp, sender_of(b, a));
    EXPECT_EQ(one.ends, other.ends);
    EXPECT_EQ(one.ends[sender_of(a, b)], a);
    EXPECT_EQ(table_hash(a, b, kSeed), table_hash(b, a, kSeed));
    EXPECT_EQ(shard_of(a, b), shard_of(b, a));
  }
}

TEST(FlowKey, PortsInAnyOrderMakeOneNumber) {
  std::set<std::uint64_t> numbers;
  const std::array<std::uint16_t, 8> ports{0, 1, 2, 3, 443, 0x7FFF, 0xFFFE, 0xFFFF};
  for (const std::uint16_t a : ports) {
    for (const std::uint16_t b : ports) {
      EXPECT_EQ(pair_of(a, b), pair_of(b, a));
      numbers.insert(pair_of(a, b));
    }
  }
  EXPECT_EQ(numbers.size(), ports.size() * (ports.size() + 1) / 2);
}

/// check_spread counts what `place` gives for the media between 64 telephones and a gateway, and for what one client opens.
template <typename Place>
void check_spread(std::size_t num_places, Place place) {
  std::vector<std::size_t> media(num_places);
  std::vector<std::size_t> client(num_places);
  constexpr std::size_t kFlows = 64UL * 128;
  for (unsigned i = 0; i < kFlows; ++i) {
    const Endpoint telephone = end("10.0.0." + std::to_string(i % 64), static_cast<std::uint16_t>(16384 + i / 64 * 2));
    ++media[place(telephone, end("10.0.1.1", static_cast<std::uint16_t>(20000 + i * 2)))];
    ++client[place(end("10.0.0.1", static_cast<std::uint16_t>(32768 + i)), end("10.0.1.1", 5061))];
  }
  for (const auto& counts : {media, client}) {
    EXPECT_GT(std::ranges::min(counts), kFlows / num_places / 2);
    EXPECT_LT(std::ranges::max(counts), kFlows / num_places * 2);
  }
}

TEST(FlowKey, FlowsSpreadOverShardsAndSlots) {
  check_spread(kNumShards, [](const Endpoint& a, const Endpoint& b) { return shard_of(a, b); });
  check_spread(16, [](const Endpoint& a, const Endpoint& b) { return table_hash(a, b, kSeed) % 16; });
}

TEST(FlowKey, WhatSharesAHashDependsOnTheSeed) {
  // Sums, products and differences of addresses and ports that a weak hash would take for the same.
  const std::vector<std::array<Endpoint, 2>> pairs{
      {end("10.0.0.1", 10), end("10.0.0.4", 20)}, {end("10.0.0.2", 10), end("10.0.0.3", 20)}, {end("10.0.0.1", 10), end("10.0.0.1", 20)},
      {end("10.0.0.2", 10), end("10.0.0.2", 20)}, {end("10.0.0.1", 12), end("10.0.0.4", 18)}, {end("::1", 10), end("::4", 20)},
      {end("1::", 10), end("4::", 20)},           {end("::1:0:0:0:1", 10), end("::", 20)},    {end("::1:0:0:0:0", 10), end("::1", 20)},
  };
  std::set<std::uint64_t> hashes;
  for (const auto& [a, b] : pairs) hashes.insert(table_hash(a, b, kSeed));
  for (const auto& [a, b] : pairs) hashes.insert(table_hash(a, b, {.first = kSeed.first ^ 1U, .second = kSeed.second}));
  EXPECT_EQ(hashes.size(), 2 * pairs.size());
}

}  // namespace
}  // namespace sealtrace
