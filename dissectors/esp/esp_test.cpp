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

}  // namespace
}  // namespace sealtrace
