// Logarithms to base 2 in fixed point, as tables that the compiler computes: the wealth of a bet is a sum of them. What raises a wealth is
// rounded down and what lowers it up, so that rounding never adds evidence.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sealtrace {

/// Log2 is a logarithm to base 2 in units of 1/4096.
using Log2 = std::int32_t;
inline constexpr int kLog2FractionBits = 12;
constexpr Log2 bits(int whole) { return whole * (1 << kLog2FractionBits); }

/// exact_log2 is log2(value) in units of 2^-24, at most 2^-22 too small. `value` lies below 2^32 and is not 0.
constexpr std::int64_t exact_log2(std::uint64_t value) {
  const int whole = static_cast<int>(std::bit_width(value)) - 1;
  std::uint64_t mantissa = value << (31 - whole);
  std::int64_t fraction = 0;
  for (int bit = 23; bit >= 0; --bit) {
    mantissa = (mantissa * mantissa) >> 31;
    if (mantissa >> 32 != 0) {
      mantissa >>= 1;
      fraction |= std::int64_t{1} << bit;
    }
  }
  return (std::int64_t{whole} << 24) + fraction;
}

/// log2_below and log2_above enclose log2(numerator / denominator).
constexpr Log2 log2_below(std::uint64_t numerator, std::uint64_t denominator) {
  return static_cast<Log2>((exact_log2(numerator) - exact_log2(denominator) - 8) >> (24 - kLog2FractionBits));
}

/// log2_products[n] is the sum over j < n of log2(factor * j + offset) - shift, rounded down, or up.
template <std::size_t kSize>
constexpr std::array<Log2, kSize> log2_products(std::uint64_t factor, std::uint64_t offset, int shift, bool round_up) {
  std::array<Log2, kSize> table{};
  std::int64_t sum = 0;
  for (std::size_t n = 0; n < kSize; ++n) {
    const std::int64_t margin = round_up ? static_cast<std::int64_t>(n) * 4 + (1 << (24 - kLog2FractionBits)) - 1 : 0;
    table[n] = static_cast<Log2>((sum + margin) >> (24 - kLog2FractionBits));
    sum += exact_log2(factor * n + offset) - (std::int64_t{shift} << 24);
  }
  return table;
}

/// kLog2OfOneMore[d] is log2(1 + 2^-((d + 1) / 64)) rounded down: what the smaller of two terms adds to the greater, d / 64 to (d + 1) / 64
/// below it.
inline constexpr std::size_t kOneMoreSize = 1024;
consteval std::array<std::uint16_t, kOneMoreSize> one_more_table() {
  constexpr std::uint64_t kRoot = 4248701964;  // 2^32 * 2^(-1/64), rounded down
  std::array<std::uint16_t, kOneMoreSize> table{};
  std::uint64_t power = kRoot;
  for (std::uint16_t& entry : table) {
    entry = static_cast<std::uint16_t>((exact_log2((std::uint64_t{1} << 31) + (power >> 1)) - (std::int64_t{31} << 24)) >>
                                       (24 - kLog2FractionBits));
    power = (power * kRoot) >> 32;
  }
  return table;
}
inline constexpr std::array<std::uint16_t, kOneMoreSize> kLog2OfOneMore = one_more_table();

/// add_log2 is log2(2^a + 2^b), at most 1/64 too small.
constexpr Log2 add_log2(Log2 a, Log2 b) {
  const Log2 greater = a > b ? a : b;
  const auto step = static_cast<std::uint32_t>(greater - (a > b ? b : a)) >> (kLog2FractionBits - 6);
  return step < kOneMoreSize ? greater + kLog2OfOneMore[step] : greater;
}

}  // namespace sealtrace
