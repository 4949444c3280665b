#include "decode/internet.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "decode/fast_path.hpp"
#include "decode/test_frames.hpp"

namespace sealtrace::decode {
namespace {

TEST(Internet, ATcpSegmentIsReadFieldByField) {
  const Decoded found = decode(ethernet(0x0800, kTcp4));
  ASSERT_EQ(found.result, DecodeResult::segment);
  const Segment& segment = found.segment;
  EXPECT_EQ(found.flow, kTcp4Flow);
  EXPECT_EQ(segment.sequence, 100U);
  EXPECT_EQ(segment.acknowledgment, 200U);
  EXPECT_TRUE(segment.flags.psh() && segment.flags.ack());
  EXPECT_FALSE(segment.flags.syn() || segment.flags.fin() || segment.flags.rst());
  EXPECT_EQ(as_text(found.payload), "abcd");
  EXPECT_EQ(segment.payload_wire_bytes, 4U);
  EXPECT_EQ(segment.ip_bytes, 44U);
  EXPECT_EQ(segment.payload_offset, 54U);
  EXPECT_FALSE(segment.reassembled);
}

struct PacketCase {
  std::string_view name;
  Octets frame;
  DecodeResult result;
  std::string_view payload;
  std::uint64_t bad_ip_checksum = 0;
};

Octets changed(Octets octets, const std::function<void(Octets&)>& change) {
  change(octets);
  return octets;
}
Octets ip4(const Octets& packet) { return ethernet(0x0800, packet); }
Octets ip6(const Octets& packet) { return ethernet(0x86DD, packet); }
Octets extended(std::uint8_t first_header, const Octets& headers) {
  Octets packet = join({Octets{kTcp6.begin(), kTcp6.begin() + 40}, headers, Octets{kTcp6.begin() + 40, kTcp6.end()}});
  packet[5] = static_cast<std::uint8_t>(packet.size() - 40);
  packet[6] = first_header;
  return packet;
}

TEST(Internet, PacketsInAllShapesAreReadOrRefusedForTheirReason) {
  const std::vector<PacketCase> cases{
      {"PaddingIsNoPayload", join({ip4(kUdp4), Octets(14)}), DecodeResult::segment, "abcd"},
      {"ATotalLengthOfZeroEndsWithTheFrame", ip4(changed(kTcp4, [](Octets& p) { p[2] = p[3] = 0; })), DecodeResult::segment, "abcd", 1},
      {"AWrongHeaderChecksumIsCountedAndNotBelieved", ip4(changed(kUdp4, [](Octets& p) { p[10] ^= 1; })), DecodeResult::segment, "abcd", 1},
      {"OptionsArePassed",
       ip4(join({annotated_hex("47 00 0028 1234 0000 40 11 bc89 0a000001 0a000002  94040000 01010100"),
                 Octets{kUdp4.begin() + 20, kUdp4.end()}})),
       DecodeResult::segment, "abcd"},
      {"AnIhlBelowFive", ip4(changed(kUdp4, [](Octets& p) { p[0] = 0x44; })), DecodeResult::malformed, {}},
      {"AnIhlBeyondThePacket", ip4(changed(kUdp4, [](Octets& p) { p[0] = 0x4F; })), DecodeResult::malformed, {}},
      {"AVersionOfFive", ip4(changed(kUdp4, [](Octets& p) { p[0] = 0x55; })), DecodeResult::malformed, {}},
      {"ATotalLengthBelowTheHeader", ip4(changed(kUdp4, [](Octets& p) { p[3] = 19; })), DecodeResult::malformed, {}},
      {"ATotalLengthThatLeavesHalfAUdpHeader", ip4(changed(kUdp4, [](Octets& p) { p[3] = 24; })), DecodeResult::malformed, {}, 1},
      {"ATotalLengthThatLeavesHalfATcpHeader", ip4(changed(kTcp4, [](Octets& p) { p[3] = 39; })), DecodeResult::malformed, {}, 1},
      {"ADataOffsetBelowFive", ip4(changed(kTcp4, [](Octets& p) { p[32] = 0x40; })), DecodeResult::malformed, {}},
      {"ADataOffsetBeyondTheSegment", ip4(changed(kTcp4, [](Octets& p) { p[32] = 0x70; })), DecodeResult::malformed, {}},
      {"ADataOffsetThatTakesThePayload", ip4(changed(kTcp4, [](Octets& p) { p[32] = 0x60; })), DecodeResult::segment, ""},
      {"AUdpLengthBelowItsHeader", ip4(changed(kUdp4, [](Octets& p) { p[25] = 7; })), DecodeResult::malformed, {}},
      {"AUdpLengthOfZeroInIpv4", ip4(changed(kUdp4, [](Octets& p) { p[25] = 0; })), DecodeResult::malformed, {}},
      {"AUdpLengthBeyondThePacket", ip4(changed(kUdp4, [](Octets& p) { p[25] = 13; })), DecodeResult::malformed, {}},
      {"AUdpLengthShortOfThePacket", ip4(changed(kUdp4, [](Octets& p) { p[25] = 10; })), DecodeResult::segment, "ab"},
      {"AUdpLengthOfZeroInIpv6", ip6(ipv6(17, annotated_hex("13c4 13c5 0000 0000 61626364"))), DecodeResult::segment, "abcd"},
      {"AnEmptyDatagram", ip4(ipv4(17, annotated_hex("13c4 13c5 0008 0000"))), DecodeResult::segment, ""},
      {"Icmp", ip4(ipv4(1, annotated_hex("0800 0000"))), DecodeResult::not_transport, {}},
      {"Esp", ip6(ipv6(50, annotated_hex("61626364 31323334 78"))), DecodeResult::segment, "abcd1234x"},
      {"EspWithoutItsSequenceNumber", ip4(ipv4(50, annotated_hex("61626364 313233"))), DecodeResult::malformed, {}},
      {"NoNextHeader", ip6(ipv6(59, {})), DecodeResult::not_transport, {}},
      {"AnIpv6ExtensionInIpv4", ip4(ipv4(60, Octets(8))), DecodeResult::not_transport, {}},
      {"AuthenticationHeaderInIpv4",
       ip4(ipv4(51, join({annotated_hex("11 01 0000 00000001 00000001"), Octets{kUdp4.begin() + 20, kUdp4.end()}}))), DecodeResult::segment,
       "abcd"},
      {"AnAuthenticationHeaderTooShort",
       ip4(ipv4(51, join({annotated_hex("11 00 0000 00000001"), Octets{kUdp4.begin() + 20, kUdp4.end()}}))),
       DecodeResult::malformed,
       {}},
      {"HopByHopOptions", ip6(extended(0, annotated_hex("06 00 0104 00000000"))), DecodeResult::segment, "abcd"},
      {"EveryExtensionHeader", ip6(extended(0, annotated_hex(R"(3c 00 0104 00000000   # hop-by-hop options
                                                           2b 00 0104 00000000   # destination options
                                                           2c 00 0000 00000000   # routing
                                                           33 00 0000 00000001   # atomic fragment
                                                           3c 04 0000 00000001 00000001 000000000000000000000000
                                                           06 01 010c 000000000000000000000000)"))),
       DecodeResult::segment, "abcd"},
      {"AnExtensionHeaderBeyondThePacket", ip6(extended(60, annotated_hex("06 ff 0104 00000000"))), DecodeResult::malformed, {}},
      {"AnEndlessChainOfExtensionHeaders",
       ip6(ipv6(60,
                [] {
                  Octets chain;
                  for (int i = 0; i < 40; ++i) chain = join({chain, annotated_hex("3c 00 0104 00000000")});
                  return chain;
                }())),
       DecodeResult::unsupported,
       {}},
      {"AJumbogram",
       ip6(changed(extended(0, annotated_hex("06 00 c204 00010000")), [](Octets& p) { p[4] = p[5] = 0; })),
       DecodeResult::unsupported,
       {}},
      {"AnIpv6LengthOfZeroBeforeTcpEndsWithTheFrame", ip6(changed(kTcp6, [](Octets& p) { p[5] = 0; })), DecodeResult::segment, "abcd"},
      {"AnIpv6LengthOfZeroBeforeUdp", ip6(changed(ipv6(17, udp(9, {})), [](Octets& p) { p[5] = 0; })), DecodeResult::malformed, {}},
  };
  for (const PacketCase& packet : cases) {
    SCOPED_TRACE(packet.name);
    Decoder decoder;
    const Decoded found = decode(decoder, packet.frame);
    EXPECT_EQ(found.result, packet.result);
    EXPECT_EQ(as_text(found.payload), packet.payload);
    EXPECT_EQ(found.segment.payload_wire_bytes, found.payload.size());
    EXPECT_EQ(decoder.counters().bad_ip_checksum, packet.bad_ip_checksum);
    if (packet.result == DecodeResult::segment && packet.name.find("Zero") == std::string_view::npos &&
        packet.name != "PaddingIsNoPayload") {
      expect_cuts_are_safe(packet.frame, LinkLayer::ethernet);
    }
  }
}

TEST(Internet, APacketLongerThanTheFrameKeepsTheLengthItClaims) {
  const Octets frame = ip4({kTcp4.begin(), kTcp4.end() - 3});
  const Decoded found = decode(frame);
  EXPECT_EQ(found.flow, kTcp4Flow);
  EXPECT_EQ(as_text(found.payload), "a");
  EXPECT_EQ(found.segment.payload_wire_bytes, 4U);
  EXPECT_EQ(found.segment.ip_bytes, 44U);
}

TEST(Internet, CutTcpOptionsLeaveASegmentWithoutPayload) {
  Octets packet = changed(kTcp4, [](Octets& p) { p[32] = 0x60; });
  packet.resize(42);  // in the middle of the option
  Decoder decoder;
  const Octets frame = ip4(packet);
  const Decoded found = decode(decoder, frame, LinkLayer::ethernet, 58);
  EXPECT_EQ(found.flow, kTcp4Flow);
  EXPECT_EQ(found.segment.payload_wire_bytes, 0U);
  EXPECT_EQ(found.segment.payload_offset, frame.size());
}

TEST(Internet, PlainFramesTakeTheFastPathAndOthersDoNot) {
  const auto takes = [](const Octets& frame) {
    Segment segment;
    DecodeCounters counters;
    return read_plain_frame({frame, frame.size()}, segment, counters);
  };
  EXPECT_TRUE(takes(ip4(kUdp4)));
  EXPECT_TRUE(takes(ip4(kTcp4)));
  EXPECT_TRUE(takes(ip6(kTcp6)));
  EXPECT_TRUE(takes(ethernet(0x88A8, join({annotated_hex("0064 8100 00c8 0800"), kTcp4}))));
  EXPECT_FALSE(takes(ethernet(0x88A8, join({annotated_hex("0064 8100 00c8 8100 0001 0800"), kTcp4}))));
  EXPECT_FALSE(takes(ip4(ipv4(17, udp(4789, Octets(8))))));
  EXPECT_FALSE(takes(ip4(ipv4(17, Octets(8), 0x2000))));
  EXPECT_FALSE(takes(ip4({kTcp4.begin(), kTcp4.end() - 1})));
}

TEST(Internet, BothPathsOfTheDecoderGiveTheSameSegment) {
  for (const Octets& frame : {ip4(kUdp4), ip4(kTcp4), ip6(kTcp6), ethernet(0x8100, join({annotated_hex("0064 0800"), kUdp4}))}) {
    for (std::size_t length = 0; length <= frame.size(); ++length) {
      const Bytes cut = Bytes{frame}.first(length);
      Decoder decoder;
      Decoder walker;
      Segment fast;
      Segment walked;
      const auto wire_bytes = static_cast<std::uint32_t>(frame.size());
      const Decoded a = decoded(decoder.decode(cut, wire_bytes, LinkLayer::ethernet, {}, fast), fast);
      const Decoded b = decoded(walker.decode_by_walk(cut, wire_bytes, LinkLayer::ethernet, {}, walked), walked);
      EXPECT_EQ(a.result, b.result);
      EXPECT_EQ(a.flow, b.flow);
      EXPECT_EQ(a.payload, b.payload);
      if (a.result == DecodeResult::segment) {
        EXPECT_EQ(fast.duplicate_key, walked.duplicate_key);
      }
    }
  }
}

}  // namespace
}  // namespace sealtrace::decode
