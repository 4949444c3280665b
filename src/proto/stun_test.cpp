#include "proto/stun.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::string_view kRequest = R"(   # RFC 5769 section 2.1
    0001 0058 2112A442 B7E7A701BC34D686FA87DFAE
    8022 0010 5354554E207465737420636C69656E74  # SOFTWARE
    0024 0004 6E0001FF                          # PRIORITY
    8029 0008 932FF9B151263B36                  # ICE-CONTROLLED
    0006 0009 6576746A3A68367659 202020         # USERNAME and padding
    0008 0014 9AEAA70CBFD8CB56781EF2B5B2D3F249C1B571A2
    8028 0004 E57A3BCF)";

constexpr std::string_view kResponse = R"(  # RFC 5769 section 2.2
    0101 003C 2112A442 B7E7A701BC34D686FA87DFAE
    8022 000B 7465737420766563746F72 20
    0020 0008 0001 A147 E112A643                # XOR-MAPPED-ADDRESS
    0008 0014 2B91F599FD9E90C38C7489F92AF9BA53F06BE7D7
    8028 0004 C07D4C96)";

constexpr std::string_view kResponseV6 = R"( # RFC 5769 section 2.3
    0101 0048 2112A442 B7E7A701BC34D686FA87DFAE
    8022 000B 7465737420766563746F72 20
    0020 0014 0002 A147 0113A9FAA5D3F179BC25F4B5BED2B9D9
    0008 0014 A382954E4BE67BF11784C97C8292C275BFE3ED41
    8028 0004 C8FB0B4C)";

constexpr std::string_view kMsAllocated = R"( # [MS-TURN] section 2.2.1: response to Allocate
    0103 0028 0102030405060708090A0B0C0D0E0F10
    000F 0004 72C64BC6                          # Magic Cookie
    0001 0008 0001 C350 0A000001                # Mapped Address: allocated at the relay
    8020 0008 0001 8000 C3020507                # XOR Mapped Address
    000D 0004 00000258)";

constexpr std::string_view kMsData = R"(     # [MS-TURN]: Data indication, attributes without padding
    0115 001B 0102030405060708090A0B0C0D0E0F10
    000F 0004 72C64BC6
    0012 0008 0001 1388 0A000002                # Remote Address
    0013 0003 AABBCC)";

constexpr std::string_view kSend = R"(       # RFC 8656 section 11.1
    0016 0014 2112A442 0102030405060708090A0B0C
    0012 0008 0001 329A 2B12A443                # XOR-PEER-ADDRESS 10.0.0.1:5000
    0013 0003 AABBCC 00)";

constexpr std::string_view kClassic = R"(    # RFC 3489: the cookie's place holds a part of the transaction id
    0101 000C 8DA1553491A27F11DE2C66F8A0B1C2D3
    0001 0008 0001 0D96 CB00710A)";

std::string addresses_of(const StunMessage& message) {
  std::string words;
  for (std::size_t i = 0; i < message.num_addresses; ++i) {
    const StunAddress& address = message.addresses[i];
    words += std::string{kTransportAddressKindNames[static_cast<std::size_t>(address.kind)]} + " " + address.endpoint.address.to_string() +
             " " + std::to_string(address.endpoint.port) + ";";
  }
  return words;
}

struct Example {
  std::string_view name;
  std::string_view hex;
  StunFlavour flavour{};
  std::uint16_t method = 0;
  StunClass message_class{};
  std::string_view addresses;
  std::string_view data;
};

constexpr Example kExamples[]{
    {"a request", kRequest, StunFlavour::rfc8489, 1, StunClass::request, "", ""},
    {"a response", kResponse, StunFlavour::rfc8489, 1, StunClass::success, "mapped 192.0.2.1 32853;", ""},
    {"a response over IPv6", kResponseV6, StunFlavour::rfc8489, 1, StunClass::success, "mapped 2001:db8:1234:5678:11:2233:4455:6677 32853;",
     ""},
    {"a Send indication", kSend, StunFlavour::rfc8489, 6, StunClass::indication, "peer 10.0.0.1 5000;", "AABBCC"},
    {"Microsoft's answer to Allocate", kMsAllocated, StunFlavour::ms_turn, 3, StunClass::success,
     "relayed 10.0.0.1 50000;mapped 194.0.6.3 33026;", ""},
    {"Microsoft's Data indication", kMsData, StunFlavour::ms_turn, 5, StunClass::indication, "peer 10.0.0.2 5000;", "AABBCC"},
    {"a classic response", kClassic, StunFlavour::rfc3489, 1, StunClass::success, "mapped 203.0.113.10 3478;", ""},
};

