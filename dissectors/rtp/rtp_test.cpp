#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/rtp/rtp_parse.hpp"
#include "dissectors/rtp/rtp_session.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

using Words = std::vector<std::string>;

std::string u8(std::size_t number) { return {static_cast<char>(number)}; }
std::string u16(std::size_t number) { return u8(number >> 8) + u8(number & 0xFF); }
std::string u32(std::size_t number) { return u16(number >> 16) + u16(number & 0xFFFF); }

constexpr std::size_t kSsrc = 0x11223344;

/// noise is a payload that tells nothing: another one for each packet.
std::string noise(std::size_t seed) {
  std::string octets(160, '\0');
  std::mt19937_64 engine{seed};
  for (char& octet : octets) octet = static_cast<char>(engine() >> 32);
  return octets;
}
std::string rtp(std::size_t sequence_number, std::size_t ssrc = kSsrc, std::size_t payload_type = 0) {
  return u8(0x80) + u8(payload_type) + u16(sequence_number) + u32(sequence_number * 160) + u32(ssrc) + noise(sequence_number * 1000 + ssrc);
}
std::string rtcp(std::size_t type, std::size_t ssrc, const std::string& rest = {}) {
  return u8(0x80) + u8(type) + u16(1 + rest.size() / 4) + u32(ssrc) + rest;
}
const std::string kReceiverReport = rtcp(201, kSsrc);
const std::string kCompound = rtcp(200, kSsrc, std::string(20, 's')) + rtcp(202, kSsrc, std::string(8, 'c'));
/// srtcp is a compound of which only the first eight octets can be read.
std::string srtcp(std::size_t index) {
  return kCompound.substr(0, 8) + std::string(52, 'x') + u32(0x80000000 + index) + std::string(10, 't');
}

/// recognised lists what the session said it is sure of.
Words recognised(const ScriptedFlow& flow) {
  Words names;
  for (const Fact& fact : flow.facts) {
    if (const auto* name = std::get_if<ProtocolRecognised>(&fact.body)) names.emplace_back(name->protocol);
  }
  return names;
}

TEST(RtpParse, ReadsTheHeaderWithCsrcsAndExtension) {
  const auto packet = annotated_hex(R"(
      B2 EF 1234 00000010 DEADBEEF  # version 2, padding, extension, two CSRCs; marker, payload type 111
      00000001 00000002             # CSRCs
      BEDE 0001 10AA0000            # extension of one word
      FFFF 0002                     # payload)");
  const auto header = parse_rtp_header(packet);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->padding && header->extension && header->marker);
  EXPECT_EQ(header->payload_type, 111);
  EXPECT_EQ(header->num_csrcs, 2);
  EXPECT_EQ(header->sequence_number, 0x1234);
  EXPECT_EQ(header->timestamp, 0x10U);
  EXPECT_EQ(header->ssrc, 0xDEADBEEFU);
  EXPECT_EQ(header->payload_offset, 28U);
  for (std::size_t length = 0; length < header->payload_offset; ++length) {
    EXPECT_EQ(parse_rtp_header(Bytes{packet}.first(length)).error().code, ParseErrorCode::malformed) << length;
    EXPECT_EQ(parse_rtp_header(Bytes{packet}.first(length), true).error().code, ParseErrorCode::truncated) << length;
  }
  const std::string other_version = "\x40" + rtp(1).substr(1);
  EXPECT_EQ(parse_rtp_header(as_bytes(other_version)).error().code, ParseErrorCode::unsupported);
}

TEST(RtcpParse, LengthsMustAddUp) {
  const auto num_packets = [](const std::string& octets) {
    const auto packet = parse_rtcp(as_bytes(octets));
    return packet ? static_cast<int>(packet->num_packets) : -1;
  };
  EXPECT_EQ(num_packets(kReceiverReport), 1);
  EXPECT_EQ(num_packets(kCompound), 2);
  for (std::size_t length = 8; length < kCompound.size(); ++length)
    EXPECT_EQ(num_packets(kCompound.substr(0, length)), length == 28 ? 1 : 0) << length;
  EXPECT_EQ(num_packets(srtcp(1)), 0);
  EXPECT_EQ(num_packets(kReceiverReport.substr(0, 7)), -1);
  EXPECT_EQ(num_packets(rtp(1)), -1);
  EXPECT_EQ(num_packets(rtcp(208, kSsrc)), -1);
}

TEST(RtpSession, IsSureAfterFourPacketsOfOneSource) {
  for (std::size_t count = 1; count <= 6; ++count) {
    ScriptedFlow flow{kRtpDissector};
    for (std::size_t i = 0; i < count; ++i) flow.datagrams({from_client(rtp(65534 + i))});
    EXPECT_EQ(recognised(flow), count < 4 ? Words{} : Words{"rtp"}) << count;
    EXPECT_EQ(flow.answers.back(), count < 4 ? Datagram::not_mine : Datagram::taken) << count;
    EXPECT_TRUE(flow.words.empty()) << "totals come at the end";
    flow.end();
    EXPECT_EQ(flow.words, count < 4 ? Words{} : Words{"c rtp 287454020 " + std::to_string(count) + " 0"});
  }
}

