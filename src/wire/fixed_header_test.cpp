#include "wire/fixed_header.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sealtrace {
namespace {

constexpr std::array<std::uint8_t, 9> kOctets{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09};

TEST(FixedHeader, ReadsFieldsOfEveryWidthAtTheirOffsets) {
  const auto header = FixedHeader<8>::at(kOctets, 1);
  ASSERT_TRUE(header);
  EXPECT_EQ(header.u8<0>(), 0x02);
  EXPECT_EQ(header.be16<1>(), 0x0304);
  EXPECT_EQ(header.be32<4>(), 0x06070809U);
  EXPECT_EQ(header.be64<0>(), 0x0203040506070809ULL);
  EXPECT_EQ(header.le64<0>(), 0x0908070605040302ULL);
  EXPECT_EQ((header.octets<6, 2>()[1]), 0x09);
}

TEST(FixedHeader, IsAbsentWhenOneOctetIsMissing) {
  EXPECT_TRUE(FixedHeader<9>::at(kOctets));
  EXPECT_FALSE(FixedHeader<9>::at(kOctets, 1));
  EXPECT_FALSE(FixedHeader<1>::at(kOctets, 9));
  EXPECT_FALSE(FixedHeader<1>::at(kOctets, static_cast<std::size_t>(-1)));
  EXPECT_FALSE(FixedHeader<1>::at(Bytes{}));
}

}  // namespace
}  // namespace sealtrace
