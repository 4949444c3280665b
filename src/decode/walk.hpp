// Walk: what the layers of one frame share while it is taken apart, and Step: how one layer names the next.
#pragma once

#include <cstddef>
#include <cstdint>

#include "decode/segment.hpp"
#include "model/ids.hpp"
#include "wire/fixed_header.hpp"

namespace sealtrace::decode {

class FragmentTable;

/// Layer names the header that comes next; `end` means that the walk is over.
enum class Layer : std::uint8_t {
  end,
  ethernet,
  vlan,
  backbone_tag,
  llc,
  wireless,
  linux_sll,
  linux_sll2,
  null_loopback,
  cisco_hdlc,
  ppp_hdlc,
  ppp,
  pppoe,
  mpls,
  gre,
  vxlan,
  geneve,
  gtp_u,
  ip,
  ipv4,
  ipv6,
  ipv6_options,
  ipv6_fragment,
  authentication,
  tcp,
  udp,
  esp,
};

/// Step is a layer's answer: the next layer, or the end with its result.
struct Step {
  Layer layer = Layer::end;
  DecodeResult result = DecodeResult::segment;

  static Step to(Layer layer) { return {.layer = layer}; }
  static Step end(DecodeResult result) { return {.layer = Layer::end, .result = result}; }
};

/// Window is what is left for the layers to come. `bytes` were captured; `wire_bytes` were on the wire, by the frame's
/// length and every length field passed so far, and are never fewer. The difference is what the snaplen cut.
struct Window {
  Bytes bytes;
  std::size_t wire_bytes = 0;
  std::size_t offset = 0;       ///< of bytes[0] in the frame, or in the reassembled datagram
  bool ends_by_length = false;  ///< a length field ended it, not the end of the frame

  template <std::size_t kBytes>
  [[nodiscard]] FixedHeader<kBytes> header() const {
    return FixedHeader<kBytes>::at(bytes);
  }
  /// lacks is the end of a walk that needs `count` octets and does not have them: cut, or never sent.
  [[nodiscard]] Step lacks(std::size_t count) const {
    return Step::end(count <= wire_bytes ? DecodeResult::truncated : DecodeResult::malformed);
  }
  /// has tells whether `count` octets were captured.
  [[nodiscard]] bool has(std::size_t count) const { return count <= bytes.size(); }
  /// advance passes `count` octets, which the window must have.
  void advance(std::size_t count) {
    bytes = bytes.subspan(count);
    wire_bytes -= count;
    offset += count;
  }
  /// limit drops what follows the first `count` octets: padding, or octets of somebody else.
  void limit(std::size_t count) {
    if (count <= wire_bytes) {
      wire_bytes = count;
      ends_by_length = true;
    }
    if (count < bytes.size()) bytes = bytes.first(count);
  }
};

/// add_vlan appends the VLAN of a tag; false when there is no room. A priority tag names no VLAN (IEEE 802.1Q table 9-2).
inline bool add_vlan(Encapsulation& outer, std::uint16_t tag_control_information) {
  const std::uint16_t vlan = tag_control_information & 0x0FFFU;
  if (vlan == 0) return true;
  if (outer.num_vlans == outer.vlans.size()) return false;
  outer.vlans[outer.num_vlans++] = vlan;
  return true;
}

/// Walk is the state of one call of Decoder::decode.
struct Walk {
  Window window;
  Segment& out;
  FragmentTable& fragments;
  DecodeCounters& counters;
  Timestamp time{};

  // Of the innermost IP header so far.
  std::uint64_t packet_key = 0;   ///< addresses, identification and length (duplicate_key.hpp)
  std::size_t missing_bytes = 0;  ///< by how much the packet claims to be longer than the frame
  bool is_ipv6 = false;

  unsigned num_headers = 0;
  bool encapsulation_cut = false;  ///< more VLANs or tunnels than Encapsulation keeps
  bool bad_ip_checksum = false;

  void add_vlan(std::uint16_t tag_control_information) {
    if (!decode::add_vlan(out.encapsulation, tag_control_information)) encapsulation_cut = true;
  }
  void add_tunnel(Tunnel tunnel) {
    Encapsulation& outer = out.encapsulation;
    if (outer.num_tunnels < outer.tunnels.size()) {
      outer.tunnels[outer.num_tunnels++] = tunnel;
    } else {
      encapsulation_cut = true;
    }
  }
};

}  // namespace sealtrace::decode
