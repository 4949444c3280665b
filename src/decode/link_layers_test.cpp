#include "decode/link_layers.hpp"

#include <gtest/gtest.h>

#include "decode/test_frames.hpp"

namespace sealtrace::decode {
namespace {

struct LinkCase {
  std::string_view name;
  LinkLayer link_layer;
  Octets frame;
  std::string_view flow;
  std::vector<std::uint16_t> vlans;
  std::vector<Tunnel> tunnels;
};

const std::vector<LinkCase>& link_cases() {
  static const std::vector<LinkCase> cases{
      {"EthernetTwo", LinkLayer::ethernet, ethernet(0x0800, kUdp4), kUdp4Flow, {}, {}},
      {"EthernetTwoWithIpv6", LinkLayer::ethernet, ethernet(0x86DD, kTcp6), kTcp6Flow, {}, {}},
      {"LlcSnap", LinkLayer::ethernet, ethernet(40, join({annotated_hex("aaaa03 000000 0800"), kUdp4})), kUdp4Flow, {}, {}},
      {"LlcSnapOfBridgeTunnel", LinkLayer::ethernet, ethernet(40, join({annotated_hex("aaaa03 0000f8 0800"), kUdp4})), kUdp4Flow, {}, {}},
      {"WirelessDataInEthernet",
       LinkLayer::ethernet,
       ethernet(0x2452, join({annotated_hex("0842 0201 008048243332 0010c6306bb3 0090d0eb46e7 90a0 85d21700 aaaa03 000000 0800"), kUdp4})),
       kUdp4Flow,
       {},
       {}},
      {"LlcIp", LinkLayer::ethernet, ethernet(35, join({annotated_hex("060603"), kUdp4})), kUdp4Flow, {}, {}},
      {"OneVlan", LinkLayer::ethernet, ethernet(0x8100, join({annotated_hex("6064 0800"), kTcp4})), kTcp4Flow, {100}, {}},
      {"QinQ", LinkLayer::ethernet, ethernet(0x88A8, join({annotated_hex("0064 8100 00c8 86dd"), kTcp6})), kTcp6Flow, {100, 200}, {}},
      {"OldQinQ", LinkLayer::ethernet, ethernet(0x9100, join({annotated_hex("0064 8100 00c8 0800"), kUdp4})), kUdp4Flow, {100, 200}, {}},
      {"ThreeVlans",
       LinkLayer::ethernet,
       ethernet(0x88A8, join({annotated_hex("0001 8100 0002 8100 0003 0800"), kUdp4})),
       kUdp4Flow,
       {1, 2, 3},
       {}},
      {"APriorityTagIsNoVlan", LinkLayer::ethernet, ethernet(0x8100, join({annotated_hex("e000 0800"), kUdp4})), kUdp4Flow, {}, {}},
      {"VlanOverLlcSnap",
       LinkLayer::ethernet,
       ethernet(0x8100, join({annotated_hex("0064 0028 aaaa03 000000 0800"), kUdp4})),
       kUdp4Flow,
       {100},
       {}},
      {"ProviderBackboneBridge",
       LinkLayer::ethernet,
       ethernet(0x88A8, join({annotated_hex("0064 88e7  00001234 # I-TAG"), ethernet(0x0800, kUdp4)})),
       kUdp4Flow,
       {100},
       {}},
      {"Pppoe",
       LinkLayer::ethernet,
       ethernet(0x8864, join({annotated_hex("11 00 0007 0022  0021"), kUdp4})),
       kUdp4Flow,
       {},
       {Tunnel::pppoe}},
      {"PppoeWithIpv6InVlan",
       LinkLayer::ethernet,
       ethernet(0x8100, join({annotated_hex("0064 8864 11 00 0007 0042  0057"), kTcp6})),
       kTcp6Flow,
       {100},
       {Tunnel::pppoe}},
      {"PppoeAsLinkType", LinkLayer::ppp_ether, join({annotated_hex("11 00 0007 0022  0021"), kUdp4}), kUdp4Flow, {}, {Tunnel::pppoe}},
      {"Ppp", LinkLayer::ppp, join({annotated_hex("0021"), kUdp4}), kUdp4Flow, {}, {}},
      {"PppWithHdlcFraming", LinkLayer::ppp, join({annotated_hex("ff03 0021"), kUdp4}), kUdp4Flow, {}, {}},
      {"PppWithCompressedProtocol", LinkLayer::ppp, join({annotated_hex("57"), kTcp6}), kTcp6Flow, {}, {}},
      {"PppHdlc", LinkLayer::ppp_hdlc, join({annotated_hex("ff03 0057"), kTcp6}), kTcp6Flow, {}, {}},
      {"CiscoHdlcInPppHdlc", LinkLayer::ppp_hdlc, join({annotated_hex("0f00 0800"), kUdp4}), kUdp4Flow, {}, {}},
      {"CiscoHdlc", LinkLayer::chdlc, join({annotated_hex("8f00 86dd"), kTcp6}), kTcp6Flow, {}, {}},
      {"LinuxCooked", LinkLayer::linux_sll, join({annotated_hex("0000 0001 0006 020000000001 0000  0800"), kUdp4}), kUdp4Flow, {}, {}},
      {"LinuxCookedWithVlan",
       LinkLayer::linux_sll,
       join({annotated_hex("0000 0001 0006 020000000001 0000  8100  0064 0800"), kUdp4}),
       kUdp4Flow,
       {100},
       {}},
      {"LinuxCookedTwo",
       LinkLayer::linux_sll2,
       join({annotated_hex("86dd 0000 00000002 0001 00 06 020000000001 0000"), kTcp6}),
       kTcp6Flow,
       {},
       {}},
      {"LinuxCookedTwoWithVlan",
       LinkLayer::linux_sll2,
       join({annotated_hex("8100 0000 00000002 0001 00 06 020000000001 0000  0064 86dd"), kTcp6}),
       kTcp6Flow,
       {100},
       {}},
      {"NullInLittleEndian", LinkLayer::null, join({annotated_hex("02000000"), kUdp4}), kUdp4Flow, {}, {}},
      {"NullInBigEndian", LinkLayer::null, join({annotated_hex("00000002"), kUdp4}), kUdp4Flow, {}, {}},
      {"NullOfDarwinWithIpv6", LinkLayer::null, join({annotated_hex("1e000000"), kTcp6}), kTcp6Flow, {}, {}},
      {"LoopOfOpenBsdWithIpv6", LinkLayer::loop, join({annotated_hex("00000018"), kTcp6}), kTcp6Flow, {}, {}},
      {"NullOfFreeBsdWithIpv6", LinkLayer::null, join({annotated_hex("1c000000"), kTcp6}), kTcp6Flow, {}, {}},
      {"RawIpv4", LinkLayer::raw, kUdp4, kUdp4Flow, {}, {}},
      {"RawIpv6", LinkLayer::raw, kTcp6, kTcp6Flow, {}, {}},
      {"RawOfBsd", LinkLayer::raw_bsd, kTcp4, kTcp4Flow, {}, {}},
      {"RawOfOpenBsd", LinkLayer::raw_openbsd, kTcp4, kTcp4Flow, {}, {}},
      {"LinkTypeIpv4", LinkLayer::ipv4, kTcp4, kTcp4Flow, {}, {}},
      {"LinkTypeIpv6", LinkLayer::ipv6, kTcp6, kTcp6Flow, {}, {}},
  };
  return cases;
}

TEST(LinkLayers, EachGivesItsSegmentWithItsOuterPath) {
  for (const LinkCase& link : link_cases()) {
    SCOPED_TRACE(link.name);
    Decoder decoder;
    const Decoded found = decode(decoder, link.frame, link.link_layer);
    ASSERT_EQ(found.result, DecodeResult::segment);
    EXPECT_EQ(found.flow, link.flow);
    EXPECT_EQ(as_text(found.payload), "abcd");
    const Encapsulation& outer = found.segment.encapsulation;
    EXPECT_EQ(std::vector(outer.vlans.begin(), outer.vlans.begin() + outer.num_vlans), link.vlans);
    EXPECT_EQ(std::vector(outer.tunnels.begin(), outer.tunnels.begin() + outer.num_tunnels), link.tunnels);
    EXPECT_EQ(found.segment.payload_offset, link.frame.size() - 4);
    EXPECT_EQ(decoder.counters().segments, 1U);
    EXPECT_EQ(decoder.counters().bad_ip_checksum, 0U);
  }
}

TEST(LinkLayers, EachCutAtEveryLengthIsTruncatedOrTheSameSegment) {
  for (const LinkCase& link : link_cases()) {
    SCOPED_TRACE(link.name);
    expect_cuts_are_safe(link.frame, link.link_layer);
  }
}

struct OtherCase {
  std::string_view name;
  LinkLayer link_layer;
  Octets frame;
  DecodeResult result;
};

TEST(LinkLayers, WhatIsNoIpIsSaidToBeWhatItIs) {
  const std::vector<OtherCase> cases{
      {"Arp", LinkLayer::ethernet, ethernet(0x0806, annotated_hex("0001 0800 06 04 0001")), DecodeResult::not_ip},
      {"SpanningTree", LinkLayer::ethernet, ethernet(38, join({annotated_hex("4242 03 0000"), Octets(33)})), DecodeResult::not_ip},
      {"CiscoDiscovery", LinkLayer::ethernet, ethernet(10, annotated_hex("aaaa03 00000c 2000 02b4")), DecodeResult::not_ip},
      {"NovellIpx", LinkLayer::ethernet, ethernet(4, annotated_hex("ffff 0000")), DecodeResult::not_ip},
      {"ALengthThatNoFrameHas", LinkLayer::ethernet, ethernet(1501, Octets(1501)), DecodeResult::malformed},
      {"PppoeDiscovery", LinkLayer::ethernet, ethernet(0x8863, annotated_hex("11 09 0000 0000")), DecodeResult::not_ip},
      {"PppoeOfAnUnknownVersion", LinkLayer::ethernet, ethernet(0x8864, annotated_hex("21 00 0007 0002 0021")), DecodeResult::malformed},
      {"PppLinkControl", LinkLayer::ppp, annotated_hex("ff03 c021 01 01 0004"), DecodeResult::not_ip},
      {"PppEncrypted", LinkLayer::ppp, annotated_hex("0053 9000"), DecodeResult::unsupported},
      {"PppWithoutAProtocol", LinkLayer::ppp, annotated_hex("ff03"), DecodeResult::malformed},
      {"Netlink", LinkLayer::linux_sll, annotated_hex("0004 0338 0000 0000000000000000 0800"), DecodeResult::not_ip},
      {"WirelessInCooked", LinkLayer::linux_sll, annotated_hex("0004 0323 0000 0000000000000000 0019"), DecodeResult::unsupported},
      {"AnotherAddressFamily", LinkLayer::null, annotated_hex("07000000 00"), DecodeResult::not_ip},
      {"RawWithVersionFive", LinkLayer::raw, annotated_hex("50"), DecodeResult::malformed},
      {"AnUnknownLinkType", LinkLayer{147}, kUdp4, DecodeResult::unsupported},
      {"Nothing", LinkLayer::ethernet, {}, DecodeResult::malformed},
  };
  for (const OtherCase& other : cases) {
    SCOPED_TRACE(other.name);
    EXPECT_EQ(decode(other.frame, other.link_layer).result, other.result);
  }
}

TEST(LinkLayers, EachFrameIsCountedOnce) {
  Decoder decoder;
  decode(decoder, ethernet(0x0800, kUdp4));
  decode(decoder, ethernet(0x0806, {}));
  decode(decoder, ethernet(0x0800, {}));
  decode(decoder, ethernet(0x0800, kUdp4), LinkLayer::ethernet, 100);  // padding was cut, nothing else
  decode(decoder, {}, LinkLayer::ethernet, 60);
  decode(decoder, kUdp4, LinkLayer{147});
  decode(decoder, ipv4(1, {}), LinkLayer::raw);
  const DecodeCounters& counters = decoder.counters();
  EXPECT_EQ(counters.segments, 2U);
  EXPECT_EQ(counters.not_ip, 1U);
  EXPECT_EQ(counters.malformed, 1U);
  EXPECT_EQ(counters.truncated, 1U);
  EXPECT_EQ(counters.unsupported, 1U);
  EXPECT_EQ(counters.not_transport, 1U);
  EXPECT_EQ(counters.payload_cut, 0U);
}

TEST(LinkLayers, MoreVlansThanAreKeptAreCounted) {
  Decoder decoder;
  const Decoded found =
      decode(decoder, ethernet(0x8100, join({annotated_hex("0001 8100 0002 8100 0003 8100 0004 8100 0005 0800"), kUdp4})));
  EXPECT_EQ(found.flow, kUdp4Flow);
  EXPECT_EQ(found.segment.encapsulation.num_vlans, 4);
  EXPECT_EQ(decoder.counters().encapsulation_cut, 1U);
}

TEST(LinkLayers, AFrameMadeDeepEndsAtTheLimit) {
  Octets tags;
  for (int i = 0; i < 30; ++i) tags = join({tags, annotated_hex("0001 8100")});
  Decoder decoder;
  EXPECT_EQ(decode(decoder, ethernet(0x8100, join({tags, annotated_hex("0001 0800"), kUdp4}))).result, DecodeResult::unsupported);
  EXPECT_EQ(decoder.counters().nesting_exceeded, 1U);
}

TEST(LinkLayers, ASegmentIsFilledAnewEachTime) {
  Decoder decoder;
  Segment segment;
  const Octets outer = ethernet(0x8100, join({annotated_hex("0064 0800"), ipv4(47, join({annotated_hex("0000 0800"), kTcp4}))}));
  ASSERT_EQ(decoder.decode(outer, static_cast<std::uint32_t>(outer.size()), LinkLayer::ethernet, {}, segment), DecodeResult::segment);
  const Octets plain = ethernet(0x0800, kUdp4);
  ASSERT_EQ(decoder.decode(plain, static_cast<std::uint32_t>(plain.size()), LinkLayer::ethernet, {}, segment), DecodeResult::segment);
  EXPECT_EQ(segment.encapsulation, Encapsulation{});
  EXPECT_EQ(segment.transport, Transport::udp);
  EXPECT_EQ(segment.flags.bits, 0);
  EXPECT_EQ(segment.sequence, 0U);
}

}  // namespace
}  // namespace sealtrace::decode
