#include "flow/flow_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sealtrace {
namespace {

FlowKey key_of(std::uint16_t number) {
  FlowKey key;
  key.ends[0].port = number;
  key.transport = Transport::udp;
  return key;
}

/// check_against_a_map inserts and erases flows at random, and looks for all of them again and again. Their hashes are hash_of(number).
template <typename HashOf>
void check_against_a_map(HashOf hash_of) {
  FlowTable table;
  std::map<std::uint16_t, std::uint32_t> records;
  std::mt19937 random{1};
  for (unsigned step = 0; step < 4000; ++step) {
    const auto number = static_cast<std::uint16_t>(random() % 1000);
    const auto known = records.find(number);
    EXPECT_EQ(table.find(key_of(number), hash_of(number)), known == records.end() ? kNoRecord : known->second);
    if (known == records.end()) {
      records[number] = table.insert(key_of(number), hash_of(number));
    } else {
      table.erase(known->second, hash_of(number));
      records.erase(known);
    }
    EXPECT_EQ(table.size(), records.size());
    if (step % 100 != 0) continue;
    for (const auto& [kept, record] : records) ASSERT_EQ(table.find(key_of(kept), hash_of(kept)), record) << step;
  }
}

TEST(FlowTable, FindsWhatWasInsertedAndNotErased) {
  check_against_a_map([](std::uint64_t number) { return number * 0x9E3779B97F4A7C15U >> 20U; });
}

TEST(FlowTable, FindsFlowsThatCrowdAtFewHomes) {
  check_against_a_map([](std::uint64_t number) { return number % 3 * 8 + 0xF0; });
  check_against_a_map([](std::uint64_t number) { return number << 16U | 0xFFFF; });  // at the last slots: on from the first ones
}

TEST(FlowTable, TheLikelyRecordIsRightNearlyAlways) {
  FlowTable table;
  const auto hash_of = [](std::uint64_t number) { return number * 0x9E3779B97F4A7C15U >> 20U; };
  constexpr std::uint16_t kFlows = 20000;
  for (std::uint16_t number = 0; number < kFlows; ++number) table.insert(key_of(number), hash_of(number));
  std::size_t right = 0;
  for (std::uint16_t number = 0; number < kFlows; ++number) {
    right += table.likely(hash_of(number)) == table.find(key_of(number), hash_of(number)) ? 1U : 0U;
  }
  EXPECT_GT(right, kFlows / 10 * 8);
}

}  // namespace
}  // namespace sealtrace
