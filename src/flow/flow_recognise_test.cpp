// Which session is given what: recognition, change of protocol in a stream, and what travels inside.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "flow/flow_engine_fixture.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

std::vector<std::string_view> recognised(const std::vector<Fact>& facts) {
  std::vector<std::string_view> names;
  for (const Fact& fact : facts) {
    if (const auto* recognised = std::get_if<ProtocolRecognised>(&fact.body)) names.push_back(recognised->protocol);
  }
  return names;
}

TEST_F(FlowEngineTest, AStreamChangesItsProtocolOnBothSidesWhereASessionHandsOver) {
  open();
  send(true, kAck, 100, "@ab");
  send(false, kAck, 500, "c>~d");  // what follows '>' is of the next protocol
  send(true, kAck, 103, "~e");
  only();
  EXPECT_EQ(heard_.text[0], "@abww");
  EXPECT_EQ(heard_.text[1], "c>ww");
  EXPECT_EQ(heard_.ends, 2);
  EXPECT_EQ(recognised(ended_.facts.at(0)), (std::vector<std::string_view>{"echo"}));  // the second one says it itself, and did not
  const auto before =
      std::ranges::find_if(ended_.facts.at(0), [](const Fact& fact) { return std::holds_alternative<TlsPrecededBy>(fact.body); });
  ASSERT_NE(before, ended_.facts.at(0).end());
  EXPECT_EQ(std::get<TlsPrecededBy>(before->body).clear_bytes, 5U);
}

TEST_F(FlowEngineTest, OctetsHeldBackOfTheOtherSideThatAreOfNoUseToTheSessionArePassedOver) {
  open();
  send(false, kAck, 500, "?");  // could begin the first protocol: held back
  send(true, kAck, 100, "xy");  // nobody's
  send(true, kAck, 102, "~a");  // the second one: to it a question mark is nothing
  send(false, kAck, 501, "~b");
  only();
  EXPECT_EQ(heard_.text[0], "ww");
  EXPECT_EQ(heard_.text[1], "ww");
}

TEST_F(FlowEngineTest, WhoReadWhatWasWrappedGoesOnWithoutTheMessages) {
  open();
  send(true, kAck, 100, "@(~>ab");
  send(false, kAck, 500, "cd");
  only();
  EXPECT_EQ(heard_.text[0], "@(w>ww");
  EXPECT_EQ(heard_.text[1], "ww");
  EXPECT_EQ(heard_.ends, 2);
}

TEST_F(FlowEngineTest, AStreamMayNotChangeItsProtocolWithoutEnd) {
  open();
  std::string changes;
  for (int i = 0; i < 100; ++i) changes += "@>";
  send(true, kAck, 100, changes);
  only();
  EXPECT_EQ(heard_.ends, limits_.max_hand_overs + 1);
  const auto* exceeded = std::get_if<BudgetExceeded>(&ended_.facts.at(0).back().body);
  ASSERT_NE(exceeded, nullptr);
  EXPECT_EQ(exceeded->budget, "protocol_changes");
}

TEST_F(FlowEngineTest, OneFiveTupleMayCarryDatagramsOfSeveralProtocols) {
  transport_ = Transport::udp;
  send(true, 0, 0, "@1");
  send(false, 0, 0, "~2");
  send(true, 0, 0, "@3");
  send(true, 0, 0, "~4");
  only();
  EXPECT_EQ(heard_.datagrams, (std::vector<std::string>{"@1", "wave", "@3", "wave"}));
  EXPECT_EQ(heard_.ends, 2);
  EXPECT_EQ(recognised(ended_.facts.at(0)), (std::vector<std::string_view>{"echo", "wave", "wave"}));
}

TEST_F(FlowEngineTest, WhatTravelsInsideAnotherProtocolGoesBackToTheRegistry) {
  transport_ = Transport::udp;
  send(true, 0, 0, "@1");
  send(true, 0, 0, "(~in");
  send(true, 0, 0, "(?in");  // nobody knows it
  send(true, 0, 0, "(?again");
  only();
  EXPECT_EQ(heard_.datagrams, (std::vector<std::string>{"@1", "(~in", "wave", "(?in", "(?again"}));
  EXPECT_EQ(std::ranges::count_if(ended_.facts.at(0),
                                  [](const Fact& fact) { return std::holds_alternative<Boxed<MessageUnreadable>>(fact.body); }),
            1);
  const auto inside = std::ranges::find_if(ended_.facts.at(0), [](const Fact& fact) {
    const auto* known = std::get_if<ProtocolRecognised>(&fact.body);
    return known != nullptr && known->protocol == "wave";
  });
  ASSERT_NE(inside, ended_.facts.at(0).end());
  EXPECT_EQ(inside->channel, 5U);
  EXPECT_EQ(ended_.facts.at(0).front().channel, 0U);
  EXPECT_EQ(inside->evidence.offset, 1U);
  EXPECT_EQ(value(inside->evidence.frame), 2U);
}

