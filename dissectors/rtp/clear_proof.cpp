#include "dissectors/rtp/clear_proof.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "dissectors/rtp/nibble_sum.hpp"

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

/// total is of bets on kSize symbols.
template <std::size_t kSize>
constexpr Log2 total(std::size_t num_seen) {
  static_assert(kSize == 16 || kSize == 32);
  return kSize == 16 ? kNibbleTotal[num_seen] : kFiveBitTotal[num_seen];
}

/// kCurvature[m] bounds log2 of 1 * 3 * ... (2 c - 1), the share of a symbol that came c times, by a parabola: the line through c = m and
/// m + 1, and 8 / (5 m) of (c - m)^2 above it. That is enough for every c, tightest at c = 0, because each factor grows slower than the
/// last.
constexpr std::array<std::int32_t, kNumNibbles / 16 + 1> kCurvature = [] {
  std::array<std::int32_t, kNumNibbles / 16 + 1> table{};
  for (std::size_t mean = 0; mean < table.size(); ++mean) {
    table[mean] = bits(8) / (5 * std::max(static_cast<std::int32_t>(mean), 1)) + 1;
  }
  return table;
}();

/// half_at_rest is log2(1/2 + 1/2 wealth).
constexpr Log2 half_at_rest(Log2 wealth) { return add_log2(0, wealth) - bits(1); }

constexpr Log2 bit_wealth(std::size_t num_ones, std::size_t num_seen) {
  return half_at_rest(kBitCount[num_ones] + kBitCount[num_seen - num_ones] - kBitTotal[num_seen]);
}

/// kBitWealth has it for up to 64 packets, the first n + 1 entries from n (n + 1) / 2: most streams end there.
constexpr std::size_t kNumTabled = EachBit::kMaxBounded + 1;
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

/// kBitBound[n] bounds what a bit has after n packets by a parabola of how far its ones are from its zeros: through the middle and the
/// ends, and above all that lies between.
struct BitBound {
  Log2 even = 0;
  std::int32_t curvature = 0;
};
consteval std::array<BitBound, EachBit::kMaxBounded + 1> bit_bounds() {
  std::array<BitBound, EachBit::kMaxBounded + 1> table{};
  for (int num_seen = 0; num_seen <= EachBit::kMaxBounded; ++num_seen) {
    const auto wealth = [num_seen](int ones) { return bit_wealth(static_cast<std::size_t>(ones), static_cast<std::size_t>(num_seen)); };
    const auto square = [num_seen](int ones) { return (2 * ones - num_seen) * (2 * ones - num_seen); };
    BitBound& bound = table[static_cast<std::size_t>(num_seen)];
    bound.curvature = (wealth(0) - wealth(num_seen / 2)) / std::max(square(0), 1);
    bound.even = wealth(0) - bound.curvature * square(0);
    for (int ones = 0; ones <= num_seen; ++ones) bound.even = std::max(bound.even, wealth(ones) - bound.curvature * square(ones));
  }
  return table;
}
constexpr auto kBitBound = bit_bounds();

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
  ++num_seen_;
  const std::uint64_t different = std::bit_cast<std::uint64_t>(values_) ^ (kLaneOnes * octet);
  const std::uint64_t equal = (different - kLaneOnes) & ~different & kLaneTops;  // its lowest bit marks the first equal lane
  const auto lane = static_cast<std::size_t>(std::countr_zero(equal)) / 8;
  if (equal != 0 && lane < num_values_) {
    from_counts_ += kFewCount[counts_[lane] + 1U] - kFewCount[counts_[lane]];
    ++counts_[lane];
  } else if (num_values_ < counts_.size()) {
    static_assert(kFewCount[1] == 0 && kFewTotal[0] == 0);
    values_[num_values_] = octet;
    counts_[num_values_++] = 1;
  }
}

Log2 FewValues::wealth() const { return from_counts_ - kFewTotal[num_seen_]; }

void EachBit::take(std::uint8_t octet) {
  if (num_seen_ == kMaxCount) return;
  ++num_seen_;
  ones_ = std::bit_cast<std::array<std::uint8_t, 8>>(std::bit_cast<std::uint64_t>(ones_) + kSpread[octet]);
}

Log2 EachBit::wealth() const {
  Log2 sum = 0;
  if (num_seen_ < kNumTabled) {
    const Log2* const row = &kBitWealth[num_seen_ * (num_seen_ + 1U) / 2];
    for (const std::uint8_t num_ones : ones_) sum += row[num_ones];
    return sum;
  }
  for (const std::uint8_t num_ones : ones_) sum += bit_wealth(num_ones, num_seen_);
  return sum;
}

Log2 EachBit::wealth_at_most() const {
  const BitBound bound = kBitBound[num_seen_];
  using Octets8 [[gnu::vector_size(8)]] = std::uint8_t;
  const Words8 ones = __builtin_convertvector(std::bit_cast<Octets8>(ones_), Words8);
  const auto more_ones = std::bit_cast<std::array<std::int16_t, 8>>(ones + ones - num_seen_);
  std::int32_t squares = 0;
  for (const std::int16_t more : more_ones) squares += std::int32_t{more} * more;
  return 8 * bound.even + bound.curvature * squares;
}

