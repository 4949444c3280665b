#include "capture/time_resolution.hpp"

#include <algorithm>
#include <limits>

namespace sealtrace {
namespace {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

constexpr std::uint8_t kPowerOfTwo = 0x80;
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t kMaxNanoseconds = std::numeric_limits<std::int64_t>::max();

/// power_of_ten gives 10^exponent, exact up to 10^19.
constexpr std::uint64_t power_of_ten(unsigned exponent) {
  std::uint64_t power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// nanoseconds_of gives the whole nanoseconds of `units`, at most 2^64 * 10^9.
UInt128 nanoseconds_of(std::uint64_t units, std::uint8_t if_tsresol) {
  const unsigned exponent = if_tsresol & 0x7FU;
  const UInt128 scaled = UInt128{units} * kNanosecondsPerSecond;
  if ((if_tsresol & kPowerOfTwo) != 0) return scaled >> exponent;
  if (exponent <= 19) return scaled / power_of_ten(exponent);
  // From 10^-20 on a unit is below 10^-11 ns, and above 10^-28 nothing is left of 2^64 of them.
  return exponent <= 28 ? UInt128{units / power_of_ten(exponent - 9)} : UInt128{0};
}

}  // namespace

TimeResolution::TimeResolution(std::uint8_t if_tsresol, std::int64_t if_tsoffset) : if_tsresol_{if_tsresol}, if_tsoffset_{if_tsoffset} {
  if (if_tsoffset == 0 && if_tsresol <= 9) {
    nanoseconds_per_unit_ = power_of_ten(9U - if_tsresol);
    num_simple_units_ = kMaxNanoseconds / nanoseconds_per_unit_ + 1;
  }
}

Timestamp TimeResolution::at_slowly(std::uint64_t units) const {
  const Int128 sum = static_cast<Int128>(nanoseconds_of(units, if_tsresol_)) + Int128{if_tsoffset_} * Int128{kNanosecondsPerSecond};
  const Int128 low = std::numeric_limits<std::int64_t>::min();
  const Int128 high = std::numeric_limits<std::int64_t>::max();
  return Timestamp{std::chrono::nanoseconds{static_cast<std::int64_t>(std::clamp(sum, low, high))}};
}

}  // namespace sealtrace
