#include "dissectors/rtp/log2_tables.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "dissectors/rtp/media_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST(Log2Tables, EncloseTheTrueLogarithm) {
  for (const std::uint64_t number : {1ULL, 2ULL, 3ULL, 5ULL, 255ULL, 256ULL, 1000ULL, 65281ULL, 4294967295ULL}) {
    const double exact = std::log2(static_cast<double>(number)) * (1 << 24);
    EXPECT_LE(static_cast<double>(exact_log2(number)), exact + 0.5) << number;
    EXPECT_GE(static_cast<double>(exact_log2(number)), exact - 4) << number;
  }
  for (Log2 difference = 0; difference < bits(20); difference += 37) {
    const double exact = std::log2(1 + std::exp2(-in_bits(difference)));
    EXPECT_LE(in_bits(add_log2(0, -difference)), exact) << difference;
    EXPECT_GE(in_bits(add_log2(0, -difference)), exact - 1.0 / 64) << difference;
    EXPECT_EQ(add_log2(0, -difference), add_log2(-difference, 0));
  }
}

}  // namespace
}  // namespace sealtrace
