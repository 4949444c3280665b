#include "flow/flow_engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace sealtrace {
namespace {

// A protocol for these tests: streams begin with "@"; "#nn" asks to skip nn octets unseen; everything else is written down.
struct Heard {
  std::string text[2];
  std::uint64_t gaps[2] = {0, 0};
  std::vector<std::string> datagrams;
  int ends = 0;
  std::vector<std::pair<std::uint64_t, char>> frames;  // frame and the octet it carried
};
Heard* heard = nullptr;

class EchoSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override {
    const std::string_view text = as_text(chunk.bytes);
    if (text[0] == '#') {
      if (text.size() < 3) return {.consumed = 0, .need = 3};
      return {.consumed = 3U + static_cast<unsigned>((text[1] - '0') * 10 + (text[2] - '0'))};
    }
    heard->text[index(chunk.sender)] += text[0];
    heard->frames.emplace_back(value(chunk.origin->at(0, 1).frame), text[0]);
    if (text[0] == '!') facts.report(chunk.fact(TlsHeartbeat{}, 0, 1));
    if (text[0] == '%') facts.report(chunk.fact(CredentialSent{.scheme = AuthenticationScheme::basic}, 0, 1));
    if (text[0] == '$') return {.consumed = 1, .done = true};
    if (text[0] == '>') return {.consumed = 1, .hand_over = true};
    if (text[0] == '(') {  // the next octet is of a stream inside
      if (text.size() < 2) return {.consumed = 0, .need = 2};
      const OriginWithin origin{*chunk.origin, 1};
      facts.wrapped({.sender = chunk.sender, .bytes = chunk.bytes.subspan(1, 1), .origin = &origin});
      return {.consumed = 2};
    }
    if (text[0] == '=') return {.consumed = 1, .settled = true};
    return {.consumed = 1};
  }
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& /*facts*/) override {
    heard->gaps[index(sender)] += missing_bytes;
    heard->text[index(sender)] += '_';
  }
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override {
    if (as_text(chunk.bytes).starts_with('~')) return Datagram::not_mine;
    heard->datagrams.emplace_back(as_text(chunk.bytes));
    const OriginWithin origin{*chunk.origin, 1};
    if (as_text(chunk.bytes).starts_with('('))
      facts.carried({.sender = chunk.sender, .bytes = chunk.bytes.subspan(1), .origin = &origin}, 5);
    if (as_text(chunk.bytes).starts_with('$')) return Datagram::done;
    return Datagram::taken;
  }
  void on_end(FactSink& facts) override {
    ++heard->ends;
    facts.report({.body = TlsHelloRequest{}, .sender = Side::initiator, .time = {}, .evidence = {}});
  }
};

Recognition probe_echo(const ProbeInput& input) {
  if (input.bytes.empty()) return Recognition::need_more;
  if (input.bytes[0] == '?' && input.bytes.size() < 4) return Recognition::need_more;
  return input.bytes[0] == '@' || (input.bytes[0] == '?' && input.bytes[3] == '@') ? Recognition::yes : Recognition::no;
}

constexpr Dissector kEcho{.name = "echo", .probe = probe_echo, .open = [](const Services&) -> std::unique_ptr<Session> {
                            return std::make_unique<EchoSession>();
                          }};

// A second protocol: datagrams and streams that begin with "~". It is not sure of datagrams by itself.
class WaveSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override {
    heard->text[index(chunk.sender)] += "w";
    facts.report(chunk.fact(TlsHeartbeat{}, 0, 1));
    return {.consumed = 1};
  }
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override {
    if (!as_text(chunk.bytes).starts_with('~')) return Datagram::not_mine;
    if (as_text(chunk.bytes) == "~wrong") return Datagram::done;
    if (as_text(chunk.bytes) == "~maybe") {
      ++num_doubted_;
      return Datagram::not_mine;
    }
    if (as_text(chunk.bytes) == "~sure") facts.claim(std::exchange(num_doubted_, 0));
    heard->datagrams.emplace_back("wave");
    facts.report(chunk.fact(ProtocolRecognised{.protocol = "wave"}, 0, 1));
    return Datagram::taken;
  }
  void on_end(FactSink& /*facts*/) override { ++heard->ends; }

 private:
  std::uint32_t num_doubted_ = 0;
};
constexpr Dissector kWave{.name = "wave",
                          .probe = [](const ProbeInput& input) { return input.bytes[0] == '~' ? Recognition::yes : Recognition::no; },
                          .open = [](const Services&) -> std::unique_ptr<Session> { return std::make_unique<WaveSession>(); },
                          .tentative = true};
