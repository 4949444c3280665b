// Octets marked with a file are of captures that public projects publish; the rest are made by hand from what the table cites.
#include <gtest/gtest.h>

#include "dissect/spoken.hpp"
#include "dissectors/signatures/dcerpc_stream.hpp"
#include "dissectors/signatures/signatures_session.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::octets;
using testing::Said;
using testing::ScriptedFlow;
using testing::Words;

struct Case {
  std::string_view name;
  std::string_view signature;  ///< of the table; empty for what nobody takes
  std::uint16_t port;
  std::vector<Said> script;
  Words words;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
std::string name_of(const ::testing::TestParamInfo<Case>& tested) { return std::string{tested.param.name}; }

Words recognised(const ScriptedFlow& flow) {
  Words names;
  for (const Fact& fact : flow.facts) {
    if (const auto* protocol = std::get_if<ProtocolRecognised>(&fact.body)) names.emplace_back(protocol->protocol);
  }
  return names;
}

const std::string kRas = octets(R"(                       # sipnab/SIP_CALL_RTP_G711, frame 135
0e 0005 1c 06 00 08 91 4a 00 04 00 00 00 22 c0 00 00 00 00 0e 53 4a 4c 61 62 73 ae 20 53 4a 70 68 6f 6e 65)");
const std::string kMgcp = "RSIP 12218 aaln/4@CPG2 MGCP 1.0 NCS 1.0\nRM: restart\n";  // the same, frame 492
const std::string kSnmp1 = octets(R"(                     # the same, frame 48; lengths of four octets
3082 0038 020101 04 06 7075626c6963 a082 0029 020400 02cf1d 020100 020100 30 82 0019)");
const std::string kSnmp3Private = octets(R"(
30 81 80  020103                                          # Message, version 3
30 11 0204 4a69de0a 0203 00ffe3 0401 07 020103            # msgID, msgMaxSize, msgFlags auth priv reportable, security model 3
04 2e 302c 0411)") + std::string(80, 'e');
const std::string kSnmp3Discovery = octets("30 3e 020103 30 11 0204 4a69de0a 0203 00ffe3 0401 04 020103 0410 300e") + std::string(24, '\0');
const std::string kSnmp3Authenticated =
    octets("30 81 80 020103 30 11 0204 4a69de0a 0203 00ffe3 0401 05 020103 042e") + std::string(90, 'e');
const std::string kMessenger = octets(R"(                 # mercury/capture2.pcap, frame 1653
04 00 28 00 100000 00 00000000000000000000000000000000 f8917b5a00ffd011a9b200c04fb6e6fc dc56321c2110cab4a37fa8cdd62934e3
00000000 01000000 00000000 0000 ffff ffff 7a01 0000 00 00)") +
                               std::string(378, 'x');
const std::string kIke1 = octets(R"(                      # realjimmy-sample-captures/_ipsec___gre___ipsec_over_gre.pcap, frame 29
dc6bf7861af225a9 0000000000000000 01 10 02 00 00000000 000000b0)") +
                          std::string(148, 'x');
const std::string kIke2 = octets(R"(                      # malformed/ntopng/ikev2four.pcap, frame 1
a88875a8198992a6 0000000000000000 21 20 22 08 00000000 00000178)") +
                          std::string(348, 'x');
const std::string kNonEspMarker = octets("00000000");

const std::string kWireguardInitiation = octets("01000000 11223344") + std::string(140, 'w');
const std::string kWireguardResponse = octets("02000000 55667788 11223344") + std::string(80, 'w');
std::string wireguard_data(std::uint8_t counter) {
  return octets("04000000 55667788") + std::string{static_cast<char>(counter)} + std::string(7, '\0') + std::string(48, 'd');
}
const std::string kOpenvpnReset = octets("38 0102030405060708 00 00000000");
const std::string kOpenvpnAnswer = octets("40 1112131415161718 01 00000000 0102030405060708 00000000");
const std::string kZrtp = octets(R"(                      # sipnab/Asterisk_ZFONE_XLITE.pcap, frame 40
1000 b27f 5a525450 b72a7104  505a 0003 48656c6c6f41434b  dac933db)");
const std::string kDhcp = octets("01 01 06 00 d41f4ec9 0000 8000") + std::string(224, '\0') + octets("63825363 350101 ff");
const std::string kDhcpv6 = octets(R"(                    # mercury/dns_packet.capture2.pcap, frame 3556
01 c80f9f 0008 0002 0c1c 0001 000e 00010001173c298cb80305413d90 0003 000c 11b803050000000000000000
0027 0005 0359415201 0010 000e 0000013700084d53465420352e30 0006 0008 0018001700110027)");
const std::string kNtpClient = octets("1b 00 00 00") + std::string(36, '\0') + octets("e8bdd7f4 e5bba054");
const std::string kNtpServer = octets(R"(                 # mercury/surfshark.pcap, frame 266, with the origin of the request above
1c 03 00 e9 0000093c 00000927 1942e604 e8bdd53d0decf2dd e8bdd7f4e5bba054 e8bdd7f4e5bba054 e8bdd7f4e5bbdb0d)");
const std::string kSyslog = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8\n";  // RFC 3164 section 5.4
const std::string kNetbiosDatagram = octets(R"(           # mercury/capture2.pcap, frame 3260
11 02 8003 0a00020f 008a 00bb 0000 20 46414550454a454f4645444345464545434e44444447444444494547444443410020)") +
                                     std::string(120, 'x');
const std::string kSsrpAnswer = octets("05 4e00") + "ServerName;ILSUNG1;InstanceName;YUKONSTD;IsClustered;No;Version;9.00.1399.06;;";

const std::string kSetup = octets(R"(
0300 0030                                                 # TPKT
08 02 0001 05 04 03 88 93 a5 7e 001e 05 20 00 06 00 08 91 4a 00 04)") +
                           std::string(24, 'x');
const std::string kMsrp = "MSRP d93kswow SEND\r\nTo-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\n";
const std::string kMsrpAnswer = "MSRP d93kswow 200 OK\r\n";
const std::string kC3p =
    "POST /ConfMCU HTTP/1.1\r\nHost: pool01.example.com:444\r\nContent-Type: application/cccp+xml; charset=utf-8\r\n\r\n<request/>";
const std::string kSccpKeepAlive = octets("04000000 00000000 00000000");  // mercury/capture2.pcap, frame 3024
const std::string kSccpRegister = octets("24000000 16000000 01000000") + "SEP00115C40697A";
const std::string kAsRequest = octets("6a 81b0 30 81ad a1 03 020105 a2 03 02010a");
const std::string kMsmq = octets("10 5a 0300 4c494f52 64000000 ffffffff");

const std::vector<Case> kDatagrams{
    {"Ras", "ras", 1719, {from_client(kRas)}, {"c clear ras RAS message"}},
    {"Mgcp", "mgcp", 2427, {from_client(kMgcp), from_server("200 12218 OK\n")}, {"c clear mgcp command", "s clear mgcp response"}},
    {"MgcpResponseElsewhere", "", 9999, {from_client("200 12218 OK\n")}, {}},
    {"Iax2", "iax2", 4569, {from_client(octets("8001 0000 00000003 00 00 06 01 0b02 0002 0103"))}, {"c clear iax2 NEW request"}},
    {"Kerberos", "kerberos", 88, {from_client(kAsRequest)}, {"c clear kerberos AS request"}},
    {"Messenger", "dcerpc", 1026, {from_client(kMessenger)}, {"c clear dcerpc connectionless message"}},
    {"Ike1", "ike", 500, {from_client(kIke1)}, {"c clear ike IKE version 1 exchange"}},
    {"Ike2", "ike", 500, {from_client(kIke2)}, {"c clear ike IKE version 2 exchange"}},
    {"IkeBehindANat", "ike", 4500, {from_client(kNonEspMarker + kIke2)}, {"c clear ike IKE version 2 exchange"}},
    {"Wireguard",
     "wireguard",
     51820,
     {from_client(kWireguardInitiation), from_server(kWireguardResponse)},
     {"s clear wireguard WireGuard handshake"}},
    {"WireguardAnsweredToAnother",
     "",
     51820,
     {from_client(octets("01000000 99999999") + std::string(140, 'w')), from_server(kWireguardResponse)},
     {}},
    {"WireguardUnderWay",
     "wireguard",
     40000,
     {from_client(wireguard_data(7)), from_client(wireguard_data(8))},
     {"c protected wireguard WireGuard transport data"}},
    {"WireguardDataBehindItsHandshake",
     "wireguard",
     51820,
     {from_client(kWireguardInitiation), from_server(kWireguardResponse), from_client(wireguard_data(0) + "unpadded"),
      from_server(octets("04000000 11223344 0000000000000000") + std::string(16, 't'))},
     {"s clear wireguard WireGuard handshake", "c protected wireguard WireGuard transport data",
      "s protected wireguard WireGuard transport data"}},
    {"WireguardCookieReply",
     "wireguard",
     51820,
     {from_client(kWireguardInitiation), from_server(octets("03000000 11223344") + std::string(56, 'c'))},
     {"s clear wireguard WireGuard handshake"}},
    {"WireguardCookieReplyToAnother",
     "",
     51820,
     {from_client(kWireguardInitiation), from_server(octets("03000000 99999999") + std::string(56, 'c'))},
     {}},
    {"Openvpn", "openvpn", 1194, {from_client(kOpenvpnReset), from_server(kOpenvpnAnswer)}, {"s protected openvpn OpenVPN"}},
    {"OpenvpnUnanswered", "", 1194, {from_client(kOpenvpnReset), from_client(kOpenvpnReset)}, {}},
    {"Zrtp", "zrtp", 30000, {from_client(kZrtp)}, {"c protected zrtp ZRTP key agreement"}},
    {"ZrtpWhoseChecksumIsWrong", "", 30000, {from_client(kZrtp.substr(0, 24) + kZrtp.substr(20, 4))}, {}},
    {"ZrtpCut", "", 30000, {from_client(kZrtp.substr(0, 27))}, {}},
    {"Dhcp", "dhcp", 67, {from_client(kDhcp)}, {"c clear dhcp message"}},
    {"Dhcpv6", "dhcpv6", 547, {from_client(kDhcpv6)}, {"c clear dhcpv6 message"}},
    {"Ntp", "ntp", 123, {from_client(kNtpClient)}, {"c clear ntp message"}},
    {"NtpElsewhereNeedsItsAnswer", "ntp", 40000, {from_client(kNtpClient), from_server(kNtpServer)}, {"s clear ntp message"}},
    {"NtpElsewhereUnanswered", "", 40000, {from_client(kNtpClient), from_client(kNtpServer)}, {}},
    {"Syslog", "syslog", 2972, {from_client(kSyslog)}, {"c clear syslog message"}},
    {"SyslogOfRfc5424", "syslog", 514, {from_client("<34>1 2003-10-11T22:14:15.003Z mymachine su - ID47 - x")}, {"c clear syslog message"}},
    {"SyslogPriorityTooHigh", "", 514, {from_client("<192>Jan  2 10:09:52 a b")}, {}},
    {"Snmp1", "snmp", 161, {from_client(kSnmp1)}, {"c clear snmp SNMP 2c message", "c credential snmp_community"}},
    {"Snmp3WithPrivacy",
     "snmp",
     161,
     {from_client(kSnmp3Discovery), from_server(kSnmp3Private)},
     {"c clear snmp SNMP 3 message without authentication", "s protected snmp SNMP 3 privacy"}},
    {"Snmp3WithoutPrivacy", "snmp", 161, {from_client(kSnmp3Authenticated)}, {"c clear snmp SNMP 3 message without privacy"}},
    {"Ssdp", "ssdp", 1900, {from_client("M-SEARCH * HTTP/1.1\r\nMX: 1\r\n")}, {"c clear ssdp M-SEARCH request"}},
    {"SsdpAnswer", "ssdp", 1900, {from_server("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:1\r\n\r\n")}, {"s clear ssdp response"}},
    {"Ssrp", "ssrp", 1434, {from_client("\x03"), from_server(kSsrpAnswer)}, {"c clear ssrp request", "s clear ssrp response"}},
    {"SsrpElsewhere", "", 1435, {from_client("\x03")}, {}},
    {"NetbiosDatagram", "nbdgm", 138, {from_client(kNetbiosDatagram)}, {"c clear nbdgm datagram"}},
};

class SignatureOfDatagrams : public ::testing::TestWithParam<Case> {};
TEST_P(SignatureOfDatagrams, TellsTheProtocol) {
  ScriptedFlow flow{kSignaturesDissector};
  flow.server_port = GetParam().port;
  flow.datagrams(GetParam().script);
  EXPECT_EQ(flow.words, GetParam().words);
  EXPECT_EQ(recognised(flow), GetParam().signature.empty() ? Words{} : Words{std::string{GetParam().signature}});
  EXPECT_EQ(flow.answers.back() == Datagram::not_mine, GetParam().signature.empty());
}
TEST(Wireguard, ClaimsWhatItsAnswerProvesAndTakesWhatFollows) {
  ScriptedFlow flow{kSignaturesDissector};
  flow.datagrams({from_client(kWireguardInitiation), from_client(kWireguardInitiation), from_server(kWireguardResponse),
                  from_client(wireguard_data(9)), from_client(wireguard_data(8)), from_client(kWireguardInitiation),
                  from_client("something else")});
  using enum Datagram;
  EXPECT_EQ(flow.answers, (std::vector{not_mine, not_mine, taken, taken, taken, taken, not_mine}));
  EXPECT_EQ(flow.num_claimed, 2U);
}

TEST(Wireguard, UnderWayIsTakenFromBothSidesInAnyOrder) {
  const std::string other_way = octets("04000000 11223344");
  const auto back = [&](char counter) {
    return from_server(other_way + std::string{counter} + std::string(7, '\0') + std::string(48, 'd'));
  };
  ScriptedFlow flow{kSignaturesDissector};
  flow.datagrams({from_client(wireguard_data(7)), back(3), from_client(wireguard_data(9)), back(4), from_client(wireguard_data(8))});
  using enum Datagram;
  EXPECT_EQ(flow.answers, (std::vector{not_mine, not_mine, taken, taken, taken}));
  EXPECT_EQ(flow.num_claimed, 2U);
}

INSTANTIATE_TEST_SUITE_P(Table, SignatureOfDatagrams, ::testing::ValuesIn(kDatagrams), name_of);

// Streams. RDP: nDPI/rdp_over_tls.pcap, frames 4 and 5; DCE/RPC: realjimmy-sample-captures/dof-short-capture.pcapng, frame 311.
const std::string kRdpRequest = octets("0300002f 2a e0 0000 0000 00") + "Cookie: mstshash=AAAAAAAAA\r\n" + octets("01 00 0800 03000000");
const std::string kRdpConfirm = octets("03000013 0e d0 0000 1234 00 02 1f 0800 02000000");
const std::string kRdpConfirmStandard = octets("03000013 0e d0 0000 1234 00 02 00 0800 00000000");
const std::string kRdpRefusal = octets("03000013 0e d0 0000 1234 00 03 00 0800 05000000");
std::string rdp_settings(std::uint8_t method, std::uint8_t level) {
  return octets("03000028 02 f0 80 7f66") + std::string(17, 'x') + octets("020c 0c00") +
         std::string{static_cast<char>(method), '\0', '\0', '\0'} + std::string{static_cast<char>(level), '\0', '\0', '\0'} +
         std::string(2, 'y');
}

/// rpc makes a PDU of [MS-RPCE]: the header of C706 section 12.6, a stub, and a trailer of this level where it is not 0.
std::string rpc(std::uint8_t type, std::size_t stub_bytes, std::uint8_t level = 0, const std::string& token = std::string(16, 's')) {
  const std::size_t auth_bytes = level == 0 ? 0 : token.size();
  const std::size_t length = 16 + stub_bytes + (level == 0 ? 0 : 8 + auth_bytes);
  std::string pdu = octets("0500") + std::string{static_cast<char>(type)} + octets("03 10000000") +
                    std::string{static_cast<char>(length), static_cast<char>(length >> 8), static_cast<char>(auth_bytes),
                                static_cast<char>(auth_bytes >> 8)} +
                    octets("01000000") + std::string(stub_bytes, 'd');
  if (level != 0) pdu += octets("0a") + std::string{static_cast<char>(level)} + octets("0000 00000000") + token;
  return pdu;
}
const std::string kNtlmAuthenticate = octets("4e544c4d53535000 03000000 1800 1800 58000000 1800 1800 70000000");

const std::string kSshVersion = "SSH-2.0-OpenSSH_7.6p1 Ubuntu-4ubuntu0.5\r\n";  // ja4/ssh2.pcapng, frame 283
/// ssh_packet makes a packet of RFC 4253 section 6 with four octets of padding.
std::string ssh_packet(const std::string& payload) {
  const std::size_t length = payload.size() + 5;
  return std::string{'\0', '\0', static_cast<char>(length >> 8), static_cast<char>(length), '\x04'} + payload + std::string(4, 'p');
}
std::string ssh_names(std::string_view names) {
  return std::string{'\0', '\0', '\0', static_cast<char>(names.size())} + std::string{names};
}
std::string ssh_key_exchange(std::string_view ciphers) {
  return ssh_packet("\x14" + std::string(16, 'c') + ssh_names("curve25519-sha256") + ssh_names("ssh-ed25519") + ssh_names(ciphers) +
                    ssh_names(ciphers));
}
const std::string kSshNewKeys = ssh_packet("\x15");
const std::string kSshStart = kSshVersion + ssh_key_exchange("aes256-ctr") + kSshNewKeys;

const std::vector<Case> kStreams{
    {"H225", "h225", 1720, {from_client(kSetup)}, {"c clear h225 call signalling message"}},
    {"Msrp", "msrp", 2855, {from_client(kMsrp)}, {"c clear msrp request"}},
    {"MsrpAnswer", "msrp", 2855, {from_server(kMsrpAnswer)}, {"s clear msrp response"}},
    {"C3p", "c3p", 444, {from_client(kC3p)}, {"c clear c3p conference command"}},
    {"SccpOnItsPort", "sccp", 2000, {from_client(kSccpKeepAlive)}, {"c clear sccp message"}},
    {"SccpRegistration", "sccp", 40000, {from_client(kSccpRegister)}, {"c clear sccp message"}},
    {"SccpElsewhere", "", 40000, {from_client(kSccpKeepAlive + std::string(4, '\0'))}, {}},
    {"Kerberos", "kerberos", 88, {from_client(octets("000000b3") + kAsRequest)}, {"c clear kerberos AS request"}},
    {"Msmq", "msmq", 1801, {from_client(kMsmq)}, {"c clear msmq message"}},
    {"Openvpn", "openvpn", 443, {from_client(octets("000e") + kOpenvpnReset)}, {"c protected openvpn OpenVPN"}},
    {"Syslog", "syslog", 514, {from_client(kSyslog)}, {"c clear syslog message"}},
    {"SyslogCounted", "syslog", 601, {from_client("77 " + kSyslog)}, {"c clear syslog message"}},
    {"SshOnceBothTookKeys", "ssh", 22, {from_server(kSshStart), from_client(kSshStart)}, {"c protected ssh SSH transport"}},
    {"SshOfOneSideClaimsNothing", "ssh", 22, {from_server(kSshStart), from_client(kSshVersion)}, {}},
    {"SshWithoutCipherClaimsNothing",
     "ssh",
     22,
     {from_server(kSshVersion + ssh_key_exchange("none,aes256-ctr") + kSshNewKeys),
      from_client(kSshVersion + ssh_key_exchange("none") + kSshNewKeys)},
     {}},
    {"DcerpcWithoutSecurity",
     "dcerpc",
     135,
     {from_client(rpc(11, 56)), from_server(rpc(12, 44)), from_client(rpc(0, 100)), from_server(rpc(2, 300))},
     {"c clear dcerpc bind", "s clear dcerpc bind acknowledgement", "c clear dcerpc request", "s clear dcerpc response"}},
    {"DcerpcWithPrivacy",
     "dcerpc",
     135,
     {from_client(rpc(11, 56, 6)), from_server(rpc(12, 44, 6)), from_client(rpc(16, 4, 6, kNtlmAuthenticate)), from_client(rpc(0, 2000, 6)),
      from_server(rpc(2, 300, 6))},
     {"c clear dcerpc bind", "s clear dcerpc bind acknowledgement", "c clear dcerpc authentication", "c credential ntlm",
      "c protected dcerpc packet privacy", "s protected dcerpc packet privacy"}},
    {"DcerpcWithIntegrityIsReadable",
     "dcerpc",
     135,
     {from_client(rpc(0, 100, 5)), from_client(rpc(0, 100, 6))},
     {"c clear dcerpc request", "c protected dcerpc packet privacy"}},
    {"DcerpcThatBreaksOff",
     "dcerpc",
     135,
     {from_client(rpc(0, 10) + octets("05000003 10000000 0400 0000 00000000"))},
     {"c clear dcerpc request", "c malformed frag_length"}},
    {"RdpWithTls",
     "rdp",
     3389,
     {from_client(kRdpRequest), from_server(kRdpConfirm)},
     {"c clear rdp connection request", "c upgrade rdp requested", "s upgrade rdp accepted"}},
    {"RdpWithStandardSecurity",
     "rdp",
     3389,
     {from_client(kRdpRequest), from_server(kRdpConfirmStandard + rdp_settings(2, 2))},
     {"c clear rdp connection request", "c upgrade rdp requested", "s protected rdp standard RDP security"}},
    {"RdpWithoutEncryption",
     "rdp",
     3389,
     {from_client(kRdpRequest), from_server(kRdpConfirmStandard + rdp_settings(0, 0))},
     {"c clear rdp connection request", "c upgrade rdp requested", "s clear rdp session without encryption"}},
    {"RdpRefused",
     "rdp",
     3389,
     {from_client(kRdpRequest), from_server(kRdpRefusal)},
     {"c clear rdp connection request", "c upgrade rdp requested", "s upgrade rdp refused"}},
    // nDPI/smtp-starttls.pcap
    {"SmtpThatUpgrades",
     "smtp",
     25,
     {from_server("220 mx.google.com ESMTP s4si9696358qcc.63 - gsmtp\r\n"), from_client("EHLO a.example.com\r\n"),
      from_server("250-mx.google.com at your service\r\n250-SIZE 35882577\r\n250-STARTTLS\r\n250 CHUNKING\r\n"),
      from_client("STARTTLS\r\n"), from_server("220 2.0.0 Ready to start TLS\r\n")},
     {"s clear smtp greeting", "c clear smtp opening command", "s upgrade smtp offered", "c upgrade smtp requested",
      "s upgrade smtp accepted"}},
    {"SmtpThatCannot",
     "smtp",
     2525,
     {from_server("220-mx ESMTP\r\n220 go on\r\n"), from_client("EHLO a\r\n"), from_server("250-mx\r\n250 SIZE 1\r\n"),
      from_client("MAIL FROM:<a@b>\r\n")},
     {"s clear smtp greeting", "c clear smtp opening command", "s no-upgrade smtp", "c clear smtp command",
      "c clear smtp mail transaction"}},
    {"SmtpThatRefuses",
     "smtp",
     25,
     {from_server("220 mx ESMTP\r\n"), from_client("EHLO a\r\n"), from_server("250-mx\r\n250 STARTTLS\r\n"), from_client("STARTTLS\r\n"),
      from_server("454 4.7.0 TLS not available\r\n"), from_client("AUTH PLAIN AHUAcA==\r\n")},
     {"s clear smtp greeting", "c clear smtp opening command", "s upgrade smtp offered", "c upgrade smtp requested",
      "s upgrade smtp refused", "c clear smtp command", "c credential sasl_plain"}},
    {"SmtpWhoseRepliesComeLate",
     "smtp",
     25,
     {from_client("EHLO a\r\nSTARTTLS\r\n"), from_server("220 mx ESMTP\r\n250-mx\r\n250 STARTTLS\r\n"), from_server("220 go ahead\r\n")},
     {"c clear smtp opening command", "c upgrade smtp requested", "s clear smtp greeting", "s upgrade smtp offered",
      "s upgrade smtp accepted"}},
    // nDPI/ftp-start-tls.pcap
    {"FtpThatUpgrades",
     "ftp",
     21,
     {from_server("220 \"Authorized users only. All activity may be monitored and reported\"\r\n"), from_client("AUTH TLS\r\n"),
      from_server("234 Proceed with negotiation.\r\n")},
     {"s clear ftp greeting", "c clear ftp opening command", "c upgrade ftp requested", "s upgrade ftp accepted"}},
    {"FtpWhoseFeaturesNameTheUpgrade",
     "ftp",
     21,
     {from_server("220 FTP\r\n"), from_client("FEAT\r\n"), from_server("211-Features:\r\n AUTH TLS;SSL;\r\n UTF8\r\n211 End\r\n"),
      from_client("USER bob\r\n")},
     {"s clear ftp greeting", "c clear ftp opening command", "s upgrade ftp offered", "c clear ftp command"}},
    {"FtpWhoseFeaturesLackTheUpgrade",
     "ftp",
     21,
     {from_server("220 FTP\r\n"), from_client("FEAT\r\n"), from_server("211-Features:\r\n UTF8\r\n"), from_server("211 End\r\n"),
      from_client("FEAT\r\n"), from_server("211-Features:\r\n UTF8\r\n211 End\r\n")},
     {"s clear ftp greeting", "c clear ftp opening command", "s no-upgrade ftp"}},
    {"FtpStatusIsNoListOfFeatures",
     "ftp",
     21,
     {from_server("220 FTP\r\n"), from_client("STAT\r\n"), from_server("211-Status\r\n quiet\r\n211 End\r\n"), from_client("FEAT\r\n"),
      from_server("500 what\r\n"), from_client("SYST\r\n"), from_server("215 UNIX\r\n")},
     {"s clear ftp greeting", "c clear ftp command", "c clear ftp opening command"}},
    {"FtpWithAPassword",
     "ftp",
     2121,
     {from_server("220 (vsFTPd 3.0)\r\n"), from_client("USER bob\r\n"), from_server("331 Please\r\n"), from_client("PASS x\r\n")},
     {"s clear ftp greeting", "c clear ftp command", "c credential other"}},
    {"FtpThatIsAnonymous",
     "ftp",
     21,
     {from_server("220 FTP\r\n"), from_client("USER anonymous\r\n"), from_server("331 Please\r\n"), from_client("PASS x\r\n")},
     {"s clear ftp greeting", "c clear ftp command", "c credential sasl_anonymous"}},
    // wireshark-notes/imap-ssl.pcapng
    {"ImapThatUpgrades",
     "imap",
     143,
     {from_server("* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR STARTTLS AUTH=PLAIN] Dovecot (Ubuntu) ready.\r\n"),
      from_client(". CAPABILITY\r\n"), from_server(". OK Pre-login capabilities listed.\r\n"), from_client(". STARTTLS\r\n"),
      from_server(". OK Begin TLS negotiation now.\r\n")},
     {"s clear imap greeting", "s upgrade imap offered", "c clear imap opening command", "c upgrade imap requested",
      "s upgrade imap accepted"}},
    {"ImapWhoseGreetingLacksTheUpgrade",
     "imap",
     143,
     {from_server("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready.\r\n"), from_client("a1 LOGIN u p\r\n"),
      from_server("a1 OK [CAPABILITY IMAP4rev1] in\r\n")},
     {"s clear imap greeting", "s no-upgrade imap", "c clear imap command", "c credential other"}},
    {"ImapWhoseCapabilitiesLackTheUpgrade",
     "imap",
     143,
     {from_server("* OK ready\r\n"), from_client("a1 CAPABILITY\r\n"), from_server("* CAPABILITY IMAP4rev1\r\na1 OK done\r\n")},
     {"s clear imap greeting", "c clear imap opening command", "s no-upgrade imap"}},
    {"ImapOfWhoIsLoggedInAlready",
     "imap",
     143,
     {from_server("* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n"), from_client("a1 NOOP\r\n")},
     {"s clear imap greeting", "c clear imap opening command"}},
    {"ImapLogin",
     "imap",
     143,
     {from_server("* OK ready\r\n"), from_client("a1 LOGIN u p\r\n")},
     {"s clear imap greeting", "c clear imap command", "c credential other"}},
    // nDPI/pop3_stls.pcap
    {"Pop3ThatUpgrades",
     "pop3",
     110,
     {from_server("+OK lavad\r\n"), from_client("AUTH\r\n"), from_server("-ERR Unrecognized command.\r\n"), from_client("CAPA\r\n"),
      from_server("+OK Capabilities follow.\r\nUSER\r\nSTLS\r\n.\r\n"), from_client("STLS\r\n"),
      from_server("+OK Ready to start TLS negotiation.\r\n")},
     {"s clear pop3 greeting", "c clear pop3 opening command", "s upgrade pop3 offered", "c upgrade pop3 requested",
      "s upgrade pop3 accepted"}},
    {"Pop3WhoseCapabilitiesLackTheUpgrade",
     "pop3",
     110,
     {from_server("+OK ready\r\n"), from_client("CAPA\r\n"), from_server("+OK list\r\nUSER\r\n"), from_server("UIDL\r\n.\r\n"),
      from_client("STLS\r\n"), from_server("-ERR what\r\n"), from_client("USER u\r\n")},
     {"s clear pop3 greeting", "c clear pop3 opening command", "s no-upgrade pop3", "c upgrade pop3 requested", "s upgrade pop3 refused",
      "c clear pop3 command"}},
    {"Pop3ThatHasNoList",
     "pop3",
     110,
     {from_server("+OK ready\r\n"), from_client("CAPA\r\n"), from_server("-ERR what\r\n"), from_client("USER u\r\n"),
      from_server("+OK\r\n")},
     {"s clear pop3 greeting", "c clear pop3 opening command", "c clear pop3 command"}},
};

class SignatureOfStreams : public ::testing::TestWithParam<Case> {};
TEST_P(SignatureOfStreams, TellsTheProtocolInWhateverPieces) {
  for (const std::size_t piece_bytes : {0xFFFFFFFFU, 1U, 2U, 3U, 7U}) {
    ScriptedFlow flow{kSignaturesDissector};
    flow.server_port = GetParam().port;
    flow.stream(GetParam().script, piece_bytes);
    EXPECT_EQ(flow.words, GetParam().words) << piece_bytes;
    EXPECT_EQ(recognised(flow), GetParam().signature.empty() ? Words{} : Words{std::string{GetParam().signature}}) << piece_bytes;
    const bool upgraded = !flow.words.empty() && flow.words.back().ends_with("accepted");
    EXPECT_EQ(flow.handed_over, upgraded) << piece_bytes;
  }
}
TEST_P(SignatureOfStreams, IsProbedByItsFirstOctets) {
  const Said& first = GetParam().script.front();
  const bool client = first.sender == Side::initiator;
  const auto probe = [&](std::size_t length) {
    return kSignaturesDissector.probe({.bytes = as_bytes(first.octets).first(length),
                                       .transport = Transport::tcp,
                                       .at_start = true,
                                       .source_port = client ? std::uint16_t{50000} : GetParam().port,
                                       .destination_port = client ? GetParam().port : std::uint16_t{50000}});
  };
  const Recognition whole = probe(first.octets.size());
  EXPECT_EQ(whole, GetParam().signature.empty() ? Recognition::no : Recognition::yes);
  Recognition before = Recognition::need_more;
  for (std::size_t length = 0; length <= first.octets.size(); ++length) {
    const Recognition recognition = probe(length);
    EXPECT_TRUE(before == Recognition::need_more || recognition == before) << "changes its mind at " << length;
    before = recognition;
  }
}
INSTANTIATE_TEST_SUITE_P(Table, SignatureOfStreams, ::testing::ValuesIn(kStreams), name_of);

TEST(Signatures, EveryRowIsTestedAndNamesItsSource) {
  EXPECT_LE(signature_table().size(), kMaxSignatures);
  for (const Signature& signature : signature_table()) {
    EXPECT_FALSE(signature.source.empty()) << std::string_view{signature.name};
    const auto& cases = signature.transport == Transport::udp ? kDatagrams : kStreams;
    EXPECT_TRUE(std::ranges::any_of(cases, [&](const Case& c) { return c.signature == signature.name; }))
        << std::string_view{signature.name};
  }
}

TEST(Signatures, RefuseTheFirstOctetsOfOtherProtocols) {
  for (const std::string& other :
       {octets("1603010200010001fc0303aabbccddeeff00112233445566778899"), std::string{"INVITE sip:a@b SIP/2.0\r\nVia: x\r\n\r\n"},
        std::string{"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}, octets("000100002112a442 0102030405060708090a0b0c"),
        octets("8000 0001 00000001 00000001") + std::string(160, 'U'), octets("000000e2fe534d4240000000") + std::string(60, '\0'),
        octets("fee3 0100 0001 0000 0000 0000 03777777 00 0001 0001"), octets("1201002f000001000000") + std::string(30, '\0'),
        octets("300c020101 6007 020103 0400 8000"), std::string{"<?xml version='1.0'?><stream:stream to='a'>"},
        octets("16fefd0000000000000000004001000034") + std::string(60, 'x')}) {
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
      const ProbeInput input{
          .bytes = as_bytes(other), .transport = transport, .at_start = true, .source_port = 50000, .destination_port = 40000};
      EXPECT_EQ(kSignaturesDissector.probe(input), Recognition::no) << other;
    }
  }
}

TEST(Signatures, AFirstLineOfNothingButMsrpIsNobodys) {
  for (const std::string_view line : {"MSRP \n", "MSRP  \r\n", "MSRP a\n"}) {
    EXPECT_EQ(kSignaturesDissector.probe({.bytes = as_bytes(line), .transport = Transport::tcp}), Recognition::no) << line;
  }
}

TEST(Signatures, RandomOctetsAreRarelyAsMuchAsAMaybe) {
  std::uint64_t state = 88172645463325252ULL;
  std::size_t sure = 0;
  for (int i = 0; i < 50'000; ++i) {
    ScriptedFlow flow{kSignaturesDissector};
    std::vector<Said> script;
    for (int datagram = 0; datagram < 2; ++datagram) {
      std::string random(64, '\0');
      for (char& c : random) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        c = static_cast<char>(state);
      }
      script.push_back({.sender = datagram == 0 ? Side::initiator : Side::responder, .octets = random});
    }
    flow.datagrams(script);
    sure += flow.facts.empty() ? 0U : 1U;
    ScriptedFlow stream{kSignaturesDissector};
    stream.stream(script);
    sure += stream.facts.empty() ? 0U : 1U;
  }
  EXPECT_EQ(sure, 0U);
}

