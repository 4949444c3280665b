// Tests of the detector of clear media, of RTCP's kind, and of what the session makes of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/rtp/clear_proof.hpp"
#include "dissectors/rtp/codec_catalogue.hpp"
#include "dissectors/rtp/media_detector.hpp"
#include "dissectors/rtp/media_watch.hpp"
#include "dissectors/rtp/nibble_sum.hpp"
#include "dissectors/rtp/rtcp_kind.hpp"
#include "dissectors/rtp/rtp_session.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;
using Words = std::vector<std::string>;
using Octets = std::vector<std::uint8_t>;

double in_bits(Log2 number) { return number / 4096.0; }

/// Noise makes octets as a cipher does: the same ones in every run.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : engine_{seed} {}
  Octets octets(std::size_t count) {
    Octets made(count);
    for (std::uint8_t& octet : made) octet = static_cast<std::uint8_t>(engine_() >> 24);
    return made;
  }
  std::size_t below(std::size_t bound) { return engine_() % bound; }

 private:
  std::mt19937_64 engine_;
};

Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// sine_in_mu_law is a quiet tone in PCMU: what calls between people are made of most of the time.
Octets sine_in_mu_law(std::size_t count, std::size_t phase) {
  Octets made;
  for (std::size_t i = 0; i < count; ++i) {
    const auto level = static_cast<std::uint8_t>(std::abs(std::sin(static_cast<double>(phase + i) / 5.0)) * 20.0);
    made.push_back(static_cast<std::uint8_t>(((phase + i) / 16 % 2 == 0 ? 0xFF : 0x7F) - level));
  }
  return made;
}

struct Stream {
  std::uint32_t timestamp_step = 160;
  std::uint8_t payload_type = 96;
};

RtpHeader header_of(std::size_t number, const Stream& stream = {}) {
  RtpHeader header;
  header.payload_type = stream.payload_type;
  header.sequence_number = static_cast<std::uint16_t>(number);
  header.timestamp = static_cast<std::uint32_t>(number * stream.timestamp_step);
  return header;
}

TEST(Log2Tables, EncloseTheTrueLogarithm) {
  for (const std::uint64_t number : {1ULL, 2ULL, 3ULL, 5ULL, 255ULL, 256ULL, 1000ULL, 65281ULL, 4294967295ULL}) {
    const double exact = std::log2(static_cast<double>(number)) * (1 << 24);
    EXPECT_LE(static_cast<double>(exact_log2(number)), exact + 0.5) << number;
    EXPECT_GE(static_cast<double>(exact_log2(number)), exact - 4) << number;
  }
  for (Log2 difference = 0; difference < bits(20); difference += 37) {
    const double exact = std::log2(1 + std::exp2(-in_bits(difference)));
    EXPECT_LE(in_bits(add_log2(0, -difference)), exact) << difference;
    EXPECT_GE(in_bits(add_log2(0, -difference)), exact - 1.0 / 64) << difference;
    EXPECT_EQ(add_log2(0, -difference), add_log2(-difference, 0));
  }
}

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

TEST(NibbleSum, CountsEachNibbleOnce) {
  const Octets octets = Noise{5}.octets(32);
  std::array<std::uint16_t, 16> high{}, low{}, of_even{}, expected_high{}, expected_low{}, expected_of_even{};
  NibbleSum high_sum, low_sum, even_sum;
  for (const std::size_t at : {0U, 16U}) {
    high_sum.add_high(octets_at(octets.data() + at));
    low_sum.add_low(octets_at(octets.data() + at));
  }
  even_sum.add_high_of_even(octets_at(octets.data()), octets_at(octets.data() + 16));
  high_sum.add_to(high);
  low_sum.add_to(low);
  even_sum.add_to(of_even);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    ++expected_high[octets[i] >> 4];
    ++expected_low[octets[i] & 0x0F];
    if (i % 2 == 0) ++expected_of_even[octets[i] >> 4];
  }
  EXPECT_EQ(high, expected_high);
  EXPECT_EQ(low, expected_low);
  EXPECT_EQ(of_even, expected_of_even);
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

