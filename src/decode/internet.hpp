// IPv4 and IPv6: the headers every packet has, and what may lie between them and the transport.
#pragma once

#include "decode/checksum.hpp"
#include "decode/duplicate_key.hpp"
#include "decode/walk.hpp"

namespace sealtrace::decode {

/// IpProtocol holds the assigned protocol numbers that lead on; others are kept as they are.
enum class IpProtocol : std::uint8_t {
  hop_by_hop_options = 0,
  ipv4 = 4,
  tcp = 6,
  udp = 17,
  ipv6 = 41,
  routing = 43,
  fragment = 44,
  gre = 47,
  esp = 50,
  authentication_header = 51,
  destination_options = 60,
  mpls = 137,
};

/// read_ipv4 reads an IPv4 header (RFC 791 section 3.1). A total length of zero is what segmentation offload leaves in
/// captures of the sending host: the packet then ends where the frame does.
Step read_ipv4(Walk& walk);
/// read_ipv6 reads an IPv6 header (RFC 8200 section 3). A payload length of zero is, before TCP, what segmentation offload leaves,
/// and before hop-by-hop options a jumbogram (RFC 2675), which is not supported.
Step read_ipv6(Walk& walk);
/// read_ip tells IPv4 from IPv6 by the version field.
Step read_ip(Walk& walk);
/// read_ipv6_options passes a hop-by-hop, routing or destination options header (RFC 8200 sections 4.3, 4.4, 4.6).
Step read_ipv6_options(Walk& walk);
/// read_ipv6_fragment reads a fragment header (RFC 8200 section 4.5). An atomic fragment (RFC 6946) is a whole packet.
Step read_ipv6_fragment(Walk& walk);
/// read_authentication passes an Authentication Header (RFC 4302 section 2): what follows it is in the clear.
Step read_authentication(Walk& walk);

}  // namespace sealtrace::decode
