#include "policy/propose_evidence.hpp"

#include <algorithm>
#include <vector>

#include "policy/propose_tables.hpp"

namespace sealtrace {
namespace {

using enum ProposalStrength;
using enum Role;

constexpr RoleMask kClients = roles({client, phone});
constexpr RoleMask kMediaEdges = roles({edge_av, edge_internal});  // both faces of the Edge relay media by the same dialect

class FlowHints {
 public:
  FlowHints(LeafNames& leaves, const FlowProfile& flow, const PartyHintSink& sink) : leaves_{leaves}, flow_{flow}, sink_{sink} {}

  void run() {
    if (flow_.tls) tls(*flow_.tls);
    if (flow_.transport == Transport::tcp) port();
    protocols();
    if (!flow_.application) return;
    const ApplicationProfile& application = *flow_.application;
    if (application.sip) sip(*application.sip);
    if (application.http) http(*application.http);
    if (application.xmpp) xmpp(*application.xmpp);
    if (application.stun) stun(*application.stun);
    if (!application.names.empty() && server_port() == kDnsPort) {
      say(Side::responder, {.role = roles({dns_server}),
                            .strength = strong,
                            .lead = "answers DNS queries on",
                            .port = kDnsPort,
                            .where = frame_of(flow_, "dns")});
    }
  }

 private:
  static constexpr std::uint16_t kDnsPort = 53;

  void say(Side side, const RoleHint& hint) {
    if (hint.role != 0) sink_(flow_.party(side), hint);
  }
  [[nodiscard]] std::uint16_t server_port() const { return flow_.responder.endpoint.port; }

  void tls(const TlsProfile& tls);
  void names_of(Side side, const std::vector<CertificateId>& chain, const Evidence& where);
  void port();
  void opener(const ListenerRow& row);
  void protocols();
  void sip(const SipProfile& sip);
  void http(const HttpProfile& http);
  void xmpp(const XmppStream& stream);
  void stun(const StunProfile& stun);

