#include "capture/link_type.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

namespace sealtrace {

std::string link_type_name(LinkType link_type) {
  switch (link_type) {
    case LinkType::null: return "null";
    case LinkType::ethernet: return "ethernet";
    case LinkType::raw_bsd:
    case LinkType::raw_openbsd:
    case LinkType::raw: return "raw";
    case LinkType::ppp: return "ppp";
    case LinkType::ppp_hdlc: return "ppp_hdlc";
    case LinkType::ppp_ether: return "ppp_ether";
    case LinkType::chdlc: return "c_hdlc";
    case LinkType::loop: return "loop";
    case LinkType::linux_sll: return "linux_sll";
    case LinkType::ipv4: return "ipv4";
    case LinkType::ipv6: return "ipv6";
    case LinkType::linux_sll2: return "linux_sll2";
  }
  return fmt::format("linktype_{}", static_cast<std::uint16_t>(link_type));
}

int dlt_of(LinkType link_type) { return link_type == LinkType::raw ? DLT_RAW : static_cast<int>(link_type); }

LinkType link_type_of(int dlt) { return dlt == DLT_RAW ? LinkType::raw : LinkType{static_cast<std::uint16_t>(dlt)}; }

}  // namespace sealtrace
