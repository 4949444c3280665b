// Frames for the decoder's tests: annotated hex, and the outer headers that only wrap it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "decode/decoder.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace::decode {

using Octets = std::vector<std::uint8_t>;

inline Octets join(std::initializer_list<Octets> parts) {
  Octets all;
  for (const Octets& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline Octets be16(std::size_t value) { return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)}; }

/// kUdp4 is a UDP datagram 10.0.0.1:5060 > 10.0.0.2:5061 in IPv4, kTcp4 a TCP segment there, kTcp6 the same over IPv6, all with good sums.
inline const Octets kUdp4 = annotated_hex(R"(
    45 00 0020       # version 4, IHL 5, total length 32
    1234 0000        # identification, no fragment
    40 11 5497       # TTL 64, UDP
    0a000001 0a000002
    13c4 13c5        # 5060 > 5061
    000c ff83        # length 12
    61626364)");
inline const Octets kTcp4 = annotated_hex(R"(
    45 00 002c       # total length 44
    1234 0000
    40 06 5496       # TCP
    0a000001 0a000002
    c354 13c5        # 50004 > 5061
    00000064 000000c8
    50 18 0400       # data offset 5, PSH ACK
    fab9 0000
    61626364)");
inline const Octets kTcp6 = annotated_hex(R"(
    60000000 0018    # payload length 24
    06 40            # TCP, hop limit 64
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    c354 13c5
    00000064 000000c8
    50 18 0400
    b347 0000
    61626364)");
inline const Octets kMacs = annotated_hex("020000000002 020000000001");

inline Octets ethernet(std::uint16_t ether_type, const Octets& payload) { return join({kMacs, be16(ether_type), payload}); }

/// ipv4 wraps `payload` in a header 192.0.2.1 > 192.0.2.2 with a good sum; `flags_and_offset` as on the wire.
inline Octets ipv4(std::uint8_t protocol, const Octets& payload, std::uint16_t flags_and_offset = 0, std::uint16_t identification = 1) {
  Octets header = join({annotated_hex("4500"),
                        be16(20 + payload.size()),
                        be16(identification),
                        be16(flags_and_offset),
                        {64, protocol, 0, 0},
                        annotated_hex("c0000201 c0000202")});
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < header.size(); i += 2) sum += static_cast<std::uint32_t>(header[i] << 8U | header[i + 1]);
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  sum = ~((sum & 0xFFFFU) + (sum >> 16U));
  header[10] = static_cast<std::uint8_t>(sum >> 8U);
  header[11] = static_cast<std::uint8_t>(sum);
  return join({header, payload});
}
inline Octets ipv6(std::uint8_t next_header, const Octets& payload) {
  return join({annotated_hex("60000000"),
               be16(payload.size()),
               {next_header, 64},
               annotated_hex("20010db8000000000000000000000011 20010db8000000000000000000000012"),
               payload});
}
/// udp wraps `payload` in a header without checksum.
inline Octets udp(std::uint16_t destination_port, const Octets& payload) {
  return join({be16(40000), be16(destination_port), be16(8 + payload.size()), be16(0), payload});
}

/// Decoded is a result with everything a Segment borrows copied, to compare and print.
struct Decoded {
  DecodeResult result{};
  std::string flow;  ///< "10.0.0.1:5060 > 10.0.0.2:5061 udp"
  Octets payload;
  Segment segment;
};

inline Decoded decoded(DecodeResult result, const Segment& segment) {
  Decoded copy{.result = result, .flow = {}, .payload = {}, .segment = segment};
  if (result != DecodeResult::segment) return copy;
  const auto text = [](const Endpoint& endpoint) { return endpoint.address.to_string() + ":" + std::to_string(endpoint.port); };
  copy.flow = text(segment.source) + " > " + text(segment.destination) + " " + std::string{to_string(segment.transport)};
  copy.payload.assign(segment.payload.begin(), segment.payload.end());
  return copy;
}
inline Decoded decode(Decoder& decoder, const Octets& frame, LinkLayer link_layer = LinkLayer::ethernet, std::size_t wire_bytes = 0,
                      Timestamp time = {}) {
  Segment segment;
  const auto wire = static_cast<std::uint32_t>(wire_bytes == 0 ? frame.size() : wire_bytes);
  return decoded(decoder.decode(frame, wire, link_layer, time, segment), segment);
}
inline Decoded decode(const Octets& frame, LinkLayer link_layer = LinkLayer::ethernet, std::size_t wire_bytes = 0) {
  Decoder decoder;
  Decoded result = decode(decoder, frame, link_layer, wire_bytes);
  result.segment.payload = {};  // borrowed from `frame` or the decoder
  return result;
}

inline constexpr std::string_view kUdp4Flow = "10.0.0.1:5060 > 10.0.0.2:5061 udp";
inline constexpr std::string_view kTcp4Flow = "10.0.0.1:50004 > 10.0.0.2:5061 tcp";
inline constexpr std::string_view kTcp6Flow = "2001:db8::1:50004 > 2001:db8::2:5061 tcp";

/// expect_cuts_are_safe cuts a frame that holds a segment at every length. While the frame says how long it was, what is left is
/// `truncated` or the same segment with less payload. When it does not say, it may be malformed instead, but never another segment.
inline void expect_cuts_are_safe(const Octets& frame, LinkLayer link_layer) {
  const Decoded whole = decode(frame, link_layer);
  ASSERT_EQ(whole.result, DecodeResult::segment);
  for (std::size_t length = 0; length < frame.size(); ++length) {
    SCOPED_TRACE("cut to " + std::to_string(length) + " octets");
    const Octets cut{frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length)};
    for (const bool length_is_known : {true, false}) {
      Decoder decoder;
      const Decoded part = decode(decoder, cut, link_layer, length_is_known ? frame.size() : length);
      if (part.result == DecodeResult::segment) {
        EXPECT_EQ(part.flow, whole.flow);
        EXPECT_EQ(part.segment.payload_wire_bytes, whole.segment.payload_wire_bytes);
        EXPECT_LE(part.payload.size(), whole.payload.size());
        EXPECT_TRUE(std::equal(part.payload.begin(), part.payload.end(), whole.payload.begin()));
        EXPECT_EQ(decoder.counters().payload_cut, part.payload.size() < whole.payload.size() ? 1U : 0U);
      } else if (length_is_known) {
        EXPECT_EQ(part.result, DecodeResult::truncated);
      } else {
        EXPECT_TRUE(part.result == DecodeResult::malformed || part.result == DecodeResult::truncated);
      }
    }
  }
}

}  // namespace sealtrace::decode
