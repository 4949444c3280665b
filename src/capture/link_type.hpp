// Names of link types, and libpcap's other number for them.
#pragma once

#include <string>

#include "capture/packet_source.hpp"

namespace sealtrace {

/// link_type_name is the name of www.tcpdump.org/linktypes.html in lower case without its prefix ("ethernet"), or "linktype_N" for
/// one that is not decoded.
std::string link_type_name(LinkType link_type);

/// dlt_of gives the number that libpcap's API uses on this system for a LINKTYPE_ value, link_type_of the way back. They differ
/// for raw IP only, of what is decoded.
int dlt_of(LinkType link_type);
LinkType link_type_of(int dlt);

}  // namespace sealtrace