TEST(Signatures, DatagramsThatBelongToSomebodyElseAreLeft) {
  ScriptedFlow flow{kSignaturesDissector};
  flow.server_port = 4500;
  flow.datagrams(
      {from_client(kNonEspMarker + kIke2), from_client("nobody's"), from_client(kWireguardInitiation), from_server(kWireguardResponse)});
  EXPECT_EQ(flow.answers, (std::vector<Datagram>{Datagram::taken, Datagram::not_mine, Datagram::not_mine, Datagram::taken}));
  EXPECT_EQ(recognised(flow), (Words{"ike", "wireguard"}));
}

TEST(Signatures, WhatComesBehindManyDatagramsIsStillLeftToOthers) {
  ScriptedFlow flow{kSignaturesDissector};
  flow.datagrams(std::vector<Said>(1000, from_client(kSnmp1)));
  EXPECT_EQ(flow.answers.back(), Datagram::taken);
  EXPECT_EQ(flow.words.size(), 2U);
  flow.datagrams({from_client("OPTIONS sip:fe01.contoso.com SIP/2.0\r\n\r\n")});
  EXPECT_EQ(flow.answers.back(), Datagram::not_mine);
}

TEST(Signatures, DcerpcIsJoinedMidStream) {
  const std::string request = rpc(0, 100);
  const ProbeInput joined{.bytes = as_bytes(request), .transport = Transport::tcp, .at_start = false};
  EXPECT_EQ(kSignaturesDissector.probe(joined), Recognition::yes);
  const ProbeInput ssh{.bytes = as_bytes(kSshVersion), .transport = Transport::tcp, .at_start = false};
  EXPECT_EQ(kSignaturesDissector.probe(ssh), Recognition::no);
}

