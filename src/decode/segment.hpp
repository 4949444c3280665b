// Segment: what one frame carries above IP, and Decoder: how it is found beneath link layers, tunnels and fragments.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "model/flow_profile.hpp"
#include "model/ip_address.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// TcpFlags are the low six bits of the TCP header's flags (RFC 9293 section 3.1).
struct TcpFlags {
  std::uint8_t bits = 0;
  [[nodiscard]] bool fin() const { return (bits & 0x01) != 0; }
  [[nodiscard]] bool syn() const { return (bits & 0x02) != 0; }
  [[nodiscard]] bool rst() const { return (bits & 0x04) != 0; }
  [[nodiscard]] bool psh() const { return (bits & 0x08) != 0; }
  [[nodiscard]] bool ack() const { return (bits & 0x10) != 0; }
};

/// Segment is a TCP segment, a UDP datagram or an ESP packet. `payload` is what was captured of it and is borrowed from the frame, or from
/// the decoder (a reassembled datagram) until its next call. `payload_wire_bytes` is its length by the IP and UDP headers.
struct Segment {
  Endpoint source;
  Endpoint destination;
  Transport transport = Transport::tcp;
  TcpFlags flags;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  Bytes payload;
  std::uint32_t payload_wire_bytes = 0;
  std::uint32_t ip_bytes = 0;        ///< total length of the innermost IP packet
  std::uint32_t payload_offset = 0;  ///< octets from the start of the frame; 0 for a reassembled datagram
  /// duplicate_key is equal for copies of one packet that differ only in what routers change (TTL, DSCP, checksum, outer layers).
  std::uint64_t duplicate_key = 0;
  bool reassembled = false;  ///< out of IP fragments
  Encapsulation encapsulation;
};

/// DecodeResult says what became of a frame.
enum class DecodeResult : std::uint8_t {
  segment,        ///< `segment` is filled
  fragment,       ///< kept until its datagram is whole
  not_ip,         ///< ARP, LLDP, PPP control...
  not_transport,  ///< IP with another protocol: ICMP, SCTP...
  truncated,      ///< the snaplen cut the headers
  malformed,
  unsupported,  ///< a link type or encapsulation we do not know
};

/// DecodeCounters count frames; a frame is in exactly one of the first group and may be in several of the second.
struct DecodeCounters {
  std::uint64_t segments = 0, fragments = 0, not_ip = 0, not_transport = 0, truncated = 0, malformed = 0, unsupported = 0;
  std::uint64_t bad_ip_checksum = 0, payload_cut = 0;
  std::uint64_t bad_transport_checksum = 0;  ///< of a sample: one segment in 64 is verified
  std::uint64_t nesting_exceeded = 0;        ///< more headers in a frame than the decoder follows; counted in `unsupported`, too
  std::uint64_t encapsulation_cut = 0;       ///< more VLANs or tunnels than Encapsulation keeps
  std::uint64_t fragments_dropped = 0, fragments_overlapping = 0, datagrams_reassembled = 0, datagrams_incomplete = 0;

  bool operator==(const DecodeCounters&) const = default;
};

}  // namespace sealtrace
