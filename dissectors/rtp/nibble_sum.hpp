// NibbleSum counts the nibbles of up to 255 octets, two of them with one addition.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace sealtrace {

/// Octets16 and Words8 are vectors of SSE2, with operators: g++ does not make such additions of a loop here.
using Octets16 [[gnu::vector_size(16)]] = std::uint8_t;
using Words8 [[gnu::vector_size(16)]] = std::uint16_t;
static_assert(std::endian::native == std::endian::little);  // the even octets are the low ones of words

inline Octets16 octets_at(const std::uint8_t* begin) {
  Octets16 octets;
  std::memcpy(&octets, begin, sizeof octets);
  return octets;
}

class NibbleSum {
 public:
  /// add_high takes the first nibble of each octet, add_low the second.
  void add_high(Octets16 octets) {
    const Words8 high = std::bit_cast<Words8>(octets) & 0xF0F0;
    add(high << 4 | high >> 8);
  }
  void add_low(Octets16 octets) { add_high(std::bit_cast<Octets16>(std::bit_cast<Words8>(octets) << 4)); }
  /// add_high_of_even takes the first nibbles of the octets 0, 2, ... 14 of both.
  void add_high_of_even(Octets16 octets, Octets16 others) {
    add((std::bit_cast<Words8>(octets) & 0x00F0) << 4 | (std::bit_cast<Words8>(others) & 0x00F0));
  }
  void add_to(std::array<std::uint16_t, 16>& counts) const {
    const auto lanes = std::bit_cast<Lanes>(sum_);
    for (std::size_t i = 0; i < lanes.size(); ++i) counts[i] = static_cast<std::uint16_t>(counts[i] + lanes[i]);
  }

 private:
  using Lanes = std::array<std::uint8_t, 16>;  ///< a count for each nibble

  /// kLanes counts the two nibbles of an octet.
  static consteval std::array<Lanes, 256> lanes_of_pairs() {
    std::array<Lanes, 256> table{};
    for (std::size_t pair = 0; pair < table.size(); ++pair) {
      ++table[pair][pair >> 4];
      ++table[pair][pair & 0x0F];
    }
    return table;
  }
  static const std::array<Lanes, 256> kLanes;

  /// add takes eight pairs of nibbles, each as where its entry lies in the table: the pair times 16.
  void add(Words8 entries) {
    const std::byte* const table = std::as_bytes(std::span{kLanes}).data();
    for (std::size_t i = 0; i < 8; ++i) {
      Octets16 lanes;
      std::memcpy(&lanes, std::assume_aligned<sizeof lanes>(table + entries[i]), sizeof lanes);
      sum_ += lanes;
    }
  }

  Octets16 sum_{};
};

alignas(16) inline constexpr std::array<NibbleSum::Lanes, 256> NibbleSum::kLanes = NibbleSum::lanes_of_pairs();

}  // namespace sealtrace
