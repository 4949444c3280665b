#include "dissectors/stun/stun_session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/stun/stun_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

using Words = std::vector<std::string>;
using Inside = std::vector<std::pair<std::uint32_t, std::string>>;

const std::string kAllocate = stun_message(0x0003, attribute(0x0019, u32(0x11000000)));
const std::string kAllocated = stun_message(0x0103, attribute(0x0016, xor_address(9, 50000)) + attribute(0x0020, xor_address(1, 40000)));
const std::string kSend = stun_message(0x0016, attribute(0x0012, xor_address(2, 5000)) + attribute(0x0013, rtp(1)));
const std::string kData = stun_message(0x0017, attribute(0x0012, xor_address(2, 5000)) + attribute(0x0013, rtp(2)));
const std::string kBind = stun_message(0x0009, attribute(0x000C, u32(0x40010000)) + attribute(0x0012, xor_address(2, 5000)));
const Words kTurnWords{"c stun rfc8489 3 0",
                       "s stun rfc8489 3 2",
                       "s address relayed 10.0.0.9 50000",
                       "s address mapped 10.0.0.1 40000",
                       "c stun rfc8489 6 1",
                       "c address peer 10.0.0.2 5000",
                       "s stun rfc8489 7 1",
                       "c stun rfc8489 9 0"};

TEST(StunSession, OverUdpEveryPeerHasItsChannel) {
  ScriptedFlow flow{kStunDissector};
  flow.datagrams({from_client(kAllocate), from_server(kAllocated), from_client(kSend), from_server(kData), from_client(kBind),
                  from_client(channel_data(0x4001, rtp(3))), from_server(padded(channel_data(0x4001, rtp(4) + "odd"))),
                  from_server(channel_data(0x4002, rtp(5))), from_client(rtp(6))});
  EXPECT_EQ(flow.words, kTurnWords);
  EXPECT_EQ(flow.inside, (Inside{{1, rtp(1)}, {1, rtp(2)}, {1, rtp(3)}, {1, rtp(4) + "odd"}, {2, rtp(5)}}));
  EXPECT_EQ(flow.answers.back(), Datagram::not_mine) << "bare media beside TURN is the flow's own";
  EXPECT_EQ(flow.answers.front(), Datagram::taken);
}

TEST(StunSession, AStreamSaysTheSameHoweverItIsCut) {
  const std::vector<Said> script{from_client(kAllocate),
                                 from_server(kAllocated),
                                 from_client(kSend),
                                 from_server(kData),
                                 from_client(kBind),
                                 from_client(padded(channel_data(0x4001, rtp(3) + "odd")) + kAllocate),
                                 from_server(padded(channel_data(0x4001, rtp(4))))};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 100U, 5000U}) {
    ScriptedFlow flow{kStunDissector};
    flow.stream(script, piece);
    EXPECT_EQ(flow.words, kTurnWords) << piece;
    EXPECT_EQ(flow.inside, (Inside{{1, rtp(1)}, {1, rtp(2)}, {1, rtp(3) + "odd"}, {1, rtp(4)}})) << piece;
  }
}

TEST(StunSession, FramesOfRfc4571AreTheFlowsOwnDatagrams) {
  const std::vector<Said> script{from_client(rfc4571(stun_message(0x0001))),
                                 from_server(rfc4571(stun_message(0x0101, attribute(0x0020, xor_address(1, 40000))))),
                                 from_client(rfc4571(rtp(1)) + rfc4571("") + rfc4571(rtp(2))), from_server(rfc4571("\x16\xFE\xFD hello"))};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 5000U}) {
    ScriptedFlow flow{kStunDissector};
    flow.stream(script, piece);
    EXPECT_EQ(flow.words, (Words{"c stun rfc8489 1 0", "s stun rfc8489 1 2", "s address mapped 10.0.0.1 40000"})) << piece;
    EXPECT_EQ(flow.inside, (Inside{{0, rtp(1)}, {0, ""}, {0, rtp(2)}, {0, "\x16\xFE\xFD hello"}})) << piece;
    EXPECT_TRUE(fact_if<StunSeen>(&flow.facts[0].body)->framed);
  }
}