/// What 20,000 streams of a cipher look like: no proof, and no more evidence than chance allows (Markov: 2^-s of them reach s).
TEST(MediaDetector, NoStreamOfUniformOctetsIsClear) {
  constexpr std::size_t kStreams = 20'000;
  Noise noise{20131};
  std::array<std::size_t, 24> num_reaching{};
  for (std::size_t stream = 0; stream < kStreams; ++stream) {
    MediaDetector detector{bits(20)};
    const Octets mki = stream % 4 == 0 ? noise.octets(1 + noise.below(8)) : Octets{};
    const std::size_t tag = std::array<std::size_t, 3>{4, 10, 16}[noise.below(3)];
    const std::size_t shortest = noise.below(3) == 0 ? 1 + noise.below(8) : 20 + noise.below(60);
    const std::size_t spread = noise.below(2) * noise.below(100);
    Log2 most = 0;
    MediaCall call = MediaCall::open;
    for (std::size_t i = 0; i < 16 && call == MediaCall::open; ++i) {
      const Octets payload = noise.octets(shortest + (spread == 0 ? 0 : noise.below(spread))) + mki + noise.octets(tag);
      call = detector.take(header_of(i), payload, false);
      most = std::max(most, detector.evidence_of_clear());
    }
    ASSERT_NE(call, MediaCall::clear) << stream;
    for (std::size_t level = 0; level < num_reaching.size(); ++level)
      num_reaching[level] += most >= bits(static_cast<int>(level)) ? 1U : 0U;
  }
  for (int level = 1; level <= 12; ++level) {
    EXPECT_LE(static_cast<double>(num_reaching[static_cast<std::size_t>(level)]), kStreams * std::exp2(-level) + 4) << level;
  }
}

TEST(MediaDetector, NoiseIsCalledEncryptedAfterSomePackets) {
  Noise noise{7};
  for (int stream = 0; stream < 50; ++stream) {
    MediaDetector detector{bits(32)};
    MediaCall call = MediaCall::open;
    std::size_t count = 0;
    while (call == MediaCall::open && count < 200) {
      call = detector.take(header_of(count, {.timestamp_step = 960}), noise.octets(70 + noise.below(60)), false);
      ++count;
    }
    EXPECT_EQ(call, MediaCall::encrypted);
    EXPECT_GE(count, 8U);
    EXPECT_LE(count, 40U);
  }
}

/// in_clear gives after how many packets a stream is called clear; 0 when it is not within 100.
std::size_t in_clear(const auto& make_payload, const Stream& stream = {}, bool cut = false) {
  MediaDetector detector{bits(32)};
  for (std::size_t i = 0; i < 100; ++i) {
    const MediaCall call = detector.take(header_of(i, stream), make_payload(i), cut);
    if (call == MediaCall::clear) return i + 1;
    EXPECT_EQ(call, MediaCall::open);
  }
  return 0;
}

TEST(MediaDetector, WhatIsInClearIsProvedSoon) {
  Noise noise{11};
  const auto tone = [](std::size_t i) { return sine_in_mu_law(160, i * 160); };
  EXPECT_LE(in_clear(tone), 3U);
  EXPECT_GT(in_clear(tone), 0U);
  const auto authenticated = [&](std::size_t i) { return sine_in_mu_law(160, i * 160) + noise.octets(10); };
  EXPECT_LE(in_clear(authenticated), 3U) << "NULL cipher: a tag behind it hides nothing";
  const auto one_octet = [&](std::size_t) { return Octets{0x78} + noise.octets(70); };
  EXPECT_LE(in_clear(one_octet), 8U) << "a constant first octet is enough";
  const auto counter = [&](std::size_t i) { return Octets{static_cast<std::uint8_t>(i)} + noise.octets(70); };
  EXPECT_LE(in_clear(counter), 60U) << "and so is one that counts";
  EXPECT_GT(in_clear(counter), 0U);
}

