// Versions of QUIC that are assigned (RFC 9000 section 15, RFC 9369 section 3.1).
#pragma once

#include <cstdint>

namespace sealtrace {

inline constexpr std::uint32_t kQuicVersion1 = 0x00000001;
inline constexpr std::uint32_t kQuicVersion2 = 0x6b3343cf;

}  // namespace sealtrace
