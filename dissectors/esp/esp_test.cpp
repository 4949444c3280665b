#include <gtest/gtest.h>

#include <random>

#include "dissect/scripted_flow.hpp"
#include "dissectors/esp/esp_parse.hpp"
#include "dissectors/esp/esp_session.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using testing::Said;
using testing::ScriptedFlow;
using Words = std::vector<std::string>;

const std::vector<std::uint8_t> kPacket = annotated_hex(R"(
    C0FFEE01    # SPI
    00000007    # Sequence Number
    AABB        # payload)");

TEST(Esp, IsReadAsTheStandardHasIt) {
  const auto header = parse_esp(kPacket);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->spi, 0xC0FFEE01U);
  EXPECT_EQ(header->sequence_number, 7U);
  EXPECT_EQ(header->payload.size(), 2U);
}

TEST(Esp, IsNotReadWhenItIsCutOrReserved) {
  for (std::size_t length = 0; length < 8; ++length) EXPECT_FALSE(parse_esp(Bytes{kPacket}.first(length))) << length;
  const auto reserved = parse_esp(annotated_hex("000000FF 00000001"));
  ASSERT_FALSE(reserved);
  EXPECT_EQ(reserved.error().field, "SPI");
}

/// Packets makes an association's packets: noise, with the octets from `still` standing where `readable` lies behind the header.
std::vector<Said> packets(std::size_t count, std::string_view readable = {}, std::size_t at = 8, std::uint8_t spi = 1,
                          std::size_t bytes = 64, Side sender = Side::initiator) {
  std::mt19937 random{static_cast<unsigned>(count)};
  std::vector<Said> made;
  for (std::size_t i = 0; i < count; ++i) {
    std::string octets{'\x10', '\0', '\0', static_cast<char>(spi), '\0', '\0', '\0', static_cast<char>(i + 1)};
    for (std::size_t octet = 0; octet < bytes; ++octet) octets += static_cast<char>(random());
    octets.replace(8 + at, readable.size(), readable);
    made.push_back({.sender = sender, .octets = octets});
  }
  return made;
}