/// tone_as_samples is a tone at 1004 Hz near full scale, a sample in `width` octets, the highest first: its octets come almost evenly.
Octets tone_as_samples(std::size_t count, std::size_t first, std::size_t width, std::size_t channels) {
  Octets made;
  for (std::size_t i = 0; i < count; ++i) {
    const double level = 0.9 * std::sin(static_cast<double>(first + i) * 2 * std::numbers::pi * 1004 / 44'100);
    const auto sample = static_cast<std::int32_t>(level * 8'388'607);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t octet = 0; octet < width; ++octet) made.push_back(static_cast<std::uint8_t>(sample >> (16 - 8 * octet)));
    }
  }
  return made;
}

TEST(MediaDetector, LinearSamplesAreInClear) {
  for (const std::size_t width : {2U, 3U}) {
    for (const std::size_t channels : {1U, 2U}) {
      for (const std::size_t tag : {0U, 10U}) {
        Noise noise{18};
        const auto tone = [&](std::size_t i) { return tone_as_samples(200, i * 200, width, channels) + noise.octets(tag); };
        const std::size_t count = in_clear(tone, {.timestamp_step = 200});
        EXPECT_GT(count, 0U) << width << ' ' << channels;
        EXPECT_LE(count, 6U) << width << ' ' << channels;
      }
    }
  }
}

/// Samples of noise are even octets. Where a packet is as long as its samples there is no room for a tag.
TEST(MediaDetector, SamplesOfNoiseAreNotCalledEncrypted) {
  const auto call_after = [](std::size_t num_packets, std::size_t length) {
    Noise noise{19};
    MediaDetector detector{bits(40)};
    MediaCall call = MediaCall::open;
    for (std::size_t i = 0; i < num_packets && call == MediaCall::open; ++i) {
      call = detector.take(header_of(i, {.timestamp_step = 160, .payload_type = 97}), noise.octets(length), false);
    }
    return call;
  };
  EXPECT_EQ(call_after(900, 320), MediaCall::open) << "L16";
  EXPECT_EQ(call_after(900, 960), MediaCall::open) << "L24 in stereo";
  EXPECT_EQ(call_after(1000, 320), MediaCall::given_up);
  EXPECT_EQ(call_after(63, 330), MediaCall::open) << "with a tag it may be samples under a NULL cipher";
  EXPECT_EQ(call_after(200, 330), MediaCall::encrypted);
  EXPECT_EQ(call_after(40, 160), MediaCall::open) << "the length of G.722";
  EXPECT_EQ(call_after(200, 160), MediaCall::encrypted) << "one octet a sample is no linear PCM";
}

/// Codes of five bits of which the middle ones come more often, as those of G.726 do; their octets are close to noise.
TEST(MediaDetector, FiveBitCodesAreInClear) {
  for (const bool from_low : {true, false}) {
    Noise noise{20};
    const auto packet = [&](std::size_t) {
      Octets made;
      for (int group = 0; group < 20; ++group) {
        std::uint64_t codes = 0;
        for (int i = 0; i < 8; ++i) {
          const std::uint64_t code = (noise.below(20) + noise.below(14)) & 0x1F;
          codes |= code << (5 * i);
        }
        for (int i = 0; i < 5; ++i) made.push_back(static_cast<std::uint8_t>(codes >> (8 * (from_low ? i : 4 - i))));
      }
      return made;
    };
    const std::size_t count = in_clear(packet, {.timestamp_step = 160});
    EXPECT_GT(count, 0U) << from_low;
    EXPECT_LE(count, 30U) << from_low;
  }
}

TEST(MediaDetector, AnMkiIsNoProof) {
  const auto longest = Noise{21}.octets(16);
  for (const std::size_t mki : {1U, 2U, 4U, 16U}) {
    for (const std::size_t tag : {0U, 4U, 10U, 16U}) {
      Noise noise{22};
      MediaDetector detector{bits(32)};
      for (std::size_t i = 0; i < 60; ++i) {
        const Octets key{longest.begin(), longest.begin() + static_cast<std::ptrdiff_t>(mki)};
        ASSERT_NE(detector.take(header_of(i), noise.octets(1 + i % 3) + key + noise.octets(tag), false), MediaCall::clear)
            << mki << ' ' << tag;
      }
    }
  }
}

