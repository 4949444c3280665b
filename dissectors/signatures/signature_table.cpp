// The one table of signatures. Each row names where its octets are specified.
#include <array>

#include "dissectors/signatures/signature.hpp"

namespace sealtrace {
namespace {

constexpr auto kUdp = Transport::udp;
constexpr auto kTcp = Transport::tcp;
constexpr auto kClear = Standing::clear;
constexpr auto kProtects = Standing::protects;
constexpr auto kByDesign = Standing::clear_by_design;

// clang-format off
constexpr std::array kTable{
    // name, transport, ports, matcher, standing, words, source, what follows
    Signature{"ras", kUdp, 1719, 1718, datagram::ras, kClear, "RAS message", "H.225.0 section 7.7, annex H"},
    Signature{"mgcp", kUdp, 2427, 2727, datagram::mgcp, kClear, "command", "RFC 3435 section 3.2"},
    Signature{"iax2", kUdp, 4569, 0, datagram::iax2, kClear, "NEW request", "RFC 5456 sections 8.1.1 and 8.6.10"},
    Signature{"kerberos", kUdp, 88, 0, datagram::kerberos, kClear, "message", "RFC 4120 sections 5.4 to 5.10"},
    Signature{"dcerpc", kUdp, 0, 0, datagram::dcerpc, kClear, "connectionless message", "C706 section 12.5.1"},
    Signature{"ike", kUdp, 500, 4500, datagram::ike, kClear, "IKE exchange", "RFC 7296 sections 2.23 and 3.1, RFC 2408 section 3.1"},
    Signature{"wireguard", kUdp, 51820, 0, datagram::wireguard, kProtects, "WireGuard", "WireGuard whitepaper section 5.4"},
    Signature{"openvpn", kUdp, 1194, 0, datagram::openvpn, kProtects, "OpenVPN", "OpenVPN wire protocol draft section 3"},
    Signature{"zrtp", kUdp, 0, 0, datagram::zrtp, kProtects, "ZRTP key agreement", "RFC 6189 section 5"},
    Signature{"dhcp", kUdp, 67, 68, datagram::dhcp, kByDesign, "message", "RFC 2131 section 2, RFC 2132 section 2"},
    Signature{"dhcpv6", kUdp, 546, 547, datagram::dhcpv6, kByDesign, "message", "RFC 8415 section 8"},
    Signature{"ntp", kUdp, 123, 0, datagram::ntp, kByDesign, "message", "RFC 5905 section 7.3"},
    Signature{"syslog", kUdp, 514, 0, datagram::syslog, kClear, "message", "RFC 5424 section 6, RFC 3164 section 4.1"},
    Signature{"snmp", kUdp, 161, 162, datagram::snmp, kClear, "message", "RFC 1157 section 4, RFC 3416 section 3, RFC 3412 section 6"},
    Signature{"ssdp", kUdp, 1900, 0, datagram::ssdp, kByDesign, "message", "UPnP Device Architecture 2.0 section 1"},
    Signature{"ssrp", kUdp, 1434, 0, datagram::ssrp, kClear, "request", "[MC-SQLR] section 2.2"},
    Signature{"nbdgm", kUdp, 138, 0, datagram::netbios, kClear, "datagram", "RFC 1002 section 4.4"},
    Signature{"h225", kTcp, 1720, 0, stream::h225, kClear, "call signalling message", "RFC 1006 section 6, Q.931 section 4, H.225.0"},
    Signature{"msrp", kTcp, 2855, 0, stream::msrp, kClear, "request", "RFC 4975 section 9"},
    Signature{"c3p", kTcp, 444, 0, stream::c3p, kClear, "conference command", "[MS-CONFBAS] section 2.2, [MS-CONFPRO]"},
    Signature{"sccp", kTcp, 2000, 0, stream::sccp, kClear, "message", "Skinny Client Control Protocol, header of Cisco's Unified CM"},
    Signature{"kerberos", kTcp, 88, 0, stream::kerberos, kClear, "message", "RFC 4120 sections 5.10 and 7.2.2"},
    Signature{"msmq", kTcp, 1801, 0, stream::msmq, kClear, "message", "[MS-MQMQ] section 2.2.19.1, [MS-MQQB] section 2.2.1"},
    Signature{"openvpn", kTcp, 1194, 0, stream::openvpn, kProtects, "OpenVPN", "OpenVPN wire protocol draft section 3"},
    Signature{"syslog", kTcp, 514, 0, stream::syslog, kClear, "message", "RFC 6587 section 3.4"},
    Signature{"ssh", kTcp, 22, 0, stream::ssh, kProtects, "SSH transport", "RFC 4253 section 4.2", Follow::ssh},
    Signature{"rdp", kTcp, 3389, 0, stream::rdp, kClear, "connection request", "[MS-RDPBCGR] section 2.2.1.1", Follow::rdp},
    Signature{"dcerpc", kTcp, 135, 0, stream::dcerpc, kClear, "message", "C706 12.6, [MS-RPCE] 2.2.2", Follow::dcerpc, true},
    Signature{"smtp", kTcp, 25, 587, stream::smtp, kClear, "greeting", "RFC 5321 section 4.3.1, RFC 3207", Follow::text},
    Signature{"ftp", kTcp, 21, 0, stream::ftp, kClear, "greeting", "RFC 959 section 5.4, RFC 4217", Follow::text},
    Signature{"imap", kTcp, 143, 0, stream::imap, kClear, "greeting", "RFC 9051 sections 7.1 and 6.2.1", Follow::text},
    Signature{"pop3", kTcp, 110, 0, stream::pop3, kClear, "greeting", "RFC 1939 section 4, RFC 2595 section 4", Follow::text},
};
// clang-format on

}  // namespace

std::span<const Signature> signature_table() { return kTable; }

}  // namespace sealtrace
