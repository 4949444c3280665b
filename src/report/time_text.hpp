// Times as reports write them.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/ids.hpp"

namespace sealtrace {

/// TimeBuffer holds the longest time; rfc3339_into writes there, without an allocation, and views what it wrote.
using TimeBuffer = std::array<char, 30>;
std::string_view rfc3339_into(TimeBuffer& buffer, Timestamp time);

/// rfc3339 is `time` in UTC (RFC 3339) with six digits of a second, or nine where the last three are not zero.
std::string rfc3339(Timestamp time);

/// clock_text is "2026-01-05 09:00:00", cut to the second, UTC.
std::string clock_text(Timestamp time);

/// day_text is "2026-01-05", UTC.
std::string day_text(Timestamp time);

}  // namespace sealtrace
