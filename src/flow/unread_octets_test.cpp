// Octets that no session read, and such as a FIN's number or the answer to a SYN tells of.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/flow_engine.hpp"

namespace sealtrace {
namespace {

/// LineSession reads up to ">", which hands over, or "$", behind which it wants nothing of a side; it skips what follows "#".
class LineSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& /*facts*/) override {
    const char first = as_text(chunk.bytes)[0];
    if (first == '?') return wait_for(chunk.bytes.size() + 1);  // it waits for an answer
    if (first == '#') return {.consumed = 11};                  // ten octets unseen
    return {.consumed = 1, .done = first == '$', .hand_over = first == '>'};
  }
};
template <char kFirst>
constexpr Recognition begins(const ProbeInput& input) {
  return !input.bytes.empty() && input.bytes[0] == kFirst ? Recognition::yes : Recognition::no;
}
std::unique_ptr<Session> open_line(const Services& /*services*/) { return std::make_unique<LineSession>(); }
constexpr Dissector kLine{.name = "line", .probe = begins<'@'>, .open = open_line};
constexpr Dissector kNext{.name = "next", .probe = begins<'~'>, .open = open_line};
constexpr std::array<const Dissector*, 2> kDissectors{&kLine, &kNext};

constexpr std::uint8_t kFin = 1, kSyn = 2, kAck = 16;

class UnreadOctets : public testing::Test, public FlowSink {
 protected:
  UnreadOctets()
      : engine_{FlowEngineOptions{.limits = {}, .seed = {1, 2}, .services = {}, .dissectors = kDissectors, .worker = 0, .num_workers = 1},
                *this} {
    engine_.advance(time_);
  }
  void flow_ended(FlowProfile profile, std::vector<Fact> facts) override {
    profiles_.push_back(std::move(profile));
    facts_ = std::move(facts);
  }
  void send(bool to_server, std::uint8_t flags, std::uint32_t sequence, std::string payload = {}, std::uint32_t acknowledgment = 0) {
    store_.push_back(std::make_unique<std::string>(std::move(payload)));
    Segment& segment = engine_.next_segment();
    segment = Segment{};
    segment.source = to_server ? client_ : server_;
    segment.destination = to_server ? server_ : client_;
    segment.flags.bits = flags;
    segment.sequence = sequence;
    segment.acknowledgment = acknowledgment;
    segment.payload = as_bytes(*store_.back());
    segment.payload_wire_bytes = static_cast<std::uint32_t>(store_.back()->size());
    segment.ip_bytes = 40 + segment.payload_wire_bytes;
    segment.duplicate_key = ++frame_ << 32U;
    time_ += std::chrono::milliseconds{1};
    engine_.add_segment({.time = time_, .frame = FrameNumber{frame_}, .capture = CaptureId{0}});
  }
  void open() {
    send(true, kSyn, 99);
    send(false, kSyn | kAck, 499, {}, 100);
  }
  const FlowProfile& only() {
    engine_.finish();
    EXPECT_EQ(profiles_.size(), 1U);
    return profiles_.at(0);
  }
  /// before gives what is told of the octets before the protocol that was recognised last.
  std::optional<TlsPrecededBy> before() {
    only();
    std::optional<TlsPrecededBy> last;
    for (const Fact& fact : facts_) {
      if (const auto* told = std::get_if<TlsPrecededBy>(&fact.body)) last = *told;
    }
    return last;
  }

