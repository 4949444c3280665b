// The fast path: the frames that nearly every capture is made of, in straight code.
#pragma once

#include <algorithm>

#include "decode/ether_type.hpp"
#include "decode/internet.hpp"
#include "decode/transport.hpp"
#include "decode/udp_tunnels.hpp"

namespace sealtrace::decode {

/// PlainPacket is an IP packet that the fast path accepts; `protocol` is neither TCP nor UDP when it does not.
struct PlainPacket {
  std::size_t segment_offset = 0;  ///< of the transport header in the frame
  std::size_t segment_bytes = 0;   ///< transport header and payload, by the IP header
  std::uint64_t packet_key = 0;
  std::uint64_t address_sum = 0;
  IpProtocol protocol{};
};

/// read_plain_ipv4 accepts an IPv4 packet without options that is no fragment, no longer than the frame, and sums up.
inline PlainPacket read_plain_ipv4(Bytes frame, std::size_t wire_bytes, std::size_t offset, Segment& out) {
  const auto header = FixedHeader<20>::at(frame, offset);
  if (!header) return {};
  constexpr std::uint8_t kVersion4WithoutOptions = 0x45;
  constexpr std::uint16_t kMoreFragmentsOrOffset = 0x3FFF;
  const std::size_t total_length = header.be16<2>();
  if (header.u8<0>() != kVersion4WithoutOptions || (header.be16<6>() & kMoreFragmentsOrOffset) != 0) return {};
  if (total_length < 20 || total_length > wire_bytes - offset || fold_sum(ipv4_header_sum(header)) != 0xFFFF) return {};
  const std::uint64_t addresses = header.le64<12>();
  const std::uint8_t protocol = header.u8<9>();
  out.source.address = IpAddress::v4(header.octets<12, 4>());
  out.destination.address = IpAddress::v4(header.octets<16, 4>());
  out.ip_bytes = static_cast<std::uint32_t>(total_length);
  return {.segment_offset = offset + 20,
          .segment_bytes = total_length - 20,
          .packet_key = ipv4_packet_key(addresses, protocol, header.be16<4>(), out.ip_bytes),
          .address_sum = addresses,
          .protocol = IpProtocol{protocol}};
}

/// read_plain_ipv6 accepts an IPv6 packet without extension headers that is no longer than the frame.
inline PlainPacket read_plain_ipv6(Bytes frame, std::size_t wire_bytes, std::size_t offset, Segment& out) {
  const auto header = FixedHeader<40>::at(frame, offset);
  if (!header) return {};
  const std::size_t payload_length = header.be16<4>();
  if (header.u8<0>() >> 4U != 6 || payload_length == 0 || payload_length + 40 > wire_bytes - offset) return {};
  const std::uint8_t next_header = header.u8<6>();
  out.source.address = IpAddress::v6(header.octets<8, 16>());
  out.destination.address = IpAddress::v6(header.octets<24, 16>());
  out.ip_bytes = static_cast<std::uint32_t>(payload_length + 40);
  return {.segment_offset = offset + 40,
          .segment_bytes = payload_length,
          .packet_key = ipv6_packet_key(header, next_header, out.ip_bytes),
          .address_sum = ipv6_address_sum(header),
          .protocol = IpProtocol{next_header}};
}

/// read_plain_frame decodes Ethernet with at most two VLAN tags, IPv4 without options or IPv6 without extension headers, and TCP or
/// UDP that is no tunnel. It says false of anything else, damaged frames among it: then the walk decides, which gives the
/// same segment where both can read a frame (decoder_fuzz.cpp holds them to it).
[[gnu::always_inline]] inline bool read_plain_frame(Bytes frame, std::size_t wire_bytes, Segment& out, DecodeCounters& counters) {
  const auto ethernet = FixedHeader<14>::at(frame);
  if (!ethernet) return false;
  EtherType type{ethernet.be16<12>()};
  std::size_t offset = 14;
  while (type == EtherType::vlan || type == EtherType::service_vlan) [[unlikely]] {
    const auto tag = FixedHeader<4>::at(frame, offset);
    constexpr std::size_t kAfterTwoTags = 14 + 2 * 4;
    if (!tag || offset == kAfterTwoTags) return false;
    add_vlan(out.encapsulation, tag.be16<0>());
    type = EtherType{tag.be16<2>()};
    offset += 4;
  }
  PlainPacket packet;
  if (type == EtherType::ipv4) [[likely]] {
    packet = read_plain_ipv4(frame, wire_bytes, offset, out);
  } else if (type == EtherType::ipv6) {
    packet = read_plain_ipv6(frame, wire_bytes, offset, out);
  }

  SegmentSpan span{.octets = frame.subspan(std::min(packet.segment_offset, frame.size())), .offset = packet.segment_offset};
  if (packet.protocol == IpProtocol::udp) {
    const auto header = FixedHeader<8>::at(span.octets);
    if (!header) return false;
    const std::size_t length = header.be16<4>();
    if (length < 8 || length > packet.segment_bytes) return false;
    span.octets = span.octets.first(std::min(length, span.octets.size()));
    span.header_bytes = 8;
    span.payload_wire_bytes = length - 8;
    const std::uint16_t destination_port = header.be16<2>();
    if (may_be_udp_tunnel(destination_port, span.octets.subspan(8))) [[unlikely]] {
      return false;
    }
    fill_udp_header(header.be16<0>(), destination_port, out);
  } else if (packet.protocol == IpProtocol::tcp) {
    span.octets = span.octets.first(std::min(packet.segment_bytes, span.octets.size()));
    const auto header = FixedHeader<20>::at(span.octets);
    if (!header) return false;
    span.header_bytes = (std::size_t{header.u8<12>()} >> 4U) * 4;
    if (span.header_bytes < 20 || span.header_bytes > packet.segment_bytes) return false;
    span.payload_wire_bytes = packet.segment_bytes - span.header_bytes;
    fill_tcp_header(header, out);
  } else {
    return false;
  }
  fill_payload(span, packet.packet_key, out);
  verify_sampled(out, span.octets, packet.address_sum, counters);
  return true;
}

}  // namespace sealtrace::decode
