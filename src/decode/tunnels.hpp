// Tunnels: headers next to IP or Ethernet that carry another packet or frame.
#pragma once

#include "decode/walk.hpp"

namespace sealtrace::decode {

/// read_mpls passes a label stack (RFC 3032) and tells by its first octets what is beneath it: IPv4, IPv6, or an Ethernet pseudowire
/// with or without control word (RFC 4448). The labels themselves do not say.
Step read_mpls(Walk& walk);
/// read_gre reads a GRE header: version 0 (RFC 2784, RFC 2890; NVGRE, ERSPAN, WCCP in it) or 1 (PPTP of RFC 2637, EoIP).
Step read_gre(Walk& walk);

}  // namespace sealtrace::decode