TEST(Signatures, AGapEndsWhatDependsOnOrder) {
  ScriptedFlow text{kSignaturesDissector};
  text.stream({from_server("220 mx ESMTP\r\n"), from_client("EHLO a\r\n")}).gap(Side::responder, 100);
  text.stream({from_client("STARTTLS\r\n"), from_server("220 go\r\n")});
  EXPECT_FALSE(text.handed_over);
  ScriptedFlow calls{kSignaturesDissector};
  calls.stream({from_client(rpc(0, 100, 6).substr(0, 40))}).gap(Side::initiator, 1000);
  calls.stream({from_client("dddddddddddddddddddddddddd"), from_client(rpc(0, 100))});
  EXPECT_EQ(calls.words, (Words{"c clear dcerpc request"}));
}

TEST(DcerpcParse, AHeaderIsNeverReadWhenCut) {
  const std::string pdu = rpc(0, 20);
  for (std::size_t length = 0; length < kDcerpcHeaderBytes; ++length) {
    const auto cut = parse_dcerpc_header(as_bytes(pdu).first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::need_more) << length;
  }
  std::string big_endian = octets("05000003 00000000 0064 0000 00000001") + std::string(84, 'd');
  EXPECT_EQ(parse_dcerpc_header(as_bytes(big_endian))->frag_length, 100);
}

}  // namespace
}  // namespace sealtrace
