// Which packets a session keeps for keys, and what becomes of their octets in the budget.
#include "dissectors/rtp/media_samples.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/rtp/media_octets.hpp"
#include "dissectors/rtp/rtp_session.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

using Words = std::vector<std::string>;

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

}  // namespace
}  // namespace sealtrace
