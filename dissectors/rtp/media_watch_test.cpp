// When a detector runs, what it has to reach, and what the session says of its verdicts.
#include "dissectors/rtp/media_watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/rtp/media_octets.hpp"
#include "dissectors/rtp/rtp_session.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

using Words = std::vector<std::string>;

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

TEST(RtpSession, AStreamThatTurnsClearIsNoticedWithoutAnyOtherSign) {
  Noise noise{20};
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 170; ++i) flow.datagrams({from_client(packet(i, noise.octets(170), 0))});
  for (std::size_t i = 170; i < 400; ++i) flow.datagrams({from_client(packet(i, sine_in_mu_law(160, i * 160), 0))});
  const Words said = verdicts(flow);
  ASSERT_EQ(said.size(), 2U);
  EXPECT_TRUE(said[0].starts_with("media 9 encrypted ")) << said[0];
  EXPECT_TRUE(said[1].starts_with("media 9 clear ")) << said[1];
}

TEST(RtpSession, WhatIsClearFarBehindTheFirstOctetsIsFoundInTime) {
  Noise noise{21};
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 3000; ++i) {
    flow.datagrams({from_client(packet(i, noise.octets(200) + Octets(100, static_cast<std::uint8_t>('a' + i % 3)) + noise.octets(40)))});
  }
  const Words said = verdicts(flow);
  ASSERT_EQ(said.size(), 2U);
  EXPECT_TRUE(said[1].starts_with("media 9 clear ")) << said[1];
}

TEST(RtpSession, WhatStaysEncryptedIsSaidOnceHoweverOftenItIsLookedAt) {
  Noise noise{22};
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 50000; ++i) flow.datagrams({from_client(packet(i, noise.octets(20 + i % 200)))});
  EXPECT_EQ(verdicts(flow).size(), 1U);
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
