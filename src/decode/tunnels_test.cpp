#include "decode/tunnels.hpp"

#include <gtest/gtest.h>

#include "decode/test_frames.hpp"

namespace sealtrace::decode {
namespace {

const Octets kVxlan = annotated_hex("08000000 00000100  # I flag, VNI 1");
const Octets kInnerFrame = ethernet(0x0800, kUdp4);

struct TunnelCase {
  std::string_view name;
  Octets packet;  ///< over Ethernet; by its version IPv4 or IPv6, or MPLS when `ether_type` says so
  std::string_view flow;
  std::vector<Tunnel> tunnels;
  std::uint16_t ether_type = 0x0800;
};

const std::vector<TunnelCase>& tunnel_cases() {
  static const std::vector<TunnelCase> cases{
      {"IpInIp", ipv4(4, kUdp4), kUdp4Flow, {Tunnel::ip_in_ip}},
      {"Ipv6InIpv4", ipv4(41, kTcp6), kTcp6Flow, {Tunnel::ip_in_ip}},
      {"Ipv4InIpv6", ipv6(4, kUdp4), kUdp4Flow, {Tunnel::ip_in_ip}, 0x86DD},
      {"AuthenticationHeader",
       ipv4(51, join({annotated_hex("04 04 0000 00000001 00000001 000102030405060708090a0b"), kUdp4})),
       kUdp4Flow,
       {Tunnel::ip_in_ip}},
      {"Gre", ipv4(47, join({annotated_hex("0000 0800"), kUdp4})), kUdp4Flow, {Tunnel::gre}},
      {"GreWithChecksumKeyAndSequence",
       ipv4(47, join({annotated_hex("b000 86dd 0000 0000 00000007 00000001"), kTcp6})),
       kTcp6Flow,
       {Tunnel::gre}},
      {"GreOverIpv6", ipv6(47, join({annotated_hex("0000 0800"), kUdp4})), kUdp4Flow, {Tunnel::gre}, 0x86DD},
      {"GreWithMpls", ipv4(47, join({annotated_hex("0000 8847 00064140"), kUdp4})), kUdp4Flow, {Tunnel::gre, Tunnel::mpls}},
      {"Nvgre", ipv4(47, join({annotated_hex("2000 6558 00000700"), kInnerFrame})), kUdp4Flow, {Tunnel::gre}},
      {"Eoip",
       ipv4(47, join({annotated_hex("2001 6400"), be16(kInnerFrame.size()), annotated_hex("0700"), kInnerFrame})),
       kUdp4Flow,
       {Tunnel::gre}},
      {"PptpWithSequenceAndAcknowledgment",
       ipv4(47, join({annotated_hex("3081 880b 0024 0001 00000001 00000001 ff03 0021"), kUdp4})),
       kUdp4Flow,
       {Tunnel::gre}},
      {"WccpOne", ipv4(47, join({annotated_hex("0000 883e"), kTcp4})), kTcp4Flow, {Tunnel::gre}},
      {"WccpTwo", ipv4(47, join({annotated_hex("0000 883e 00000000"), kTcp4})), kTcp4Flow, {Tunnel::gre}},
      {"ErspanOne", ipv4(47, join({annotated_hex("0000 88be"), kInnerFrame})), kUdp4Flow, {Tunnel::erspan}},
      {"ErspanTwo", ipv4(47, join({annotated_hex("1000 88be 00000001  10640001 00000000"), kInnerFrame})), kUdp4Flow, {Tunnel::erspan}},
      {"ErspanThree",
       ipv4(47, join({annotated_hex("1000 22eb 00000001  20640001 00000000 00000000"), kInnerFrame})),
       kUdp4Flow,
       {Tunnel::erspan}},
      {"ErspanThreeWithSubheader",
       ipv4(47, join({annotated_hex("1000 22eb 00000001  20640001 00000000 00000001 0000000000000000"), kInnerFrame})),
       kUdp4Flow,
       {Tunnel::erspan}},
      {"ErspanThreeWithAnIpPacket",
       ipv4(47, join({annotated_hex("1000 22eb 00000001  20640001 00000000 00000800"), kTcp6})),
       kTcp6Flow,
       {Tunnel::erspan}},
      {"Vxlan", ipv4(17, udp(4789, join({kVxlan, kInnerFrame}))), kUdp4Flow, {Tunnel::vxlan}},
      {"VxlanOnLinuxPortOverIpv6", ipv6(17, udp(8472, join({kVxlan, ethernet(0x86DD, kTcp6)}))), kTcp6Flow, {Tunnel::vxlan}, 0x86DD},
      {"VxlanOnAnyPort", ipv4(17, udp(14789, join({kVxlan, kInnerFrame}))), kUdp4Flow, {Tunnel::vxlan}},
      {"VxlanWithIpv6OnAnyPort", ipv4(17, udp(14789, join({kVxlan, ethernet(0x86DD, kTcp6)}))), kTcp6Flow, {Tunnel::vxlan}},
      {"VxlanWithGroupPolicy", ipv4(17, udp(4789, join({annotated_hex("88080007 00000100"), kInnerFrame}))), kUdp4Flow, {Tunnel::vxlan}},
      {"VxlanGpeWithIpv4", ipv4(17, udp(4790, join({annotated_hex("0c000001 00000100"), kUdp4}))), kUdp4Flow, {Tunnel::vxlan}},
      {"VxlanTwice",
       ipv4(17, udp(4789, join({kVxlan, ethernet(0x0800, ipv4(17, udp(4789, join({kVxlan, kInnerFrame}))))}))),
       kUdp4Flow,
       {Tunnel::vxlan, Tunnel::vxlan}},
      {"Geneve", ipv4(17, udp(6081, join({annotated_hex("00 00 6558 00000100"), kInnerFrame}))), kUdp4Flow, {Tunnel::geneve}},
      {"GeneveWithOptionsAndIpv6",
       ipv4(17, udp(6081, join({annotated_hex("02 40 86dd 00000100  0102 80 01 deadbeef"), kTcp6}))),
       kTcp6Flow,
       {Tunnel::geneve}},
      {"GtpU", ipv4(17, udp(2152, join({annotated_hex("30 ff 0020 00000001"), kUdp4}))), kUdp4Flow, {Tunnel::gtp_u}},
      {"GtpUWithSequence",
       ipv4(17, udp(2152, join({annotated_hex("32 ff 0024 00000001  0001 00 00"), kUdp4}))),
       kUdp4Flow,
       {Tunnel::gtp_u}},
      {"GtpUWithExtensionHeaders",
       ipv4(17, udp(2152, join({annotated_hex("34 ff 002c 00000001  0000 00 85   01 0009 c0   01 1234 00"), kUdp4}))),
       kUdp4Flow,
       {Tunnel::gtp_u}},
      {"GtpUWithIpv6", ipv4(17, udp(2152, join({annotated_hex("30 ff 0040 00000001"), kTcp6}))), kTcp6Flow, {Tunnel::gtp_u}},
      {"Mpls", join({annotated_hex("00064140"), kUdp4}), kUdp4Flow, {Tunnel::mpls}, 0x8847},
      {"MplsWithThreeLabels", join({annotated_hex("00064040 00065040 00066140"), kTcp6}), kTcp6Flow, {Tunnel::mpls}, 0x8847},
      {"MplsMulticast", join({annotated_hex("00064140"), kUdp4}), kUdp4Flow, {Tunnel::mpls}, 0x8848},
      {"PseudowireWithControlWord", join({annotated_hex("00064140 00000001"), kInnerFrame}), kUdp4Flow, {Tunnel::mpls}, 0x8847},
      {"PseudowireWithoutControlWord", join({annotated_hex("00064140"), kInnerFrame}), kUdp4Flow, {Tunnel::mpls}, 0x8847},
      {"PseudowireToAnAddressLikeIpv4",
       join({annotated_hex("00064140 46ffff000002 020000000001 0800"), kUdp4}),
       kUdp4Flow,
       {Tunnel::mpls},
       0x8847},
  };
  return cases;
}

TEST(Tunnels, EachGivesTheInnerSegmentAndItsName) {
  for (const TunnelCase& tunnel : tunnel_cases()) {
    SCOPED_TRACE(tunnel.name);
    const Octets frame = ethernet(tunnel.ether_type, tunnel.packet);
    Decoder decoder;
    const Decoded found = decode(decoder, frame);
    ASSERT_EQ(found.result, DecodeResult::segment);
    EXPECT_EQ(found.flow, tunnel.flow);
    EXPECT_EQ(as_text(found.payload), "abcd");
    const Encapsulation& outer = found.segment.encapsulation;
    if (tunnel.name != "AuthenticationHeader") {
      EXPECT_EQ(std::vector(outer.tunnels.begin(), outer.tunnels.begin() + outer.num_tunnels), tunnel.tunnels);
    }
    EXPECT_EQ(found.segment.payload_offset, frame.size() - 4);
    EXPECT_EQ(decoder.counters().bad_ip_checksum, 0U);
  }
}

TEST(Tunnels, EachCutAtEveryLengthIsTruncatedOrTheSameSegment) {
  for (const TunnelCase& tunnel : tunnel_cases()) {
    SCOPED_TRACE(tunnel.name);
    if (tunnel.name.ends_with("OnAnyPort")) continue;  // cut, it is not recognised: then it is UDP like any other
    expect_cuts_are_safe(ethernet(tunnel.ether_type, tunnel.packet), LinkLayer::ethernet);
  }
}

TEST(Tunnels, ThreeNestedOverlaysAreWithinTheLimit) {
  Octets frame = kInnerFrame;
  for (int i = 0; i < 3; ++i) frame = ethernet(0x0800, ipv4(17, udp(4789, join({kVxlan, frame}))));
  EXPECT_EQ(decode(frame).flow, kUdp4Flow);
}

struct ResultCase {
  std::string_view name;
  Octets packet;
  DecodeResult result;
  std::uint16_t ether_type = 0x0800;
};

TEST(Tunnels, WhatCannotBeFollowedIsSaidToBeWhatItIs) {
  const std::vector<ResultCase> cases{
      {"GreKeepAlive", ipv4(47, annotated_hex("0000 0000")), DecodeResult::not_transport},
      {"GreWithRouting", ipv4(47, join({annotated_hex("4000 0800"), kUdp4})), DecodeResult::unsupported},
      {"GreOfVersionTwo", ipv4(47, join({annotated_hex("0002 0800"), kUdp4})), DecodeResult::unsupported},
      {"GreWithAnUnknownProtocol", ipv4(47, join({annotated_hex("0000 9000"), kUdp4})), DecodeResult::unsupported},
      {"PptpAcknowledgmentAlone", ipv4(47, annotated_hex("2081 880b 0000 0001 00000001")), DecodeResult::not_transport},
      {"PptpEncrypted", ipv4(47, annotated_hex("3001 880b 0004 0001 00000001 00fd 9000")), DecodeResult::unsupported},
      {"EoipKeepAlive", ipv4(47, annotated_hex("2001 6400 0000 0700")), DecodeResult::not_transport},
      {"ErspanThreeOfAnotherFrameType", ipv4(47, join({annotated_hex("1000 22eb 00000001  20640001 00000000 00000400"), kInnerFrame})),
       DecodeResult::unsupported},
      {"VxlanWithArp", ipv4(17, udp(4789, join({kVxlan, ethernet(0x0806, Octets(28))}))), DecodeResult::not_ip},
      {"VxlanWithHalfAFrame", ipv4(17, udp(4789, join({kVxlan, kMacs}))), DecodeResult::malformed},
      {"GtpUWithAnEmptyExtensionHeader", ipv4(17, udp(2152, join({annotated_hex("34 ff 0028 00000001 0000 00 85  00 0000 00"), kUdp4}))),
       DecodeResult::malformed},
      {"GtpUWithNeitherIpNorEthernet", ipv4(17, udp(2152, join({annotated_hex("30 ff 0020 00000001"), Octets(32)}))),
       DecodeResult::unsupported},
      {"MplsWithoutABottom", annotated_hex("00064040 00064040"), DecodeResult::malformed, 0x8847},
      {"MplsWithTooManyLabels", Octets(200), DecodeResult::unsupported, 0x8847},
      {"MplsWithAControlChannel", join({annotated_hex("00064140 10000021"), Octets(40)}), DecodeResult::not_ip, 0x8847},
      {"InnerVersionAgainstTheOuterProtocol", ipv4(4, kTcp6), DecodeResult::malformed},
      {"InnerPacketLongerThanTheOuter", ipv4(4, Octets{kUdp4.begin(), kUdp4.end() - 2}), DecodeResult::malformed},
  };
  for (const ResultCase& other : cases) {
    SCOPED_TRACE(other.name);
    EXPECT_EQ(decode(ethernet(other.ether_type, other.packet)).result, other.result);
  }
}

TEST(Tunnels, ADatagramThatMerelyUsesATunnelsPortIsADatagram) {
  const std::vector<std::pair<std::uint16_t, Octets>> cases{
      {4789, annotated_hex("8000 0001 00000000 00000001")},                                // RTP
      {4789, annotated_hex("0a3b 8180 0001 0001 0000 0000")},                              // DNS whose identifier has the I flag
      {4789, join({annotated_hex("08000000 00000101"), kInnerFrame})},                     // a reserved octet that is not zero
      {8472, annotated_hex("08000000 000001")},                                            // too short
      {6081, annotated_hex("0101 000c 2112a442 000000000000000000000000")},                // STUN
      {6081, annotated_hex("4000 6558 00000100")},                                         // GENEVE of another version
      {2152, annotated_hex("32 01 0004 00000000 0001 0000")},                              // GTP echo request
      {2152, annotated_hex("30 ff 0021 00000001 45")},                                     // a length beyond the datagram
      {14789, join({kVxlan, annotated_hex("020000000002 020000000001 0800 4500 0000")})},  // VXLAN's header by chance
  };
  for (const auto& [port, payload] : cases) {
    const Decoded found = decode(ethernet(0x0800, ipv4(17, udp(port, payload))));
    EXPECT_EQ(found.flow, "192.0.2.1:40000 > 192.0.2.2:" + std::to_string(port) + " udp");
    EXPECT_EQ(found.payload, payload);
    EXPECT_EQ(found.segment.encapsulation.num_tunnels, 0);
  }
}

TEST(Tunnels, AFrameThatAMirrorCutInsideItsTunnelHasItsPayloadCut) {
  const Octets cut{kInnerFrame.begin(), kInnerFrame.end() - 2};
  Decoder decoder;
  const Decoded found = decode(decoder, ethernet(0x0800, ipv4(47, join({annotated_hex("1000 88be 00000001  10640401 00000000"), cut}))));
  EXPECT_EQ(found.flow, kUdp4Flow);
  EXPECT_EQ(as_text(found.payload), "ab");
  EXPECT_EQ(found.segment.payload_wire_bytes, 4U);
  EXPECT_EQ(decoder.counters().payload_cut, 1U);
}

}  // namespace
}  // namespace sealtrace::decode
