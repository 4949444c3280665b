// TCP streams put in order: holes, copies, cut frames, and octets that contradict each other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "flow/flow_engine_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST_F(FlowEngineTest, ReorderingRetransmissionAndOverlapGiveTheSameOctets) {
  const std::string message = "@the quick brown fox jumps over the lazy dog, twice: 0123456789abcdefghijklmnopqrstuvwxyz";
  std::minstd_rand random{7};
  for (int round = 0; round < 300; ++round) {
    heard_ = Heard{};
    ended_ = Ended{};
    engine_.reset();
    open(0xFFFFFFE0U);  // the sequence numbers wrap
    struct Cut {
      std::uint32_t at, size;
    };
    std::vector<Cut> cuts;
    for (std::uint32_t at = 0; at < message.size();) {
      const std::uint32_t size = static_cast<std::uint32_t>(std::min(1 + random() % 12, message.size() - at));
      cuts.push_back({at, size});
      if (random() % 4 == 0) cuts.push_back({at, size});                                                 // sent again
      if (random() % 4 == 0 && at > 3) cuts.push_back({at - 3, std::min<std::uint32_t>(size + 3, 10)});  // cut differently
      at += size;
    }
    for (std::size_t i = 1; i < cuts.size(); ++i) {
      if (random() % 2 == 0) std::swap(cuts[i], cuts[i - 1 - random() % std::min<std::size_t>(i, 4)]);
    }
    for (const Cut& cut : cuts) send(true, kAck, 0xFFFFFFE1U + cut.at, message.substr(cut.at, cut.size));
    const FlowProfile& flow = only();
    ASSERT_EQ(heard_.text[0], message) << "round " << round;
    ASSERT_FALSE(flow.conflicting);
    ASSERT_EQ(flow.missing_bytes, 0U);
  }
}

TEST_F(FlowEngineTest, AHoleIsReportedAtTheEndWhereItWas) {
  open();
  send(true, kAck, 100, "@ab");
  send(true, kAck, 113, "cd");
  EXPECT_EQ(only().missing_bytes, 10U);
  EXPECT_EQ(heard_.text[0], "@ab_cd");
  EXPECT_EQ(heard_.gaps[0], 10U);
}

TEST_F(FlowEngineTest, SkippedOctetsMayBeLostReorderedAndCut) {
  open();
  send(true, kAck, 100, "@#40");            // 104..143 are skipped
  send(true, kAck, 110, "0123456789", 10);  // 104..109 come late
  send(true, kAck, 104, "012345");
  send(true, kAck, 120, "01", 10);        // cut by the snaplen
  send(true, kAck, 134, "xxxxxxxxxxyz");  // 130..133 never come
  const FlowProfile& flow = only();
  EXPECT_EQ(heard_.text[0], "@yz");
  EXPECT_EQ(heard_.gaps[0], 0U);
  EXPECT_EQ(flow.missing_bytes, 4U);
  EXPECT_TRUE(flow.truncated);
}

TEST_F(FlowEngineTest, ASnaplenCutInsideWantedOctetsIsAGap) {
  open();
  send(true, kAck, 100, "@ab", 10);
  send(true, kAck, 110, "cd");
  EXPECT_EQ(only().missing_bytes, 7U);
  EXPECT_EQ(heard_.text[0], "@ab_cd");
}

TEST_F(FlowEngineTest, EvidenceNamesTheFrameOfEachOctetEvenWhenItWaited) {
  open();
  send(true, kAck, 104, "de");    // frame 4
  send(true, kAck, 100, "@abc");  // frame 5
  send(true, kAck, 106, "#0");    // frame 6
  send(true, kAck, 108, "0f");    // frame 7
  only();
  const std::vector<std::pair<std::uint64_t, char>> expected{{5, '@'}, {5, 'a'}, {5, 'b'}, {5, 'c'}, {4, 'd'}, {4, 'e'}, {7, 'f'}};
  EXPECT_EQ(heard_.frames, expected);
}

TEST_F(FlowEngineTest, RetransmittedOctetsThatDifferMakeTheStreamAmbiguous) {
  open();
  send(true, kAck, 100, "@abc");
  send(true, kAck, 100, "@abX");
  EXPECT_TRUE(only().conflicting);
  EXPECT_EQ(heard_.text[0], "@abc");
}

TEST_F(FlowEngineTest, OctetsAreComparedUntilBothSidesAreSettled) {
  open();
  send(true, kAck, 100, "@abc=");
  send(false, kAck, 500, "de");
  send(true, kAck, 100, "@abX=");  // one side alone does not settle it
  EXPECT_TRUE(only().conflicting);
}

TEST_F(FlowEngineTest, OctetsOfSettledSidesAreNotKept) {
  open();
  send(true, kAck, 100, "@abc=");
  send(false, kAck, 500, "de=");
  send(true, kAck, 100, "@abX=");
  EXPECT_FALSE(only().conflicting);
}

TEST_F(FlowEngineTest, EarlyOctetsThatDifferMakeTheStreamAmbiguous) {
  open();
  send(true, kAck, 100, "@");
  send(true, kAck, 105, "efgh");
  send(true, kAck, 103, "cdXX");
  send(true, kAck, 101, "abcd");
  EXPECT_TRUE(only().conflicting);
}

TEST_F(FlowEngineTest, AKeepAliveProbeIsNoConflict) {
  open();
  send(true, kAck, 100, "@abc");
  send(true, kAck, 103, std::string(1, '\0'));
  EXPECT_FALSE(only().conflicting);
}

TEST_F(FlowEngineTest, HeldOctetsAreBoundedAndTheLossIsStated) {
  limits_.max_buffered_bytes_per_side = 1000;
  open();
  send(true, kAck, 100, "@");
  for (std::uint32_t i = 0; i < 100; ++i) send(true, kAck, 200 + i * 100, std::string(100, 'x'));
  EXPECT_EQ(only().missing_bytes, 99U);
  EXPECT_EQ(heard_.text[0].substr(0, 4), "@_xx");
  EXPECT_EQ(heard_.text[0].size(), 2U + 100U * 100U);
}

}  // namespace
}  // namespace sealtrace
