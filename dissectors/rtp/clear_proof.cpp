#include "dissectors/rtp/clear_proof.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

namespace sealtrace {
namespace {

/// kMaxCount is where counts of a position stop, and with them its bets.
constexpr std::uint8_t kMaxCount = 255;
constexpr std::size_t kNumCounts = 256;
/// kNumNibbles: bets on nibbles end within the packet that passes 4096 octets.
constexpr std::size_t kNumNibbles = 4096 + 64 + 1;

// A predictor's share of the symbol that came, against a uniform one, multiplied over the packets. (256 c + 1) / (n + 1) for few values,
// (4 c + 1) / (2 n + 1) for a bit, 8 (2 c + 1) / (n + 8) for a nibble, 16 (2 c + 1) / (n + 16) for five bits, with c of n such symbols
// before.
constexpr auto kFewCount = log2_products<kNumCounts>(256, 1, 0, false);
constexpr auto kFewTotal = log2_products<kNumCounts>(1, 1, 0, true);
constexpr auto kBitCount = log2_products<kNumCounts>(4, 1, 0, false);
constexpr auto kBitTotal = log2_products<kNumCounts>(2, 1, 0, true);
constexpr std::size_t kNumFiveBitCodes = kNumNibbles * 8 / 5 + 1;
constexpr auto kSymbolCount = log2_products<kNumFiveBitCodes>(2, 1, 0, false);
constexpr auto kNibbleTotal = log2_products<kNumNibbles>(1, 8, 3, true);
constexpr auto kFiveBitTotal = log2_products<kNumFiveBitCodes>(1, 16, 4, true);

/// half_at_rest is log2(1/2 + 1/2 wealth).
constexpr Log2 half_at_rest(Log2 wealth) { return add_log2(0, wealth) - bits(1); }

constexpr Log2 bit_wealth(std::size_t num_ones, std::size_t num_seen) {
  return half_at_rest(kBitCount[num_ones] + kBitCount[num_seen - num_ones] - kBitTotal[num_seen]);
}

/// kBitWealth has it for up to 64 packets, the first n + 1 entries from n (n + 1) / 2: most streams end there.
constexpr std::size_t kNumTabled = 65;
consteval std::array<Log2, kNumTabled*(kNumTabled + 1) / 2> bit_wealth_table() {
  std::array<Log2, kNumTabled*(kNumTabled + 1) / 2> table{};
  std::size_t entry = 0;
  for (std::size_t num_seen = 0; num_seen < kNumTabled; ++num_seen) {
    for (std::size_t num_ones = 0; num_ones <= num_seen; ++num_ones) {
      table[entry++] = bit_wealth(num_ones, num_seen);
    }
  }
  return table;
}
constexpr auto kBitWealth = bit_wealth_table();

/// kSpread puts bit b of an octet into lane b.
consteval std::array<std::uint64_t, 256> spread_table() {
  std::array<std::uint64_t, 256> table{};
  for (std::size_t octet = 0; octet < table.size(); ++octet) {
    for (std::size_t bit = 0; bit < 8; ++bit) table[octet] |= static_cast<std::uint64_t>(octet >> bit & 1) << (8 * bit);
  }
  return table;
}
constexpr std::array<std::uint64_t, 256> kSpread = spread_table();
constexpr std::uint64_t kLaneOnes = 0x0101010101010101;
constexpr std::uint64_t kLaneTops = 0x8080808080808080;

/// NibbleLanes has a count of eight bits for each nibble.
using NibbleLanes = std::array<std::uint8_t, 16>;

/// kNibbleLanes counts the two nibbles of an octet.
consteval std::array<NibbleLanes, 256> nibble_lanes() {
  std::array<NibbleLanes, 256> table{};
  for (std::size_t octet = 0; octet < table.size(); ++octet) {
    ++table[octet][octet >> 4];
    ++table[octet][octet & 0x0F];
  }
  return table;
}
alignas(16) constexpr std::array<NibbleLanes, 256> kNibbleLanes = nibble_lanes();

/// take_high_nibbles counts those of 32 octets, two at a time.
void take_high_nibbles(const std::array<std::uint8_t, BodyBlock::kBytes>& octets, Nibbles<std::uint16_t>& nibbles) {
  using Octets [[gnu::vector_size(16)]] = std::uint8_t;  // one addition, which g++ does not make of a loop here
  using Words [[gnu::vector_size(16)]] = std::uint16_t;
  constexpr std::size_t kPairs = BodyBlock::kBytes / 2;
  std::array<std::uint8_t, kPairs> pairs{};
  for (std::size_t i = 0; i < kPairs; ++i) pairs[i] = static_cast<std::uint8_t>((octets[i] & 0xF0) | octets[i + kPairs] >> 4);
  const auto words = std::bit_cast<Words>(pairs);
  // Where a pair's entry lies in the table: a word of SSE2 is an offset as it is.
  const Words first = (words & 0xFF) * sizeof(NibbleLanes);
  const Words second = (words >> 8) * sizeof(NibbleLanes);
  const std::byte* const table = std::as_bytes(std::span{kNibbleLanes}).data();
  const auto entry = [table](std::uint16_t offset) {
    Octets lanes;
    std::memcpy(&lanes, std::assume_aligned<sizeof lanes>(table + offset), sizeof lanes);
    return lanes;
  };
  Octets sum{};
  for (std::size_t i = 0; i < kPairs / 2; ++i) sum += entry(first[i]) + entry(second[i]);
  const auto lanes = std::bit_cast<NibbleLanes>(sum);
  for (std::size_t i = 0; i < lanes.size(); ++i) nibbles.counts[i] = static_cast<std::uint16_t>(nibbles.counts[i] + lanes[i]);
}

template <typename Count>
Log2 nibble_wealth(const Nibbles<Count>& nibbles, std::size_t num_seen) {
  Log2 sum = -kNibbleTotal[num_seen];
  for (const Count count : nibbles.counts) sum += kSymbolCount[count];
  return sum;
}

/// Weight is the part of a bet that is placed on one position; the rest stays.
struct Weight {
  Log2 placed;
  Log2 rest;
};
constexpr Weight weight(int negative_power) {
  const std::uint64_t parts = std::uint64_t{1} << negative_power;
  return {.placed = -bits(negative_power), .rest = log2_below(parts - 1, parts)};
}
constexpr std::array kWeights{weight(1), weight(2), weight(3), weight(3), weight(4), weight(4), weight(4), weight(4)};

constexpr std::size_t kFrameBytes = 10;
/// A frame of G.729 has its parity right in 98 of 100, noise in half of them.
constexpr Log2 kParityRight = log2_below(98, 50);
constexpr Log2 kParityWrong = log2_below(2, 50);

/// A start code at a frame's first packet, where chance has it once in 2^24, and its absence, which video of that kind shows in 2 of 100.
constexpr Log2 kStartCode = bits(24);
constexpr Log2 kNoStartCode = log2_below(2, 100);

}  // namespace

std::array<std::uint8_t, BodyBlock::kBytes> BodyBlock::since(std::size_t step) const {
  std::array<std::uint8_t, kBytes> steps{};
  for (std::size_t i = 0; i < kBytes; ++i) steps[i] = static_cast<std::uint8_t>(octets[kBefore + i] - octets[kBefore + i - step]);
  return steps;
}

void TailWatch::take(Bytes payload) {
  const std::size_t num_now = std::min(payload.size(), kTailBytes);
  const std::size_t num_both = std::min<std::size_t>(num_now, num_last_);
  ++num_packets_;
  std::array<std::uint8_t, kTailBytes> now{};
  std::ranges::copy(payload.last(num_now), now.end() - static_cast<std::ptrdiff_t>(num_now));
  for (std::size_t i = kTailBytes - num_both; i < kTailBytes; ++i) {
    num_changes_[i] = static_cast<std::uint16_t>(num_changes_[i] + (now[i] != last_[i] ? 1U : 0U));
  }
  last_ = now;
  num_last_ = static_cast<std::uint8_t>(num_now);
}

std::size_t TailWatch::still_run(std::size_t below) const {
  if (num_packets_ < 4) return 0;
  std::size_t end = below;
  while (end < num_last_ && num_changes_[kTailBytes - 1 - end] == 0) ++end;
  return end - std::min(below, end);
}

void FewValues::take(std::uint8_t octet) {
  if (num_seen_ == kMaxCount) return;
  wealth_ -= kFewTotal[num_seen_ + 1U] - kFewTotal[num_seen_];
  ++num_seen_;
  const std::uint64_t different = values_ ^ (kLaneOnes * octet);
  const std::uint64_t equal = (different - kLaneOnes) & ~different & kLaneTops;  // its lowest bit marks the first equal lane
  const auto lane = static_cast<std::size_t>(std::countr_zero(equal)) / 8;
  if (equal != 0 && lane < num_values_) {
    wealth_ += kFewCount[counts_[lane] + 1U] - kFewCount[counts_[lane]];
    ++counts_[lane];
  } else if (num_values_ < counts_.size()) {
    values_ |= std::uint64_t{octet} << (8 * num_values_);
    counts_[num_values_++] = 1;
    wealth_ += kFewCount[1];
  }
}

void EachBit::take(std::uint8_t octet) {
  if (num_seen_ == kMaxCount) return;
  ++num_seen_;
  ones_ += kSpread[octet];
}

Log2 EachBit::wealth() const {
  Log2 sum = 0;
  if (num_seen_ < kNumTabled) {
    const Log2* const row = &kBitWealth[num_seen_ * (num_seen_ + 1U) / 2];
    for (std::uint64_t lanes = ones_, bit = 0; bit < 8; ++bit, lanes >>= 8) sum += row[lanes & 0xFF];
    return sum;
  }
  for (std::uint64_t lanes = ones_, bit = 0; bit < 8; ++bit, lanes >>= 8) sum += bit_wealth(lanes & 0xFF, num_seen_);
  return sum;
}

Log2 ParityCount::wealth() const { return right * kParityRight + wrong * kParityWrong; }

void LinearBets::take(Bytes payload, std::size_t i) {
  for (std::size_t k = 0; k < kSteps.size(); ++k) steps_[k].take(static_cast<std::uint8_t>(payload[i] - payload[i - kSteps[k]]) >> 4);
  ++num_steps_;
  for (std::size_t k = 0; k < kWidths.size(); ++k) {
    if (i % kWidths[k] != 0) continue;
    samples_[k].take(payload[i] >> 4);
    ++num_samples_[k];
  }
}

void LinearBets::take(const BodyBlock& block) {
  for (std::size_t k = 0; k < kSteps.size(); ++k) take_high_nibbles(block.since(kSteps[k]), steps_[k]);
  num_steps_ = static_cast<std::uint16_t>(num_steps_ + BodyBlock::kBytes);
  const auto take_samples = [&]<std::size_t k>() {
    constexpr std::size_t kWidth = kWidths[k];
    for (std::size_t i = (kWidth - block.begin % kWidth) % kWidth; i < BodyBlock::kBytes; i += kWidth) {
      samples_[k].take(block.octets[BodyBlock::kBefore + i] >> 4);
      ++num_samples_[k];
    }
  };
  static_assert(kWidths.size() == 2);
  take_samples.template operator()<0>();
  take_samples.template operator()<1>();
}

Log2 LinearBets::wealth() const {
  Log2 sum = nibble_wealth(steps_[0], num_steps_);
  for (std::size_t k = 1; k < kSteps.size(); ++k) sum = add_log2(sum, nibble_wealth(steps_[k], num_steps_));
  for (std::size_t k = 0; k < kWidths.size(); ++k) sum = add_log2(sum, nibble_wealth(samples_[k], num_samples_[k]));
  return sum;
}

void FiveBitBets::take(Bytes group) {
  std::uint64_t low_first = 0, high_first = 0;
  for (std::size_t i = 0; i < kGroupBytes; ++i) {
    low_first |= std::uint64_t{group[i]} << (8 * i);
    high_first = high_first << 8 | group[i];
  }
  for (int code = 0; code < 8; ++code, low_first >>= 5, high_first >>= 5) {
    from_low_.take(low_first & 0x1F);
    from_high_.take(high_first & 0x1F);
  }
  num_codes_ += 8;
}

Log2 FiveBitBets::wealth() const {
  Log2 low = -kFiveBitTotal[num_codes_];
  Log2 high = low;
  for (const std::uint16_t count : from_low_.counts) low += kSymbolCount[count];
  for (const std::uint16_t count : from_high_.counts) high += kSymbolCount[count];
  return add_log2(low, high);
}

void ClearProof::take_head(Bytes payload, const auto& may_bet) {
  for (std::size_t i = 0; i < std::min(kHeadBytes, payload.size()); ++i) {
    Position& position = positions_[i];
    const std::uint8_t octet = payload[i];
    if (may_bet(i)) {
      position.few.take(octet);
      position.plain.take(octet);
      if (position.has_last) position.changed.take(octet ^ position.last);
    }
    position.last = octet;
    position.has_last = true;
  }
}

void ClearProof::take_body_octet(Bytes payload, std::size_t i) {
  const std::uint8_t octet = payload[i];
  high_.take(octet >> 4);
  low_.take(octet & 0x0F);
  changed_.take((octet ^ payload[i - 1]) >> 4);
  linear_.take(payload, i);
  ++num_body_;
}

void ClearProof::take_body_block(const BodyBlock& block) {
  std::array<std::uint8_t, BodyBlock::kBytes> octets{};
  std::ranges::copy(block.octets.last<BodyBlock::kBytes>(), octets.begin());
  take_high_nibbles(octets, high_);
  for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(octet << 4);
  take_high_nibbles(octets, low_);
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = block.octets[BodyBlock::kBefore + i] ^ block.octets[BodyBlock::kBefore + i - 1];
  take_high_nibbles(octets, changed_);
  linear_.take(block);
  num_body_ = static_cast<std::uint16_t>(num_body_ + BodyBlock::kBytes);
}

void ClearProof::take_body(Bytes payload, const auto& may_bet) {
  if (num_body_ >= kMaxBodyBytes) return;
  const std::size_t end = std::min(payload.size(), kHeadBytes + kBodyBytes);
  const std::size_t sure = std::min(end, payload.size() - std::min(payload.size(), kTailBytes));
  std::size_t at = kHeadBytes;
  for (; at + BodyBlock::kBytes <= sure; at += BodyBlock::kBytes) {
    constexpr std::size_t kBefore = BodyBlock::kBefore;
    take_body_block({.begin = at, .octets = payload.subspan(at - kBefore).first<kBefore + BodyBlock::kBytes>()});
  }
  for (; at < sure; ++at) take_body_octet(payload, at);
  for (std::size_t i = at; i < end; ++i) {
    if (may_bet(i)) take_body_octet(payload, i);
  }
  constexpr std::size_t kFirstGroup = (kHeadBytes + FiveBitBets::kGroupBytes - 1) / FiveBitBets::kGroupBytes * FiveBitBets::kGroupBytes;
  for (std::size_t i = kFirstGroup; i + FiveBitBets::kGroupBytes <= sure; i += FiveBitBets::kGroupBytes) {
    five_bits_.take(payload.subspan(i, FiveBitBets::kGroupBytes));
  }
}

void ClearProof::take_parity(Bytes payload, const auto& may_bet) {
  for (std::size_t frame = 0; frame < kMaxParityFrames && (frame + 1) * kFrameBytes <= payload.size(); ++frame) {
    const std::size_t start = frame * kFrameBytes;
    if (!may_bet(start + 2) || !may_bet(start + 3)) continue;
    const unsigned covered = payload[start + 2] & 0x3FU;   // bits 18 to 23
    const unsigned parity = payload[start + 3] >> 5 & 1U;  // bit 26
    const bool odd = std::popcount(covered << 1 | parity) % 2 != 0;
    ++(odd ? parity_[frame].right : parity_[frame].wrong);
  }
}

void ClearProof::take(Bytes payload, bool frame_first, bool cut) {
  const auto may_bet = [&](std::size_t i) {
    if (i == 0) return true;
    const std::size_t from_end = payload.size() - i;
    if (cut) return from_end > kTailBytes;  // what may be the tail's is left alone
    return tail_.may_bet(from_end);
  };
  if (positions_[0].has_last && num_deltas_ < kMaxCount) {
    ++num_deltas_;
    delta_.take(((payload[0] >> 4) - (positions_[0].last >> 4)) & 0x0F);
  }
  take_head(payload, may_bet);
  if (frame_first) {
    for (std::size_t i = 0; i < std::min(frame_firsts_.size(), payload.size()); ++i) {
      if (may_bet(i)) frame_firsts_[i].take(payload[i]);
    }
    const bool start_code = payload.size() >= 3 && payload[0] == 0 && payload[1] == 0 && payload[2] == 1;
    ++(start_code ? num_start_codes_ : num_without_start_code_);
  }
  take_body(payload, may_bet);
  take_parity(payload, may_bet);
  if (!cut) tail_.take(payload);
  ++num_packets_;
}

Log2 ClearProof::head() const {
  Log2 sum = 0;
  for (std::size_t i = 0; i < kHeadBytes; ++i) {
    const Position& position = positions_[i];
    const Log2 any_bit = add_log2(position.plain.wealth(), position.changed.wealth()) - bits(2);
    const Log2 wealth = add_log2(position.few.wealth() - bits(1), any_bit);
    sum += add_log2(kWeights[i].rest, kWeights[i].placed + wealth);
  }
  return sum;
}

std::array<Log2, 4> ClearProof::body() const {
  const Log2 high = nibble_wealth(high_, num_body_);
  const Log2 low = nibble_wealth(low_, num_body_);
  return {high, low, high + low, nibble_wealth(changed_, num_body_)};
}

Log2 ClearProof::parity(std::size_t num_frames) const {
  Log2 sum = 0;
  for (std::size_t frame = 0; frame < std::min(num_frames, kMaxParityFrames); ++frame) sum += parity_[frame].wealth();
  return sum;
}

Log2 ClearProof::evidence_of_clear() const {
  const auto [high, low, both, changed] = body();
  const Log2 body = add_log2(add_log2(high, low), add_log2(both, changed)) - bits(2);
  const Log2 octets = head() + half_at_rest(body) + log2_below(5, 8);
  // Parity: of the first frame, the first two or all of them, for octets behind the last frame may be a tag.
  const Log2 parities = add_log2(parity(2) - bits(1), add_log2(parity(1), parity(kMaxParityFrames)) - bits(2));
  const Log2 first = frame_firsts_[0].wealth();
  const Log2 firsts = first + frame_firsts_[1].wealth() + frame_firsts_[2].wealth() + frame_firsts_[3].wealth();
  const Log2 others = add_log2(add_log2(parities, nibble_wealth(delta_, num_deltas_)), add_log2(first, firsts)) - bits(4);
  static_assert(LinearBets::kNumBets + FiveBitBets::kNumBets == 8);  // with the rest of what is bet that is one
  const Log2 samples = add_log2(linear_.wealth(), five_bits_.wealth()) - bits(6);
  return add_log2(add_log2(octets, others), samples);
}

Log2 ClearProof::best_of_models() const {
  constexpr std::uint16_t kEnoughOfBody = 32;
  Log2 best = positions_[0].few.wealth();
  const std::uint32_t num_seen = std::min<std::uint32_t>(num_packets_, kMaxCount);
  for (std::size_t i = 1; i < frame_firsts_.size(); ++i) {
    if (std::uint32_t{positions_[i].few.num_seen()} * 4 >= num_seen * 3) best = std::max(best, positions_[i].few.wealth());
  }
  return num_body_ >= kEnoughOfBody ? std::max(best, std::ranges::max(body())) : best;
}

Log2 ClearProof::best_of_frame_firsts() const {
  Log2 best = frame_firsts_[0].wealth();
  for (const FewValues& octet : frame_firsts_) {
    if (octet.num_seen() * 4 >= frame_firsts_[0].num_seen() * 3) best = std::max(best, octet.wealth());
  }
  return best;
}

Log2 ClearProof::start_codes() const { return num_start_codes_ * kStartCode + num_without_start_code_ * kNoStartCode; }

}  // namespace sealtrace
