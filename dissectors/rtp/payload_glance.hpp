// PayloadGlance: a look now and then at a stream that was called encrypted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wire/bytes.hpp"

namespace sealtrace {

/// PayloadGlance says when a stream that looked like ciphertext looks otherwise. That proves nothing: it is a reason for a detector to
/// start. Ciphertext gives such a reason in about 1 of 1000 looks.
class PayloadGlance {
 public:
  /// looks_odd takes the payload of a packet. Every other look is at its first octets, those between at each part of what is behind them
  /// in turn. Odd are octets that repeat more often than uniform ones do, and one of the first eight that stood still over three looks.
  bool looks_odd(Bytes payload);
  /// offset is where the last look was, in octets of the payload. It hangs on lengths and the number of looks alone.
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  static constexpr std::size_t kFirstBytes = 8;

  bool stands_still(Bytes payload);

  std::array<std::uint8_t, kFirstBytes> firsts_{};
  std::uint8_t still_ = 0;  ///< bit n: octet n was the same in the last two looks
  std::uint16_t num_looks_ = 0;
  std::uint32_t offset_ = 0;
};

}  // namespace sealtrace
