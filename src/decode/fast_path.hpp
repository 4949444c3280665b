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
  Bytes captured;         ///< transport header and payload, what there is of them
  std::size_t bytes = 0;  ///< of both, by the IP header
  std::uint64_t packet_key = 0;
  IpProtocol protocol{};
};

/// FrameBytes is a frame: what was captured, and how long it was on the wire.
struct FrameBytes {
  Bytes captured;
  std::size_t wire_bytes = 0;
};

/// take_packet gives what there is of the `packet_bytes` that the packet at the start of `rest`, the end of the frame, has by its header.
/// Empty when the frame was shorter.
inline Bytes take_packet(const FrameBytes& frame, Bytes rest, std::size_t packet_bytes) {
  if (packet_bytes <= rest.size()) [[likely]]
    return rest.first(packet_bytes);
  return packet_bytes <= rest.size() + std::max(frame.wire_bytes, frame.captured.size()) - frame.captured.size() ? rest : Bytes{};
}

/// read_plain_ipv4 accepts an IPv4 packet without options that is no fragment, no longer than the frame, and sums up.
inline PlainPacket read_plain_ipv4(const FrameBytes& frame, Bytes rest, Segment& out) {
  const auto header = FixedHeader<20>::at(rest);
  if (!header) return {};
  constexpr std::uint64_t kVersionAndFragment = 0xFF3F'0000'0000'00FF;  // of the first eight octets, version, header length, more fragments
  constexpr std::uint64_t kVersion4WithoutOptions = 0x45;               // and fragment offset
  if ((header.le64<0>() & kVersionAndFragment) != kVersion4WithoutOptions || !ipv4_header_good(header)) return {};
  const std::size_t total_length = header.be16<2>();
  const Bytes packet = take_packet(frame, rest, total_length);
  if (packet.size() < 20) return {};
  out.source.address = IpAddress::v4(header.octets<12, 4>());
  out.destination.address = IpAddress::v4(header.octets<16, 4>());
  out.ip_bytes = static_cast<std::uint32_t>(total_length);
  return {.captured = packet.subspan(20),
          .bytes = total_length - 20,
          .packet_key = ipv4_packet_key(header),
          .protocol = IpProtocol{header.u8<9>()}};
}

/// read_plain_ipv6 accepts an IPv6 packet without extension headers that is no longer than the frame.
inline PlainPacket read_plain_ipv6(const FrameBytes& frame, Bytes rest, Segment& out) {
  const auto header = FixedHeader<40>::at(rest);
  if (!header) return {};
  const std::size_t payload_length = header.be16<4>();
  if (header.u8<0>() >> 4U != 6 || payload_length == 0) return {};
  const Bytes packet = take_packet(frame, rest, payload_length + 40);
  if (packet.empty()) return {};
  const std::uint8_t next_header = header.u8<6>();
  out.source.address = IpAddress::v6(header.octets<8, 16>());
  out.destination.address = IpAddress::v6(header.octets<24, 16>());
  out.ip_bytes = static_cast<std::uint32_t>(payload_length + 40);
  return {.captured = packet.subspan(40),
          .bytes = payload_length,
          .packet_key = ipv6_packet_key(header, next_header, out.ip_bytes),
          .protocol = IpProtocol{next_header}};
}

/// end_plain fills in what follows from the place of a TCP segment or UDP datagram in the frame.
[[gnu::always_inline]] inline bool end_plain(const FrameBytes& frame, SegmentSpan span, std::uint64_t packet_key, Segment& out,
                                             DecodeCounters& counters) {
  span.offset = static_cast<std::size_t>(span.octets.data() - frame.captured.data());
  fill_payload(span, packet_key, out);
  verify_sampled(out, span.octets, counters);
  return true;
}

/// read_plain_udp accepts a datagram that is no tunnel.
[[gnu::always_inline]] inline bool read_plain_udp(const FrameBytes& frame, const PlainPacket& packet, Segment& out,
                                                  DecodeCounters& counters) {
  Bytes octets = packet.captured;
  const auto header = FixedHeader<8>::at(octets);
  if (!header) return false;
  const std::size_t length = header.be16<4>();
  if (length != packet.bytes) [[unlikely]] {
    if (length < 8 || length > packet.bytes) return false;
    octets = octets.first(std::min(length, octets.size()));
  }
  const std::uint16_t destination_port = header.be16<2>();
  if (may_be_udp_tunnel(destination_port, octets.subspan(8))) [[unlikely]] {
    return false;
  }
  fill_udp_header(header.be16<0>(), destination_port, out);
  return end_plain(frame, {.octets = octets, .header_bytes = 8, .payload_wire_bytes = length - 8}, packet.packet_key, out, counters);
}

/// read_plain_tcp accepts a segment of which the fixed part of the header was captured.
[[gnu::always_inline]] inline bool read_plain_tcp(const FrameBytes& frame, const PlainPacket& packet, Segment& out,
                                                  DecodeCounters& counters) {
  const auto header = FixedHeader<20>::at(packet.captured);
  if (!header) return false;
  const std::size_t header_bytes = (std::size_t{header.u8<12>()} >> 4U) * 4;
  if (header_bytes < 20 || header_bytes > packet.bytes) return false;
  fill_tcp_header(header, out);
  return end_plain(frame, {.octets = packet.captured, .header_bytes = header_bytes, .payload_wire_bytes = packet.bytes - header_bytes},
                   packet.packet_key, out, counters);
}

/// read_plain_frame decodes Ethernet with at most two VLAN tags, IPv4 without options or IPv6 without extension headers, and TCP or
/// UDP that is no tunnel. It says false of anything else, damaged frames among it: then the walk decides, which gives the
/// same segment where both can read a frame (decoder_fuzz.cpp holds them to it).
[[gnu::always_inline]] inline bool read_plain_frame(const FrameBytes& frame, Segment& out, DecodeCounters& counters) {
  constexpr std::size_t kEthernetBytes = 14;
  const auto ethernet = FixedHeader<kEthernetBytes>::at(frame.captured);
  if (!ethernet) return false;
  EtherType type{ethernet.be16<12>()};
  Bytes rest = frame.captured.subspan(kEthernetBytes);
  if (type != EtherType::ipv4) [[unlikely]] {
    for (unsigned num_tags = 0; type == EtherType::vlan || type == EtherType::service_vlan; ++num_tags) {
      const auto tag = FixedHeader<4>::at(rest);
      constexpr unsigned kMaxTags = 2;
      if (!tag || num_tags == kMaxTags) return false;
      add_vlan(out.encapsulation, tag.be16<0>());
      type = EtherType{tag.be16<2>()};
      rest = rest.subspan(4);
    }
  }
  PlainPacket packet;
  if (type == EtherType::ipv4) [[likely]] {
    packet = read_plain_ipv4(frame, rest, out);
  } else if (type == EtherType::ipv6) {
    packet = read_plain_ipv6(frame, rest, out);
  }
  if (packet.protocol == IpProtocol::udp) return read_plain_udp(frame, packet, out, counters);
  return packet.protocol == IpProtocol::tcp && read_plain_tcp(frame, packet, out, counters);
}

}  // namespace sealtrace::decode
