#include "capture/time_resolution.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace sealtrace {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST(TimeResolution, UnitsBecomeNanoseconds) {
  struct Case {
    std::string name;
    std::uint8_t if_tsresol;
    std::int64_t if_tsoffset;
    std::uint64_t units;
    std::int64_t nanoseconds;
  };
  const Case cases[] = {
      {"microseconds", 6, 0, 1'700'000'000'123'456, 1'700'000'000'123'456'000},
      {"nanoseconds", 9, 0, 1'700'000'000'123'456'789, 1'700'000'000'123'456'789},
      {"milliseconds", 3, 0, 1'700'000'000'123, 1'700'000'000'123'000'000},
      {"seconds", 0, 0, 7, 7'000'000'000},
      {"picoseconds lose what is below a nanosecond", 12, 0, 1'999, 1},
      {"binary fractions of 2^-10", 0x8A, 0, 1024 + 512, 1'500'000'000},
      {"binary seconds", 0x80, 0, 3, 3'000'000'000},
      {"binary fractions of 2^-63", 0xBF, 0, std::uint64_t{1} << 62, 500'000'000},
      {"binary fractions finer than any clock", 0xFF, 0, UINT64_MAX, 0},
      {"10^-28 has one nanosecond in 2^64 units", 28, 0, UINT64_MAX, 1},
      {"10^-29 has none", 29, 0, UINT64_MAX, 0},
      {"10^-127 has none", 127, 0, UINT64_MAX, 0},
      {"an offset is added", 6, 1'700'000'000, 5, 1'700'000'000'000'005'000},
      {"an offset counts for the first unit too", 6, 5, 0, 5'000'000'000},
      {"a negative offset", 6, -1, 0, -1'000'000'000},
      {"too late for a Timestamp is its end", 6, 0, UINT64_MAX, kMax},
      {"too late by its offset", 0, kMax, UINT64_MAX, kMax},
      {"too early by its offset", 6, kMin, 0, kMin},
      {"the last microsecond that fits", 6, 0, 9'223'372'036'854'775, 9'223'372'036'854'775'000},
      {"the first microsecond that does not", 6, 0, 9'223'372'036'854'776, kMax},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(TimeResolution(c.if_tsresol, c.if_tsoffset).at(c.units).time_since_epoch().count(), c.nanoseconds);
  }
}

}  // namespace
}  // namespace sealtrace