TEST(MediaDetector, OfCutPacketsTheEndIsLeftAlone) {
  Noise noise{12};
  const auto still = noise.octets(20);
  EXPECT_EQ(in_clear([&](std::size_t) { return noise.octets(1) + still; }, {}, true), 0U) << "may be an MKI";
  EXPECT_GT(in_clear([](std::size_t i) { return sine_in_mu_law(60, i * 160); }, {}, true), 0U);
  MediaDetector detector{bits(32)};
  for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(detector.take(header_of(i), noise.octets(70), true), MediaCall::open) << i;
}

TEST(MediaDetector, RepeatedPacketsProveNothing) {
  Noise noise{13};
  MediaDetector detector{bits(32)};
  std::vector<Octets> payloads;
  for (std::size_t i = 0; i < 200; ++i) {
    payloads.push_back(noise.octets(100));
    for (std::size_t again = i < 6 ? 0 : i - 6; again <= i; ++again) {
      ASSERT_NE(detector.take(header_of(again), payloads[again], false), MediaCall::clear);
    }
  }
  MediaDetector late{bits(32)};
  for (std::size_t i = 0; i < 70; ++i) late.take(header_of(i), payloads[i], false);
  const std::uint32_t before = late.num_packets();
  for (std::size_t i = 0; i < 70; ++i) late.take(header_of(i), payloads[i], false);
  EXPECT_EQ(late.num_packets(), before) << "what is 64 behind may be a repetition, too";
}

TEST(MediaDetector, ReorderingInsideAPacketsNeighbourhoodChangesNoCount) {
  Noise noise{14};
  MediaDetector in_order{bits(64)}, swapped{bits(64)};
  std::vector<Octets> payloads;
  for (std::size_t i = 0; i < 40; ++i) payloads.push_back(noise.octets(100));
  for (std::size_t i = 0; i < 7; ++i) in_order.take(header_of(i), payloads[i], false);
  for (const std::size_t i : {1U, 0U, 3U, 2U, 5U, 4U, 6U}) swapped.take(header_of(i), payloads[i], false);
  EXPECT_EQ(in_order.num_packets(), swapped.num_packets());
}

/// A codec without header: its frames are noise here, so only the catalogue holds the verdict back.
struct Headerless {
  std::string_view name;
  Stream stream;
  std::size_t length;
  bool waits;
};

class HeaderlessCodecs : public ::testing::TestWithParam<Headerless> {};
TEST_P(HeaderlessCodecs, WaitForManyPackets) {
  Noise noise{15};
  MediaDetector detector{bits(40)};
  MediaCall call = MediaCall::open;
  std::size_t count = 0;
  while (call == MediaCall::open && count < 100)
    call = detector.take(header_of(count++, GetParam().stream), noise.octets(GetParam().length), false);
  EXPECT_EQ(call, MediaCall::encrypted) << GetParam().name;
  EXPECT_EQ(count >= 64, GetParam().waits) << GetParam().name << ' ' << count;
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HeaderlessCodecs,
    ::testing::Values(Headerless{"iLBC of 20 ms", {160, 97}, 38, true}, Headerless{"iLBC of 30 ms, tag of 10", {240, 97}, 60, true},
                      Headerless{"G.722.1 at 24 kbit/s", {320, 97}, 60, true}, Headerless{"G.722.1 with a tag of 4", {320, 97}, 64, true},
                      Headerless{"G.728", {160, 15}, 40, true}, Headerless{"G.726 at 32 kbit/s", {160, 97}, 80, true},
                      Headerless{"EVS at 13.2 kbit/s", {320, 97}, 33, true}, Headerless{"G.722 with a tag", {160, 9}, 170, true},
                      Headerless{"G.711 with a tag", {160, 0}, 170, false},
                      Headerless{"GSM's length without its signature", {160, 3}, 33, false},
                      Headerless{"G.729's length without its parity", {160, 18}, 20, false},
                      Headerless{"no codec's length", {160, 97}, 71, false}));

