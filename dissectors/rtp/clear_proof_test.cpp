#include "dissectors/rtp/clear_proof.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "dissectors/rtp/media_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST(ClearProof, AFreshOneHasNoEvidence) {
  EXPECT_LE(ClearProof{}.evidence_of_clear(), 0);
  EXPECT_GE(in_bits(ClearProof{}.evidence_of_clear()), -0.3);
}

TEST(ClearProof, WealthIsThatOfItsCounts) {
  FewValues few;
  for (int i = 0; i < 3; ++i) few.take(0);  // 257/1... of the first: 1, then (256 + 1) / 2, then (512 + 1) / 3
  EXPECT_NEAR(in_bits(few.wealth()), std::log2(257.0 / 2 * 513 / 3), 0.01);
  for (int i = 1; i <= 9; ++i) few.take(static_cast<std::uint8_t>(i));  // each is new, and the last two are not remembered
  EXPECT_NEAR(in_bits(few.wealth()), std::log2(257.0 * 513) - std::log2(479001600.0), 0.01) << "over 12!";
  EachBit bit;
  bit.take(0xFF);
  bit.take(0xFF);  // each bit: 1/2 + 1/2 (1 * 5/3)
  EXPECT_NEAR(in_bits(bit.wealth()), 8 * std::log2(0.5 + 0.5 * 5 / 3), 0.15);
}

TEST(ClearProof, TailThatStandsStillIsNotBetOn) {
  TailWatch tail;
  Noise noise{3};
  EXPECT_FALSE(tail.may_bet(1)) << "before three packets nothing near the end is";
  EXPECT_TRUE(tail.may_bet(33));
  for (int i = 0; i < 8; ++i) tail.take(noise.octets(40) + Octets{1, 2, 3, 4} + noise.octets(10));  // MKI before a tag
  for (std::size_t from_end = 1; from_end <= kTailBytes; ++from_end) {
    EXPECT_EQ(tail.may_bet(from_end), from_end < 11 || from_end > 14) << from_end;
  }
  EXPECT_EQ(tail.still_run(10), 4U);
  EXPECT_EQ(tail.still_run(16), 0U);
}

TEST(ClearProof, ABlockIsBetOnAsItsOctetsAre) {
  for (const std::size_t num_bytes : {BodyBlock::kBytes, 2 * BodyBlock::kBytes}) {
    for (const bool noise : {true, false}) {
      const Octets payload = noise ? Noise{4}.octets(136) : Octets(136, 0x5A);
      LinearBets at_once;
      LinearBets one_by_one;
      for (std::size_t begin = 8; begin < payload.size(); begin += num_bytes) {
        at_once.take({.begin = begin, .octets = Bytes{payload}.subspan(begin - BodyBlock::kBefore, BodyBlock::kBefore + num_bytes)});
        for (std::size_t i = begin; i < begin + num_bytes; ++i) one_by_one.take(payload, i);
        EXPECT_EQ(at_once.wealth(), one_by_one.wealth()) << begin;
        EXPECT_EQ(at_once.best_at_most(), one_by_one.best_at_most()) << begin;
      }
    }
  }
}

/// expect_bounded deals `num_symbols` symbols out to the first `num_used` of all, each time half as many as before if `falling`.
template <typename Bets>
void expect_bounded(std::size_t num_symbols, std::size_t num_used, bool falling) {
  Bets bets;
  for (std::size_t i = 0; i < num_symbols; ++i) {
    const std::size_t symbol = falling ? std::min<std::size_t>(static_cast<std::size_t>(std::countr_one(i)), num_used - 1) : i % num_used;
    bets.take(symbol);
  }
  ASSERT_GE(bets.wealth_at_most(bets.squares(), num_symbols), bets.wealth(num_symbols)) << num_symbols << ' ' << num_used << ' ' << falling;
}

TEST(ClearProof, NoCountsOfSymbolsHaveMoreThanTheirBound) {
  for (std::size_t num_symbols = 0; num_symbols <= 4160; num_symbols += num_symbols < 300 ? 1 : 97) {
    for (const std::size_t num_used : {1U, 2U, 3U, 5U, 8U, 15U, 16U}) {
      for (const bool falling : {false, true}) {
        expect_bounded<Nibbles<std::uint16_t>>(num_symbols, num_used, falling);
        if (num_symbols < 256) expect_bounded<Nibbles<std::uint8_t>>(num_symbols, num_used, falling);
        expect_bounded<Symbols<std::uint16_t, 32>>(num_symbols * 8 / 5, 2 * num_used, falling);
      }
    }
  }
}

TEST(ClearProof, NoBitsHaveMoreThanTheirBound) {
  for (std::size_t num_ones = 0; num_ones <= EachBit::kMaxBounded; ++num_ones) {
    EachBit same, mixed;
    for (std::size_t i = 0; i < EachBit::kMaxBounded; ++i) {
      same.take(i < num_ones ? 0xFF : 0);
      mixed.take(static_cast<std::uint8_t>((i < num_ones ? 0x0F : 0) | (i % 2 == 0 ? 0x30 : 0) | 0x40));
      ASSERT_GE(same.wealth_at_most(), same.wealth()) << num_ones << ' ' << i;
      ASSERT_GE(mixed.wealth_at_most(), mixed.wealth()) << num_ones << ' ' << i;
    }
  }
}

/// What a packet proves is first held against a bound: wherever that is too low a verdict would come later.
TEST(ClearProof, NoStreamHasMoreEvidenceThanItsBound) {
  Noise noise{26};
  std::size_t num_packets = 0, num_settled = 0;
  for (std::size_t stream = 0; stream < 1200; ++stream) {
    ClearProof proof;
    const std::size_t shape = stream % 12;
    const std::size_t length = noise.below(3) == 0 ? 1 + noise.below(40) : 40 + noise.below(140);
    const Octets same = noise.octets(length);
    for (std::size_t i = 0; i < 66; ++i) {
      Octets payload = noise.octets(length);
      const std::size_t num_same = std::min(length, 2 * shape);
      if (shape < 6) std::copy_n(same.begin(), num_same, payload.begin());
      if (shape == 6) payload = sine_in_mu_law(length, i * length);
      if (shape == 7) payload = Octets(length, static_cast<std::uint8_t>(stream));
      if (shape == 8) payload[0] = static_cast<std::uint8_t>(i);
      if (shape == 9) std::ranges::for_each(payload, [](std::uint8_t& octet) { octet &= 0x7F; });
      if (shape == 10) std::ranges::for_each(payload, [](std::uint8_t& octet) { octet = static_cast<std::uint8_t>(octet % 100 + 50); });
      if (shape == 11) payload.resize(1 + noise.below(length));
      proof.take(payload, i != 0 && noise.below(3) != 0, stream % 5 == 4);
      ASSERT_GE(proof.evidence_at_most(), proof.evidence_of_clear()) << stream << ' ' << i;
      if (shape != 0 || i >= 8) continue;
      ++num_packets;
      if (proof.evidence_at_most() < bits(40)) ++num_settled;
    }
  }
  EXPECT_GE(num_settled * 4, num_packets * 3) << "of a cipher's octets the bound is mostly enough";
}

}  // namespace
}  // namespace sealtrace
