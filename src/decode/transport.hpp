// TCP and UDP headers, and ESP: the end of the walk.
#pragma once

#include "decode/checksum.hpp"
#include "decode/duplicate_key.hpp"
#include "decode/walk.hpp"

namespace sealtrace::decode {

/// fill_tcp_header copies the fixed part of a TCP header (RFC 9293 section 3.1).
inline void fill_tcp_header(const FixedHeader<20>& header, Segment& out) {
  out.transport = Transport::tcp;
  out.source.port = header.be16<0>();
  out.destination.port = header.be16<2>();
  out.sequence = header.be32<4>();
  out.acknowledgment = header.be32<8>();
  out.flags.bits = header.u8<13>() & 0x3FU;
}

/// fill_udp_header copies the ports of a UDP header (RFC 768).
inline void fill_udp_header(std::uint16_t source_port, std::uint16_t destination_port, Segment& out) {
  out.transport = Transport::udp;
  out.source.port = source_port;
  out.destination.port = destination_port;
  out.sequence = 0;
  out.acknowledgment = 0;
  out.flags.bits = 0;
}

/// SegmentSpan is the captured part of a TCP segment or UDP datagram: its header, and what there is of its payload.
struct SegmentSpan {
  Bytes octets;
  std::size_t offset = 0;  ///< in the frame
  std::size_t header_bytes = 0;
  std::size_t payload_wire_bytes = 0;
};

/// fill_payload fills what TCP and UDP have in common. Of a header with options the options may be cut.
inline void fill_payload(const SegmentSpan& span, std::uint64_t packet_key, Segment& out) {
  const std::size_t skip = span.header_bytes < span.octets.size() ? span.header_bytes : span.octets.size();
  out.payload = span.octets.subspan(skip);
  out.payload_wire_bytes = static_cast<std::uint32_t>(span.payload_wire_bytes);
  out.payload_offset = out.reassembled ? 0 : static_cast<std::uint32_t>(span.offset + skip);
  out.duplicate_key = duplicate_key(packet_key, span.octets);
}

/// kChecksumSampleMask picks one segment in 64, by a hash of the packet, to have its TCP or UDP checksum verified: sums over all
/// payloads would cost more than everything else here. The sample is the same whoever decodes the packet and in which order.
inline constexpr std::uint64_t kChecksumSampleMask = 63;

/// has_good_checksum tells whether a segment of the sample sums up as its header says.
bool has_good_checksum(const Segment& segment, Bytes octets);

/// verify_sampled counts a wrong checksum of a segment that belongs to the sample.
inline void verify_sampled(const Segment& segment, Bytes octets, DecodeCounters& counters) {
  if ((segment.duplicate_key & kChecksumSampleMask) == 0 && !has_good_checksum(segment, octets)) [[unlikely]] {
    ++counters.bad_transport_checksum;
  }
}

/// read_tcp and read_udp read the last header of a walk. A UDP length below the packet's leaves octets that belong to nobody; a
/// length of zero means "to the end of the packet" in IPv6 (RFC 2675 section 4). read_udp goes on where the datagram is a tunnel's.
Step read_tcp(Walk& walk);
Step read_udp(Walk& walk);
/// read_esp takes an ESP packet (RFC 4303 section 2) as a datagram without ports that begins with its header.
Step read_esp(Walk& walk);

}  // namespace sealtrace::decode
