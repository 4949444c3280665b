// The version of the program, as CMakeLists.txt states it.
#pragma once

#include <string_view>

namespace sealtrace {

inline constexpr std::string_view kVersion = SEALTRACE_VERSION;

}  // namespace sealtrace
