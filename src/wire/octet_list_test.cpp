#include "wire/octet_list.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

TEST(U16List, ReadsBigEndianNumbersAndIgnoresAnOddLastOctet) {
  constexpr std::array<std::uint8_t, 5> kOctets{0x00, 0x17, 0xC0, 0x2F, 0xFF};
  const U16List list{kOctets};
  EXPECT_EQ(std::vector<std::uint16_t>(list.begin(), list.end()), (std::vector<std::uint16_t>{0x0017, 0xC02F}));
  EXPECT_EQ(list.size(), 2U);
  EXPECT_TRUE(list.contains(0xC02F));
  EXPECT_FALSE(list.contains(0x2FFF));
  EXPECT_TRUE(U16List{}.empty());
}

TEST(BlockList, WalksBlocksBehindTheirLengths) {
  constexpr std::array<std::uint8_t, 7> kOctets{0x00, 0x02, 0xAA, 0xBB, 0x00, 0x01, 0xCC};
  const BlockList<2> list{kOctets};
  EXPECT_TRUE(list.well_formed());
  EXPECT_EQ(list.size(), 2U);
  auto at = list.begin();
  EXPECT_EQ((*at).size(), 2U);
  ++at;
  EXPECT_EQ((*at)[0], 0xCC);
  EXPECT_TRUE(++at == list.end());
}

TEST(BlockList, EndsBeforeABlockThatDoesNotFitAndSaysSo) {
  constexpr std::array<std::uint8_t, 6> kOctets{0x01, 0xAA, 0x04, 0xBB, 0xCC, 0xDD};
  const BlockList<1> list{kOctets};
  EXPECT_FALSE(list.well_formed());
  EXPECT_EQ(list.size(), 1U);
  EXPECT_TRUE(BlockList<3>{}.well_formed());
  EXPECT_EQ(BlockList<3>{}.size(), 0U);
}

TEST(KeyedHash, DependsOnEveryOctetTheLengthAndTheKey) {
  std::vector<std::uint8_t> octets(40, 0x11);
  const std::uint64_t hash = keyed_hash(octets, 7);
  EXPECT_EQ(hash, keyed_hash(octets, 7));
  EXPECT_NE(hash, keyed_hash(octets, 8));
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] ^= 1;
    EXPECT_NE(hash, keyed_hash(octets, 7)) << i;
    octets[i] ^= 1;
  }
  EXPECT_NE(keyed_hash(Bytes{octets}.first(32), 7), keyed_hash(Bytes{octets}.first(33), 7));
  constexpr std::array<std::uint8_t, 3> kZeros{};
  EXPECT_NE(keyed_hash(Bytes{kZeros}.first(2), 7), keyed_hash(kZeros, 7));
}

}  // namespace
}  // namespace sealtrace
