#include "policy/content_class.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace sealtrace {
namespace {

struct ProtocolClass {
  std::string_view protocol;
  TrafficClass traffic_class;
};

/// kProtocolClasses: domain facts of the port pages (DNS, DHCP and time are clear by design; SQL, files and directory cannot be MTLS).
constexpr auto kProtocolClasses = std::to_array<ProtocolClass>({
    {"dns", TrafficClass::clear_by_design},        {"mdns", TrafficClass::clear_by_design},
    {"llmnr", TrafficClass::clear_by_design},      {"nbns", TrafficClass::clear_by_design},
    {"dhcp", TrafficClass::clear_by_design},       {"ntp", TrafficClass::clear_by_design},
    {"dhcpv6", TrafficClass::clear_by_design},     {"ssdp", TrafficClass::clear_by_design},
    {"ldap", TrafficClass::infrastructure},        {"smb", TrafficClass::infrastructure},
    {"tds", TrafficClass::infrastructure},         {"ssrp", TrafficClass::infrastructure},
    {"postgresql", TrafficClass::infrastructure},  {"mysql", TrafficClass::infrastructure},
    {"kerberos", TrafficClass::clear_by_design},   {"dcerpc", TrafficClass::infrastructure},
    {"msmq", TrafficClass::infrastructure},        {"snmp", TrafficClass::infrastructure},
    {"syslog", TrafficClass::infrastructure},      {"ssh", TrafficClass::other_protection},
    {"esp", TrafficClass::other_protection},       {"ike", TrafficClass::other_protection},
    {"wireguard", TrafficClass::other_protection}, {"openvpn", TrafficClass::other_protection},
});

std::optional<TrafficClass> class_of(std::string_view protocol) {
  const auto found = std::ranges::find(kProtocolClasses, protocol, &ProtocolClass::protocol);
  if (found == kProtocolClasses.end()) return std::nullopt;
  return found->traffic_class;
}

/// kSetUp are messages, by protocol, that come before it can protect anything. Credentials in them are flagged by themselves.
constexpr std::array<std::string_view, 16> kSmbSetUp{
    "negotiate request",     "negotiate response",      "session setup request",    "session setup response",
    "tree connect request",  // an encrypted share is named before it encrypts
    "tree connect response", "tree disconnect request", "tree disconnect response", "ioctl request",
    "ioctl response",        "logoff request",          "logoff response",          "echo request",
    "echo response",         "SMB 1 negotiate request", "SMB 1 negotiate response"};
constexpr std::array<std::string_view, 2> kPostgresqlSetUp{"SSL request", "GSSAPI encryption request"};
constexpr std::array<std::string_view, 1> kMysqlSetUp{"greeting"};  // a version and a nonce
constexpr std::array<std::string_view, 2> kMailSetUp{"greeting", "opening command"};
constexpr std::array<std::string_view, 6> kLdapSetUp{
    "bind request",
    "bind response",
    "extended response",
    "root DSE search request",  // what a server can do is asked before a layer can be agreed on (RFC 4512 section 5.1)
    "root DSE search result entry",
    "root DSE search result done"};
constexpr std::array<std::string_view, 1> kRdpSetUp{"connection request"};
constexpr std::array<std::string_view, 2> kIkeSetUp{"IKE version 1 exchange", "IKE version 2 exchange"};
constexpr std::array<std::string_view, 1> kWireguardSetUp{"WireGuard handshake"};
constexpr std::array<std::string_view, 1> kSnmpSetUp{"SNMP 3 message without authentication"};

struct SetUp {
  std::string_view protocol;
  std::span<const std::string_view> messages;
};
constexpr auto kSetUp = std::to_array<SetUp>({
    {"smb", kSmbSetUp},
    {"postgresql", kPostgresqlSetUp},
    {"mysql", kMysqlSetUp},
    {"smtp", kMailSetUp},
    {"ftp", kMailSetUp},
    {"imap", kMailSetUp},
    {"pop3", kMailSetUp},
    {"ldap", kLdapSetUp},
    {"rdp", kRdpSetUp},
    {"ike", kIkeSetUp},
    {"wireguard", kWireguardSetUp},
    {"snmp", kSnmpSetUp},
});

/// kClearPaths are fetched over plain HTTP on purpose: revocation lists and answers before any trust exists, root certificates, updates
/// of devices that have none yet.
constexpr std::array kClearPaths{HttpPathClass::root_certificate, HttpPathClass::revocation_list, HttpPathClass::ocsp,
                                 HttpPathClass::device_update};

/// kPostedPaths are asked for with a body on purpose, too (RFC 6960 appendix A.1; phones name themselves to get their update).
constexpr std::array kPostedPaths{HttpPathClass::ocsp, HttpPathClass::device_update};

/// is_clear_by_design says that HTTP carries nothing but what is meant to be readable. A credential never is, nor is what a client sends
/// along with a request, whatever the answer: it may be a form with a password.
bool is_clear_by_design(const ApplicationProfile& application) {
  if (!application.http || application.http->num_requests == 0 || !application.credentials.empty()) return false;
  const HttpProfile& http = *application.http;
  if (http.connect || !http.upgrades.empty()) return false;
  const bool with_body =
      std::ranges::any_of(application.clear, [](const ClearReading& read) { return read.what == "GET request with a body"; });
  const bool only_asks =
      !with_body && std::ranges::all_of(http.methods, [](const std::string& method) { return method == "GET" || method == "HEAD"; });
  const bool only_posts_what_is_due = std::ranges::all_of(
      http.first_of_path, [](const auto& path) { return std::ranges::find(kPostedPaths, path.first) != kPostedPaths.end(); });
  if (!only_asks && !only_posts_what_is_due) return false;
  if (only_asks && http.num_responses != 0 && http.num_redirects_to_https == http.num_responses) return true;
  return std::ranges::all_of(http.first_of_path,
                             [](const auto& path) { return std::ranges::find(kClearPaths, path.first) != kClearPaths.end(); });
}

}  // namespace

