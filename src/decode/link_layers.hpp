// Link layers: what a capture's frames begin with, and tags between it and IP.
#pragma once

#include "decode/link_layer.hpp"
#include "decode/walk.hpp"

namespace sealtrace::decode {

/// first_step names the first layer of frames of `link_layer`; unsupported for those we do not know.
Step first_step(LinkLayer link_layer);

/// read_ethernet reads an Ethernet II or 802.3 header; read_vlan what follows the EtherType of an 802.1Q or 802.1ad tag.
Step read_ethernet(Walk& walk);
Step read_vlan(Walk& walk);
/// read_backbone_tag passes the I-TAG of 802.1ah; the customer's Ethernet frame follows.
Step read_backbone_tag(Walk& walk);
/// read_llc reads 802.2 LLC, and SNAP where it follows (RFC 1042).
Step read_llc(Walk& walk);
/// read_wireless reads the MAC header of an 802.11 data frame that the adapter has decrypted already (IEEE 802.11 section 9.3.2.1).
Step read_wireless(Walk& walk);
/// read_linux_sll and read_linux_sll2 read the Linux cooked headers (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2).
Step read_linux_sll(Walk& walk);
Step read_linux_sll2(Walk& walk);
/// read_null_loopback reads the address family of LINKTYPE_NULL and LINKTYPE_LOOP, in either byte order.
Step read_null_loopback(Walk& walk);
/// read_cisco_hdlc reads the Cisco HDLC header (RFC 1547 section 4.3.1).
Step read_cisco_hdlc(Walk& walk);
/// read_ppp_hdlc reads LINKTYPE_PPP_HDLC, which holds PPP or Cisco HDLC.
Step read_ppp_hdlc(Walk& walk);
/// read_ppp reads a PPP frame with or without HDLC address and control, with or without a compressed protocol field (RFC 1661, RFC 1662).
Step read_ppp(Walk& walk);
/// read_pppoe reads the header of a PPPoE session frame (RFC 2516 section 4).
Step read_pppoe(Walk& walk);

}  // namespace sealtrace::decode