TEST(StunMessage, ReadsEachDialect) {
  for (const Example& example : kExamples) {
    const Octets octets = annotated_hex(example.hex);
    const auto message = parse_stun_message(octets);
    ASSERT_TRUE(message) << example.name;
    EXPECT_EQ(message->header.flavour, example.flavour) << example.name;
    EXPECT_EQ(message->header.method, example.method) << example.name;
    EXPECT_EQ(message->header.message_class, example.message_class) << example.name;
    EXPECT_EQ(message->header.message_bytes, octets.size()) << example.name;
    EXPECT_EQ(addresses_of(*message), example.addresses) << example.name;
    EXPECT_EQ(Octets(message->data.begin(), message->data.end()), annotated_hex(example.data)) << example.name;
    EXPECT_EQ(message->relays(), !example.data.empty()) << example.name;
  }
}

TEST(StunMessage, ACutMessageIsNeverWhole) {
  for (const Example& example : kExamples) {
    const Octets octets = annotated_hex(example.hex);
    for (std::size_t length = 0; length < octets.size(); ++length) {
      const auto message = parse_stun_message(Bytes{octets}.first(length));
      ASSERT_FALSE(message) << example.name << " at " << length;
      EXPECT_EQ(message.error().code, ParseErrorCode::need_more) << example.name << " at " << length;
    }
  }
}

TEST(StunMessage, OfAFrameThatTheCaptureCutWhatIsThereIsRead) {
  const Octets octets = annotated_hex(kSend);
  const auto message = parse_stun_message(Bytes{octets}.first(octets.size() - 3), true);  // one octet of DATA is there
  ASSERT_TRUE(message);
  EXPECT_EQ(addresses_of(*message), "peer 10.0.0.1 5000;");
  EXPECT_TRUE(message->data_cut);
  EXPECT_EQ(message->data.size(), 1U);
  const auto before_data = parse_stun_message(Bytes{octets}.first(34), true);
  ASSERT_TRUE(before_data);
  EXPECT_FALSE(before_data->has_data);
}

struct Refused {
  std::string_view name;
  std::string_view hex;
  ParseError error;
};

TEST(StunMessage, RefusesWhatNoDialectHas) {
  const Refused refused[]{
      {"RTP", "8000 0001 00000001 00000002 0000000000000000", {ParseErrorCode::unsupported, 2, "message_type"}},
      {"Allocate without any cookie",
       "0003 0008 0102030405060708090A0B0C0D0E0F10 0006000400000000",
       {ParseErrorCode::unsupported, 22, "magic_cookie"}},
      {"a type that RFC 3489 does not have",
       "0007 0000 8DA1553491A27F11DE2C66F8A0B1C2D3",
       {ParseErrorCode::unsupported, 20, "magic_cookie"}},
      {"zeros for a transaction id", "0001 0000 00010000000000000000000000000000", {ParseErrorCode::unsupported, 20, "magic_cookie"}},
      {"an attribute that leaves its message",
       "0101 0008 2112A442 B7E7A701BC34D686FA87DFAE 0020 0008 0001A147",
       {ParseErrorCode::malformed, 24, "attribute_value"}},
  };
  for (const Refused& each : refused) {
    const auto message = parse_stun_message(annotated_hex(each.hex));
    ASSERT_FALSE(message) << each.name;
    EXPECT_EQ(message.error(), each.error) << each.name << ": " << message.error().field << " at " << message.error().offset;
  }
}

TEST(StunMessage, AnAddressOfAnotherLengthIsPassedOver) {
  const auto message = parse_stun_message(annotated_hex("0101 0008 2112A442 B7E7A701BC34D686FA87DFAE 0020 0004 0001 A147"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->num_addresses, 0U);
}

TEST(StunMessage, GooglesRelayIsKnownByItsOptions) {
  const auto message = parse_stun_message(annotated_hex("0003 0010 0102030405060708090A0B0C0D0E0F10 000F000472C64BC6 8001000400000001"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->header.flavour, StunFlavour::google);
}

TEST(TurnFrames, ReadChannelDataAndMultiplexedTurn) {
  const Octets channel_data = annotated_hex("4001 0003 AABBCC 00");
  const auto frame = parse_channel_data(channel_data);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->channel_number, 0x4001);
  EXPECT_EQ(frame->data.size(), 3U);
  for (std::size_t length = 0; length < 7; ++length) {
    EXPECT_EQ(parse_channel_data(Bytes{channel_data}.first(length)).error().code, ParseErrorCode::need_more) << length;
  }
  const Octets multiplexed = annotated_hex("FF10 000A 0102030405060708 80C8");
  const auto session = parse_multiplexed_turn(multiplexed);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->session_id, 0x0102030405060708U);
  EXPECT_EQ(session->data_offset, 12U);
  EXPECT_EQ(session->data.size(), 2U);
  for (std::size_t length = 0; length < multiplexed.size(); ++length) {
    EXPECT_EQ(parse_multiplexed_turn(Bytes{multiplexed}.first(length)).error().code, ParseErrorCode::need_more) << length;
  }
  EXPECT_EQ(parse_multiplexed_turn(annotated_hex("FF10 0007 01020304050607")).error().code, ParseErrorCode::malformed);
  EXPECT_EQ(parse_channel_data(annotated_hex("8001 0000")).error().code, ParseErrorCode::unsupported);
}

}  // namespace
}  // namespace sealtrace
