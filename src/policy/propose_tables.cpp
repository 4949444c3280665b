#include "policy/propose_tables.hpp"

#include <algorithm>
#include <array>

#include "model/ascii.hpp"

namespace sealtrace {
namespace {

using enum ProposalStrength;
using enum Role;

// A Standard Edition server and an Enterprise pool's Front End cannot be told apart on the wire, and every rule treats them alike:
// front-end stands for both.
constexpr RoleMask kWebServers = roles({front_end, director});
constexpr RoleMask kWebPublishers = roles({front_end, director, reverse_proxy});
constexpr RoleMask kGateways = roles({pstn_gateway, sbc, ip_pbx});
constexpr RoleMask kGatewayProducts = roles({pstn_gateway, sbc});
constexpr RoleMask kFrontEndOnly = roles({front_end});

/// kListeners. Sources: the port pages of Lync Server 2013 for internal servers, the consolidated Edge, Director pools, the reverse proxy
/// and XMPP federation; the Mediation Server component's overview; peer ports as Topology Builder sets them.
constexpr auto kListeners = std::to_array<ListenerRow>({
    {444, 444, Speaks::tls, roles({front_end, director, edge_web_conferencing}), probable, "the port of conference control",
     OpenerWhen::with_tls, roles({front_end, director, survivable_branch})},
    {448, 448, Speaks::tls, kFrontEndOnly, probable, "the port of the Bandwidth Policy Service"},
    {881, 881, Speaks::tls, roles({persistent_chat}), probable, "the web services port of Persistent Chat"},
    {4443, 4443, Speaks::tls, roles({front_end, director, edge_internal}), probable,
     "the port of published web services and of configuration replication", OpenerWhen::with_tls,
     roles({reverse_proxy, central_management})},
    {5041, 5041, Speaks::tls, roles({persistent_chat}), probable, "the SIP port of Persistent Chat", OpenerWhen::with_certificate,
     kFrontEndOnly},
    {5060, 5060, Speaks::sip_or_tls, kGateways | roles({sip_proxy, sip_registrar}), possible, "the general SIP port"},
    {5061, 5061, Speaks::sip_or_tls, roles({front_end, director, edge_access, edge_internal, federated_partner, sip_proxy, sip_registrar}),
     probable, "the SIP port of servers", OpenerWhen::with_certificate,
     roles({front_end, director, mediation_server, edge_access, edge_internal, federated_partner})},
    {5062, 5062, Speaks::sip_or_tls, roles({front_end, edge_internal}), probable, "the port of IM conferencing and of A/V authentication",
     OpenerWhen::with_certificate, roles({front_end, survivable_branch})},
    {5063, 5063, Speaks::sip_or_tls, kFrontEndOnly, probable, "the port of A/V conferencing"},
    {5064, 5064, Speaks::sip_or_tls, kFrontEndOnly, probable, "the port of the dial-in attendant"},
    {5065, 5065, Speaks::sip_or_tls, kFrontEndOnly, probable, "the port of application sharing"},
    {5066, 5066, Speaks::sip_or_tls, kGateways, probable, "the trunk port of gateways over TCP", OpenerWhen::with_certificate,
     roles({mediation_server})},
    {5067, 5067, Speaks::sip_or_tls, kGateways | roles({mediation_server}), probable, "the trunk port of Mediation Servers and gateways",
     OpenerWhen::with_certificate, kGateways | roles({mediation_server})},
    {5068, 5068, Speaks::sip_or_tls, roles({mediation_server}), probable, "the port where Mediation Servers take clear SIP of gateways",
     OpenerWhen::with_certificate, kGateways},
    {5070, 5070, Speaks::sip_or_tls, roles({mediation_server}), probable, "the port where Mediation Servers listen for Front Ends",
     OpenerWhen::with_certificate, kFrontEndOnly},
    {5071, 5073, Speaks::sip_or_tls, kFrontEndOnly, probable, "an application port of Front Ends"},
    {5075, 5076, Speaks::sip_or_tls, kFrontEndOnly, probable, "an application port of Front Ends"},
    {5080, 5080, Speaks::sip_or_tls, kFrontEndOnly, possible, "the port of call admission control, also a common SIP port"},
    {5081, 5082, Speaks::sip_or_tls, kGateways | roles({survivable_branch}), probable, "the trunk port of branch appliances",
     OpenerWhen::with_certificate, roles({mediation_server})},
    {5086, 5087, Speaks::sip_or_tls, kFrontEndOnly, probable, "the port of the mobility services"},
    {5088, 5089, Speaks::sip_or_tls, roles({survivable_branch}), probable, "the mobility port of branch appliances"},
    {5269, 5269, Speaks::tls, roles({edge_access, xmpp_partner}), probable, "the XMPP server-to-server port"},
    {8057, 8057, Speaks::tls, roles({front_end, edge_internal}), probable, "the port of web conferencing", OpenerWhen::with_certificate,
     kFrontEndOnly},
    {8058, 8058, Speaks::tls, kFrontEndOnly, probable, "the port of web conferencing for older clients"},
    {8060, 8061, Speaks::tls, kFrontEndOnly, probable, "a port between Front Ends"},
    {8404, 8404, Speaks::tls, kFrontEndOnly, probable, "a port of the Response Group service"},
    {23456, 23456, Speaks::tls, roles({edge_internal}), probable, "the XMPP port inside of the Edge", OpenerWhen::with_certificate,
     kFrontEndOnly},
    {50001, 50003, Speaks::tls, roles({front_end, director, edge_internal}), possible, "the port of the logging agent",
     OpenerWhen::with_certificate, roles({admin, front_end})},
});
static_assert(std::ranges::is_sorted(kListeners, {}, &ListenerRow::first));

/// kNames: names that the product or its documents give (certificate summaries, DNS summaries, simple URLs), then habits of naming hosts.
constexpr auto kNames = std::to_array<NameRow>({
    {"sip", "pstnhub.microsoft.com", roles({teams_sip_proxy}), strong, false, true, "a SIP proxy of Teams Direct Routing"},
    {"sip2", "pstnhub.microsoft.com", roles({teams_sip_proxy}), strong, false, true, "a SIP proxy of Teams Direct Routing"},
    {"sip3", "pstnhub.microsoft.com", roles({teams_sip_proxy}), strong, false, true, "a SIP proxy of Teams Direct Routing"},
    {"lyncdiscoverinternal", {}, kWebServers, probable, false, true, "where clients inside discover their server"},
    {"lyncdiscover", {}, kWebPublishers, probable, false, true, "where clients discover their server"},
    {"sipinternal", {}, kWebServers, probable, false, true, "where clients inside sign in"},
    {"sipexternal", {}, roles({edge_access}), probable, false, true, "where clients outside sign in"},
    {"sip", {}, roles({front_end, director, edge_access}), possible, false, true, "where clients sign in"},
    {"ucupdates-r2", {}, kWebPublishers, probable, false, true, "where phones fetch updates"},
    {"meet", {}, kWebPublishers, possible, false, true, "the simple URL of meetings"},
    {"dialin", {}, kWebPublishers, possible, false, true, "the simple URL of dial-in numbers"},
    {"officewebapps", {}, roles({office_web_apps, reverse_proxy}), possible, false, true, "the name of Office Web Apps"},
    {"webcon", {}, roles({edge_web_conferencing}), possible, false, true, "the name of the Web Conferencing Edge"},
    {"webconf", {}, roles({edge_web_conferencing}), possible, false, true, "the name of the Web Conferencing Edge"},
    {"av", {}, roles({edge_av}), possible, false, true, "the name of the A/V Edge"},
    {"xmpp", {}, roles({edge_access, xmpp_partner}), possible, false, true, "the name of the XMPP proxy"},
    {"access", {}, roles({edge_access}), possible, false, true, "the name of the Access Edge"},
    {"edge",
     {},
     roles({edge_access, edge_web_conferencing, edge_av, edge_internal}),
     possible,
     true,
     false,
     "a common name of Edge Servers"},
    {"edge-int", {}, roles({edge_internal}), possible, true, false, "a common name of the Edge's inside"},
    {"pool", {}, kFrontEndOnly, possible, true, false, "a common name of Front End pools"},
    {"fe", {}, kFrontEndOnly, possible, true, false, "a common name of Front Ends"},
    {"dir", {}, roles({director}), possible, true, false, "a common name of Directors"},
    {"director", {}, roles({director}), possible, true, false, "a common name of Directors"},
    {"med", {}, roles({mediation_server}), possible, true, false, "a common name of Mediation Servers"},
    {"mediation", {}, roles({mediation_server}), possible, true, false, "a common name of Mediation Servers"},
    {"gw", {}, kGatewayProducts, possible, true, false, "a common name of gateways"},
    {"gateway", {}, kGatewayProducts, possible, true, false, "a common name of gateways"},
    {"sbc", {}, roles({sbc}), possible, true, false, "a common name of session border controllers"},
    {"pbx", {}, roles({ip_pbx}), possible, true, false, "a common name of telephone systems"},
    {"sba", {}, roles({survivable_branch}), possible, true, false, "a common name of branch appliances"},
    {"pchat", {}, roles({persistent_chat}), possible, true, false, "a common name of Persistent Chat servers"},
    {"sql", {}, roles({sql_back_end}), possible, true, false, "a common name of SQL servers"},
    {"dc", {}, roles({domain_controller}), possible, true, false, "a common name of domain controllers"},
    {"exch", {}, roles({exchange}), possible, true, false, "a common name of Exchange servers"},
    {"rp", {}, roles({reverse_proxy}), possible, true, false, "a common name of reverse proxies"},
});

/// kServices. Sources: DNS requirements of Lync Server 2013 for automatic sign-in, federation and XMPP; RFC 3263 section 4.1; RFC 5928
/// section 3; RFC 6120 section 3.2.1; [MS-ADTS] section 6.3.2.3. A partner's federation record is asked for too, so that it may be the
/// partner.
constexpr auto kServices = std::to_array<ServiceRow>({
    {"_sipinternaltls._tcp", kWebServers, strong},
    {"_sipinternal._tcp", kWebServers, strong},
    {"_sip._tls", roles({edge_access}), strong},
    {"_sipfederationtls._tcp", roles({edge_access, federated_partner}), strong},
    {"_xmpp-server._tcp", roles({edge_access, xmpp_partner}), strong},
    {"_sips._tcp", roles({sip_proxy, sip_registrar}), probable},
    {"_sip._tcp", roles({sip_proxy, sip_registrar}), probable},
    {"_sip._udp", roles({sip_proxy, sip_registrar}), probable},
    {"_turn._udp", roles({media_relay}), strong},
    {"_turn._tcp", roles({media_relay}), strong},
    {"_turns._tcp", roles({media_relay}), strong},
    {"_ldap._tcp", roles({domain_controller}), strong},
    {"_gc._tcp", roles({domain_controller}), strong},
    {"_kerberos._tcp", roles({domain_controller}), strong},
    {"_kerberos._udp", roles({domain_controller}), strong},
});

constexpr RoleMask kPhone = roles({phone});
constexpr RoleMask kClient = roles({client});
constexpr RoleMask kPbx = roles({ip_pbx});
constexpr RoleMask kProxy = roles({sip_proxy, sip_registrar});

/// kProducts: the first row that fits wins. These are the words by which the products name themselves. What clients answer is seen behind
/// every proxy, so their responses count for nothing. RTC in a request is an old Windows client, in a response a server.
constexpr auto kProducts = std::to_array<ProductRow>({
    {"MediationServer", roles({mediation_server}), roles({mediation_server})},
    {"MSExchangeUM", roles({exchange}), roles({exchange})},
    {"AV-MCU", kFrontEndOnly, kFrontEndOnly},
    {"RTCC/", roles({front_end, trusted_application}), roles({front_end, trusted_application})},
    {"Microsoft.PSTNHub.SIPProxy", roles({teams_sip_proxy}), roles({teams_sip_proxy})},
    {"OCPhone", kPhone, 0},
    {"CPE/", kPhone, 0},
    {"UCCAPI/", kClient, 0},
    {"AUDC-IPPhone", kPhone, 0},
    {"Audiocodes", kGatewayProducts, kGatewayProducts},
    {"Mediant", kGatewayProducts, kGatewayProducts},
    {"Sonus", roles({sbc}), roles({sbc})},
    {"Ribbon", roles({sbc}), roles({sbc})},
    {"Cisco-SIPGateway", kGatewayProducts, kGatewayProducts},
    {"Cisco-CUCM", kPbx, kPbx},
    {"Cisco-CP", kPhone, 0},
    {"Patton", roles({pstn_gateway}), roles({pstn_gateway})},
    {"Dialogic", roles({pstn_gateway}), roles({pstn_gateway})},
    {"PolycomHDX", roles({video_endpoint}), 0},
    {"TANDBERG", roles({video_endpoint}), 0},
    {"LifeSize", roles({video_endpoint}), 0},
    {"Polycom", kPhone, 0},
    {"Yealink", kPhone, 0},
    {"snom", kPhone, 0},
    {"Grandstream", kPhone, 0},
    {"Asterisk", kPbx, kPbx},
    {"FPBX", kPbx, kPbx},
    {"FreeSWITCH", kPbx, kPbx},
    {"3CX", kPbx, kPbx},
    {"Avaya", kPbx, kPbx},
    {"kamailio", kProxy, kProxy},
    {"OpenSIPS", kProxy, kProxy},
    {"baresip", kClient, 0},
    {"Linphone", kClient, 0},
    {"MicroSIP", kClient, 0},
    {"Zoiper", kClient, 0},
    {"RTC/", kClient, roles({front_end, director, edge_access, edge_internal})},
});

/// kProtocols. Kerberos and LDAP are the domain controller's in this product's world; SMB is every Windows host's, and the Central
/// Management Store pushes configuration to all of them.
constexpr auto kProtocols = std::to_array<ProtocolRow>({
    {"kerberos", roles({domain_controller}), strong, "is asked for Kerberos tickets on"},
    {"ldap", roles({domain_controller}), probable, "speaks LDAP as server on"},
    {"tds", roles({sql_back_end}), strong, "speaks TDS, the protocol of SQL Server, as server on"},
    {"smb", roles({file_store}), possible, "speaks SMB, file sharing, as server on"},
});

bool contains_ignoring_case(std::string_view text, std::string_view word) {
  return word.size() <= text.size() && std::ranges::search(text, word, {}, lower_letter, lower_letter).begin() != text.end();
}

std::string_view without_number(std::string_view label) {
  while (!label.empty() && (label.back() == '-' || (label.back() >= '0' && label.back() <= '9'))) label.remove_suffix(1);
  return label;
}

}  // namespace

const ListenerRow* find_listener(std::uint16_t port) {
  const auto found = std::ranges::upper_bound(kListeners, port, {}, &ListenerRow::first);
  if (found == kListeners.begin()) return nullptr;
  const ListenerRow& row = *std::prev(found);
  return port <= row.last ? &row : nullptr;
}

const NameRow* find_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const std::string_view label = name.substr(0, dot);
  const std::string_view bare = without_number(label);
  const std::string_view domain = name.substr(dot + 1);
  const auto found = std::ranges::find_if(kNames, [&](const NameRow& row) {
    const std::string_view given = row.numbered ? bare : label;
    if (row.label.size() != given.size() || !same_word(row.label, given)) return false;
    return row.domain.empty() || same_word(row.domain, domain);
  });
  return found == kNames.end() ? nullptr : &*found;
}

