#include "flow/flow_engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "flow/flow_engine_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

TEST_F(FlowEngineTest, DeliversBothSidesInOrderAndCounts) {
  open();
  send(true, kAck, 100, "@ab");
  send(false, kAck, 500, "xyz");
  send(true, kAck, 103, "c");
  const FlowProfile& flow = only();
  EXPECT_EQ(heard_.text[0], "@abc");
  EXPECT_EQ(heard_.text[1], "xyz");
  EXPECT_TRUE(flow.start_seen);
  EXPECT_EQ(flow.initiator.endpoint, client_);
  EXPECT_EQ(flow.initiator.packets, 4U);
  EXPECT_EQ(flow.responder.packets, 2U);
  EXPECT_EQ(flow.payload_bytes, 7U);
  EXPECT_EQ(value(flow.first_payload.frame), 4U);
  EXPECT_EQ(flow.missing_bytes, 0U);
}

TEST_F(FlowEngineTest, TheClientIsWhoSentTheSynEvenWhenTheSynAckComesFirst) {
  send(false, kSyn | kAck, 499, "");
  send(true, kSyn, 99, "");
  EXPECT_EQ(only().initiator.endpoint, client_);
}

TEST_F(FlowEngineTest, JoinedMidStreamTheLowerPortIsTakenForTheServer) {
  send(false, kAck, 500, "@");
  const FlowProfile& flow = only();
  EXPECT_EQ(flow.initiator.endpoint, client_);
  EXPECT_FALSE(flow.start_seen);
  EXPECT_FALSE(flow.initiator_seen);
}

TEST_F(FlowEngineTest, CopiesOfAFrameAreCountedAndNotTakenForRetransmissions) {
  open();
  copy_key_ = 0x1234560000;
  send(true, kAck, 100, "@ab");
  send(true, kAck, 100, "@ab");
  copy_key_ = 0;
  const FlowProfile& flow = only();
  EXPECT_EQ(flow.duplicate_frames, 1U);
  EXPECT_EQ(flow.retransmitted_segments, 0U);
  EXPECT_EQ(flow.initiator.packets, 3U);
}

TEST_F(FlowEngineTest, TheSameKeyLaterIsNoCopy) {
  open();
  copy_key_ = 0x1234560000;
  send(true, kAck, 100, "@ab");
  time_ += std::chrono::milliseconds{300};
  send(true, kAck, 100, "@ab");
  const FlowProfile& flow = only();
  EXPECT_EQ(flow.duplicate_frames, 0U);
  EXPECT_EQ(flow.retransmitted_segments, 1U);
}

TEST_F(FlowEngineTest, AFiveTupleUsedAgainIsAnotherFlow) {
  open();
  send(true, kAck, 100, "@a");
  send(true, kAck | kFin, 102, "");
  send(false, kAck | kFin, 500, "");
  open(7000, 8000);
  send(true, kAck, 7001, "@b");
  engine().finish();
  ASSERT_EQ(ended_.profiles.size(), 2U);
  EXPECT_EQ(ended_.profiles[0].closed, CloseReason::reused);
  EXPECT_EQ(heard_.text[0], "@a@b");
}

TEST_F(FlowEngineTest, ARetransmittedSynIsNotANewFlow) {
  send(true, kSyn, 99, "");
  send(true, kSyn, 99, "");
  open();
  EXPECT_EQ(only().initiator.packets, 4U);
}

TEST_F(FlowEngineTest, SilentFlowsEndAndBusyOnesStay) {
  open();
  send(true, kAck, 100, "@a");
  engine().advance(time_ + limits_.tcp_idle - std::chrono::seconds{5});
  EXPECT_TRUE(ended_.profiles.empty());
  time_ += limits_.tcp_idle - std::chrono::seconds{5};
  send(true, kAck, 102, "b");
  engine().advance(time_ + std::chrono::seconds{60});
  EXPECT_TRUE(ended_.profiles.empty());
  engine().advance(time_ + limits_.tcp_idle + std::chrono::seconds{5});
  ASSERT_EQ(ended_.profiles.size(), 1U);
  EXPECT_EQ(ended_.profiles[0].closed, CloseReason::timed_out);
  EXPECT_EQ(engine().counters().timed_out_flows, 1U);
}

TEST_F(FlowEngineTest, AClosedFlowEndsSoon) {
  open();
  send(true, kAck, 100, "@a");
  send(true, kRst, 102, "");
  engine().advance(time_ + limits_.tcp_closed + std::chrono::seconds{2});
  ASSERT_EQ(ended_.profiles.size(), 1U);
  EXPECT_EQ(ended_.profiles[0].closed, CloseReason::tcp_close);
  EXPECT_TRUE(ended_.profiles[0].reset);
}

TEST_F(FlowEngineTest, AFullTableEvictsWhatCarriesNothingAndCountsIt) {
  limits_.max_flows_per_shard = 4;
  open();
  send(true, kAck, 100, "@a");
  const Endpoint kept = client_;
  for (std::uint16_t port = 1024; port < 3024; ++port) {
    client_.port = port;
    send(true, kSyn, 1, "");
  }
  client_ = kept;
  send(true, kAck, 102, "b");
  engine().finish();
  EXPECT_EQ(heard_.text[0], "@ab");
  EXPECT_EQ(engine().counters().evicted_flows, 2001U - 16U * 4U);
  EXPECT_EQ(ended_.profiles.size(), 2001U);
}

TEST_F(FlowEngineTest, AFloodOfFactsEndsInOneMoreThatSaysSo) {
  limits_.max_facts_per_flow = 10;
  open();
  send(true, kAck, 100, "@" + std::string(100, '!'));
  only();
  ASSERT_EQ(ended_.facts[0].size(), 11U);
  EXPECT_TRUE(std::holds_alternative<BudgetExceeded>(ended_.facts[0].back().body));
}

TEST_F(FlowEngineTest, AFloodOfFactsHidesNoCredential) {
  limits_.max_facts_per_flow = 10;
  limits_.max_reserved_facts_per_flow = 5;
  open();
  send(true, kAck, 100, "@" + std::string(100, '!') + std::string(100, '%'));
  only();
  EXPECT_EQ(ended_.facts[0].size(), 15U);
  EXPECT_TRUE(is_application_fact(ended_.facts[0].back().body));
}

TEST_F(FlowEngineTest, WorkersShareTheFlowsWithoutOverlap) {
  std::map<std::uint16_t, int> seen;
  for (unsigned worker = 0; worker < 3; ++worker) {
    ended_ = Ended{};
    engine_ = std::make_unique<FlowEngine>(
        FlowEngineOptions{
            .limits = limits_, .seed = {worker, 2}, .services = {}, .dissectors = kDissectors, .worker = worker, .num_workers = 3},
        ended_);
    engine_->advance(kStart);
    for (std::uint16_t port = 2000; port < 2200; ++port) {
      client_.port = port;
      send(true, kSyn, 1, "");
    }
    engine_->finish();
    EXPECT_GT(ended_.profiles.size(), 20U);
    for (const FlowProfile& profile : ended_.profiles) ++seen[profile.initiator.endpoint.port];
  }
  EXPECT_EQ(seen.size(), 200U);
  EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& entry) { return entry.second == 1; }));
}

}  // namespace
}  // namespace sealtrace
