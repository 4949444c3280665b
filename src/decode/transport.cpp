#include "decode/transport.hpp"

#include <algorithm>

#include "decode/udp_tunnels.hpp"

namespace sealtrace::decode {
namespace {

Step end_segment(Walk& walk, const SegmentSpan& span) {
  fill_payload(span, walk.packet_key, walk.out);
  verify_sampled(walk.out, span.octets, walk.counters);
  return Step::end(DecodeResult::segment);
}

}  // namespace

bool has_good_checksum(const Segment& segment, Bytes octets) {
  if (segment.payload.size() != segment.payload_wire_bytes) return true;  // cut: nobody can tell
  const auto udp = FixedHeader<8>::at(octets);
  if (segment.transport == Transport::udp && udp && udp.be16<6>() == 0) return true;  // none was computed (RFC 768)
  const std::uint64_t addresses = address_sum(segment.source.address, segment.destination.address);
  return transport_checksum_good(octets, addresses, static_cast<std::uint8_t>(segment.transport));
}

Step read_tcp(Walk& walk) {
  const auto header = walk.window.header<20>();
  if (!header) return walk.window.lacks(20);
  const std::size_t header_bytes = (std::size_t{header.u8<12>()} >> 4U) * 4;
  const std::size_t segment_bytes = walk.window.wire_bytes + walk.missing_bytes;
  if (header_bytes < 20 || header_bytes > segment_bytes) return Step::end(DecodeResult::malformed);
  fill_tcp_header(header, walk.out);
  return end_segment(walk, {.octets = walk.window.bytes,
                            .offset = walk.window.offset,
                            .header_bytes = header_bytes,
                            .payload_wire_bytes = segment_bytes - header_bytes});
}

Step read_udp(Walk& walk) {
  const auto header = walk.window.header<8>();
  if (!header) return walk.window.lacks(8);
  const std::size_t packet_bytes = walk.window.wire_bytes + walk.missing_bytes;
  std::size_t length = header.be16<4>();
  if (length == 0 && walk.is_ipv6) length = packet_bytes;
  if (length < 8 || length > packet_bytes) return Step::end(DecodeResult::malformed);
  const SegmentSpan span{.octets = walk.window.bytes.first(std::min(length, walk.window.bytes.size())),
                         .offset = walk.window.offset,
                         .header_bytes = 8,
                         .payload_wire_bytes = length - 8};
  const std::uint16_t destination_port = header.be16<2>();
  UdpPayload payload{.window = walk.window, .payload_bytes = length - 8};
  payload.window.limit(length);
  payload.window.advance(8);
  if (const Layer tunnel = udp_tunnel(destination_port, payload); tunnel != Layer::end) {
    walk.window = payload.window;
    return Step::to(tunnel);
  }
  fill_udp_header(header.be16<0>(), destination_port, walk.out);
  return end_segment(walk, span);
}

Step read_esp(Walk& walk) {
  constexpr std::size_t kSpiAndSequenceBytes = 8;
  if (!walk.window.has(kSpiAndSequenceBytes)) return walk.window.lacks(kSpiAndSequenceBytes);
  fill_udp_header(0, 0, walk.out);
  walk.out.transport = Transport::esp;
  fill_payload({.octets = walk.window.bytes,
                .offset = walk.window.offset,
                .header_bytes = 0,
                .payload_wire_bytes = walk.window.wire_bytes + walk.missing_bytes},
               walk.packet_key, walk.out);
  return Step::end(DecodeResult::segment);
}

}  // namespace sealtrace::decode