TEST(CodecCatalogue, SyntaxRefutesOnlyWhatDoesNotFollowIt) {
  Noise noise{16};
  PayloadShapes gsm, g723, other;
  for (int i = 0; i < 12; ++i) {
    gsm.take(Octets{static_cast<std::uint8_t>(0xD0 + i)} + noise.octets(32));
    g723.take(Octets{static_cast<std::uint8_t>(i << 2)} + noise.octets(23));
    other.take(noise.octets(33));
  }
  EXPECT_GT(in_bits(gsm.gsm()), 40);
  EXPECT_LT(in_bits(other.gsm()), -20);
  EXPECT_GT(in_bits(g723.g723(0)), 20);
  EXPECT_LT(in_bits(g723.g723(2)), -20) << "with a tag the lengths would be others";
}

TEST(RunThreshold, TheSharesOfAllPlacesAreWithinTheBudget) {
  double sum = 0;
  for (std::uint32_t capture = 0; capture < 200; ++capture) {
    for (int width = 1; width <= 40; ++width) {
      const Evidence first{.capture = CaptureId{capture}, .frame = FrameNumber{1ULL << (width - 1)}};
      const Evidence last{.capture = CaptureId{capture}, .frame = FrameNumber{(1ULL << width) - 1}};
      EXPECT_EQ(run_threshold(first, false), run_threshold(last, false));
      sum += std::exp2(width - 1) * std::exp2(-in_bits(run_threshold(first, false)));
      EXPECT_EQ(run_threshold(first, true), run_threshold(first, false) + bits(15));
    }
  }
  EXPECT_LE(sum, std::exp2(-30));
  EXPECT_GE(sum, std::exp2(-30) * 0.9) << "and little of it is lost";
}

Octets srtcp(std::uint32_t word, Noise& noise, std::size_t mki, std::size_t tag, const Octets& middle) {
  const Octets head{0x80, 200, 0, 1, 1, 2, 3, 4};
  const Octets index{static_cast<std::uint8_t>(word >> 24), static_cast<std::uint8_t>(word >> 16), static_cast<std::uint8_t>(word >> 8),
                     static_cast<std::uint8_t>(word)};
  return head + middle + index + Octets(mki, 0x55) + noise.octets(tag);
}

TEST(RtcpKind, TheIndexThatCountsTells) {
  Noise noise{17};
  const Octets compound{0x81, 202, 0, 1, 1, 2, 3, 4};  // behind the report's head: a second packet
  for (const std::size_t tag : {0U, 4U, 10U, 16U}) {
    for (const std::size_t mki : {0U, 1U, 4U, 8U}) {
      SrtcpIndex encrypted, authenticated, none, other_sender;
      EXPECT_EQ(encrypted.take(srtcp(0x80000007, noise, mki, tag, noise.octets(40)), 1), RtcpKind::unknown) << "one packet does not tell";
      EXPECT_EQ(encrypted.take(srtcp(0x80000008, noise, mki, tag, noise.octets(52)), 1), RtcpKind::srtcp);
      EXPECT_EQ(encrypted.take(srtcp(0x8000000B, noise, mki, tag, noise.octets(40)), 1), RtcpKind::srtcp) << "two were lost";
      authenticated.take(srtcp(7, noise, mki, tag, compound), 1);
      EXPECT_EQ(authenticated.take(srtcp(8, noise, mki, tag, compound), 1), RtcpKind::srtcp_null);
      none.take(srtcp(0x80000007, noise, mki, tag, noise.octets(40)), 1);
      EXPECT_EQ(none.take(srtcp(0x9A000008, noise, mki, tag, noise.octets(40)), 1), RtcpKind::unknown);
      other_sender.take(srtcp(0x80000007, noise, mki, tag, noise.octets(40)), 1);
      EXPECT_EQ(other_sender.take(srtcp(0x80000008, noise, mki, tag, noise.octets(40)), 2), RtcpKind::unknown);
    }
  }
  SrtcpIndex shortest;
  EXPECT_EQ(shortest.take(Octets{0x80, 200, 0, 1}, 1), RtcpKind::unknown);
}

