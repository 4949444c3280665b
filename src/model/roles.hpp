// Roles of a deployment and the classes of its traffic, with the names that topology files and policies use (docs/topology.md).
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sealtrace {

enum class Role : std::uint8_t {
  front_end,
  standard_edition,
  director,
  mediation_server,
  pstn_gateway,
  sbc,
  ip_pbx,
  edge_access,
  edge_web_conferencing,
  edge_av,
  edge_internal,
  reverse_proxy,
  persistent_chat,
  survivable_branch,
  sql_back_end,
  file_store,
  central_management,
  office_web_apps,
  exchange,
  video_interop,
  video_endpoint,
  trusted_application,
  load_balancer,
  domain_controller,
  dns_server,
  certificate_authority,
  monitoring,
  admin,
  sip_proxy,
  sip_registrar,
  media_relay,
  teams_sip_proxy,
  teams_media,
  client,
  phone,
  federated_partner,
  xmpp_partner,
  public_provider,
};

inline constexpr std::array<std::string_view, 38> kRoleNames{"front-end",
                                                             "standard-edition",
                                                             "director",
                                                             "mediation-server",
                                                             "pstn-gateway",
                                                             "sbc",
                                                             "ip-pbx",
                                                             "edge-access",
                                                             "edge-web-conferencing",
                                                             "edge-av",
                                                             "edge-internal",
                                                             "reverse-proxy",
                                                             "persistent-chat",
                                                             "survivable-branch",
                                                             "sql-back-end",
                                                             "file-store",
                                                             "central-management",
                                                             "office-web-apps",
                                                             "exchange",
                                                             "video-interop",
                                                             "video-endpoint",
                                                             "trusted-application",
                                                             "load-balancer",
                                                             "domain-controller",
                                                             "dns-server",
                                                             "certificate-authority",
                                                             "monitoring",
                                                             "admin",
                                                             "sip-proxy",
                                                             "sip-registrar",
                                                             "media-relay",
                                                             "teams-sip-proxy",
                                                             "teams-media",
                                                             "client",
                                                             "phone",
                                                             "federated-partner",
                                                             "xmpp-partner",
                                                             "public-provider"};

/// RoleSet is a set of roles; a host may have several.
using RoleSet = std::bitset<kRoleNames.size()>;

constexpr std::string_view to_string(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

enum class TrafficClass : std::uint8_t {
  server_to_server,
  server_to_server_https,
  client_to_server,
  im_presence,
  client_to_client,
  audio_video_media,
  desktop_sharing_media,
  desktop_sharing_signalling,
  web_conferencing,
  content_download,
  file_transfer,
  mediation_gateway_signalling,
  mediation_gateway_media,
  mediation_internal_media,
  media_bypass,
  edge_media,
  conferencing_media,
  federation_sip,
  federation_media,
  federation_xmpp,
  public_provider,
  exchange_um,
  persistent_chat,
  call_admission,
  infrastructure,
  clear_by_design,
  other_protection,
  unknown,
};

inline constexpr std::array<std::string_view, 28> kTrafficClassNames{"server-to-server",
                                                                     "server-to-server-https",
                                                                     "client-to-server",
                                                                     "im-presence",
                                                                     "client-to-client",
                                                                     "audio-video-media",
                                                                     "desktop-sharing-media",
                                                                     "desktop-sharing-signalling",
                                                                     "web-conferencing",
                                                                     "content-download",
                                                                     "file-transfer",
                                                                     "mediation-gateway-signalling",
                                                                     "mediation-gateway-media",
                                                                     "mediation-internal-media",
                                                                     "media-bypass",
                                                                     "edge-media",
                                                                     "conferencing-media",
                                                                     "federation-sip",
                                                                     "federation-media",
                                                                     "federation-xmpp",
                                                                     "public-provider",
                                                                     "exchange-um",
                                                                     "persistent-chat",
                                                                     "call-admission",
                                                                     "infrastructure",
                                                                     "clear-by-design",
                                                                     "other-protection",
                                                                     "unknown"};

constexpr std::string_view to_string(TrafficClass traffic_class) { return kTrafficClassNames[static_cast<std::size_t>(traffic_class)]; }

/// find_role and find_traffic_class give the value of a name as topology files and policies spell it.
constexpr std::optional<Role> find_role(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}
constexpr std::optional<TrafficClass> find_traffic_class(std::string_view name) {
  for (std::size_t i = 0; i < kTrafficClassNames.size(); ++i) {
    if (kTrafficClassNames[i] == name) return static_cast<TrafficClass>(i);
  }
  return std::nullopt;
}

static_assert(find_role("public-provider") == Role::public_provider);
static_assert(find_traffic_class("unknown") == TrafficClass::unknown);

}  // namespace sealtrace