constexpr std::array<const Dissector*, 2> kDissectors{&kEcho, &kWave};

struct Ended final : FlowSink {
  std::vector<FlowProfile> profiles;
  std::vector<std::vector<Fact>> facts;
  void flow_ended(FlowProfile profile, std::vector<Fact> more) override {
    profiles.push_back(std::move(profile));
    facts.push_back(std::move(more));
  }
};

constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;

class FlowEngineTest : public ::testing::Test {
 protected:
  FlowEngineTest() { heard = &heard_; }
  FlowEngine& engine() {
    if (!engine_) {
      engine_ = std::make_unique<FlowEngine>(
          FlowEngineOptions{.limits = limits_, .seed = {1, 2}, .services = {}, .dissectors = kDissectors, .worker = 0, .num_workers = 1},
          ended_);
      engine_->advance(kStart);
    }
    return *engine_;
  }
  void send(bool to_server, std::uint8_t flags, std::uint32_t sequence, std::string payload, std::uint32_t wire_bytes = 0) {
    store_.push_back(std::make_unique<std::string>(std::move(payload)));
    Segment& segment = engine().next_segment();
    segment = Segment{};
    segment.source = to_server ? client_ : server_;
    segment.destination = to_server ? server_ : client_;
    segment.transport = transport_;
    segment.flags.bits = flags;
    segment.sequence = sequence;
    segment.payload = as_bytes(*store_.back());
    segment.payload_wire_bytes = std::max(wire_bytes, static_cast<std::uint32_t>(store_.back()->size()));
    segment.ip_bytes = 40 + segment.payload_wire_bytes;
    segment.duplicate_key = copy_key_ != 0 ? copy_key_ : ++last_key_ << 16;
    time_ += std::chrono::milliseconds{1};
    engine().add_segment({.time = time_, .frame = FrameNumber{++frame_}, .capture = CaptureId{0}});
  }
  void open(std::uint32_t client_isn = 99, std::uint32_t server_isn = 499) {
    send(true, kSyn, client_isn, "");
    send(false, kSyn | kAck, server_isn, "");
    send(true, kAck, client_isn + 1, "");
  }
  const FlowProfile& only() {
    engine().finish();
    EXPECT_EQ(ended_.profiles.size(), 1U);
    return ended_.profiles.at(0);
  }

  static constexpr Timestamp kStart{std::chrono::seconds{1'700'000'000}};
  FlowLimits limits_;
  Transport transport_ = Transport::tcp;
  Endpoint client_{*IpAddress::parse("10.0.1.20"), 51044};
  Endpoint server_{*IpAddress::parse("10.9.0.5"), 5067};
  Timestamp time_ = kStart;
  std::uint64_t frame_ = 0, last_key_ = 100, copy_key_ = 0;
  Heard heard_;
  Ended ended_;
  std::vector<std::unique_ptr<std::string>> store_;
  std::unique_ptr<FlowEngine> engine_;
};

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

TEST_F(FlowEngineTest, HeldOctetsAreBoundedAndTheLossIsStated) {
  limits_.max_buffered_bytes_per_side = 1000;
  open();
  send(true, kAck, 100, "@");
  for (std::uint32_t i = 0; i < 100; ++i) send(true, kAck, 200 + i * 100, std::string(100, 'x'));
  EXPECT_EQ(only().missing_bytes, 99U);
  EXPECT_EQ(heard_.text[0].substr(0, 4), "@_xx");
  EXPECT_EQ(heard_.text[0].size(), 2U + 100U * 100U);
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
