#include "decode/tunnels.hpp"

#include "decode/checksum.hpp"
#include "decode/ether_type.hpp"

namespace sealtrace::decode {
namespace {

/// ipv4_fits tells whether what follows reads as an IPv4 header with lengths that fit the window.
bool ipv4_fits(const Window& window) {
  const auto header = window.header<20>();
  if (!header) return false;
  const std::size_t header_bytes = std::size_t{header.u8<0>() & 0x0FU} * 4;
  const std::size_t total_length = header.be16<2>();
  return header.u8<0>() >> 4U == 4 && header_bytes >= 20 && total_length >= header_bytes && total_length <= window.wire_bytes;
}

/// step_into_guess tells IPv4, IPv6 and Ethernet apart where no field does, by version and EtherType. An IPv4 header whose
/// lengths do not fit is taken for an Ethernet address if an EtherType follows.
Step step_into_guess(const Window& window) {
  constexpr std::size_t kEnoughBytes = 20;
  if (!window.has(kEnoughBytes)) return window.lacks(kEnoughBytes);
  const unsigned version = window.bytes.front() >> 4U;
  if (version == 4 && ipv4_fits(window)) return Step::to(Layer::ipv4);
  if (version == 6 && !looks_like_ethernet<0>(window)) return Step::to(Layer::ipv6);
  if (looks_like_ethernet<0>(window)) return Step::to(Layer::ethernet);
  if (version == 4) return Step::to(Layer::ipv4);
  return Step::end(DecodeResult::unsupported);
}

}  // namespace

Step read_mpls(Walk& walk) {
  walk.add_tunnel(Tunnel::mpls);
  constexpr unsigned kMaxLabels = 16;  // forwarding hardware imposes at most about ten
  bool bottom_of_stack = false;
  for (unsigned num_labels = 0; !bottom_of_stack; ++num_labels) {
    if (num_labels == kMaxLabels) return Step::end(DecodeResult::unsupported);
    const auto entry = walk.window.header<4>();
    if (!entry) return walk.window.lacks(4);
    bottom_of_stack = (entry.u8<2>() & 0x01U) != 0;
    walk.window.advance(4);
  }
  constexpr std::size_t kEnoughBytes = 18;  // a control word and an Ethernet header
  if (!walk.window.has(kEnoughBytes)) return walk.window.lacks(kEnoughBytes);
  const unsigned first_nibble = walk.window.bytes.front() >> 4U;
  if (first_nibble == 0 && looks_like_ethernet<4>(walk.window)) {
    walk.window.advance(4);  // RFC 4448 section 4.6
    return Step::to(Layer::ethernet);
  }
  if (first_nibble == 1 && !looks_like_ethernet<0>(walk.window))
    return Step::end(DecodeResult::not_ip);  // RFC 4385 section 5: a channel for operation
  return step_into_guess(walk.window);
}

namespace {

/// read_erspan passes an ERSPAN header of the type that the GRE header implies; the mirrored Ethernet frame follows.
/// (draft-foschiano-erspan-03)
Step read_erspan_i_or_ii(Walk& walk, bool has_sequence_number) {
  walk.add_tunnel(Tunnel::erspan);
  if (!has_sequence_number) return Step::to(Layer::ethernet);  // type I has no header of its own
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  walk.window.advance(8);
  return Step::to(Layer::ethernet);
}

Step read_erspan_iii(Walk& walk) {
  walk.add_tunnel(Tunnel::erspan);
  const auto header = walk.window.header<12>();
  if (!header) return walk.window.lacks(12);
  const std::uint8_t last_octet = header.u8<11>();
  constexpr std::uint8_t kPlatformSubheader = 0x01;
  const std::size_t header_bytes = (last_octet & kPlatformSubheader) != 0 ? 20 : 12;
  const unsigned frame_type = header.be16<10>() >> 10U & 0x1FU;
  if (!walk.window.has(header_bytes)) return walk.window.lacks(header_bytes);
  walk.window.advance(header_bytes);
  constexpr unsigned kEthernetFrame = 0;
  constexpr unsigned kIpPacket = 2;
  if (frame_type == kEthernetFrame) return Step::to(Layer::ethernet);
  return frame_type == kIpPacket ? Step::to(Layer::ip) : Step::end(DecodeResult::unsupported);
}

constexpr std::uint16_t kGreErspan = 0x88BE;
constexpr std::uint16_t kGreErspanIii = 0x22EB;
constexpr std::uint16_t kGreWccp = 0x883E;
constexpr std::uint16_t kGreEoip = 0x6400;
constexpr std::uint16_t kChecksumPresent = 0x8000;
constexpr std::uint16_t kRoutingPresent = 0x4000;
constexpr std::uint16_t kKeyPresent = 0x2000;
constexpr std::uint16_t kSequenceNumberPresent = 0x1000;
constexpr std::uint16_t kAcknowledgmentPresent = 0x0080;  // version 1

Step read_gre_0(Walk& walk, std::uint16_t flags, std::uint16_t protocol) {
  if ((flags & kRoutingPresent) != 0) return Step::end(DecodeResult::unsupported);  // RFC 1701; taken back by RFC 2784
  std::size_t header_bytes = 4;
  for (const std::uint16_t field : {kChecksumPresent, kKeyPresent, kSequenceNumberPresent}) {
    if ((flags & field) != 0) header_bytes += 4;
  }
  if (!walk.window.has(header_bytes)) return walk.window.lacks(header_bytes);
  walk.window.advance(header_bytes);
  if (protocol == kGreErspan) return read_erspan_i_or_ii(walk, (flags & kSequenceNumberPresent) != 0);
  if (protocol == kGreErspanIii) return read_erspan_iii(walk);
  walk.add_tunnel(Tunnel::gre);
  if (protocol == kGreWccp) {
    if (!walk.window.has(1)) return walk.window.lacks(1);
    if (walk.window.bytes.front() >> 4U == 4) return Step::to(Layer::ipv4);  // WCCP version 1
    if (!walk.window.has(4)) return walk.window.lacks(4);
    walk.window.advance(4);  // the redirect header of version 2
    return Step::to(Layer::ipv4);
  }
  constexpr std::uint16_t kKeepAlive = 0;
  if (protocol == kKeepAlive) return Step::end(DecodeResult::not_transport);
  const Step step = step_into(EtherType{protocol});
  return step.layer == Layer::end ? Step::end(DecodeResult::unsupported) : step;
}

Step read_gre_1(Walk& walk, std::uint16_t flags, std::uint16_t protocol) {
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  const std::uint16_t payload_length = header.be16<4>();
  walk.add_tunnel(Tunnel::gre);
  constexpr std::uint16_t kEoipFlags = 0x2001;
  if (protocol == kGreEoip && flags == kEoipFlags) {
    walk.window.advance(8);
    walk.window.limit(payload_length);
    return payload_length == 0 ? Step::end(DecodeResult::not_transport) : Step::to(Layer::ethernet);  // empty: a keep-alive
  }
  if (EtherType{protocol} != EtherType::ppp) return Step::end(DecodeResult::unsupported);
  std::size_t header_bytes = 8;
  if ((flags & kSequenceNumberPresent) != 0) header_bytes += 4;
  if ((flags & kAcknowledgmentPresent) != 0) header_bytes += 4;
  if (!walk.window.has(header_bytes)) return walk.window.lacks(header_bytes);
  walk.window.advance(header_bytes);
  if (payload_length == 0) return Step::end(DecodeResult::not_transport);  // an acknowledgment alone
  walk.window.limit(payload_length);
  return Step::to(Layer::ppp);
}

}  // namespace

Step read_gre(Walk& walk) {
  const auto header = walk.window.header<4>();
  if (!header) return walk.window.lacks(4);
  const std::uint16_t flags = header.be16<0>();
  const std::uint16_t protocol = header.be16<2>();
  switch (flags & 0x0007U) {
    case 0: return read_gre_0(walk, flags, protocol);
    case 1: return read_gre_1(walk, flags, protocol);
    default: return Step::end(DecodeResult::unsupported);
  }
}

namespace {

constexpr std::uint32_t kVxlanGpeFlags = 0x0C000000;  // the I flag and the P flag: the last octet says what follows

/// step_into_vxlan names what a VXLAN header with these first four octets carries. Reserved bits must be zero: the flag alone would
/// make tunnels of one in two datagrams that merely use the port.
Step step_into_vxlan(std::uint32_t flags) {
  constexpr std::uint32_t kGroupPolicyFlags = 0x88000000;  // draft-smith-vxlan-group-policy
  constexpr std::uint32_t kGroupPolicyBits = 0x0048FFFF;   // D and A flags, the group
  if (flags == kVxlanFlags || (flags & ~kGroupPolicyBits) == kGroupPolicyFlags) return Step::to(Layer::ethernet);
  switch (flags) {
    case kVxlanGpeFlags | 1U: return Step::to(Layer::ipv4);
    case kVxlanGpeFlags | 2U: return Step::to(Layer::ipv6);
    case kVxlanGpeFlags | 3U: return Step::to(Layer::ethernet);
    case kVxlanGpeFlags | 5U: return Step::to(Layer::mpls);
    default: return Step::end(DecodeResult::unsupported);
  }
}

}  // namespace

bool is_vxlan(const UdpPayload& payload) {
  const auto header = payload.window.header<8>();
  if (!header) return payload.payload_bytes >= 8;
  return header.u8<7>() == 0 && step_into_vxlan(header.be32<0>()).layer != Layer::end;
}

bool is_vxlan_by_content(const UdpPayload& payload) {
  if (!is_vxlan(payload)) return false;
  constexpr std::size_t kVxlanAndEthernetBytes = 8 + 14;
  Window inner = payload.window;
  if (!inner.has(kVxlanAndEthernetBytes)) return false;
  const EtherType type{inner.header<kVxlanAndEthernetBytes>().be16<kVxlanAndEthernetBytes - 2>()};
  inner.advance(kVxlanAndEthernetBytes);
  if (type == EtherType::ipv4) return ipv4_fits(inner) && fold_sum(ipv4_header_sum(inner.header<20>())) == 0xFFFF;
  const auto ipv6 = inner.header<40>();
  return type == EtherType::ipv6 && ipv6 && ipv6.u8<0>() >> 4U == 6 && std::size_t{ipv6.be16<4>()} + 40 == inner.wire_bytes;
}

Step read_vxlan(Walk& walk) {
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  const std::uint32_t flags = header.be32<0>();
  walk.window.advance(8);
  walk.add_tunnel(Tunnel::vxlan);
  return step_into_vxlan(flags);
}

bool is_geneve(const UdpPayload& payload) {
  const auto header = payload.window.header<8>();
  if (!header) return payload.payload_bytes >= 8;
  const unsigned version = header.u8<0>() >> 6U;
  return version == 0 && step_into(EtherType{header.be16<2>()}).layer != Layer::end;
}

Step read_geneve(Walk& walk) {
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  const std::size_t header_bytes = 8 + std::size_t{header.u8<0>() & 0x3FU} * 4;
  const EtherType type{header.be16<2>()};
  if (!walk.window.has(header_bytes)) return walk.window.lacks(header_bytes);
  walk.window.advance(header_bytes);
  walk.add_tunnel(Tunnel::geneve);
  return step_into(type);
}

bool is_gtp_u(const UdpPayload& payload) {
  const auto header = payload.window.header<8>();
  if (!header) return payload.payload_bytes >= 8;
  constexpr std::uint8_t kVersionAndProtocolType = 0xF0;
  constexpr std::uint8_t kVersion1 = 0x30;
  constexpr std::uint8_t kGPdu = 255;
  return (header.u8<0>() & kVersionAndProtocolType) == kVersion1 && header.u8<1>() == kGPdu &&
         std::size_t{header.be16<2>()} + 8 <= payload.payload_bytes;
}

Step read_gtp_u(Walk& walk) {
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  const std::uint8_t flags = header.u8<0>();
  const std::uint16_t length = header.be16<2>();
  walk.window.advance(8);
  walk.window.limit(length);
  walk.add_tunnel(Tunnel::gtp_u);
  constexpr std::uint8_t kAnyOptionalField = 0x07;
  constexpr std::uint8_t kExtensionHeader = 0x04;
  if ((flags & kAnyOptionalField) == 0) return step_into_guess(walk.window);
  const auto optional_fields = walk.window.header<4>();
  if (!optional_fields) return walk.window.lacks(4);
  std::uint8_t next_extension_type = (flags & kExtensionHeader) != 0 ? optional_fields.u8<3>() : std::uint8_t{0};
  walk.window.advance(4);
  while (next_extension_type != 0) {  // each takes at least four octets of the window
    if (!walk.window.has(1)) return walk.window.lacks(1);
    const std::size_t extension_bytes = std::size_t{walk.window.bytes.front()} * 4;
    if (extension_bytes == 0) return Step::end(DecodeResult::malformed);
    if (!walk.window.has(extension_bytes)) return walk.window.lacks(extension_bytes);
    next_extension_type = walk.window.bytes[extension_bytes - 1];
    walk.window.advance(extension_bytes);
  }
  return step_into_guess(walk.window);
}

}  // namespace sealtrace::decode