template <typename Count, std::size_t kSize>
Log2 Symbols<Count, kSize>::wealth(std::size_t num_seen) const {
  Log2 sum = -total<kSize>(num_seen);
  for (const Count count : counts) sum += kSymbolCount[count];
  return sum;
}

template <typename Count, std::size_t kSize>
Log2 Symbols<Count, kSize>::wealth_at_most(std::int32_t squares, std::size_t num_seen) {
  const std::size_t mean = num_seen / kSize;  // rounded down
  const auto above = static_cast<std::int32_t>(num_seen % kSize);
  const std::int64_t uneven = squares - static_cast<std::int32_t>(mean * (num_seen + static_cast<std::size_t>(above)));
  const Log2 if_even = static_cast<Log2>(kSize) * kSymbolCount[mean] + above * (kSymbolCount[mean + 1] - kSymbolCount[mean]);
  return static_cast<Log2>(std::min<std::int64_t>(if_even - total<kSize>(num_seen) + uneven * kCurvature[mean], INT32_MAX / 8));
}

template struct Symbols<std::uint8_t, 16>;
template struct Symbols<std::uint16_t, 16>;
template struct Symbols<std::uint16_t, 32>;

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
  std::array<NibbleSum, kSteps.size()> steps;
  NibbleSum of_two;  // samples of two octets
  static_assert(kWidths == std::array<std::uint8_t, 2>{2, 3});
  const std::span body = block.octets.subspan(BodyBlock::kBefore);
  for (std::size_t at = 0; at < body.size(); at += BodyBlock::kBytes) {
    const std::uint8_t* const begin = body.data() + at;
    const Octets16 first = octets_at(begin), second = octets_at(begin + 16);
    for (std::size_t k = 0; k < kSteps.size(); ++k) {
      steps[k].add_high(first - octets_at(begin - kSteps[k]));
      steps[k].add_high(second - octets_at(begin + 16 - kSteps[k]));
    }
    of_two.add_high_of_even(first, second);
    const std::size_t whole = 2 - (block.begin + at + 2) % 3;  // the first one at a multiple of three
    for (std::size_t i = 0; i < 10; ++i) samples_[1].take(begin[whole + 3 * i] >> 4);
    if (whole < 2) samples_[1].take(begin[whole + 30] >> 4);
    num_samples_[1] = static_cast<std::uint16_t>(num_samples_[1] + (whole < 2 ? 11 : 10));
  }
  for (std::size_t k = 0; k < kSteps.size(); ++k) steps[k].add_to(steps_[k].counts);
  of_two.add_to(samples_[0].counts);
  num_steps_ = static_cast<std::uint16_t>(num_steps_ + body.size());
  num_samples_[0] = static_cast<std::uint16_t>(num_samples_[0] + body.size() / 2);
}

Log2 LinearBets::wealth() const {
  Log2 sum = steps_[0].wealth(num_steps_);
  for (std::size_t k = 1; k < kSteps.size(); ++k) sum = add_log2(sum, steps_[k].wealth(num_steps_));
  for (std::size_t k = 0; k < kWidths.size(); ++k) sum = add_log2(sum, samples_[k].wealth(num_samples_[k]));
  return sum;
}

Log2 LinearBets::best_at_most() const {
  static_assert(kSteps.size() == 4 && kWidths.size() == 2);
  const auto& [two, three, four, six] = steps_;
  const auto& [of_two, of_three] = samples_;
  const std::int32_t squares = std::max({two.squares(), three.squares(), four.squares(), six.squares()});
  return std::max({two.wealth_at_most(squares, num_steps_), of_two.wealth_at_most(of_two.squares(), num_samples_[0]),
                   of_three.wealth_at_most(of_three.squares(), num_samples_[1])});
}

void FiveBitBets::take(std::span<const std::uint8_t, 8> octets) {
  std::uint64_t low_first = 0;
  std::memcpy(&low_first, octets.data(), sizeof low_first);
  std::uint64_t high_first = std::byteswap(low_first) >> (8 * (sizeof low_first - kGroupBytes));
  for (int code = 0; code < 8; ++code, low_first >>= 5, high_first >>= 5) {
    from_low_.take(low_first & 0x1F);
    from_high_.take(high_first & 0x1F);
  }
  num_codes_ += 8;
}

Log2 FiveBitBets::wealth() const { return add_log2(from_low_.wealth(num_codes_), from_high_.wealth(num_codes_)); }