TEST(RtpSession, BothSidesAndEverySourceAreCounted) {
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 10; ++i) flow.datagrams({from_client(rtp(i, 1, i < 5 ? 8 : 101)), from_server(rtp(i, 2, 96))});
  for (std::size_t i = 0; i < 3; ++i) flow.datagrams({from_client(rtp(700 + i, 3, 8))});
  flow.datagrams({from_client(rtp(11, 1, 8))});
  flow.end();
  EXPECT_EQ(flow.words, (Words{"c rtp 1 11 8", "c rtp 3 3 8", "s rtp 2 10 96"}));
  const auto& seen = *fact_if<RtpSourceSeen>(&flow.facts[1].body);
  EXPECT_EQ(seen.num_payload_types, 2);
  EXPECT_EQ(seen.payload_types[1], 101);
  EXPECT_EQ(value(flow.facts[1].evidence.frame), 1U) << "evidence is the first packet";
}

TEST(RtpSession, LossAndReorderingAreNoDoubt) {
  ScriptedFlow flow{kRtpDissector};
  for (const std::size_t sequence_number : {10U, 12U, 11U, 60U}) flow.datagrams({from_client(rtp(sequence_number))});
  EXPECT_EQ(recognised(flow), Words{"rtp"});
}

struct Impostor {
  std::string_view name;
  std::vector<std::string> datagrams;
};

TEST(RtpSession, WhatOnlyLooksLikeRtpIsNotCalledThat) {
  std::vector<Impostor> impostors{{"the same packet again and again", {}}, {"another source each time", {}},
                                  {"sequence numbers at random", {}},      {"timestamps at random", {}},
                                  {"sequence numbers that go down", {}},   {"payload types of RTCP", {}},
                                  {"a constant of 0 for a source", {}},    {"reserved payload types", {}},
                                  {"a clock for sequence numbers", {}}};
  for (std::size_t i = 0; i < 7; ++i) {
    impostors[0].datagrams.push_back(rtp(7));
    impostors[1].datagrams.push_back(rtp(i, 100 + i));
    impostors[2].datagrams.push_back(rtp(i * 7919));
    impostors[3].datagrams.push_back(u8(0x80) + u8(0) + u16(i) + u32(i * 0x9E3779B1) + u32(kSsrc) + std::string(20, 'v'));
    impostors[4].datagrams.push_back(rtp(1000 - i));
    impostors[5].datagrams.push_back(rtp(i, kSsrc, 73));
    impostors[6].datagrams.push_back(rtp(i, 0));
    impostors[7].datagrams.push_back(rtp(i, kSsrc, 2));
    impostors[8].datagrams.push_back(rtp(i * 33));  // milliseconds at 30 datagrams a second, as ENet has them
  }
  for (const Impostor& impostor : impostors) {
    ScriptedFlow flow{kRtpDissector};
    for (const std::string& datagram : impostor.datagrams) flow.datagrams({from_client(datagram)});
    flow.end();
    EXPECT_TRUE(flow.facts.empty()) << impostor.name;
    for (const Datagram answer : flow.answers) EXPECT_EQ(answer, Datagram::not_mine) << impostor.name;
  }
}

TEST(RtpSession, AGuessThatDoesNotComeTrueIsGivenUp) {
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 100; ++i) flow.datagrams({from_client(rtp(i * 7919))});
  EXPECT_EQ(flow.answers[10], Datagram::not_mine);
  EXPECT_EQ(flow.answers.back(), Datagram::done);
}

TEST(RtpSession, RtcpIsSureByItsCompoundOrByRepetition) {
  struct Case {
    std::string_view name;
    std::vector<std::string> datagrams;
    Words words;
  };
  const Case cases[]{
      {"a compound", {kCompound}, {"c rtcp 1"}},
      {"one report alone", {kReceiverReport}, {}},
      {"two reports", {kReceiverReport, kReceiverReport}, {"c rtcp 2"}},
      {"two reports of two senders", {kReceiverReport, rtcp(201, 5)}, {}},
      {"two that begin like a report", {srtcp(1), srtcp(2)}, {}},
      {"three that begin like a report", {srtcp(1), srtcp(2), srtcp(3)}, {"c rtcp 0"}},
      {"feedback first", {rtcp(205, 1, std::string(8, 'f')), rtcp(205, 1, std::string(8, 'f')), rtcp(205, 1, std::string(8, 'f'))}, {}},
      {"what opens a port and ends a call", {rtcp(204, 1, "name"), rtcp(204, 1, "name"), rtcp(203, 1)}, {"c rtcp 3"}},
      {"two of them", {rtcp(204, 1, "name"), rtcp(203, 1)}, {}},
      {"feedback beside reports", {kCompound, rtcp(206, 1, std::string(8, 'f'))}, {"c rtcp 2"}},
  };
  for (const Case& each : cases) {
    ScriptedFlow flow{kRtpDissector};
    for (const std::string& datagram : each.datagrams) flow.datagrams({from_client(datagram)});
    EXPECT_EQ(recognised(flow), each.words.empty() ? Words{} : Words{"rtcp"}) << each.name;
    flow.end();
    EXPECT_EQ(flow.words, each.words) << each.name;
  }
}