std::vector<Said> operator+(std::vector<Said> one, const std::vector<Said>& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

struct Case {
  const char* name;
  std::vector<Said> datagrams;
  Words words;
};

TEST(EspSession, TellsWhetherItLooksEncrypted) {
  const std::string few = "c protected esp ESP, too few packets to tell whether it encrypts";
  const std::vector<Case> cases{
      {"nothing stands still", packets(20), {"c protected esp ESP"}},
      {"one octet of a header stands still", packets(20, "\x06", 17), {"c clear esp ESP without encryption"}},
      {"a counter in the place of a vector says nothing", packets(20, "\x01\x02\x03\x04", 0), {"c protected esp ESP"}},
      {"few packets", packets(15), {few}},
      {"packets that are too short", packets(40, "", 8, 1, 20), {few}},
      {"a new association begins anew",
       packets(20) + packets(20, "abcd", 12, 2),
       {"c protected esp ESP", "c clear esp ESP without encryption"}},
      {"a new one that ends early", packets(20) + packets(3, "", 8, 2), {"c protected esp ESP", few}},
      {"each direction by itself",
       packets(20) + packets(20, "abcd", 12, 9, 64, Side::responder),
       {"c protected esp ESP", "s clear esp ESP without encryption"}},
      {"no ESP at all", {{.sender = Side::initiator, .octets = "short"}}, {}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    ScriptedFlow flow{kEspDissector};
    flow.datagrams(each.datagrams).end();
    EXPECT_EQ(flow.words, each.words);
  }
}

TEST(EspProbe, AsksIp) {
  EXPECT_EQ(kEspDissector.probe({.bytes = kPacket, .transport = Transport::esp}), Recognition::yes);
  EXPECT_EQ(kEspDissector.probe({.bytes = kPacket, .transport = Transport::udp}), Recognition::no);
  EXPECT_EQ(kEspDissector.probe({.bytes = Bytes{kPacket}.first(7), .transport = Transport::esp}), Recognition::no);
}

TEST(EspSession, WatchesAssociationsThatAreUsedSideBySide) {
  std::vector<Said> mixed;
  const std::vector<Said> one = packets(20), other = packets(20, "abcd", 12, 2);
  for (std::size_t i = 0; i < one.size(); ++i) {
    mixed.push_back(one[i]);
    mixed.push_back(other[i]);
  }
  ScriptedFlow flow{kEspDissector};
  flow.datagrams(mixed).end();
  EXPECT_EQ(flow.words, (Words{"c protected esp ESP", "c clear esp ESP without encryption"}));
}

TEST(EspSession, SaysThatAForgottenAssociationHadTooFewPackets) {
  std::vector<Said> script = packets(3, "", 8, 9);
  for (std::uint8_t spi = 10; spi < 20; ++spi) script = script + packets(20, "", 8, spi);
  ScriptedFlow flow{kEspDissector};
  flow.datagrams(script).end();
  EXPECT_EQ(flow.words, (Words{"c protected esp ESP", "c protected esp ESP, too few packets to tell whether it encrypts"}));
}

const std::string kReadablePacket = [] {
  const std::vector<std::uint8_t> header = annotated_hex("4500 0028 1234 4000 40 06 A498 c0000201 c0000202");
  return std::string{as_text(header)} + std::string(20, 'x') + "\x01\x02\x02\x04";
}();

TEST(EspInUdpSession, TellsWhetherItLooksEncrypted) {
  const std::string few = "c protected esp ESP, too few packets to tell whether it encrypts";
  const std::vector<Said> noise = packets(20);
  const std::vector<Case> cases{
      {"two packets say that it is ESP", packets(2), {few}},
      {"one says nothing", packets(1), {}},
      {"nor do two out of order", {noise[1], noise[0]}, {}},
      {"nor do two too far apart",
       {packets(1)[0], {.sender = Side::initiator, .octets = "\x10\0\0\x01\0\1" + noise[0].octets.substr(6)}},
       {}},
      {"nothing stands still", noise, {"c protected esp ESP in UDP"}},
      {"a header stands still", packets(20, "\x06", 17), {"c clear esp ESP without encryption"}},
      {"a tunnel without encryption needs two", packets(2, kReadablePacket, 0), {"c clear esp ESP without encryption"}},
      {"each direction by itself",
       noise + packets(20, "abcd", 12, 9, 64, Side::responder),
       {"c protected esp ESP in UDP", "s clear esp ESP without encryption"}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    ScriptedFlow flow{kEspInUdpDissector};
    flow.datagrams(each.datagrams).end();
    EXPECT_EQ(flow.words, each.words);
  }
}

TEST(EspInUdpSession, ClaimsThePacketThatAnotherProves) {
  ScriptedFlow flow{kEspInUdpDissector};
  flow.datagrams(packets(3));
  EXPECT_EQ(flow.answers, (std::vector{Datagram::not_mine, Datagram::taken, Datagram::taken}));
  EXPECT_EQ(flow.num_claimed, 1U);
}

TEST(EspInUdpSession, TakesKeepAlivesAndLateCopiesButNotIke) {
  const std::vector<Said> noise = packets(3);
  const Said ike{.sender = Side::initiator, .octets = std::string(4, '\0') + std::string(60, 'x')};
  ScriptedFlow flow{kEspInUdpDissector};
  flow.datagrams({noise[0], noise[2], noise[1], {.sender = Side::responder, .octets = "\xFF"}, ike});
  EXPECT_EQ(flow.answers, (std::vector{Datagram::not_mine, Datagram::taken, Datagram::taken, Datagram::taken, Datagram::not_mine}));
}

TEST(EspInUdpProbe, AsksOnItsPortAlone) {
  const std::string packet = packets(1)[0].octets;
  const auto ask = [](std::string_view octets, std::uint16_t port, Transport transport = Transport::udp) {
    return kEspInUdpDissector.probe({.bytes = as_bytes(octets), .transport = transport, .source_port = 40000, .destination_port = port});
  };
  EXPECT_EQ(ask(packet, 4500), Recognition::yes);
  EXPECT_EQ(ask("\xFF", 4500), Recognition::yes);
  EXPECT_EQ(ask(packet, 4501), Recognition::no);
  EXPECT_EQ(ask(packet, 4500, Transport::tcp), Recognition::no);
  EXPECT_EQ(ask(packet.substr(0, 27), 4500), Recognition::no);
  EXPECT_EQ(ask("x", 4500), Recognition::no);
}

}  // namespace
}  // namespace sealtrace
