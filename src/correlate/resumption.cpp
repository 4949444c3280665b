#include "correlate/resumption.hpp"

#include <cstdint>
#include <unordered_map>

namespace sealtrace {
namespace {

/// Session is what a session id or ticket stands for. `ambiguous` when sessions that differ were given the same name.
struct Session {
  FlowId flow{};
  Timestamp start{};
  IpAddress client;
  IpAddress server;
  ClientAuthStatus status = ClientAuthStatus::none;
  TlsVersion version = TlsVersion::none;
  CipherSuite cipher_suite{};
  bool extended_master_secret = false;
  bool weak_lineage = false;
  bool ambiguous = false;
};

/// SessionCache names sessions by the keyed hash of an id or ticket. It holds at most one entry per flow, and per ticket that
/// secrets showed.
class SessionCache {
 public:
  void enter(OpaqueHash name, const Session& session) {
    if (name == OpaqueHash{}) return;
    const auto [found, is_new] = sessions_.try_emplace(static_cast<std::uint64_t>(name), session);
    if (is_new) return;
    Session& known = found->second;
    known.ambiguous |= known.status != session.status || known.version != session.version || known.cipher_suite != session.cipher_suite;
    known.extended_master_secret &= session.extended_master_secret;
    known.weak_lineage |= session.weak_lineage;
  }

  /// find gives the session, or nullptr when it is unknown or ambiguous.
  [[nodiscard]] const Session* find(OpaqueHash name) const {
    const auto found = sessions_.find(static_cast<std::uint64_t>(name));
    return name == OpaqueHash{} || found == sessions_.end() || found->second.ambiguous ? nullptr : &found->second;
  }

 private:
  std::unordered_map<std::uint64_t, Session> sessions_;
};

bool has_clear_handshake(const TlsProfile& tls) {
  return tls.version != TlsVersion::none && tls.version != TlsVersion::ssl2 && !is_1_3(tls.version);
}

/// is_tls13 is true where tickets travel encrypted: they link what secrets opened (RFC 8446 section 4.6.1).
bool is_tls13(const TlsProfile& tls) { return tls.version == TlsVersion::tls1_3; }

bool awaits_lineage(const TlsProfile& tls) {
  return (has_clear_handshake(tls) || is_tls13(tls)) && tls.client_auth.status == ClientAuthStatus::not_observable &&
         tls.client_auth.cause == NotObservableCause::resumed;
}

/// A renegotiated session may be resumed as either of its handshakes, and what its records suggest is no proof to inherit.
ClientAuthStatus status_to_inherit(const ClientAuth& auth) {
  return auth.basis == Basis::inferred ? ClientAuthStatus::not_observable : auth.status;
}

Session session_of(const FlowProfile& flow) {
  const TlsProfile& tls = *flow.tls;
  const bool inherited = tls.client_auth.basis == Basis::lineage;
  return {.flow = inherited ? tls.client_auth.lineage : flow.id,
          .start = flow.start,
          .client = flow.initiator.endpoint.address,
          .server = flow.responder.endpoint.address,
          .status = status_to_inherit(tls.client_auth),
          .version = tls.version,
          .cipher_suite = tls.cipher_suite,
          .extended_master_secret = tls.extended_master_secret,
          .weak_lineage = inherited && tls.client_auth.weak_lineage};
}

/// inherit gives `tls` what `session` showed, unless a renegotiation inside the encryption could have changed it.
void inherit(TlsProfile& tls, const Session& session) {
  ClientAuth& auth = tls.client_auth;
  if (session.status != ClientAuthStatus::mutual && tls.frames.renegotiation.known()) {
    auth.cause = NotObservableCause::renegotiated;
    return;
  }
  if (session.status != ClientAuthStatus::mutual && tls.later_records_missed) {
    auth.cause = NotObservableCause::gap;
    return;
  }
  auth.status = session.status;
  auth.basis = Basis::lineage;
  auth.cause = NotObservableCause::none;
  auth.lineage = session.flow;
  // TLS 1.3 binds a PSK to its handshake as the extension does (RFC 7627, RFC 8446 appendix E.1).
  auth.weak_lineage = session.weak_lineage || (!is_tls13(tls) && (!session.extended_master_secret || !tls.extended_master_secret));
}

bool can_be_resumed(ClientAuthStatus status) {
  return status == ClientAuthStatus::mutual || status == ClientAuthStatus::one_way || status == ClientAuthStatus::declined;
}

/// unlink forgets what an earlier call gave: flows that came since may have other numbers, or make a session ambiguous.
void unlink(ClientAuth& auth) {
  if (auth.basis != Basis::lineage) return;
  auth.status = ClientAuthStatus::not_observable;
  auth.cause = NotObservableCause::resumed;
  auth.basis = ClientAuth{}.basis;
  auth.lineage = FlowId{};
  auth.weak_lineage = false;
}

class Linker {
 public:
  void link(FlowProfile& flow) {
    TlsProfile& tls = *flow.tls;
    const bool by_ticket = tls.resumption == Resumption::session_ticket || tls.resumption == Resumption::pre_shared_key;
    const bool id_echoed = !is_tls13(tls) && tls.session_id != OpaqueHash{} && tls.session_id == tls.offered_session_id;
    const Session* named_by_id = id_echoed ? ids_.find(tls.session_id) : nullptr;
    const Session* session = by_ticket ? tickets_.find(tls.offered_ticket) : named_by_id;
    // The server may have refused the ticket and taken the id (RFC 5077 section 3.4): both must say the same.
    if (by_ticket && named_by_id != nullptr && (session == nullptr || session->status != named_by_id->status)) return;
    if (session == nullptr || !can_be_resumed(session->status) || session->start >= flow.start) return;
    if (session->client != flow.initiator.endpoint.address || session->server != flow.responder.endpoint.address) return;
    // In TLS 1.3 a PSK goes with every suite of its hash.
    if (session->version != tls.version || (!is_tls13(tls) && session->cipher_suite != tls.cipher_suite)) return;
    inherit(tls, *session);
  }

  /// remember enters what later flows may resume. Undecided sessions enter too: their names then link nothing.
  void remember(const FlowProfile& flow) {
    const TlsProfile& tls = *flow.tls;
    const Session session = session_of(flow);
    for (const OpaqueHash ticket : tls.decrypted_tickets) tickets_.enter(ticket, session);
    const bool full = !is_tls13(tls) && tls.resumption == Resumption::none;
    if (full && tls.session_id != tls.offered_session_id) ids_.enter(tls.session_id, session);
    tickets_.enter(tls.issued_ticket, session);
  }

 private:
  SessionCache ids_;
  SessionCache tickets_;
};

}  // namespace

void link_resumptions(std::vector<FlowProfile>& flows) {
  Linker linker;
  for (FlowProfile& flow : flows) {
    if (!flow.tls || flow.tls->pseudo || (!has_clear_handshake(*flow.tls) && !is_tls13(*flow.tls))) continue;
    unlink(flow.tls->client_auth);
    if (awaits_lineage(*flow.tls)) linker.link(flow);
    linker.remember(flow);
  }
}

}  // namespace sealtrace
