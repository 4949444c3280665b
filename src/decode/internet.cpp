#include "decode/internet.hpp"

#include "decode/fragment_table.hpp"

namespace sealtrace::decode {
namespace {

/// step_into names the layer that follows an IP header or extension header.
Step step_into(Walk& walk, IpProtocol protocol) {
  if (protocol == IpProtocol::udp) return Step::to(Layer::udp);
  if (protocol == IpProtocol::tcp) return Step::to(Layer::tcp);
  switch (protocol) {
    case IpProtocol::ipv4: walk.add_tunnel(Tunnel::ip_in_ip); return Step::to(Layer::ipv4);
    case IpProtocol::ipv6: walk.add_tunnel(Tunnel::ip_in_ip); return Step::to(Layer::ipv6);
    case IpProtocol::gre: return Step::to(Layer::gre);
    case IpProtocol::esp: return Step::to(Layer::esp);
    case IpProtocol::mpls: return Step::to(Layer::mpls);
    case IpProtocol::authentication_header: return Step::to(Layer::authentication);
    case IpProtocol::hop_by_hop_options:
    case IpProtocol::routing:
    case IpProtocol::destination_options:
      if (walk.is_ipv6) return Step::to(Layer::ipv6_options);
      break;
    case IpProtocol::fragment:
      if (walk.is_ipv6) return Step::to(Layer::ipv6_fragment);
      break;
    case IpProtocol::tcp:
    case IpProtocol::udp: break;
  }
  return Step::end(DecodeResult::not_transport);
}

/// enter_packet limits the window to the packet's length; false when a length field before it leaves less room, so that no
/// receiver takes the packet. A packet longer than the frame is taken for one that a tool cut without keeping the frame's length: its
/// headers are read, and its payload counts as cut.
bool enter_packet(Walk& walk, std::size_t packet_bytes) {
  const std::size_t wire_bytes = walk.window.wire_bytes;
  walk.missing_bytes = packet_bytes > wire_bytes ? packet_bytes - wire_bytes : 0;
  if (walk.missing_bytes != 0 && walk.window.ends_by_length) return false;
  walk.window.limit(packet_bytes);
  return true;
}

/// reassemble hands the window to the table as a fragment. When that makes the datagram whole, the walk goes on in it.
Step reassemble(Walk& walk, const Fragment& fragment, std::uint8_t protocol, std::uint32_t identification, std::size_t header_bytes) {
  const std::size_t captured_bytes = walk.window.bytes.size();
  if (captured_bytes < walk.window.wire_bytes + walk.missing_bytes) {
    ++walk.counters.fragments_dropped;  // a piece of a fragment would leave a hole that nothing fills
    return Step::end(captured_bytes < walk.window.wire_bytes ? DecodeResult::truncated : DecodeResult::malformed);
  }
  const FragmentKey key{.source = walk.out.source.address,
                        .destination = walk.out.destination.address,
                        .identification = identification,
                        .protocol = walk.is_ipv6 ? std::uint8_t{0} : protocol,
                        .num_headers = walk.num_headers,
                        .encapsulation = walk.out.encapsulation};
  const FragmentOutcome outcome = walk.fragments.add(key, fragment, protocol, walk.time, walk.counters);
  if (!outcome.whole) return Step::end(outcome.result);
  walk.out.reassembled = true;
  walk.out.ip_bytes = static_cast<std::uint32_t>(header_bytes + outcome.datagram.size());
  walk.packet_key = datagram_key(address_sum(key.source, key.destination), outcome.protocol, identification);
  walk.window = {.bytes = outcome.datagram, .wire_bytes = outcome.datagram.size(), .ends_by_length = true};
  return step_into(walk, IpProtocol{outcome.protocol});
}

/// pass_ipv4_options passes an IPv4 header with options and checks its sum; false when not all of it was captured.
bool pass_ipv4_options(Walk& walk, std::size_t header_bytes) {
  if (!walk.window.has(header_bytes)) return false;
  if (fold_sum(checksum_sum(walk.window.bytes.first(header_bytes))) != 0xFFFF) walk.bad_ip_checksum = true;
  walk.window.advance(header_bytes);
  return true;
}

/// read_ipv4_fragment hands a fragment to the table, and goes on with the datagram when it is whole.
Step read_ipv4_fragment(Walk& walk, const FixedHeader<20>& header, std::size_t header_bytes) {
  constexpr std::uint16_t kMoreFragments = 0x2000;
  constexpr std::size_t kFragmentOffset = 0x1FFF;  // in units of eight octets
  const std::uint16_t flags_and_offset = header.be16<6>();
  const Fragment fragment{.payload = walk.window.bytes,
                          .offset = (flags_and_offset & kFragmentOffset) * 8,
                          .more_fragments = (flags_and_offset & kMoreFragments) != 0,
                          .max_datagram_bytes = kMaxIpv4PacketBytes - header_bytes};
  return reassemble(walk, fragment, header.u8<9>(), header.be16<4>(), header_bytes);
}

}  // namespace

Step read_ipv4(Walk& walk) {
  const auto header = walk.window.header<20>();
  if (!header) return walk.window.lacks(20);
  const std::uint8_t version_and_ihl = header.u8<0>();
  const std::size_t header_bytes = std::size_t{version_and_ihl & 0x0FU} * 4;
  std::size_t total_length = header.be16<2>();
  if (version_and_ihl >> 4U != 4 || header_bytes < 20) return Step::end(DecodeResult::malformed);
  if (total_length == 0) total_length = walk.window.wire_bytes;
  if (total_length < header_bytes) return Step::end(DecodeResult::malformed);

  const std::uint8_t protocol = header.u8<9>();
  Segment& out = walk.out;
  out.source.address = IpAddress::v4(header.octets<12, 4>());
  out.destination.address = IpAddress::v4(header.octets<16, 4>());
  out.ip_bytes = static_cast<std::uint32_t>(total_length);
  walk.is_ipv6 = false;
  walk.packet_key = ipv4_packet_key(header);

  if (!enter_packet(walk, total_length)) return Step::end(DecodeResult::malformed);
  if (header_bytes == 20) {
    if (!ipv4_header_good(header)) walk.bad_ip_checksum = true;
    walk.window.advance(20);
  } else if (!pass_ipv4_options(walk, header_bytes)) {
    return walk.window.lacks(header_bytes);
  }
  constexpr std::uint16_t kMoreFragmentsOrOffset = 0x3FFF;
  if ((header.be16<6>() & kMoreFragmentsOrOffset) != 0) return read_ipv4_fragment(walk, header, header_bytes);
  return step_into(walk, IpProtocol{protocol});
}

Step read_ipv6(Walk& walk) {
  const auto header = walk.window.header<40>();
  if (!header) return walk.window.lacks(40);
  if (header.u8<0>() >> 4U != 6) return Step::end(DecodeResult::malformed);
  const std::uint16_t payload_length = header.be16<4>();
  const IpProtocol next_header{header.u8<6>()};
  std::size_t packet_bytes = std::size_t{payload_length} + 40;
  if (payload_length == 0) {
    if (next_header == IpProtocol::hop_by_hop_options) return Step::end(DecodeResult::unsupported);
    if (next_header == IpProtocol::tcp) packet_bytes = walk.window.wire_bytes;
  }
  Segment& out = walk.out;
  out.source.address = IpAddress::v6(header.octets<8, 16>());
  out.destination.address = IpAddress::v6(header.octets<24, 16>());
  out.ip_bytes = static_cast<std::uint32_t>(packet_bytes);
  walk.is_ipv6 = true;
  walk.packet_key = ipv6_packet_key(header, header.u8<6>(), out.ip_bytes);

  if (!enter_packet(walk, packet_bytes)) return Step::end(DecodeResult::malformed);
  walk.window.advance(40);
  return step_into(walk, next_header);
}

Step read_ip(Walk& walk) {
  if (!walk.window.has(1)) return walk.window.lacks(1);
  const unsigned version = walk.window.bytes.front() >> 4U;
  if (version == 4) return Step::to(Layer::ipv4);
  if (version == 6) return Step::to(Layer::ipv6);
  return Step::end(DecodeResult::malformed);
}

Step read_ipv6_options(Walk& walk) {
  const auto header = walk.window.header<2>();
  if (!header) return walk.window.lacks(2);
  const IpProtocol next_header{header.u8<0>()};
  const std::size_t header_bytes = (std::size_t{header.u8<1>()} + 1) * 8;
  if (!walk.window.has(header_bytes)) return walk.window.lacks(header_bytes);
  walk.window.advance(header_bytes);
  return step_into(walk, next_header);
}

Step read_ipv6_fragment(Walk& walk) {
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  const std::uint8_t next_header = header.u8<0>();
  const std::uint16_t offset_and_flags = header.be16<2>();
  const std::uint32_t identification = header.be32<4>();
  walk.window.advance(8);
  constexpr std::size_t kFragmentOffset = 0xFFF8;  // in units of eight octets, in place
  constexpr std::size_t kMoreFragments = 0x0001;
  if ((offset_and_flags & (kFragmentOffset | kMoreFragments)) == 0) return step_into(walk, IpProtocol{next_header});
  const Fragment fragment{.payload = walk.window.bytes,
                          .offset = offset_and_flags & kFragmentOffset,
                          .more_fragments = (offset_and_flags & kMoreFragments) != 0,
                          .max_datagram_bytes = kMaxIpv6PayloadBytes};
  constexpr std::size_t kIpv6HeaderBytes = 40;
  return reassemble(walk, fragment, next_header, identification, kIpv6HeaderBytes);
}

Step read_authentication(Walk& walk) {
  const auto header = walk.window.header<2>();
  if (!header) return walk.window.lacks(2);
  const IpProtocol next_header{header.u8<0>()};
  const std::size_t header_bytes = (std::size_t{header.u8<1>()} + 2) * 4;
  constexpr std::size_t kMinHeaderBytes = 12;  // without an integrity check value
  if (header_bytes < kMinHeaderBytes) return Step::end(DecodeResult::malformed);
  if (!walk.window.has(header_bytes)) return walk.window.lacks(header_bytes);
  walk.window.advance(header_bytes);
  return step_into(walk, next_header);
}

}  // namespace sealtrace::decode