TEST_F(FlowEngineTest, AGuessThatWasWrongEndsAlone) {
  transport_ = Transport::udp;
  send(true, 0, 0, "@1");
  send(true, 0, 0, "~2");
  send(true, 0, 0, "~wrong");
  send(true, 0, 0, "~4");  // not guessed again
  send(true, 0, 0, "@5");
  only();
  EXPECT_EQ(heard_.datagrams, (std::vector<std::string>{"@1", "wave", "@5"}));
  EXPECT_EQ(heard_.ends, 2);
}

TEST_F(FlowEngineTest, ProtocolsInsideThemselvesEnd) {
  transport_ = Transport::udp;
  limits_.max_carried_depth = 2;
  send(true, 0, 0, "@1");
  send(true, 0, 0, "((((((@");
  only();
  EXPECT_LE(heard_.datagrams.size(), 4U);
}

TEST_F(FlowEngineTest, KeepAlivesDoNotEndTheSearchForAProtocol) {
  transport_ = Transport::udp;
  for (std::uint32_t i = 0; i < 3 * limits_.max_unrecognised_datagrams; ++i) send(true, 0, 0, "\r\n\r\n");
  send(true, 0, 0, "@hello");
  only();
  EXPECT_EQ(heard_.datagrams, (std::vector<std::string>{"@hello"}));
}

TEST_F(FlowEngineTest, WhatNobodyRecognisesIsDescribed) {
  transport_ = Transport::udp;
  send(true, 0, 0, "plain text");
  const FlowProfile& flow = only();
  ASSERT_TRUE(flow.unrecognised);
  EXPECT_EQ(flow.unrecognised->printable_share(), 1.0);
  EXPECT_NEAR(flow.unrecognised->entropy_bits(), 3.12, 0.02);  // ten octets, one of them twice
}

TEST_F(FlowEngineTest, WhatAGuessClaimsOnceItIsSureWasRecognised) {
  transport_ = Transport::udp;
  for (const char* datagram : {"~maybe", "~maybe", "~sure"}) send(true, 0, 0, datagram);
  EXPECT_FALSE(only().unrecognised);
}

TEST_F(FlowEngineTest, WhatNobodyClaimsStaysUnrecognised) {
  transport_ = Transport::udp;
  for (const char* datagram : {"~maybe", "~sure", "other text"}) send(true, 0, 0, datagram);
  EXPECT_TRUE(only().unrecognised) << "one was claimed, another was not";
}

TEST_F(FlowEngineTest, WhatCameBeforeAnySessionIsNotClaimed) {
  transport_ = Transport::udp;
  for (const char* datagram : {"other text", "~maybe", "~sure"}) send(true, 0, 0, datagram);
  EXPECT_TRUE(only().unrecognised);
}

TEST_F(FlowEngineTest, WhatTravelsInsideIsClaimedThere) {
  transport_ = Transport::udp;
  for (const char* datagram : {"@1", "(~maybe", "(~sure"}) send(true, 0, 0, datagram);
  only();
  EXPECT_TRUE(std::ranges::none_of(ended_.facts.at(0),
                                   [](const Fact& fact) { return std::holds_alternative<Boxed<MessageUnreadable>>(fact.body); }));
}

TEST_F(FlowEngineTest, AProtocolMayTakeOverAtALaterSegment) {
  open();
  send(false, kAck, 500, "220 ready");
  send(true, kAck, 100, "STARTTLS");
  send(false, kAck, 509, "220 go");
  send(true, kAck, 108, "@ab");
  send(false, kAck, 515, "xy");
  only();
  EXPECT_EQ(heard_.text[0], "@ab");
  EXPECT_EQ(heard_.text[1], "xy");
  const auto before =
      std::ranges::find_if(ended_.facts[0], [](const Fact& fact) { return std::holds_alternative<TlsPrecededBy>(fact.body); });
  ASSERT_NE(before, ended_.facts[0].end());
  EXPECT_EQ(std::get<TlsPrecededBy>(before->body).clear_bytes, 23U);
}

TEST_F(FlowEngineTest, OctetsAreHeldWhileADissectorCannotDecide) {
  open();
  send(true, kAck, 100, "?");
  send(true, kAck, 101, "12");
  send(false, kAck, 500, "s");
  send(true, kAck, 103, "@z");
  only();
  EXPECT_EQ(heard_.text[0], "?12@z");
}

TEST_F(FlowEngineTest, NothingFollowsAfterDone) {
  open();
  send(true, kAck, 100, "@a$b");
  send(true, kAck, 104, "c");
  only();
  EXPECT_EQ(heard_.text[0], "@a$");
}

TEST_F(FlowEngineTest, DatagramsGoToTheSessionOnceOneIsRecognised) {
  transport_ = Transport::udp;
  send(true, 0, 0, "noise");
  send(true, 0, 0, "@one");
  send(false, 0, 0, "two");
  const FlowProfile& flow = only();
  EXPECT_EQ(heard_.datagrams, (std::vector<std::string>{"@one", "two"}));
  EXPECT_EQ(flow.transport, Transport::udp);
  EXPECT_TRUE(flow.start_seen);
}

}  // namespace
}  // namespace sealtrace