TEST(RtpSession, PacketsThatWereNoProofAreClaimedOnceItIsSure) {
  ScriptedFlow flow{kRtpDissector};
  flow.datagrams({from_server(srtcp(1))});
  for (std::size_t i = 0; i < 3; ++i) flow.datagrams({from_client(rtp(i))});
  EXPECT_EQ(flow.num_claimed, 0U);
  flow.datagrams({from_client(rtp(3))});
  EXPECT_EQ(flow.num_claimed, 4U) << "three of RTP, one of RTCP beside it";
  for (std::size_t i = 0; i < 3; ++i) flow.datagrams({from_client(rtp(700 + i, 3, 8))});
  EXPECT_EQ(flow.num_claimed, 5U) << "a second source";
  flow.datagrams({from_client(rtp(900, 5, 8))});
  EXPECT_EQ(flow.num_claimed, 5U) << "one packet of a third";
}

TEST(RtpSession, BesideRtpOnePacketIsEnoughForRtcp) {
  for (const bool early : {true, false}) {
    ScriptedFlow flow{kRtpDissector};
    if (early) flow.datagrams({from_server(srtcp(1))});
    for (std::size_t i = 0; i < 4; ++i) flow.datagrams({from_client(rtp(i))});
    if (!early) flow.datagrams({from_server(srtcp(1))});
    EXPECT_EQ(recognised(flow), (Words{"rtp", "rtcp"}));
    EXPECT_EQ(value(flow.facts.back().evidence.frame), early ? 1U : 5U);
    flow.end();
    EXPECT_EQ(flow.words, (Words{"c rtp 287454020 4 0", "s rtcp 0"}));
  }
}

TEST(RtpSession, SrtcpIsCountedApart) {
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 5; ++i) flow.datagrams({from_server(srtcp(i))});
  flow.end();
  const auto& seen = *fact_if<RtcpSeen>(&flow.facts.back().body);
  EXPECT_EQ(seen.num_packets, 0U);
  EXPECT_EQ(seen.num_opaque, 5U);
}

TEST(RtpSession, StunAndDtlsOnTheSamePortsAreOthersBusiness) {
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t i = 0; i < 4; ++i) flow.datagrams({from_client(rtp(i))});
  flow.datagrams({from_client(std::string{"\x00\x01\x00\x00\x21\x12\xA4\x42", 8} + std::string(12, 'i')),
                  from_client("\x16\xFE\xFD" + std::string(20, 'd')), from_client(rtp(5))});
  EXPECT_EQ(flow.answers[4], Datagram::not_mine);
  EXPECT_EQ(flow.answers[5], Datagram::not_mine);
  EXPECT_EQ(flow.answers[6], Datagram::taken);
}

TEST(RtpSession, SourcesAreBounded) {
  ScriptedFlow flow{kRtpDissector};
  for (std::size_t ssrc = 1; ssrc <= 400; ++ssrc) {
    for (std::size_t i = 0; i < 4; ++i) flow.datagrams({from_client(rtp(i, ssrc))});
  }
  EXPECT_EQ(flow.words.size(), 64U) << "the oldest made room";
  flow.end();
  EXPECT_EQ(flow.words.size(), 64U + 32U);
  EXPECT_EQ(flow.facts.size(), 1U + 64U + 1U + 32U + 1U) << "and not all of them were looked at";
}

TEST(RtpProbe, RefusesItsNeighbours) {
  const auto probe = [](const std::string& octets, Transport transport = Transport::udp) {
    return kRtpDissector.probe({.bytes = as_bytes(octets), .transport = transport});
  };
  EXPECT_EQ(probe(rtp(1)), Recognition::yes);
  EXPECT_EQ(probe(kCompound), Recognition::yes);
  EXPECT_EQ(probe(rtp(1), Transport::tcp), Recognition::no);
  for (const std::string& octets :
       {std::string{"\x16\xFE\xFD"} + std::string(40, 'd'), std::string{"\x00\x01\x00\x00\x21\x12\xA4\x42", 8} + std::string(12, 'i'),
        std::string{"INVITE sip:a@example.org SIP/2.0\r\n"}, std::string{"\x30\x26\x02\x01\x01\x04\x06public"},
        std::string{"\xC0\x00\x00\x00\x01"} + std::string(1200, 'q'), std::string{"\x40\x01\x00\x14"} + std::string(20, 'c'),
        rtp(1, kSsrc, 74), rtcp(206, 1, std::string(8, 'f')), rtp(1).substr(0, 11)}) {
    EXPECT_EQ(probe(octets), Recognition::no) << octets;
  }
}

}  // namespace
}  // namespace sealtrace
