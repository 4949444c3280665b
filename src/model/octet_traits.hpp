// OctetTraits: how octets look that nobody recognised.
#pragma once

#include <cstdint>

namespace sealtrace {

/// OctetTraits are taken over the first octets of a payload, at most 256 of them. Both are rounded to what one octet holds.
struct OctetTraits {
  std::uint8_t entropy_32nds = 0;     ///< Shannon entropy in 1/32 bit per octet, 255 at most; n octets show log2(n) bits at most
  std::uint8_t printable_255ths = 0;  ///< share of printable ASCII, tab and line ends

  [[nodiscard]] double entropy_bits() const { return entropy_32nds / 32.0; }
  [[nodiscard]] double printable_share() const { return printable_255ths / 255.0; }
};

}  // namespace sealtrace
