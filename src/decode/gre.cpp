#include "decode/ether_type.hpp"
#include "decode/tunnels.hpp"

namespace sealtrace::decode {
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

}  // namespace sealtrace::decode