const std::string kMsAllocated = ms_message(0x0103, attribute(0x0001, plain_address(9, 50000)));
const std::string kMsSend = ms_message(0x0004, attribute(0x0011, plain_address(2, 5000)) + attribute(0x0013, rtp(1)));
const std::string kMsData = ms_message(0x0115, attribute(0x0012, plain_address(2, 5000)) + attribute(0x0013, rtp(2)));
const std::string kMsSetActive = ms_message(0x0006, attribute(0x0011, plain_address(2, 5000)));
const std::string kMultiplexed = std::string{"\xFF\x10"} + u16(8 + rtp(7).size()) + "\x01\x02\x03\x04\x05\x06\x07\x08" + rtp(7);
const Words kMsWords{"c stun ms_turn 3 0",
                     "s stun ms_turn 3 2",
                     "s address relayed 10.0.0.9 50000",
                     "c stun ms_turn 4 0",
                     "c address peer 10.0.0.2 5000",
                     "s stun ms_turn 5 1",
                     "c stun ms_turn 6 0",
                     "s stun ms_turn 6 2"};

TEST(StunSession, MicrosoftsDialectGoesBareOnceADestinationIsActive) {
  ScriptedFlow flow{kStunDissector};
  flow.datagrams({from_client(ms_message(0x0003)), from_server(kMsAllocated), from_client(kMsSend), from_server(kMsData),
                  from_client(rtp(3)), from_client(kMsSetActive), from_server(ms_message(0x0106)), from_client(rtp(4)), from_server(rtp(5)),
                  from_server(kMultiplexed)});
  EXPECT_EQ(flow.words, kMsWords);
  EXPECT_EQ(flow.inside, (Inside{{1, rtp(1)}, {1, rtp(2)}, {1, rtp(4)}, {1, rtp(5)}, {2, rtp(7)}}));
  EXPECT_EQ(flow.answers[4], Datagram::not_mine) << "no destination is active yet";
}

TEST(StunSession, MicrosoftsFramesOverTcp) {
  const std::vector<Said> script{from_client(ms_frame(2, ms_message(0x0003))),
                                 from_server(ms_frame(2, kMsAllocated)),
                                 from_client(ms_frame(2, kMsSend)),
                                 from_server(ms_frame(2, kMsData)),
                                 from_client(ms_frame(2, kMsSetActive)),
                                 from_server(ms_frame(2, ms_message(0x0106))),
                                 from_client(ms_frame(3, rtp(4))),
                                 from_server(ms_frame(3, rtp(5)) + ms_frame(3, kMultiplexed))};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 5000U}) {
    ScriptedFlow flow{kStunDissector};
    flow.stream(script, piece);
    EXPECT_EQ(flow.words, kMsWords) << piece;
    EXPECT_EQ(flow.inside, (Inside{{1, rtp(1)}, {1, rtp(2)}, {1, rtp(4)}, {1, rtp(5)}, {2, rtp(7)}})) << piece;
  }
}

TEST(StunSession, TheAnswerToAnImitationIsSkippedWhenTheClientDidNotWaitForIt) {
  const std::string pseudo_answer = std::string{"\x16\x03\x01"} + u16(78) + std::string(78, 'h');
  for (const std::size_t piece : {1U, 3U, 5000U}) {
    ScriptedFlow flow{kStunDissector};
    flow.stream({from_client(ms_frame(2, ms_message(0x0003))), from_server(pseudo_answer + ms_frame(2, kMsAllocated))}, piece);
    EXPECT_EQ(flow.words, (Words{"c stun ms_turn 3 0", "s stun ms_turn 3 2", "s address relayed 10.0.0.9 50000"})) << piece;
  }
}

TEST(StunSession, AFirstMessageOfAHighMethodIsNoImitationHoweverItIsCut) {
  const std::string message = stun_message(0x1600, attribute(0x8022, "sealtest"));  // begins as a record of a TLS handshake does
  for (const std::size_t piece : {1U, 5U, 8U, 5000U}) {
    ScriptedFlow flow{kStunDissector};
    flow.stream({from_client(message + kAllocate)}, piece);
    EXPECT_EQ(flow.words, (Words{"c stun rfc8489 1408 0", "c stun rfc8489 3 0"})) << piece;
  }
}

