#include "policy/classify.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "policy/content_class.hpp"
#include "policy/role_mask.hpp"

namespace sealtrace {
namespace {

/// Two bits of a mask stand for who has no role.
using Mask = RoleMask;
constexpr Mask kOutsider = Mask{1} << 63;  ///< no role, in no zone
constexpr Mask kStranger = Mask{1} << 62;  ///< no role, in a zone
constexpr Mask kAnyone = ~Mask{0};
static_assert(kRoleNames.size() <= 62);

constexpr Mask kRegistrars =
    roles({Role::front_end, Role::standard_edition, Role::director, Role::survivable_branch, Role::sip_proxy, Role::sip_registrar});
constexpr Mask kFrontEnds = roles({Role::front_end, Role::standard_edition});
constexpr Mask kWebServers = roles({Role::front_end, Role::standard_edition, Role::director});
constexpr Mask kMediation = roles({Role::mediation_server, Role::survivable_branch});
constexpr Mask kGateways = roles({Role::pstn_gateway, Role::sbc, Role::ip_pbx});
constexpr Mask kEdge = roles({Role::edge_access, Role::edge_web_conferencing, Role::edge_av, Role::edge_internal});
constexpr Mask kServers =
    kRegistrars | kMediation | kEdge |
    roles({Role::persistent_chat, Role::central_management, Role::video_interop, Role::trusted_application, Role::monitoring});
constexpr Mask kSipServers = roles({Role::sip_proxy, Role::sip_registrar});
constexpr Mask kVideoPeers = roles({Role::video_endpoint, Role::ip_pbx});
constexpr Mask kPhoneServers = kSipServers | roles({Role::sbc, Role::ip_pbx});  // what phones of any SIP estate sign in to
constexpr Mask kClients = roles({Role::client, Role::phone});
constexpr Mask kPartners = roles({Role::federated_partner});
constexpr Mask kEverybodyOutside = kClients | kPartners | kOutsider | roles({Role::public_provider});

struct Ports {
  std::uint16_t first;
  std::uint16_t last;
};
constexpr Ports port(std::uint16_t only) { return {only, only}; }
constexpr Ports kAnyPort{1, 65535};
constexpr Ports kSip{5060, 5061};          // assigned to sip and sips
constexpr Ports kSipPorts{5060, 5090};     // SIP and the application ports of Front Ends, Mediation Servers and gateways
constexpr Ports kMediaPorts{1024, 65535};  // of clients unless a range is set
constexpr Ports kServerMediaPorts{49152, 65535};
constexpr Ports kEdgeMediaPorts{50000, 59999};

enum class On : std::uint8_t { tcp = 1, udp = 2, both = 3 };

/// LegRule is one line of the port pages: a leg of `client` towards `server`, or of any two of them either way.
struct LegRule {
  Mask client;
  Mask server;
  Ports ports;
  On transport;
  TrafficClass traffic_class;
  bool either_way = false;
  bool dynamic_port = false;
  Mask server_also = 0;  ///< a second role that the server must have
};

using enum TrafficClass;

constexpr Mask only(Role role) { return roles({role}); }

/// kLegRules: the first line that fits wins, so that narrow ones stand first. Sources: the port pages of Lync Server 2013 for internal
/// servers, for the consolidated Edge with NAT, for the reverse proxy, for XMPP, and the overview of the Mediation Server component; of
/// Direct Routing: plan and media bypass; of SIP: RFC 3261 sections 18 and 19.1.2, RFC 8656 section 3.
constexpr auto kLegRules = std::to_array<LegRule>({
    // Clear by design: names, addresses, revocation lists.
    {kAnyone, roles({Role::dns_server, Role::domain_controller}), port(53), On::both, clear_by_design},
    {kEdge | kServers, kOutsider, port(53), On::both, clear_by_design},
    {kAnyone, only(Role::certificate_authority), port(80), On::tcp, clear_by_design},
    {only(Role::edge_access), kOutsider, port(80), On::tcp, clear_by_design},
    {kClients | kServers, kAnyone, {67, 68}, On::udp, clear_by_design, true},

    // Infrastructure: not SIP, and never mutual TLS of this product.
    {kServers, kServers, port(445), On::tcp, infrastructure},
    {kServers, kServers, port(135), On::tcp, infrastructure},
    {kServers, kServers, {1433, 1434}, On::both, infrastructure},
    {kServers, kServers, port(1801), On::tcp, infrastructure},
    {kServers, kServers, port(5022), On::tcp, infrastructure},
    {kServers, kServers, port(7022), On::tcp, infrastructure},

    // Direct Routing: the cloud's proxies and media against the SBC. SIP between two organisations over the Internet is federation, and
    // only that class has one for its media, too. The SBC's port is whatever its administrator set; towards the cloud it is 5061.
    {only(Role::teams_sip_proxy), only(Role::sbc), kAnyPort, On::tcp, federation_sip},
    {only(Role::sbc), only(Role::teams_sip_proxy), kSip, On::tcp, federation_sip},
    {only(Role::teams_media), only(Role::sbc), kMediaPorts, On::udp, federation_media, true, true},

    // Any SIP estate: RFC 3261 section 18 lets every hop be UDP, TCP or TLS, and either end may open it.
    {kPartners, kSipServers | kGateways, kSipPorts, On::both, federation_sip, true},
    {only(Role::public_provider), kSipServers | kGateways, kSipPorts, On::both, public_provider, true},
    {kSipServers, kServers, kSipPorts, On::udp, server_to_server, true},
    {kSipServers, kGateways, kSipPorts, On::both, mediation_gateway_signalling, true},
    {kGateways, kGateways, kSipPorts, On::both, mediation_gateway_signalling},
    {kClients, kSipServers, kSipPorts, On::both, client_to_server, true},
    {kClients, kPhoneServers, kSip, On::both, client_to_server, true},
    {kClients, kSipServers, {5222, 5223}, On::tcp, client_to_server},
    {only(Role::xmpp_partner), kSipServers, {5269, 5270}, On::tcp, federation_xmpp, true},
    {kClients, kPhoneServers, port(80), On::tcp, content_download},
    {kClients, kPhoneServers, port(443), On::tcp, content_download},
    {kClients, kPhoneServers, port(8080), On::tcp, content_download},
    {kClients, kPhoneServers, port(8443), On::tcp, content_download},
    {kSipServers, kSipServers, port(443), On::tcp, server_to_server_https},
    {kPartners, only(Role::media_relay) | kGateways, kMediaPorts, On::udp, federation_media, true, true},
    {kGateways | only(Role::public_provider), only(Role::media_relay) | kGateways, kMediaPorts, On::udp, mediation_gateway_media, true,
     true},
    {kClients | kOutsider | only(Role::media_relay), only(Role::media_relay), kMediaPorts, On::udp, edge_media, true, true},
    {kClients | kOutsider, only(Role::media_relay), {3478, 3479}, On::tcp, edge_media},
    {kClients | kOutsider, only(Role::media_relay), {5349, 5350}, On::tcp, edge_media},
    {kClients | kOutsider, only(Role::media_relay), port(443), On::tcp, edge_media},

    // Video Interop Server of Skype for Business: a trunk to a PBX or to room systems, and its media.
    {only(Role::video_interop), kVideoPeers, kSipPorts, On::both, mediation_gateway_signalling, true},
    {only(Role::video_interop), kVideoPeers, kMediaPorts, On::udp, mediation_gateway_media, true, true},

    // Mediation Server and gateway.
    {kMediation, kGateways, kSipPorts, On::both, mediation_gateway_signalling, true},
    {only(Role::mediation_server), only(Role::survivable_branch), {5081, 5082}, On::tcp, mediation_gateway_signalling},
    {kMediation, kGateways, kMediaPorts, On::udp, mediation_gateway_media, true, true},
    {kClients, kGateways, kMediaPorts, On::udp, media_bypass, true, true},

    // Exchange and Persistent Chat.
    {kServers, only(Role::exchange), port(443), On::tcp, server_to_server_https, true},
    {kServers, only(Role::exchange), {5060, 5068}, On::tcp, exchange_um, true},
    {kServers, only(Role::exchange), kMediaPorts, On::udp, conferencing_media, true, true},
    {kServers, only(Role::persistent_chat), port(5041), On::tcp, persistent_chat},
    {kServers, only(Role::persistent_chat), port(881), On::tcp, persistent_chat},
    {kClients, only(Role::persistent_chat), port(881), On::tcp, client_to_server},
    {kClients, only(Role::persistent_chat), port(443), On::tcp, content_download},

    // Across the perimeter.
    {only(Role::public_provider), only(Role::edge_access), port(5061), On::tcp, public_provider, true},
    {only(Role::xmpp_partner), only(Role::edge_access), port(5269), On::tcp, federation_xmpp, true},
    {kOutsider, only(Role::edge_access), port(5269), On::tcp, federation_xmpp, true},
    {kClients, only(Role::edge_access), kSip, On::tcp, client_to_server},
    {kPartners | kOutsider, only(Role::edge_access), kSip, On::tcp, federation_sip, true},
    {kPartners, kRegistrars | only(Role::sbc), port(5061), On::tcp, federation_sip, true},
    {kPartners, only(Role::edge_av), port(3478), On::udp, federation_media, true},
    {kPartners, only(Role::edge_av), port(443), On::tcp, federation_media, true},
    {kPartners, only(Role::edge_av), kEdgeMediaPorts, On::both, federation_media, true, true},
    {kEverybodyOutside, only(Role::edge_web_conferencing), port(444), On::tcp, web_conferencing, false, false, only(Role::edge_access)},
    {kAnyone, only(Role::edge_av), port(443), On::tcp, edge_media, false, false, only(Role::edge_access)},
    {kEverybodyOutside, only(Role::edge_access), port(443), On::tcp, client_to_server},
    {kEverybodyOutside, only(Role::edge_web_conferencing), port(443), On::tcp, web_conferencing},
    {kAnyone, only(Role::edge_av), port(443), On::tcp, edge_media},
    {kAnyone, only(Role::edge_av), port(3478), On::udp, edge_media, true},
    {kAnyone, only(Role::edge_av), kEdgeMediaPorts, On::both, edge_media, true, true},
    {kEverybodyOutside | kStranger | kServers, only(Role::reverse_proxy), port(443), On::tcp, content_download},
    {kEverybodyOutside | kStranger | kServers, only(Role::reverse_proxy), port(80), On::tcp, content_download},
    {only(Role::reverse_proxy), kWebServers, port(4443), On::tcp, content_download},
    {only(Role::reverse_proxy), kWebServers, port(8080), On::tcp, content_download},

    // Inside of the Edge.
    {kServers | kClients | kStranger, only(Role::edge_internal), port(3478), On::udp, edge_media, true},
    {kServers | kClients | kStranger, only(Role::edge_internal), port(443), On::tcp, edge_media, true},
    {kServers, only(Role::edge_internal), port(4443), On::tcp, server_to_server_https},
    {kServers, only(Role::edge_internal), port(8057), On::tcp, server_to_server},
    {kServers, only(Role::edge_internal), port(23456), On::tcp, server_to_server},
    {kServers | only(Role::admin), kEdge | only(Role::director), {50001, 50003}, On::tcp, server_to_server},

    // Between servers.
    {kServers, kFrontEnds, port(448), On::tcp, call_admission},
    {kServers, kFrontEnds, port(5080), On::tcp, call_admission},
    {kServers, kFrontEnds, port(5065), On::tcp, desktop_sharing_signalling},
    {kServers, kWebServers, port(444), On::tcp, server_to_server_https},
    {kServers, kWebServers, port(443), On::tcp, server_to_server_https},
    {kServers, kWebServers, port(4443), On::tcp, server_to_server_https},
    {kServers | kClients | only(Role::reverse_proxy), only(Role::office_web_apps), port(443), On::tcp, content_download},
    {kServers, kServers, kSipPorts, On::tcp, server_to_server},
    {kServers, kFrontEnds, {8060, 8061}, On::tcp, server_to_server},
    {kServers, kFrontEnds, port(8404), On::tcp, server_to_server},
    {kServers, kFrontEnds, port(8057), On::tcp, server_to_server},

    // Clients and servers.
    {kClients, kRegistrars, {5060, 5061}, On::both, client_to_server, true},
    {kClients, kFrontEnds, {8057, 8058}, On::tcp, web_conferencing},
    {kClients, kWebServers, port(443), On::tcp, content_download},
    {kClients, kWebServers, port(4443), On::tcp, content_download},
    {kClients, kWebServers, port(80), On::tcp, content_download},
    {kClients, kWebServers, port(8080), On::tcp, content_download},

    // Media, where the port says no more than that.
    {kFrontEnds, kClients | kFrontEnds, kMediaPorts, On::udp, conferencing_media, true, true},
    {kFrontEnds, kClients, kServerMediaPorts, On::tcp, conferencing_media, true, true},
    {kMediation, kServers | kClients, kMediaPorts, On::udp, mediation_internal_media, true, true},
    {kMediation, kClients, kServerMediaPorts, On::tcp, mediation_internal_media, true, true},
    {kClients, kClients, {6891, 6901}, On::tcp, file_transfer},
    {kClients, kClients, kMediaPorts, On::udp, audio_video_media, true, true},
    {kClients, kClients, kMediaPorts, On::tcp, client_to_client, true, true},

    // Whatever else these serve; last, because a small deployment puts them on a Front End.
    {kAnyone, roles({Role::sql_back_end, Role::domain_controller, Role::file_store}), kAnyPort, On::both, infrastructure},
});

/// PortProposal is the class that TLS on a port suggests where roles are missing.
struct PortProposal {
  std::uint16_t port = 0;
  TrafficClass traffic_class = TrafficClass::unknown;
  bool only_mutual = false;  ///< the class holds only where the client showed a certificate
};

/// kPortProposals: ports that TLS makes plain without a topology. A class stands here only where no other leg that has the port asks for
/// more, so that a pass is one whatever the ends are. 5061 and the application ports serve servers, partners and clients: there only a
/// client certificate tells.
constexpr auto kPortProposals = std::to_array<PortProposal>({
    {5041, persistent_chat, false},
    {5061, server_to_server, true},
    {5062, server_to_server, true},
    {5063, server_to_server, true},
    {5067, mediation_gateway_signalling, false},
    {5070, server_to_server, false},
    {5082, mediation_gateway_signalling, false},
    {5269, federation_xmpp, false},
    {23456, server_to_server, false},
});

/// find_proposal gives the class that TLS on a port suggests; nullptr for none.
const PortProposal* find_proposal(std::uint16_t server_port) {
  const auto found = std::ranges::find(kPortProposals, server_port, &PortProposal::port);
  return found == kPortProposals.end() ? nullptr : &*found;
}

Mask mask_of(const Asset& asset) {
  if (asset.roles.any()) return asset.roles.to_ullong();
  return asset.zone == Asset{}.zone ? kOutsider : kStranger;
}

bool fits(const LegRule& rule, Mask client, Mask server, std::uint16_t server_port, Transport transport) {
  if (transport == Transport::esp) return false;  // what is inside, nobody sees
  const On on = transport == Transport::tcp ? On::tcp : On::udp;
  if (server_port < rule.ports.first || server_port > rule.ports.last) return false;
  if ((static_cast<unsigned>(rule.transport) & static_cast<unsigned>(on)) == 0) return false;
  if ((client & rule.client) != 0 && (server & rule.server) != 0 && (rule.server_also == 0 || (server & rule.server_also) != 0))
    return true;
  return rule.either_way && (client & rule.server) != 0 && (server & rule.client) != 0;
}

/// apply_trunks makes the leg a trunk where the topology has one on this port, and says whether it must be TLS, and its media SRTP.
void apply_trunks(LegClass& leg, const std::vector<const TopologyTrunk*>& trunks, std::uint16_t server_port) {
  if (trunks.empty()) return;
  const auto is_tls = [](const TopologyTrunk* trunk) { return trunk->transport == "tls"; };
  const auto match = std::ranges::find(trunks, server_port, &TopologyTrunk::port);
  if (match != trunks.end()) {
    leg = {.traffic_class = mediation_gateway_signalling, .basis = "topology", .trunk_tls = is_tls(*match)};
  } else if (leg.traffic_class == mediation_gateway_signalling) {
    leg.trunk_tls = std::ranges::all_of(trunks, is_tls);
  } else if (leg.traffic_class == mediation_gateway_media) {
    leg.trunk_srtp = std::ranges::all_of(trunks, [](const TopologyTrunk* trunk) { return trunk->srtp_mode == SrtpMode::required; });
  }
}

}  // namespace

TrunkIndex::TrunkIndex(const Topology& topology) {
  std::map<std::string_view, const TopologyPool*> pools;
  for (const TopologyPool& pool : topology.pools) pools[pool.fqdn] = &pool;
  for (const TopologyTrunk& trunk : topology.trunks) {
    trunks_[{trunk.gateway, trunk.mediation}].push_back(&trunk);
    const auto pool = pools.find(trunk.mediation);
    if (pool == pools.end()) continue;
    for (const std::string& member : pool->second->members) trunks_[{trunk.gateway, member}].push_back(&trunk);
  }
}

const std::vector<const TopologyTrunk*>& TrunkIndex::between(std::string_view one, std::string_view other) const {
  static const std::vector<const TopologyTrunk*> kNone;
  if (const auto found = trunks_.find({one, other}); found != trunks_.end()) return found->second;
  const auto found = trunks_.find({other, one});
  return found == trunks_.end() ? kNone : found->second;
}

LegClass classify_roles(const Asset& client, const Asset& server, std::uint16_t server_port, Transport transport,
                        const TrunkIndex& trunks) {
  LegClass leg;
  if (client.roles.none() && server.roles.none()) return leg;
  const Mask client_mask = mask_of(client);
  const Mask server_mask = mask_of(server);
  const auto rule =
      std::ranges::find_if(kLegRules, [&](const LegRule& line) { return fits(line, client_mask, server_mask, server_port, transport); });
  if (rule != kLegRules.end()) leg = {.traffic_class = rule->traffic_class, .basis = "topology", .dynamic_port = rule->dynamic_port};
  if (client.kind == AssetKind::host && server.kind == AssetKind::host)
    apply_trunks(leg, trunks.between(client.name, server.name), server_port);
  const bool role_of_client_decides =
      leg.traffic_class == server_to_server || leg.traffic_class == client_to_server || leg.traffic_class == unknown;
  if ((client.hides_sources || client.has(Role::load_balancer)) && role_of_client_decides)
    return {.traffic_class = unknown, .basis = {}, .why_unknown = Reason::source_hidden};
  return leg;
}

namespace {

/// may_decide says whether what a flow carries may take it out of the row that roles and port give it. Where the port is the leg's own,
/// whatever else is read there is no reason to ask for less than the leg's row does: a few octets that look like DNS would be enough to
/// leave SIP unjudged. HTTP that was read whole may be clear by design on the ports of web services.
bool may_decide(TrafficClass decided, const LegClass& by_roles, const FlowProfile& flow) {
  if (by_roles.traffic_class == unknown || by_roles.traffic_class == decided) return true;
  if (decided == other_protection) return false;  // then the leg's own row says it is open
  if (by_roles.dynamic_port || by_roles.traffic_class == infrastructure || by_roles.traffic_class == clear_by_design) return true;
  return decided == clear_by_design && flow.protocols.size() == 1 && flow.protocols.front() == "http";
}

/// class_by_signalling names media by its m= lines, where the ports say no more than that it is some: all streams of the flow have one.
std::optional<TrafficClass> class_by_signalling(const LegClass& by_roles, const FlowProfile& flow) {
  if (!by_roles.dynamic_port || !flow.application || flow.application->media.empty()) return std::nullopt;
  const std::vector<MediaSource>& media = flow.application->media;
  const bool between_clients = by_roles.traffic_class == audio_video_media || by_roles.traffic_class == client_to_client;
  if (!between_clients && by_roles.traffic_class != conferencing_media) return std::nullopt;
  if (std::ranges::all_of(media, [](const MediaSource& source) { return source.declared && source.declared->desktop_sharing; }))
    return desktop_sharing_media;
  const bool seen_or_heard = std::ranges::all_of(media, [](const MediaSource& source) {
    return source.declared && (source.declared->kind == MediaKind::audio || source.declared->kind == MediaKind::video);
  });
  return between_clients && seen_or_heard ? std::optional{audio_video_media} : std::nullopt;
}

/// is_signalling tells what no database, directory or file store speaks: a server that is one may be a Front End, too.
bool is_signalling(std::string_view protocol) { return protocol == "sip" || protocol == "xmpp"; }

}  // namespace

LegClass classify_content(const LegClass& by_roles, std::uint16_t server_port, const FlowProfile& flow) {
  if (const std::optional<TrafficClass> media = class_by_signalling(by_roles, flow)) {
    if (*media == by_roles.traffic_class) return by_roles;
    return {.traffic_class = *media, .basis = "content", .dynamic_port = true};
  }
  const std::optional<TrafficClass> decided = content_class(flow);
  if (decided && may_decide(*decided, by_roles, flow)) {
    const bool sure = by_roles.traffic_class == *decided;
    return {.traffic_class = *decided, .basis = sure ? by_roles.basis : "content", .dynamic_port = sure && by_roles.dynamic_port};
  }
  if (by_roles.traffic_class == clear_by_design) {  // which a role is for its lists and names alone, not for whatever else it serves
    const bool other_http = flow.application && flow.application->http && !clear_by_design_so_far(flow);
    if (other_http || std::ranges::any_of(flow.protocols, is_of_other_legs)) return LegClass{};
  }
  if (by_roles.traffic_class == infrastructure && std::ranges::any_of(flow.protocols, is_signalling)) return LegClass{};
  const bool between_xmpp_servers = flow.application && flow.application->xmpp && flow.application->xmpp->server_to_server;
  if (by_roles.traffic_class == unknown && between_xmpp_servers) return {.traffic_class = federation_xmpp, .basis = "content"};
  if (!flow.tls) return by_roles;
  if (flow.tls->pseudo) {
    const bool media = by_roles.traffic_class == edge_media || by_roles.traffic_class == federation_media;
    // Clients send it to the A/V Edge, which may share an address with the other services of the Edge on 443. Elsewhere the leg's row
    // stands: a fixed hello must not make media of whatever follows.
    const bool edge = server_port == 443 && (by_roles.traffic_class == client_to_server || by_roles.traffic_class == web_conferencing);
    const bool elsewhere = by_roles.traffic_class != unknown && !edge;
    return media || elsewhere ? by_roles : LegClass{.traffic_class = edge_media, .basis = "content"};
  }
  if (by_roles.traffic_class != unknown) return by_roles;
  const PortProposal* proposal = find_proposal(server_port);
  if (proposal == nullptr) return by_roles;
  const ClientAuth& auth = flow.tls->client_auth;
  const bool mutual = auth.status == ClientAuthStatus::mutual && auth.basis != Basis::inferred;
  if (proposal->only_mutual && !mutual) return by_roles;
  return {.traffic_class = proposal->traffic_class, .basis = "proposed"};
}

}  // namespace sealtrace
