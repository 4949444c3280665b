#include "dissectors/rtp/nibble_sum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "dissectors/rtp/media_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST(NibbleSum, CountsEachNibbleOnce) {
  const Octets octets = Noise{5}.octets(32);
  std::array<std::uint16_t, 16> high{}, low{}, of_even{}, expected_high{}, expected_low{}, expected_of_even{};
  NibbleSum high_sum, low_sum, even_sum;
  for (const std::size_t at : {0U, 16U}) {
    high_sum.add_high(octets_at(octets.data() + at));
    low_sum.add_low(octets_at(octets.data() + at));
  }
  even_sum.add_high_of_even(octets_at(octets.data()), octets_at(octets.data() + 16));
  high_sum.add_to(high);
  low_sum.add_to(low);
  even_sum.add_to(of_even);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    ++expected_high[octets[i] >> 4];
    ++expected_low[octets[i] & 0x0F];
    if (i % 2 == 0) ++expected_of_even[octets[i] >> 4];
  }
  EXPECT_EQ(high, expected_high);
  EXPECT_EQ(low, expected_low);
  EXPECT_EQ(of_even, expected_of_even);
}

}  // namespace
}  // namespace sealtrace
