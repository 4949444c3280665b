#include "flow/octet_traits.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sealtrace {
namespace {

constexpr std::size_t kMaxOctets = 256;

bool is_printable(std::uint8_t octet) { return (octet >= 0x20 && octet < 0x7F) || octet == '\t' || octet == '\r' || octet == '\n'; }

std::uint8_t rounded(double value) { return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L)); }

/// weights holds n log2 n.
const std::array<double, kMaxOctets + 1>& weights() {
  static const std::array<double, kMaxOctets + 1> kWeights = [] {
    std::array<double, kMaxOctets + 1> table{};
    for (std::size_t n = 2; n < table.size(); ++n) table[n] = static_cast<double>(n) * std::log2(static_cast<double>(n));
    return table;
  }();
  return kWeights;
}

}  // namespace

OctetTraits octet_traits(Bytes bytes) {
  const Bytes first = bytes.first(std::min(bytes.size(), kMaxOctets));
  if (first.empty()) return {};
  std::array<std::uint16_t, 256> counts{};
  for (const std::uint8_t octet : first) ++counts[octet];
  const auto size = static_cast<double>(first.size());
  double repeated = 0;
  for (const std::uint16_t count : counts) repeated += weights()[count];
  const double entropy = (weights()[first.size()] - repeated) / size;
  const auto printable = static_cast<double>(std::ranges::count_if(first, is_printable));
  return {.entropy_32nds = rounded(entropy * 32), .printable_255ths = rounded(printable / size * 255)};
}

}  // namespace sealtrace
