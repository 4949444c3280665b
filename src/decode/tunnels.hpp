// Tunnels: headers that carry another packet or frame.
#pragma once

#include "decode/walk.hpp"

namespace sealtrace::decode {

/// read_mpls passes a label stack (RFC 3032) and tells by its first octets what is beneath it: IPv4, IPv6, or an Ethernet pseudowire
/// with or without control word (RFC 4448). The labels themselves do not say.
Step read_mpls(Walk& walk);
/// read_gre reads a GRE header: version 0 (RFC 2784, RFC 2890; NVGRE, ERSPAN, WCCP in it) or 1 (PPTP of RFC 2637, EoIP).
Step read_gre(Walk& walk);
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

/// is_gtp_u, is_geneve, is_vxlan check that a payload on a tunnel's port is the tunnel's: media and DNS use any port. One that was
/// cut too soon to tell counts as the tunnel's, which then finds its header cut.
bool is_gtp_u(const UdpPayload& payload);
bool is_geneve(const UdpPayload& payload);
bool is_vxlan(const UdpPayload& payload);
/// is_vxlan_by_content recognises VXLAN on any port: beside its header, a frame inside whose IP header fits it exactly.
bool is_vxlan_by_content(const UdpPayload& payload);

/// udp_tunnel names the tunnel in a UDP payload; Layer::end when it is none.
inline Layer udp_tunnel(std::uint16_t destination_port, const UdpPayload& payload) {
  switch (destination_port) {
    case kGtpUPort: return is_gtp_u(payload) ? Layer::gtp_u : Layer::end;
    case kGenevePort: return is_geneve(payload) ? Layer::geneve : Layer::end;
    case kVxlanPort:
    case kVxlanGpePort:
    case kLinuxVxlanPort: return is_vxlan(payload) ? Layer::vxlan : Layer::end;
    default: break;
  }
  const auto start = payload.window.header<4>();
  if (!start || start->be32<0>() != kVxlanFlags) [[likely]] {
    return Layer::end;
  }
  return is_vxlan_by_content(payload) ? Layer::vxlan : Layer::end;
}

}  // namespace sealtrace::decode