TEST(StunSession, ConnectionBindHandsTheStreamOverBehindTheAnswer) {
  ScriptedFlow flow{kStunDissector};
  flow.stream({from_client(stun_message(0x000B) + "peer's stream"), from_server(stun_message(0x010B) + "and its answer")}, 11);
  EXPECT_TRUE(flow.handed_over);
  EXPECT_EQ(flow.left_over[0], "peer's stream");
  EXPECT_EQ(std::string{"and its answer"}.find(flow.left_over[1]), 0U);
  ScriptedFlow refused{kStunDissector};
  refused.stream({from_client(stun_message(0x000B)), from_server(stun_message(0x011B)), from_client(kAllocate)});
  EXPECT_FALSE(refused.handed_over);
  EXPECT_EQ(refused.words.back(), "c stun rfc8489 3 0");
}

TEST(StunSession, BehindAGapAFrameMustProveItself) {
  ScriptedFlow flow{kStunDissector};
  flow.stream({from_client(kAllocate)});
  flow.gap(Side::initiator, 500);
  flow.stream({from_client(channel_data(0x4001, rtp(1)))});  // may lie inside a frame whose header is gone
  EXPECT_TRUE(flow.inside.empty());
  flow.stream({from_client(kSend), from_client(channel_data(0x4001, rtp(2)))});
  EXPECT_EQ(flow.inside, (Inside{{1, rtp(1)}, {2, rtp(2)}}));
  EXPECT_FALSE(flow.done[0]);
}

TEST(StunSession, AStreamThatGoesOnWithSomethingElseIsLeft) {
  ScriptedFlow flow{kStunDissector};
  flow.stream({from_client(kAllocate + "\x16\x03\x01 a record of TLS")});
  EXPECT_TRUE(flow.done[0]);
  EXPECT_EQ(flow.words, (Words{"c stun rfc8489 3 0", "c malformed magic_cookie"}));
}

TEST(StunSession, FloodsAreBounded) {
  ScriptedFlow flow{kStunDissector};
  for (std::size_t i = 0; i < 500; ++i) {
    flow.datagrams({from_client(stun_message(i % 0x400 & 0xF, attribute(0x0020, xor_address(i, 1 + i)))),
                    from_client(stun_message(0x0016, attribute(0x0012, xor_address(i, 2)) + attribute(0x0013, rtp(i))))});
  }
  EXPECT_LE(flow.facts.size(), 32U + 24U + 1U);
  EXPECT_EQ(flow.inside.size(), TurnPeers::kMaxPeers);
}

TEST(StunSession, ADatagramThatTheCaptureCutSaysWhatItShows) {
  struct Nowhere final : Origin {
    [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
      return {.capture = {},
              .frame = FrameNumber{1},
              .offset = static_cast<std::uint32_t>(offset),
              .length = static_cast<std::uint32_t>(length)};
    }
    [[nodiscard]] Timestamp time_at(std::size_t) const override { return {}; }
  } origin;
  struct Cut final : FactSink {
    void report(Fact fact) override { malformed = malformed || std::holds_alternative<Boxed<MessageUnreadable>>(fact.body); }
    void carried(const Chunk& datagram, std::uint32_t) override { all_cut = all_cut && datagram.cut && datagram.relayed; }
    bool malformed = false;
    bool all_cut = true;
  } sink;
  for (std::size_t length = kStunHeaderBytes; length < kSend.size(); ++length) {
    StunSession session;
    session.on_datagram({.sender = Side::initiator, .bytes = as_bytes(kSend).first(length), .cut = true, .origin = &origin}, sink);
  }
  EXPECT_TRUE(sink.all_cut);
  EXPECT_FALSE(sink.malformed);
}

Recognition probe(const std::string& octets, Transport transport, bool at_start = true) {
  return kStunDissector.probe({.bytes = as_bytes(octets), .transport = transport, .at_start = at_start});
}

