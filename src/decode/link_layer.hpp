// LinkLayer: the link-layer header types of capture files.
#pragma once

#include <cstdint>

namespace sealtrace {

/// LinkLayer is the LINKTYPE_ number of a frame (www.tcpdump.org/linktypes.html): the same numbers as the capture layer's LinkType.
enum class LinkLayer : std::uint16_t {
  null = 0,
  ethernet = 1,
  ppp = 9,
  raw_bsd = 12,
  raw_openbsd = 14,
  ppp_hdlc = 50,
  ppp_ether = 51,
  raw = 101,
  chdlc = 104,
  loop = 108,
  linux_sll = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_sll2 = 276,
};

}  // namespace sealtrace
