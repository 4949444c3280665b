#include "flow/octet_traits.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sealtrace {
namespace {

constexpr std::size_t kMaxOctets = 256;

bool is_printable(std::uint8_t octet) { return (octet >= 0x20 && octet < 0x7F) || octet == '\t' || octet == '\r' || octet == '\n'; }

std::uint8_t rounded(double value) { return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L)); }

/// weight is n log2 n; steps holds how much it grows from n to n + 1.
double weight(std::size_t n) { return n < 2 ? 0 : static_cast<double>(n) * std::log2(static_cast<double>(n)); }
constexpr double kFixedPoint = 1LL << 40;  // integers add up faster: one octet after the other
const std::array<std::int64_t, kMaxOctets>& steps() {
  static const std::array<std::int64_t, kMaxOctets> kSteps = [] {
    std::array<std::int64_t, kMaxOctets> table{};
    for (std::size_t n = 0; n < table.size(); ++n) table[n] = std::llround((weight(n + 1) - weight(n)) * kFixedPoint);
    return table;
  }();
  return kSteps;
}

}  // namespace

OctetTraits octet_traits(Bytes bytes) {
  const Bytes first = bytes.first(std::min(bytes.size(), kMaxOctets));
  if (first.empty()) return {};
  std::array<std::uint16_t, 256> counts{};
  const std::array<std::int64_t, kMaxOctets>& grown = steps();
  std::int64_t repeated = 0;
  for (const std::uint8_t octet : first) repeated += grown[counts[octet]++];
  const auto size = static_cast<double>(first.size());
  const double entropy = (weight(first.size()) - static_cast<double>(repeated) / kFixedPoint) / size;
  const auto printable = static_cast<double>(std::ranges::count_if(first, is_printable));
  return {.entropy_32nds = rounded(entropy * 32), .printable_255ths = rounded(printable / size * 255)};
}

}  // namespace sealtrace