TEST(StunProbe, TakesEachFramingOverTcp) {
  const std::string streams[]{kAllocate,
                              rfc4571(stun_message(0x0001)),
                              rfc4571(rtp(1)) + rfc4571(rtp(2)),
                              ms_frame(2, ms_message(0x0003)),
                              ms_frame(3, rtp(1)) + ms_frame(3, rtp(2)),
                              padded(channel_data(0x4001, rtp(1))) + padded(channel_data(0x4001, rtp(2)))};
  for (const std::string& stream : streams) {
    EXPECT_EQ(probe(stream, Transport::tcp), Recognition::yes);
    EXPECT_EQ(probe(stream, Transport::tcp, false), Recognition::yes);
    bool taken = false;
    for (std::size_t length = 0; length <= stream.size(); ++length) {
      const Recognition recognition = probe(stream.substr(0, length), Transport::tcp);
      EXPECT_NE(recognition, Recognition::no) << length;
      EXPECT_FALSE(taken && recognition != Recognition::yes) << length;
      taken = taken || recognition == Recognition::yes;
    }
  }
  EXPECT_EQ(probe(kAllocate.substr(0, 10), Transport::tcp, false), Recognition::no) << "further on there is nothing to wait for";
}

TEST(StunProbe, TakesEachDatagram) {
  EXPECT_EQ(probe(kAllocate, Transport::udp), Recognition::yes);
  EXPECT_EQ(probe(ms_message(0x0003), Transport::udp), Recognition::yes);
  EXPECT_EQ(probe(channel_data(0x4001, rtp(1)), Transport::udp), Recognition::yes);
  EXPECT_EQ(probe(kMultiplexed, Transport::udp), Recognition::yes);
  const std::string classic = u16(0x0001) + u16(8) + "0123456789abcdef" + attribute(0x0003, u32(0));
  EXPECT_EQ(probe(classic, Transport::udp), Recognition::yes);
  for (std::size_t length = 0; length < classic.size(); ++length)
    EXPECT_EQ(probe(classic.substr(0, length), Transport::udp), Recognition::no);
  EXPECT_EQ(probe(classic + "x", Transport::udp), Recognition::no);
}

TEST(StunProbe, RefusesItsNeighbours) {
  const std::string neighbours[]{
      std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11} + std::string(40, 'r'),          // TLS
      std::string{"\x16\xFE\xFD\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10", 13} + std::string(40, 'r'),  // DTLS
      "REGISTER sip:example.org SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\n\r\n",                         // SIP
      "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",                                                   // HTTP
      std::string{"\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x02xy\x00\x00\x01\x00\x01", 20},   // DNS
      std::string{"\x00\x2A\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07"
                  "example",
                  22} +
          std::string(30, 'q'),                                                                            // DNS over TCP
      std::string{"\x00\x00\x00\x54\xFE\x53\x4D\x42\x40\x00", 10} + std::string(60, '\0'),                 // SMB
      std::string{"\x03\x00\x00\x13\x0E\xE0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00", 19},     // RDP
      std::string{"\x30\x0C\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", 14} + std::string(20, ' '),  // LDAP
      std::string{"\x12\x01\x00\x2F\x00\x00\x00\x00", 8} + std::string(39, '\0'),                          // TDS
      rtp(1),
      rfc4571(rtp(1)) + rfc4571(rtp(2, 0x99)),                    // two sources
      rfc4571(rtp(1)) + rfc4571(rtp(1)),                          // no step
      std::string{"\x40\x01\x00\x14", 4} + std::string(20, 'q'),  // ChannelData, perhaps, of nothing known
      std::string(64, '\0'),
  };
  for (const std::string& octets : neighbours) {
    EXPECT_EQ(probe(octets, Transport::udp), Recognition::no) << octets;
    EXPECT_NE(probe(octets, Transport::tcp), Recognition::yes) << octets;
    EXPECT_EQ(probe(octets + std::string(2000, 'x'), Transport::tcp), Recognition::no) << octets;
  }
}

}  // namespace
}  // namespace sealtrace
