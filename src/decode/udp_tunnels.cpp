#include "decode/udp_tunnels.hpp"

#include "decode/checksum.hpp"
#include "decode/ether_type.hpp"
#include "decode/guess.hpp"

namespace sealtrace::decode {
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

bool is_vxlan(const UdpPayload& payload) {
  const auto header = payload.window.header<8>();
  if (!header) return payload.payload_bytes >= 8;
  return header.u8<7>() == 0 && step_into_vxlan(header.be32<0>()).layer != Layer::end;
}

bool is_vxlan_by_content(const UdpPayload& payload) {
  const auto start = payload.window.header<4>();
  if (!start || start.be32<0>() != kVxlanFlags || !is_vxlan(payload)) return false;
  constexpr std::size_t kVxlanAndEthernetBytes = 8 + 14;
  Window inner = payload.window;
  if (!inner.has(kVxlanAndEthernetBytes)) return false;
  const EtherType type{inner.header<kVxlanAndEthernetBytes>().be16<kVxlanAndEthernetBytes - 2>()};
  inner.advance(kVxlanAndEthernetBytes);
  if (type == EtherType::ipv4) return ipv4_fits(inner) && ipv4_header_good(inner.header<20>());
  const auto ipv6 = inner.header<40>();
  return type == EtherType::ipv6 && ipv6 && ipv6.u8<0>() >> 4U == 6 && std::size_t{ipv6.be16<4>()} + 40 == inner.wire_bytes;
}

bool is_geneve(const UdpPayload& payload) {
  const auto header = payload.window.header<8>();
  if (!header) return payload.payload_bytes >= 8;
  const unsigned version = header.u8<0>() >> 6U;
  return version == 0 && step_into(EtherType{header.be16<2>()}).layer != Layer::end;
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

}  // namespace

Layer udp_tunnel(std::uint16_t destination_port, const UdpPayload& payload) {
  switch (destination_port) {
    case kGtpUPort: return is_gtp_u(payload) ? Layer::gtp_u : Layer::end;
    case kGenevePort: return is_geneve(payload) ? Layer::geneve : Layer::end;
    case kVxlanPort:
    case kVxlanGpePort:
    case kLinuxVxlanPort: return is_vxlan(payload) ? Layer::vxlan : Layer::end;
    default: return is_vxlan_by_content(payload) ? Layer::vxlan : Layer::end;
  }
}

Step read_vxlan(Walk& walk) {
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  const std::uint32_t flags = header.be32<0>();
  walk.window.advance(8);
  walk.add_tunnel(Tunnel::vxlan);
  return step_into_vxlan(flags);
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
