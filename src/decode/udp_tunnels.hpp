// Tunnels in UDP: VXLAN, GENEVE, GTP-U.
#pragma once

#include <algorithm>

#include "decode/walk.hpp"

namespace sealtrace::decode {

/// read_vxlan passes a VXLAN header (RFC 7348), or one of VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe); read_geneve a GENEVE header with its
/// options (RFC 8926).
Step read_vxlan(Walk& walk);
Step read_geneve(Walk& walk);
/// read_gtp_u passes the header and extension headers of a GTP-U G-PDU (3GPP TS 29.281 section 5).
Step read_gtp_u(Walk& walk);

/// Ports of UDP tunnels.
inline constexpr std::uint16_t kGtpUPort = 2152, kVxlanPort = 4789, kVxlanGpePort = 4790, kGenevePort = 6081, kLinuxVxlanPort = 8472;

/// kVxlanFlags are the first four octets of a VXLAN header: the I flag, all reserved bits zero.
inline constexpr std::uint32_t kVxlanFlags = 0x08000000;

/// UdpPayload is what UDP carries: what there is of it, and its length by the UDP header.
struct UdpPayload {
  Window window;
  std::size_t payload_bytes = 0;
};

/// udp_tunnel names the tunnel in a UDP payload; Layer::end when it is none. A tunnel's port is not enough: media and DNS use any
/// port. A payload on such a port that was cut too soon to tell counts as the tunnel's, which then finds its header cut. VXLAN is
/// recognised on other ports, too, where a frame inside has an IP header that fits it exactly.
Layer udp_tunnel(std::uint16_t destination_port, const UdpPayload& payload);

/// may_be_udp_tunnel is a quick test that is true of everything udp_tunnel names, and of little else.
inline bool may_be_udp_tunnel(std::uint16_t destination_port, Bytes payload) {
  constexpr std::uint16_t kHighestPort = std::max({kGtpUPort, kVxlanPort, kVxlanGpePort, kGenevePort, kLinuxVxlanPort});
  if (destination_port <= kHighestPort) {
    switch (destination_port) {
      case kGtpUPort:
      case kVxlanPort:
      case kVxlanGpePort:
      case kGenevePort:
      case kLinuxVxlanPort: return true;
      default: break;
    }
  }
  const auto start = FixedHeader<4>::at(payload);
  return start && start.be32<0>() == kVxlanFlags;
}

}  // namespace sealtrace::decode