std::string packet(std::size_t number, const Octets& payload, std::uint8_t payload_type = 96, std::uint8_t ssrc = 9) {
  std::string octets{"\x80", 1};
  octets += static_cast<char>(payload_type);
  octets += static_cast<char>(number >> 8);
  octets += static_cast<char>(number);
  const std::size_t timestamp = number * 160;
  for (const int shift : {24, 16, 8, 0}) octets += static_cast<char>(timestamp >> shift);
  octets += std::string{"\0\0\0", 3} + static_cast<char>(ssrc);
  return octets.append(reinterpret_cast<const char*>(payload.data()), payload.size());
}

/// verdicts lists what was said of media, with the frame that decided.
Words verdicts(const ScriptedFlow& flow) {
  Words words;
  for (const Fact& fact : flow.facts) {
    if (const auto* verdict = fact_if<MediaVerdict>(&fact.body))
      words.push_back(in_words(*verdict) + " at " + std::to_string(value(fact.evidence.frame)));
  }
  return words;
}

TEST(RtpSession, SaysThatAStreamIsInClearWhenItIsSureOfTheStream) {
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 3; ++i) flow.datagrams({from_client(packet(i, sine_in_mu_law(160, i * 160)))});
  EXPECT_TRUE(verdicts(flow).empty()) << "a source is one after four packets";
  flow.datagrams({from_client(packet(3, sine_in_mu_law(160, 480)))});
  const Words said = verdicts(flow);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(said[0] == "media 9 clear 1 at 1" || said[0] == "media 9 clear 2 at 2" || said[0] == "media 9 clear 3 at 3") << said[0];
  for (std::size_t i = 4; i < 3000; ++i) flow.datagrams({from_client(packet(i, sine_in_mu_law(160, i * 160)))});
  EXPECT_EQ(verdicts(flow).size(), 1U) << "said once";
}

TEST(RtpSession, AStreamThatChangesIsReportedWithItsFrame) {
  Noise noise{18};
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 100; ++i) flow.datagrams({from_client(packet(i, noise.octets(90)))});
  for (std::size_t i = 100; i < 140; ++i) flow.datagrams({from_client(packet(i, sine_in_mu_law(160, i * 160), 0))});
  const Words said = verdicts(flow);
  ASSERT_EQ(said.size(), 2U);
  EXPECT_TRUE(said[0].starts_with("media 9 encrypted ")) << said[0];
  EXPECT_TRUE(said[1].starts_with("media 9 clear ")) << said[1];
  const auto& fact = flow.facts.back();
  const auto& verdict = *fact_if<MediaVerdict>(&fact.body);
  EXPECT_EQ(value(verdict.since_frame), 101U) << "the first packet of the new payload type";
  EXPECT_EQ(verdict.error_rate_log2, 30);
}

/// samples_of gives the packets that the summaries of a flow hand over, as "ssrc: sequence numbers".
Words samples_of(ScriptedFlow& flow) {
  Words words;
  for (const Fact& fact : flow.facts) {
    const auto* source = fact_if<RtpSourceSeen>(&fact.body);
    if (source == nullptr) continue;
    std::string text = std::to_string(source->ssrc) + ":";
    for (const MediaSample& sample : source->samples) text += " " + std::to_string(sample.sequence_number);
    words.push_back(text);
  }
  return words;
}

TEST(RtpSession, TheSmallestOfTheFirstPacketsAreKeptForKeys) {
  Noise noise{21};
  MediaSampleBudget budget{.limit_bytes = 1U << 20};
  ScriptedFlow flow{kRtpDissector, {.media_samples = &budget}};
  for (std::size_t i = 0; i < 100; ++i) {
    flow.datagrams({from_client(packet(i, noise.octets(i == 5 || i == 7 ? 60 : i == 30 ? 20 : 90)))});
  }
  flow.end();
  EXPECT_EQ(samples_of(flow), Words{"9: 5 7"});
  EXPECT_GT(budget.used_bytes, 2U * (60 + 12)) << "what is handed over stays in the count";
  EXPECT_EQ(budget.num_refused, 0U);
}

TEST(RtpSession, APacketOfALaterRunIsKeptToo) {
  Noise noise{22};
  MediaSampleBudget budget{.limit_bytes = 1U << 20};
  ScriptedFlow flow{kRtpDissector, {.media_samples = &budget}};
  for (std::size_t i = 0; i < 100; ++i) flow.datagrams({from_client(packet(i, noise.octets(90)))});
  for (std::size_t i = 100; i < 200; ++i) flow.datagrams({from_client(packet(i, noise.octets(i == 103 ? 80 : 90), 0))});
  flow.end();
  EXPECT_EQ(samples_of(flow), Words{"9: 0 1 103"});
}