Log2 FiveBitBets::best_at_most() const {
  return decltype(from_low_)::wealth_at_most(std::max(from_low_.squares(), from_high_.squares()), num_codes_);
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
  NibbleSum high, low, changed;
  const std::span body = block.octets.subspan(BodyBlock::kBefore);
  for (std::size_t at = 0; at < body.size(); at += 16) {
    const std::uint8_t* const begin = body.data() + at;
    const Octets16 octets = octets_at(begin);
    high.add_high(octets);
    low.add_low(octets);
    changed.add_high(octets ^ octets_at(begin - 1));
  }
  high.add_to(high_.counts);
  low.add_to(low_.counts);
  changed.add_to(changed_.counts);
  linear_.take(block);
  num_body_ = static_cast<std::uint16_t>(num_body_ + body.size());
}

void ClearProof::take_body(Bytes payload, const auto& may_bet) {
  if (num_body_ >= kMaxBodyBytes) return;
  const std::size_t end = std::min(payload.size(), kHeadBytes + kBodyBytes);
  const std::size_t sure = std::min(end, payload.size() - std::min(payload.size(), kTailBytes));
  std::size_t at = kHeadBytes;
  if (const std::size_t num_whole = (sure - std::min(sure, at)) / BodyBlock::kBytes * BodyBlock::kBytes; num_whole != 0) {
    take_body_block({.begin = at, .octets = payload.subspan(at - BodyBlock::kBefore, BodyBlock::kBefore + num_whole)});
    at += num_whole;
  }
  for (; at < sure; ++at) take_body_octet(payload, at);
  for (std::size_t i = at; i < end; ++i) {
    if (may_bet(i)) take_body_octet(payload, i);
  }
  constexpr std::size_t kFirstGroup = (kHeadBytes + FiveBitBets::kGroupBytes - 1) / FiveBitBets::kGroupBytes * FiveBitBets::kGroupBytes;
  for (std::size_t i = kFirstGroup; i + FiveBitBets::kGroupBytes <= sure; i += FiveBitBets::kGroupBytes) {
    five_bits_.take(payload.subspan(i).first<8>());  // behind it are the tail's octets at least
  }
}

void ClearProof::take_parity(Bytes payload, const auto& may_bet) {
  for (std::size_t frame = 0; frame < kMaxParityFrames && (frame + 1) * kFrameBytes <= payload.size(); ++frame) {
    const std::size_t start = frame * kFrameBytes;
    if (!may_bet(start + 2) || !may_bet(start + 3)) continue;
    const unsigned covered = payload[start + 2] & 0x3FU;   // bits 18 to 23
    const unsigned parity = payload[start + 3] >> 5 & 1U;  // bit 26
    const bool odd = std::popcount(covered << 1 | parity) % 2 != 0;
    parity_[frame] += odd ? kParityRight : kParityWrong;
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

Log2 ClearProof::head_at_most() const {
  Log2 sum = 0;
  for (const Position& position : positions_) {
    sum += std::max({0, position.few.wealth(), position.plain.wealth_at_most(), position.changed.wealth_at_most()});
  }
  return sum;
}

std::array<Log2, 4> ClearProof::body() const {
  const Log2 high = high_.wealth(num_body_);
  const Log2 low = low_.wealth(num_body_);
  return {high, low, high + low, changed_.wealth(num_body_)};
}

Log2 ClearProof::parity(std::size_t num_frames) const {
  Log2 sum = 0;
  for (std::size_t frame = 0; frame < std::min(num_frames, kMaxParityFrames); ++frame) sum += parity_[frame];
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
  const Log2 others = add_log2(add_log2(parities, delta_.wealth(num_deltas_)), add_log2(first, firsts)) - bits(4);
  static_assert(LinearBets::kNumBets + FiveBitBets::kNumBets == 8);  // with the rest of what is bet that is one
  const Log2 samples = add_log2(linear_.wealth(), five_bits_.wealth()) - bits(6);
  return add_log2(add_log2(octets, others), samples);
}

// Each part of the evidence is a mean of wealths, whose weights add up to 1 or less: at most the greatest of them.
Log2 ClearProof::evidence_at_most() const {
  if (num_packets_ > EachBit::kMaxBounded) return evidence_of_clear();
  const std::int32_t squares = std::max({high_.squares(), low_.squares(), changed_.squares()});
  const Log2 body = 2 * std::max(0, Nibbles<std::uint16_t>::wealth_at_most(squares, num_body_));  // high and low at once
  const Log2 octets = head_at_most() + body + log2_below(5, 8);
  const Log2 parities = std::max({parity(1), parity(2), parity(kMaxParityFrames)});
  const Log2 first = frame_firsts_[0].wealth();
  const Log2 firsts = first + frame_firsts_[1].wealth() + frame_firsts_[2].wealth() + frame_firsts_[3].wealth();
  const Log2 others = std::max({parities, delta_.wealth_at_most(delta_.squares(), num_deltas_), first, firsts}) - bits(2);
  const Log2 samples = std::max(linear_.best_at_most(), five_bits_.best_at_most()) - bits(3);
  return std::max({octets, others, samples}) + bits(2);  // three of them
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