  LeafNames& leaves_;
  const FlowProfile& flow_;
  const PartyHintSink& sink_;
};

void FlowHints::tls(const TlsProfile& tls) {
  if (tls.pseudo) {  // [MS-TURN]: the fixed hello by which the A/V Edge opens TURN over TCP
    say(Side::responder, {.role = kMediaEdges,
                          .strength = strong,
                          .lead = "answers the imitated TLS hello of the A/V Edge on",
                          .port = server_port(),
                          .where = tls.frames.client_hello.known() ? tls.frames.client_hello : flow_.first_payload});
    return;
  }
  if (!tls.server_hello_seen) return;
  names_of(Side::responder, tls.server_chain, tls.frames.server_certificate);
  names_of(Side::initiator, tls.client_chain, tls.frames.client_certificate);
  if (!tls.server_name.empty()) say(Side::responder, hint_of_name(tls.server_name, "is asked for as", tls.frames.client_hello));
}

void FlowHints::names_of(Side side, const std::vector<CertificateId>& chain, const Evidence& where) {
  for (const std::string& name : leaves_.of(chain)) say(side, hint_of_name(name, "shows a certificate for", where));
}

/// port joins who listens with what is spoken there. Without the start or a hello it is not known who listens.
void FlowHints::port() {
  const ListenerRow* row = find_listener(server_port());
  if (row == nullptr) return;
  const bool tls = flow_.tls && !flow_.tls->pseudo && flow_.tls->server_hello_seen;
  if (tls) {
    say(Side::responder, {.role = row->listener,
                          .strength = row->strength,
                          .lead = "accepts TLS on",
                          .port = server_port(),
                          .tail = row->what,
                          .where = flow_.tls->frames.server_hello});
    opener(*row);
    return;
  }
  const bool sip = row->speaks == Speaks::sip_or_tls && flow_.application && flow_.application->sip;
  if (!sip || !flow_.start_seen || !flow_.responder_accepted) return;
  say(Side::responder, {.role = row->listener,
                        .strength = row->strength,
                        .lead = "accepts clear SIP on",
                        .port = server_port(),
                        .tail = row->what,
                        .where = frame_of(flow_, "sip")});
}

void FlowHints::opener(const ListenerRow& row) {
  const TlsProfile& tls = *flow_.tls;
  const bool inferred = tls.client_auth.basis == Basis::inferred;  // from sizes: no ground to build a topology on
  const ClientAuthStatus status = inferred ? ClientAuthStatus::not_observable : tls.client_auth.status;
  if (row.opener_when == OpenerWhen::with_certificate && status == ClientAuthStatus::mutual) {
    say(Side::initiator, {.role = row.opener,
                          .strength = row.strength,
                          .lead = "opens TLS with a client certificate to",
                          .port = server_port(),
                          .tail = row.what,
                          .where = tls.frames.client_certificate});
  }
  if (row.opener_when == OpenerWhen::with_tls && tls.established) {
    say(Side::initiator, {.role = row.opener,
                          .strength = possible,
                          .lead = "opens TLS to",
                          .port = server_port(),
                          .tail = row.what,
                          .where = tls.frames.client_hello});
  }
  // A server without its certificate looks the same: that is what an audit is there to find, so this is never more than possible.
  const bool without = status == ClientAuthStatus::one_way || status == ClientAuthStatus::declined;
  if (server_port() == 5061 && tls.established && without) {
    say(Side::initiator, {.role = kClients,
                          .strength = possible,
                          .lead = "opens TLS without a client certificate to",
                          .port = 5061,
                          .tail = "as clients do",
                          .where = tls.frames.client_hello});
  }
}

/// protocols: a name alone does not tell who serves, the start of the connection does.
void FlowHints::protocols() {
  if (!flow_.start_seen || (flow_.transport == Transport::tcp && !flow_.responder_accepted)) return;
  for (const ProtocolRow& row : protocol_rows()) {
    if (std::ranges::find(flow_.protocols, row.protocol) == flow_.protocols.end()) continue;
    say(Side::responder,
        {.role = row.server, .strength = row.strength, .lead = row.what, .port = server_port(), .where = frame_of(flow_, row.protocol)});
  }
}

void FlowHints::sip(const SipProfile& sip) {
  for (const Side side : {Side::initiator, Side::responder}) {
    const SipSide& sender = sip.sides[index(side)];
    if (sender.registration.known()) {
      say(side, {.role = kClients,
                 .strength = probable,
                 .lead = "registers with SIP REGISTER requests of its own",
                 .where = sender.registration});
    }
    const TimedEvidence& registration = sender.registration.known() ? sender.registration : sender.forwarded_registration;
    if (registration.known()) {
      say(other(side), {.role = roles({front_end, director, sip_registrar}),
                        .strength = probable,
                        .lead = "is sent SIP REGISTER requests",
                        .where = registration});
    }
    if (sender.forwarded.known()) {
      say(side, {.role = roles({front_end, director, edge_access, edge_internal, sip_proxy, sbc}),
                 .strength = probable,
                 .lead = "passes on SIP requests of others",
                 .tail = "with more than one Via",
                 .where = sender.forwarded});
    }
    for (const SipProduct& product : sender.products) {
      const ProductRow* row = find_product(product.name);
      if (row == nullptr) continue;
      say(side, {.role = product.own ? row->user_agent : row->server,
                 .strength = product.own ? strong : possible,
                 .lead = product.own ? "calls itself" : "answers, or passes on answers, as",
                 .detail = product.name,
                 .tail = product.own ? "in SIP requests of its own" : "in SIP responses",
                 .where = product.first});
    }
  }
}

void FlowHints::http(const HttpProfile& http) {
  if (http.connect || http.num_responses == 0) return;  // a proxy is asked for what others serve
  for (const auto& [path, where] : http.first_of_path) {
    say(Side::responder, {.role = roles_of_path(path),
                          .strength = probable,
                          .lead = "serves over clear HTTP",
                          .detail = kHttpPathClassNames[static_cast<std::size_t>(path)],
                          .where = where});
  }
}

void FlowHints::xmpp(const XmppStream& stream) {
  if (!stream.server_to_server) return;
  constexpr RoleMask kXmppServers = roles({edge_access, xmpp_partner});
  const Evidence where = frame_of(flow_, "xmpp");
  say(Side::responder,
      {.role = kXmppServers, .strength = strong, .lead = "takes XMPP server-to-server streams for", .detail = stream.to, .where = where});
  say(Side::initiator,
      {.role = kXmppServers, .strength = strong, .lead = "opens XMPP server-to-server streams for", .detail = stream.from, .where = where});
}

/// stun: TURN's own ports tell the relay (RFC 8656 section 6); over TCP also who accepted. Between two others no side is the relay for
/// sure.
void FlowHints::stun(const StunProfile& stun) {
  const auto is_relay_port = [](std::uint16_t port) { return port == 443 || (port >= 3478 && port <= 3481) || port == 5349; };
  Side relay = Side::responder;
  if (!is_relay_port(server_port())) {
    if (is_relay_port(flow_.initiator.endpoint.port)) {
      relay = Side::initiator;
    } else if (flow_.transport == Transport::udp || !flow_.start_seen) {
      return;
    }
  }
  const std::uint16_t port = flow_.party(relay).endpoint.port;
  const bool of_microsoft = stun.flavours.test(static_cast<std::size_t>(StunFlavour::ms_turn));
  const Evidence where = frame_of(flow_, "stun");
  if (!stun.relay) {
    if (!of_microsoft)
      say(relay, {.role = roles({media_relay}), .strength = possible, .lead = "answers STUN on", .port = port, .where = where});
    return;
  }
  say(relay, {.role = of_microsoft ? kMediaEdges : roles({media_relay}),
              .strength = strong,
              .lead = of_microsoft ? "relays media by the TURN of [MS-TURN] on" : "relays media by TURN on",
              .port = port,
              .where = where});
}

}  // namespace

void hints_of_flow(LeafNames& leaves, const FlowProfile& flow, const PartyHintSink& sink) { FlowHints{leaves, flow, sink}.run(); }

RoleHint hint_of_name(std::string_view name, std::string_view lead, const Evidence& where) {
  const NameRow* row = find_name(name);
  if (row == nullptr) return {};
  return {.role = row->role, .strength = row->strength, .lead = lead, .port = 0, .detail = name, .tail = row->what, .where = where};
}

Evidence frame_of(const FlowProfile& flow, std::string_view protocol) {
  if (flow.application) {
    for (const ClearReading& reading : flow.application->clear) {
      if (reading.protocol == protocol) return reading.first;
    }
  }
  return flow.first_payload;
}

}  // namespace sealtrace
