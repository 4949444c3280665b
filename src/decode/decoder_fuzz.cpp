// Feeds a decoder frames of every link type, whole and cut. The input is a run of frames: one octet for the link type, one for the
// octets that the snaplen cut, one for the seconds since the last frame, two for the captured length, and the frame.
// It holds the decoder to: the payload lies where it says; no payload is longer than it was on the wire; each frame is counted once; the
// fast path and the walk agree; and a frame cut shorter gives the same segment with less payload, or none.
#include <array>
#include <chrono>
#include <cstdlib>

#include "decode/decoder.hpp"
#include "wire/byte_reader.hpp"

namespace {

using namespace sealtrace;

constexpr std::array kLinkLayers{LinkLayer::ethernet,    LinkLayer::null,     LinkLayer::ppp,       LinkLayer::raw_bsd,
                                 LinkLayer::raw_openbsd, LinkLayer::ppp_hdlc, LinkLayer::ppp_ether, LinkLayer::raw,
                                 LinkLayer::chdlc,       LinkLayer::loop,     LinkLayer::linux_sll, LinkLayer::ipv4,
                                 LinkLayer::linux_sll2,  LinkLayer::ipv6,     LinkLayer{147}};

void require(bool condition) {
  if (!condition) std::abort();
}

std::uint64_t frames_counted(const DecodeCounters& counters) {
  return counters.segments + counters.fragments + counters.not_ip + counters.not_transport + counters.truncated + counters.malformed +
         counters.unsupported;
}

std::uint64_t sum_of(Bytes bytes) {
  std::uint64_t sum = 0;
  for (const std::uint8_t octet : bytes) sum = sum * 31 + octet;  // reads every octet: the sanitizer sees one that is not ours
  return sum;
}

void check_segment(const Segment& segment, Bytes frame) {
  require(segment.payload.size() <= segment.payload_wire_bytes);
  require(segment.encapsulation.num_vlans <= segment.encapsulation.vlans.size());
  require(segment.encapsulation.num_tunnels <= segment.encapsulation.tunnels.size());
  sum_of(segment.payload);
  if (segment.reassembled) {
    require(segment.payload_offset == 0 && segment.payload.size() == segment.payload_wire_bytes);
    return;
  }
  require(segment.payload_offset + segment.payload.size() <= frame.size());
  require(segment.payload.data() == frame.subspan(segment.payload_offset).data());
}

bool same_but_for_payload(const Segment& a, const Segment& b) {
  return a.source == b.source && a.destination == b.destination && a.transport == b.transport && a.flags.bits == b.flags.bits &&
         a.sequence == b.sequence && a.acknowledgment == b.acknowledgment && a.payload_wire_bytes == b.payload_wire_bytes &&
         a.ip_bytes == b.ip_bytes && a.reassembled == b.reassembled && a.encapsulation == b.encapsulation;
}
bool same(const Segment& a, const Segment& b) {
  return same_but_for_payload(a, b) && a.payload_offset == b.payload_offset && a.duplicate_key == b.duplicate_key &&
         a.payload.size() == b.payload.size() && sum_of(a.payload) == sum_of(b.payload);
}

/// check_cut decodes `frame` without its last octets. A tunnel known by content alone is not recognised when cut: then the
/// encapsulation differs and nothing is compared.
void check_cut(Bytes frame, std::size_t length, std::uint32_t wire_bytes, LinkLayer link_layer, const Segment& whole) {
  Decoder decoder;
  Segment part;
  const DecodeResult result = decoder.decode(frame.first(length), wire_bytes, link_layer, {}, part);
  if (result == DecodeResult::segment) {
    check_segment(part, frame.first(length));
    if (part.encapsulation != whole.encapsulation) return;
    require(same_but_for_payload(part, whole));
    require(part.payload.size() <= whole.payload.size() && sum_of(part.payload) == sum_of(whole.payload.first(part.payload.size())));
  } else {
    require(result == DecodeResult::truncated);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ParseScope scope;
  ByteReader input{{data, size}, scope};
  const Decoder::Limits limits{.max_headers = 24, .fragments = {.max_datagrams = 8, .max_bytes = 200000}};
  Decoder decoder{limits};
  Decoder walker{limits};
  Timestamp time{};
  std::uint64_t num_frames = 0;
  while (input.more()) {
    const LinkLayer link_layer = kLinkLayers[input.u8("link type") % kLinkLayers.size()];
    const std::uint8_t cut_bytes = input.u8("cut");
    time += std::chrono::seconds{input.u8("seconds")};
    const std::uint16_t captured_bytes = input.u16("captured length");
    const Bytes frame = input.bytes(captured_bytes < input.remaining() ? captured_bytes : input.remaining(), "frame");
    const auto wire_bytes = static_cast<std::uint32_t>(frame.size() + cut_bytes);
    Segment segment;
    Segment walked;
    const DecodeResult result = decoder.decode(frame, wire_bytes, link_layer, time, segment);
    require(walker.decode_by_walk(frame, wire_bytes, link_layer, time, walked) == result);
    require(frames_counted(decoder.counters()) == ++num_frames);
    if (result != DecodeResult::segment) continue;
    check_segment(segment, frame);
    require(same(segment, walked));
    if (segment.reassembled) continue;
    for (std::size_t length = 0; length < frame.size(); length += 1 + length / 16)
      check_cut(frame, length, wire_bytes, link_layer, segment);
  }
  decoder.finish();
  walker.finish();
  require(decoder.counters() == walker.counters());
  return 0;
}
