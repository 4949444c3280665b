#include "dissectors/rtp/payload_glance.hpp"

#include <algorithm>
#include <bitset>

namespace sealtrace {
namespace {

constexpr std::size_t kWindowBytes = 64;

/// repeats_often: n uniform octets repeat n (n - 1) / 512 times on average, by at most the root of that as deviation. Often is one more
/// than three and a half deviations above it.
bool repeats_often(Bytes window) {
  std::bitset<256> seen;
  for (const std::uint8_t octet : window) seen.set(octet);
  const auto repeated = static_cast<std::int64_t>(window.size() - seen.count());
  const auto mean = static_cast<std::int64_t>(window.size() * (window.size() - 1));  // in 512ths
  const std::int64_t above = (repeated - 1) * 512 - mean;
  constexpr std::int64_t kSquaredDeviations = 49 * 512 / 4;
  return above > 0 && above * above >= kSquaredDeviations * mean;
}

}  // namespace

bool PayloadGlance::stands_still(Bytes payload) {
  std::uint8_t same = 0;
  for (std::size_t i = 0; i < std::min(payload.size(), kFirstBytes); ++i) {
    if (payload[i] == firsts_[i]) same = static_cast<std::uint8_t>(same | 1U << i);
    firsts_[i] = payload[i];
  }
  const bool still = num_looks_ > 1 && (same & still_) != 0;
  still_ = num_looks_ > 0 ? same : std::uint8_t{0};
  return still;
}

bool PayloadGlance::looks_odd(Bytes payload) {
  if (payload.empty()) return false;
  const std::size_t window_bytes = std::min(payload.size(), kWindowBytes);
  const std::size_t num_behind = (payload.size() - 1) / kWindowBytes;
  const bool behind = num_looks_ % 2 == 1 && num_behind > 0;
  const std::size_t turn = behind ? 1 + num_looks_ / 2 % num_behind : 0;
  offset_ = static_cast<std::uint32_t>(std::min(turn * kWindowBytes, payload.size() - window_bytes));
  const bool still = stands_still(payload);
  ++num_looks_;
  return repeats_often(payload.subspan(offset_, window_bytes)) || (still && !behind);
}

}  // namespace sealtrace
