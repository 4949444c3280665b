#include "dissectors/rtp/media_detector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "dissectors/rtp/media_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

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

}  // namespace
}  // namespace sealtrace