TEST(RtpSession, WithoutABudgetNoPacketIsKept) {
  Noise noise{23};
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 100; ++i) flow.datagrams({from_client(packet(i, noise.octets(90)))});
  flow.end();
  EXPECT_EQ(samples_of(flow), Words{"9:"});
}

TEST(RtpSession, KeptPacketsEndWhereTheBudgetDoes) {
  Noise noise{24};
  MediaSampleBudget budget{.limit_bytes = 400};
  ScriptedFlow flow{kRtpDissector, {.media_samples = &budget}};
  for (std::size_t i = 0; i < 100; ++i) flow.datagrams({from_client(packet(i, noise.octets(200)))});
  flow.end();
  EXPECT_EQ(samples_of(flow), Words{"9: 0"});
  EXPECT_LE(budget.used_bytes, budget.limit_bytes);
  EXPECT_GT(budget.num_refused, 0U);
}

TEST(RtpSession, WhereRoomIsScarceStreamsInClearKeepNoPacket) {
  MediaSampleBudget budget{.limit_bytes = 1000};
  ScriptedFlow flow{kRtpDissector, {.media_samples = &budget}};
  for (std::size_t i = 0; i < 100; ++i) flow.datagrams({from_client(packet(i, sine_in_mu_law(160, i * 160)))});
  flow.end();
  ASSERT_EQ(samples_of(flow).size(), 1U);
  EXPECT_TRUE(samples_of(flow)[0].starts_with("9: 0")) << "a NULL cipher has tags, too";
  budget = {.used_bytes = 600, .limit_bytes = 1200};
  ScriptedFlow scarce{kRtpDissector, {.media_samples = &budget}};
  for (std::size_t i = 0; i < 100; ++i) scarce.datagrams({from_client(packet(i, sine_in_mu_law(160, i * 160)))});
  scarce.end();
  EXPECT_EQ(samples_of(scarce), Words{"9:"});
  EXPECT_EQ(budget.used_bytes, 600U) << "what was kept is given back";
}

TEST(RtpSession, GuessesThatDoNotComeTrueGiveTheirPacketsBack) {
  Noise noise{25};
  MediaSampleBudget budget{.limit_bytes = 1U << 20};
  {
    ScriptedFlow flow{kRtpDissector, {.media_samples = &budget}};
    for (std::size_t i = 0; i < 40; ++i)
      flow.datagrams({from_client(packet(i * 7919, noise.octets(90), 96, static_cast<std::uint8_t>(i)))});
    flow.end();
  }
  EXPECT_EQ(budget.used_bytes, 0U);
}

TEST(RtpSession, DetectorsAreBounded) {
  Noise noise{19};
  ScriptedFlow flow{kRtpDissector};
  const auto send = [&](std::size_t number, std::uint8_t ssrc) {
    flow.datagrams({from_client(packet(number, noise.octets(41), 96, ssrc))});
  };
  for (std::uint8_t ssrc = 1; ssrc <= 30; ++ssrc) {
    for (std::size_t i = 0; i < 4; ++i) send(i, ssrc);
  }
  for (std::size_t i = 4; i < 200; ++i) {
    for (std::uint8_t ssrc = 1; ssrc <= 30; ++ssrc) send(i, ssrc);
  }
  const auto exceeded = std::ranges::count_if(flow.facts, [](const Fact& fact) {
    const auto* budget = std::get_if<BudgetExceeded>(&fact.body);
    return budget != nullptr && budget->budget == "media_detectors";
  });
  EXPECT_EQ(exceeded, 1);
  std::set<std::string> decided;
  for (const std::string& words : verdicts(flow)) decided.insert(words.substr(0, words.find(' ', 6)));
  EXPECT_EQ(decided.size(), 30U) << "those that waited had their turn";
}

}  // namespace
}  // namespace sealtrace