  Endpoint client_{*IpAddress::parse("10.0.1.20"), 51044};
  Endpoint server_{*IpAddress::parse("10.9.0.5"), 5067};
  Timestamp time_{std::chrono::seconds{1'700'000'000}};
  std::uint64_t frame_ = 0;
  std::vector<FlowProfile> profiles_;
  std::vector<Fact> facts_;
  std::vector<std::unique_ptr<std::string>> store_;
  FlowEngine engine_;
};

TEST_F(UnreadOctets, WhatASessionReadBeforeItHandedOverWasRead) {
  open();
  send(true, kAck, 100, "@ab");
  send(false, kAck, 500, "c>");
  send(true, kAck, 103, "~");
  const auto told = before();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->clear_bytes, 5U);
  EXPECT_FALSE(told->unread);
}

TEST_F(UnreadOctets, WhiteSpaceBehindTheConsentSaysNothing) {
  open();
  send(true, kAck, 100, "@ab");
  send(false, kAck, 500, "c>\r\n");
  send(true, kAck, 103, " \n");
  send(true, kAck, 105, "~");
  EXPECT_FALSE(before()->unread);
}

TEST_F(UnreadOctets, WhatFollowsTheConsentAndIsNotRecognisedIsUnread) {
  open();
  send(true, kAck, 100, "@ab");
  send(false, kAck, 500, "c>");
  send(true, kAck, 103, "clear");
  send(true, kAck, 108, "~");
  const auto told = before();
  EXPECT_EQ(told->clear_bytes, 10U);
  EXPECT_TRUE(told->unread);
}

TEST_F(UnreadOctets, WhatWasHeldBackForTheConsentIsUnreadToo) {
  open();
  send(true, kAck, 100, "@a?clear");
  send(false, kAck, 500, "c>");
  send(true, kAck, 108, "~");
  EXPECT_TRUE(before()->unread);
}

TEST_F(UnreadOctets, WhatASessionWasDoneWithIsUnread) {
  open();
  send(true, kAck, 100, "@a");
  send(false, kAck, 500, "$clear");
  send(true, kAck, 102, ">~");
  EXPECT_TRUE(before()->unread);
}

TEST_F(UnreadOctets, WhatWasLostBeforeAProtocolBeganIsUnread) {
  open();
  send(true, kAck, 110, "~");
  const auto told = before();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->clear_bytes, 10U);
  EXPECT_TRUE(told->unread);
}

TEST_F(UnreadOctets, WhatWasLostBehindTheConsentIsUnread) {
  open();
  send(true, kAck, 100, "@ab");
  send(false, kAck, 500, "c>");
  send(true, kAck, 150, "~");
  EXPECT_TRUE(before()->unread);
}

TEST_F(UnreadOctets, AFinTellsOfOctetsThatWereLostBeforeIt) {
  open();
  send(true, kAck, 100, "@ab");
  send(true, kAck | kFin, 113);
  send(false, kAck | kFin, 520);
  EXPECT_EQ(only().missing_bytes, 30U);
}

TEST_F(UnreadOctets, AFinThatOvertookOctetsAndItsCopyLoseNothing) {
  open();
  send(true, kAck, 100, "@ab");
  send(true, kAck | kFin, 107);
  send(true, kAck | kFin, 107);
  send(true, kAck, 103, "cdef");
  send(false, kAck, 500, "gh");
  send(false, kAck | kFin, 502);
  EXPECT_EQ(only().missing_bytes, 0U);
}

TEST_F(UnreadOctets, AFinThatOvertookOctetsThatAreSkippedLosesNothing) {
  open();
  send(true, kAck | kFin, 112);
  send(true, kAck, 100, "@#");
  send(true, kAck, 102, "0123456789");
  EXPECT_EQ(only().missing_bytes, 0U);
}

TEST_F(UnreadOctets, AFinThatOvertookOctetsOfAStreamThatNobodyFollowsLosesNothing) {
  open();
  send(true, kAck, 100, "abc");
  send(true, kAck | kFin, 107);
  send(true, kAck, 103, "cdef");
  EXPECT_EQ(only().missing_bytes, 0U);
}

TEST_F(UnreadOctets, AFinOfAnotherConnectionTellsNothing) {
  open();
  send(true, kAck, 100, "@ab");
  send(true, kAck | kFin, 103U + (512U << 20U));
  send(true, kAck | kFin, 40);
  send(true, kAck | kFin, 104);  // sent again, behind itself
  EXPECT_EQ(only().missing_bytes, 0U);
  EXPECT_FALSE(only().conflicting);
}

TEST_F(UnreadOctets, TheAnswerToASynTellsWhereTheStreamBegins) {
  send(false, kSyn | kAck, 499, {}, 100);
  send(true, kAck, 110, "~");
  EXPECT_EQ(before()->clear_bytes, 10U);
  EXPECT_FALSE(only().start_seen);
  EXPECT_FALSE(only().beginning_lost);
}

TEST_F(UnreadOctets, WithoutEitherTheBeginningIsLost) {
  send(true, kAck, 110, "~");
  EXPECT_FALSE(before());
  EXPECT_TRUE(only().beginning_lost);
}

}  // namespace
}  // namespace sealtrace
