#include "dissectors/dtls/dtls_carrier.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sealtrace {
namespace {

TEST(DtlsCarrier, FollowsTheFirstAssociationOnly) {
  const std::vector<std::uint8_t> alert{0x15, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40};
  std::vector<std::uint8_t> behind_preamble{1, 0, 0, 0};
  behind_preamble.insert(behind_preamble.end(), alert.begin(), alert.end());
  DtlsCarrier bare;
  EXPECT_FALSE(bare.unwrap(std::vector<std::uint8_t>{0x16, 1, 2}));  // looks like nothing yet
  EXPECT_TRUE(bare.unwrap(alert));
  EXPECT_TRUE(bare.unwrap(std::vector<std::uint8_t>{0x16, 1, 2}));  // cut, perhaps: the session decides
  EXPECT_FALSE(bare.unwrap(behind_preamble));
  DtlsCarrier capwap;
  EXPECT_EQ(capwap.unwrap(behind_preamble)->offset, 4U);
  EXPECT_FALSE(capwap.unwrap(alert));
  DtlsCarrier neither;
  EXPECT_FALSE(neither.unwrap(std::vector<std::uint8_t>{0x40, 0x01, 0x00, 0x0F, 0x15, 0xFE, 0xFD})) << "ChannelData is not its business";
}

}  // namespace
}  // namespace sealtrace
