#include "decode/link_layers.hpp"

#include <bit>

#include "decode/ether_type.hpp"

namespace sealtrace::decode {

namespace {

/// kMinEtherType separates EtherTypes from lengths of IEEE 802.3 frames (IEEE 802.3 section 3.2.6).
constexpr std::uint16_t kMinEtherType = 0x0600;
constexpr std::uint16_t kMaxLlcBytes = 1500;

/// step_into_type_or_length names what follows the last field of an Ethernet header or VLAN tag, and cuts the padding of an
/// 802.3 frame, whose length is the field itself.
Step step_into_type_or_length(Walk& walk, std::uint16_t type_or_length) {
  if (type_or_length >= kMinEtherType) return step_into(EtherType{type_or_length});
  if (type_or_length > kMaxLlcBytes) return Step::end(DecodeResult::malformed);
  walk.window.limit(type_or_length);
  return Step::to(Layer::llc);
}

}  // namespace

Step first_step(LinkLayer link_layer) {
  switch (link_layer) {
    case LinkLayer::ethernet: return Step::to(Layer::ethernet);
    case LinkLayer::null:
    case LinkLayer::loop: return Step::to(Layer::null_loopback);
    case LinkLayer::ppp: return Step::to(Layer::ppp);
    case LinkLayer::ppp_hdlc: return Step::to(Layer::ppp_hdlc);
    case LinkLayer::ppp_ether: return Step::to(Layer::pppoe);
    case LinkLayer::raw_bsd:
    case LinkLayer::raw_openbsd:
    case LinkLayer::raw: return Step::to(Layer::ip);
    case LinkLayer::chdlc: return Step::to(Layer::cisco_hdlc);
    case LinkLayer::linux_sll: return Step::to(Layer::linux_sll);
    case LinkLayer::linux_sll2: return Step::to(Layer::linux_sll2);
    case LinkLayer::ipv4: return Step::to(Layer::ipv4);
    case LinkLayer::ipv6: return Step::to(Layer::ipv6);
  }
  return Step::end(DecodeResult::unsupported);
}

Step read_ethernet(Walk& walk) {
  const auto header = walk.window.header<14>();
  if (!header) return walk.window.lacks(14);
  const std::uint16_t type_or_length = header.be16<12>();
  walk.window.advance(14);
  walk.window.ends_by_length = false;  // mirrors cut frames before they put them into a tunnel (ERSPAN, VXLAN)
  return step_into_type_or_length(walk, type_or_length);
}

Step read_vlan(Walk& walk) {
  const auto tag = walk.window.header<4>();
  if (!tag) return walk.window.lacks(4);
  walk.add_vlan(tag.be16<0>());
  const std::uint16_t type_or_length = tag.be16<2>();
  walk.window.advance(4);
  return step_into_type_or_length(walk, type_or_length);
}

Step read_backbone_tag(Walk& walk) {
  if (!walk.window.has(4)) return walk.window.lacks(4);
  walk.window.advance(4);  // I-PCP, I-DEI, UCA, I-SID
  return Step::to(Layer::ethernet);
}

Step read_llc(Walk& walk) {
  const auto header = walk.window.header<3>();
  if (!header) return walk.window.lacks(3);
  constexpr std::uint16_t kSnap = 0xAAAA;
  constexpr std::uint16_t kIp = 0x0606;  // RFC 948
  constexpr std::uint8_t kUnnumberedInformation = 0x03;
  const std::uint16_t service_access_points = header.be16<0>();
  if (header.u8<2>() != kUnnumberedInformation) return Step::end(DecodeResult::not_ip);
  if (service_access_points == kIp) {
    walk.window.advance(3);
    return Step::to(Layer::ipv4);
  }
  if (service_access_points != kSnap) return Step::end(DecodeResult::not_ip);
  const auto snap = walk.window.header<8>();
  if (!snap) return walk.window.lacks(8);
  const std::uint32_t organization = snap.be32<2>() & 0x00FFFFFFU;
  constexpr std::uint32_t kEncapsulatedEthernet = 0x000000;  // RFC 1042
  constexpr std::uint32_t kBridgeTunnel = 0x0000F8;          // IEEE 802.1H
  if (organization != kEncapsulatedEthernet && organization != kBridgeTunnel) return Step::end(DecodeResult::not_ip);
  const EtherType type{snap.be16<6>()};
  walk.window.advance(8);
  return step_into(type);
}

Step read_wireless(Walk& walk) {
  const auto header = walk.window.header<2>();
  if (!header) return walk.window.lacks(2);
  const std::uint8_t type = header.u8<0>();
  const std::uint8_t flags = header.u8<1>();
  constexpr std::uint8_t kTypeMask = 0x0C, kData = 0x08, kNoData = 0x40, kQos = 0x80;
  constexpr std::uint8_t kBothDistribution = 0x03, kProtected = 0x40;
  if ((type & kTypeMask) != kData || (type & kNoData) != 0) return Step::end(DecodeResult::not_ip);
  std::size_t header_bytes = 24;
  if ((flags & kBothDistribution) == kBothDistribution) header_bytes += 6;  // the fourth address
  if ((type & kQos) != 0) header_bytes += 2;
  if ((flags & kProtected) != 0) header_bytes += 4;  // the initialisation vector of WEP stays behind
  if (!walk.window.has(header_bytes)) return walk.window.lacks(header_bytes);
  walk.window.advance(header_bytes);
  return Step::to(Layer::llc);
}

namespace {

/// step_into_cooked reads the protocol field of the cooked headers, which is an EtherType only for devices that have EtherTypes.
Step step_into_cooked(std::uint16_t arphrd_type, std::uint16_t protocol) {
  constexpr std::uint16_t kNetlink = 824;
  constexpr std::uint16_t kFirstWireless = 801;  // ARPHRD_IEEE80211 to ARPHRD_IEEE80211_RADIOTAP
  constexpr std::uint16_t kLastWireless = 803;
  constexpr std::uint16_t kLlc = 0x0004;
  if (arphrd_type == kNetlink) return Step::end(DecodeResult::not_ip);
  if (arphrd_type >= kFirstWireless && arphrd_type <= kLastWireless) return Step::end(DecodeResult::unsupported);
  if (protocol == kLlc) return Step::to(Layer::llc);
  if (protocol < kMinEtherType) return Step::end(DecodeResult::not_ip);
  return step_into(EtherType{protocol});
}

}  // namespace

Step read_linux_sll(Walk& walk) {
  const auto header = walk.window.header<16>();
  if (!header) return walk.window.lacks(16);
  walk.window.advance(16);
  return step_into_cooked(header.be16<2>(), header.be16<14>());
}

Step read_linux_sll2(Walk& walk) {
  const auto header = walk.window.header<20>();
  if (!header) return walk.window.lacks(20);
  walk.window.advance(20);
  return step_into_cooked(header.be16<8>(), header.be16<0>());
}

Step read_null_loopback(Walk& walk) {
  const auto header = walk.window.header<4>();
  if (!header) return walk.window.lacks(4);
  std::uint32_t family = header.be32<0>();
  if (family > 0xFFFF) family = std::byteswap(family);  // the writer's byte order; families are small numbers
  walk.window.advance(4);
  switch (family) {
    case 2: return Step::to(Layer::ipv4);   // AF_INET everywhere
    case 10:                                // AF_INET6 of Linux
    case 23:                                // Windows
    case 24:                                // NetBSD, OpenBSD
    case 28:                                // FreeBSD
    case 30: return Step::to(Layer::ipv6);  // Darwin
    default: return Step::end(DecodeResult::not_ip);
  }
}

Step read_cisco_hdlc(Walk& walk) {
  const auto header = walk.window.header<4>();
  if (!header) return walk.window.lacks(4);
  const EtherType type{header.be16<2>()};
  walk.window.advance(4);
  return step_into(type);
}

Step read_ppp_hdlc(Walk& walk) {
  if (!walk.window.has(1)) return walk.window.lacks(1);
  constexpr std::uint8_t kCiscoUnicast = 0x0F;
  constexpr std::uint8_t kCiscoMulticast = 0x8F;
  const std::uint8_t address = walk.window.bytes.front();
  return Step::to(address == kCiscoUnicast || address == kCiscoMulticast ? Layer::cisco_hdlc : Layer::ppp);
}

Step read_ppp(Walk& walk) {
  constexpr std::uint16_t kAllStationsUnnumbered = 0xFF03;
  constexpr std::uint8_t kAllStations = 0xFF;  // no protocol number starts or ends with it
  if (const auto framing = walk.window.header<2>(); framing && framing.be16<0>() == kAllStationsUnnumbered) {
    walk.window.advance(2);
  } else if (!framing && walk.window.has(1) && walk.window.bytes.front() == kAllStations) {
    return walk.window.lacks(2);
  }
  if (!walk.window.has(1)) return walk.window.lacks(1);
  std::uint16_t protocol = walk.window.bytes.front();
  if ((protocol & 1U) != 0) {  // the last octet of a protocol number is odd, the others even (RFC 1661 section 2)
    walk.window.advance(1);
  } else {
    const auto field = walk.window.header<2>();
    if (!field) return walk.window.lacks(2);
    protocol = field.be16<0>();
    walk.window.advance(2);
  }
  constexpr std::uint16_t kFirstControlProtocol = 0x8000;
  switch (protocol) {
    case 0x0021: return Step::to(Layer::ipv4);
    case 0x0057: return Step::to(Layer::ipv6);
    case 0x0281:
    case 0x0283: return Step::to(Layer::mpls);
    default: break;
  }
  // Below are network protocols; among them are compressed and encrypted ones that may hold IP.
  return Step::end(protocol >= kFirstControlProtocol ? DecodeResult::not_ip : DecodeResult::unsupported);
}

Step read_pppoe(Walk& walk) {
  const auto header = walk.window.header<6>();
  if (!header) return walk.window.lacks(6);
  constexpr std::uint8_t kVersionAndType = 0x11;
  constexpr std::uint8_t kSessionData = 0x00;
  if (header.u8<0>() != kVersionAndType) return Step::end(DecodeResult::malformed);
  if (header.u8<1>() != kSessionData) return Step::end(DecodeResult::not_ip);  // discovery
  const std::uint16_t length = header.be16<4>();
  walk.window.advance(6);
  walk.window.limit(length);
  walk.add_tunnel(Tunnel::pppoe);
  return Step::to(Layer::ppp);
}

}  // namespace sealtrace::decode