bool is_of_other_legs(std::string_view protocol) {
  return protocol != "http" && protocol != "tls" && protocol != "dtls" && !class_of(protocol);
}

bool proves_encryption(const SeenProtection& protection) {
  struct Layer {
    std::string_view protocol;
    std::string_view how;
  };
  // A SASL layer of NTLM or DIGEST-MD5 looks the same signed or sealed; standard RDP security is RC4 without a server's identity; what ZRTP
  // agreed on is shown to nobody else, nor whether the two who talk compared it; of OpenVPN nothing but its first packets is told.
  constexpr auto kNotProved = std::to_array<Layer>({{"ldap", "SASL layer"},
                                                    {"rdp", "standard RDP security"},
                                                    {"zrtp", "ZRTP key agreement"},
                                                    {"openvpn", "OpenVPN"},
                                                    {"esp", "ESP, too few packets to tell whether it encrypts"}});
  return std::ranges::none_of(kNotProved,
                              [&](const Layer& layer) { return layer.protocol == protection.protocol && layer.how == protection.how; });
}

bool says_something(const ClearReading& reading) {
  const auto set_up = std::ranges::find(kSetUp, reading.protocol, &SetUp::protocol);
  return set_up == kSetUp.end() || std::ranges::find(set_up->messages, reading.what) == set_up->messages.end();
}

bool read_in_clear(const FlowProfile& flow) { return flow.application && std::ranges::any_of(flow.application->clear, says_something); }

bool only_agrees_keys(const FlowProfile& flow) {
  if (!flow.application || flow.application->clear.empty() || flow.unread || flow.unrecognised || flow.tls) return false;
  return !flow.protocols.empty() &&
         std::ranges::all_of(flow.protocols,
                             [](std::string_view protocol) { return class_of(protocol) == TrafficClass::other_protection; }) &&
         flow.application->protections.empty() && !read_in_clear(flow);
}

bool seen_whole(const FlowProfile& flow) {
  const bool both = flow.initiator_seen && (flow.responder_seen || flow.transport != Transport::tcp);
  return flow.start_seen && both && flow.missing_bytes == 0 && !flow.truncated && !flow.conflicting && !flow.unread &&
         flow.budgets_exceeded.empty() && flow.closed != CloseReason::evicted;
}

bool clear_by_design_so_far(const FlowProfile& flow) {
  return flow.application && flow.protocols.size() == 1 && flow.protocols.front() == "http" && is_clear_by_design(*flow.application);
}

std::optional<TrafficClass> content_class(const FlowProfile& flow) {
  std::optional<TrafficClass> found;
  for (const std::string_view protocol : flow.protocols) {
    if (protocol == "tls" || protocol == "dtls") continue;
    const std::optional<TrafficClass> traffic_class = class_of(protocol);
    if (!traffic_class || (found && *found != *traffic_class)) {
      found.reset();
      break;
    }
    found = traffic_class;
  }
  const bool in_tls = flow.tls != nullptr;
  if (found && !(in_tls && *found != TrafficClass::infrastructure)) return found;
  if (!in_tls && seen_whole(flow) && clear_by_design_so_far(flow)) return TrafficClass::clear_by_design;
  return std::nullopt;
}

}  // namespace sealtrace
