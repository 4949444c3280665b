#include "correlate/decrypted_trace.hpp"

#include <utility>
#include <variant>

namespace sealtrace {
namespace {

/// is_refusal: servers that let the handshake complete refuse a certificate by these (nginx: 400, and 495 and 496 where configured).
bool is_refusal(std::uint16_t status) { return status == 400 || status == 495 || status == 496; }

bool ended(const FlowProfile& flow) { return flow.reset || flow.closed == CloseReason::tcp_close; }

void undecided(ClientAuth& auth, NotObservableCause cause) {
  auth.status = ClientAuthStatus::not_observable;
  auth.cause = cause;
}

void decide_gone_on(ClientAuth& auth, const InnerHandshake& handshake) {
  if (!handshake.requested && handshake.certificate == ClientCertificate::not_seen) {
    auth.status = ClientAuthStatus::one_way;
  } else if (handshake.requested && handshake.certificate == ClientCertificate::empty && !handshake.certificate_verify_seen) {
    auth.status = ClientAuthStatus::declined;
  } else if (handshake.certificate_verify == Check::failed || handshake.client_finished_check == Check::failed) {
    undecided(auth, NotObservableCause::conflicting);
  } else if (handshake.requested && handshake.certificate == ClientCertificate::presented &&
             handshake.certificate_verify == Check::passed && handshake.client_finished_check == Check::passed) {
    auth.status = ClientAuthStatus::mutual;
  } else {
    undecided(auth, NotObservableCause::unreadable);  // a check that could not be made
  }
}

void decide_stopped(ClientAuth& auth, const InnerHandshake& handshake, const FlowProfile& flow) {
  const bool refused = handshake.fatal_alert || ended(flow);
  if (!refused || flow.missing_bytes > 0 || flow.truncated) {
    undecided(auth, refused ? NotObservableCause::gap : NotObservableCause::still_running);
  } else if (handshake.certificate == ClientCertificate::presented) {
    auth.status = ClientAuthStatus::rejected;
  } else if (handshake.certificate == ClientCertificate::empty) {
    auth.status = ClientAuthStatus::declined;
  } else if (handshake.client_finished && !handshake.requested && !handshake.fatal_alert) {
    auth.status = ClientAuthStatus::one_way;  // the client has said all that it says: nobody asked for more
  }
}

ClientAuth assess(const InnerHandshake& handshake, const FlowProfile& flow) {
  ClientAuth auth;
  auth.basis = Basis::decrypted;
  if (handshake.requested || handshake.flight_whole) auth.requested = handshake.requested;
  if (handshake.certificate != ClientCertificate::not_seen || handshake.client_finished) {
    auth.presented = handshake.certificate == ClientCertificate::presented;
  }
  if (handshake.certificate_verify_seen || handshake.client_finished) auth.certificate_verify_seen = handshake.certificate_verify_seen;
  if (handshake.certificate_verify == Check::passed || handshake.certificate_verify == Check::failed) {
    auth.signature_valid = handshake.certificate_verify == Check::passed;
  }
  if (handshake.client_finished && handshake.server_went_on) {
    decide_gone_on(auth, handshake);
    // What says 400 to a first request, and hangs up, may mean the request: but then the certificate was not shown to be accepted either.
    if (auth.status == ClientAuthStatus::mutual && handshake.refused_inside && ended(flow)) auth.status = ClientAuthStatus::rejected;
  } else {
    decide_stopped(auth, handshake, flow);
  }
  return auth;
}

}  // namespace

void DecryptedTrace::begin(bool post_handshake) {
  handshakes_.push_back({.post_handshake = post_handshake});
  of_first_ = false;
}

void DecryptedTrace::observe(const Fact& fact) {
  const bool client = fact.sender == Side::initiator;
  const FactBody& body = fact.body;
  if (is_application_fact(body)) {
    const auto* http = fact_if<HttpMessage>(&body);
    if (http == nullptr || http->request || handshakes_.empty()) return;
    InnerHandshake& now = handshakes_.back();
    if (!std::exchange(now.answered_inside, true)) now.refused_inside = is_refusal(http->status);
    return;
  }
  seen_ = true;
  if (std::holds_alternative<Boxed<MessageUnreadable>>(body) || std::holds_alternative<BudgetExceeded>(body)) {
    failed_ = true;
    return;
  }
  opened_ = true;
  if (std::holds_alternative<Boxed<TlsEncryptedExtensions>>(body)) {
    tls13_ = true;
    return begin(false);
  }
  if (std::holds_alternative<Boxed<TlsClientHello>>(body)) return begin(false);  // of a renegotiation
  if (handshakes_.empty()) return;
  if (std::holds_alternative<TlsCertificateRequest>(body)) {
    if (tls13_ && handshakes_.back().client_finished) begin(true);
    handshakes_.back().requested = true;
    if (handshakes_.back().post_handshake) handshakes_.back().flight_whole = true;
    return;
  }
  InnerHandshake& now = handshakes_.back();
  if (const auto* alert = std::get_if<TlsAlert>(&body)) {
    const bool harmless = alert->level == AlertLevel::warning || alert->description == AlertDescription::close_notify;
    now.fatal_alert |= !harmless && !now.server_went_on;
  } else if (client) {
    if (const auto* certificates = fact_if<TlsCertificates>(&body)) {
      now.certificate = certificates->chain.empty() ? ClientCertificate::empty : ClientCertificate::presented;
    } else if (const auto* verify = std::get_if<TlsCertificateVerify>(&body)) {
      now.certificate_verify_seen = true;
      now.certificate_verify = verify->signature;
    } else if (const auto* finished = std::get_if<TlsFinished>(&body)) {
      now.client_finished = true;
      now.client_finished_check = finished->verify_data;
    }
  } else if (std::holds_alternative<TlsServerHelloDone>(body)) {
    now.flight_whole = true;
  } else if (std::holds_alternative<TlsFinished>(body)) {
    if (tls13_) now.flight_whole = true;
    if (now.client_finished) now.server_went_on = true;  // TLS 1.2: the answer to it
  } else if (now.client_finished && !now.fatal_alert) {
    now.server_went_on = true;
  }
}

std::optional<ClientAuth> assess_decrypted(const DecryptedTrace& trace, const FlowProfile& flow, bool resumed) {
  std::optional<ClientAuth> found;
  for (const InnerHandshake& handshake : trace.handshakes()) {
    if (!handshake.post_handshake && (resumed || !handshake.flight_whole)) continue;
    ClientAuth auth = assess(handshake, flow);
    if (handshake.post_handshake && !handshake.client_finished && !handshake.fatal_alert) continue;  // asked, and no answer was seen
    const bool proved_before = found && found->status == ClientAuthStatus::mutual;
    if (!proved_before) found = auth;
  }
  return found;
}

}  // namespace sealtrace
