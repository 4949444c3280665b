// TimeResolution: pcapng's if_tsresol and if_tsoffset (draft-ietf-opsawg-pcapng section 4.2).
#pragma once

#include <cstdint>

#include "model/ids.hpp"

namespace sealtrace {

/// TimeResolution turns an interface's time units into a Timestamp. What lies outside a Timestamp's 292 years around 1970 becomes
/// its nearest end; fractions of a nanosecond are dropped.
class TimeResolution {
 public:
  /// `if_tsresol`: the exponent of 1/10, or with its top bit set of 1/2; 6 is the default. `if_tsoffset` is in seconds.
  explicit TimeResolution(std::uint8_t if_tsresol = 6, std::int64_t if_tsoffset = 0);

  [[nodiscard]] Timestamp at(std::uint64_t units) const {
    if (units < num_simple_units_) return Timestamp{std::chrono::nanoseconds{static_cast<std::int64_t>(units * nanoseconds_per_unit_)}};
    return at_slowly(units);
  }

 private:
  [[nodiscard]] Timestamp at_slowly(std::uint64_t units) const;

  std::uint8_t if_tsresol_;
  std::int64_t if_tsoffset_;
  std::uint64_t nanoseconds_per_unit_ = 0;
  std::uint64_t num_simple_units_ = 0;  // below it one multiplication is exact and cannot overflow
};

}  // namespace sealtrace