const ServiceRow* find_service(std::string_view owner) {
  const auto found = std::ranges::find_if(kServices, [&](const ServiceRow& row) {
    const std::size_t length = row.service.size();
    return owner.size() > length && owner[length] == '.' && same_word(owner.substr(0, length), row.service);
  });
  return found == kServices.end() ? nullptr : &*found;
}

const ProductRow* find_product(std::string_view name) {
  const auto found = std::ranges::find_if(kProducts, [&](const ProductRow& row) { return contains_ignoring_case(name, row.word); });
  return found == kProducts.end() ? nullptr : &*found;
}

RoleMask roles_of_path(HttpPathClass path) {
  switch (path) {
    case HttpPathClass::meeting_content:
    case HttpPathClass::address_book:
    case HttpPathClass::group_expansion:
    case HttpPathClass::web_conferencing:
    case HttpPathClass::autodiscover:
    case HttpPathClass::web_ticket:
    case HttpPathClass::root_certificate:
    case HttpPathClass::device_update:
    case HttpPathClass::mobility: return kWebPublishers;
    case HttpPathClass::revocation_list:
    case HttpPathClass::ocsp: return roles({certificate_authority});
    case HttpPathClass::other:
    case HttpPathClass::push: return 0;
  }
  return 0;
}

std::span<const ProtocolRow> protocol_rows() { return kProtocols; }

}  // namespace sealtrace
