#include "correlate/client_auth.hpp"

#include "correlate/hidden_client_auth.hpp"
#include "correlate/hidden_renegotiation.hpp"

namespace sealtrace {
namespace {

bool hides_certificates(TlsVersion version) {
  // SSL 2 asks for the client's certificate inside the encryption (REQUEST-CERTIFICATE), TLS 1.3 everything after ServerHello.
  return is_1_3(version) || version == TlsVersion::ssl2;
}

/// sent_certificate is what stands for the client's Certificate message; in SSL 3.0 an alert declines (RFC 6101 section 5.6.6).
ClientCertificate sent_certificate(const HandshakeTrace& handshake) {
  const ClientTrace& client = handshake.client;
  const bool declined_by_alert = client.no_certificate_alert && handshake.server.version == TlsVersion::ssl3;
  if (client.certificate == ClientCertificate::not_seen && declined_by_alert) return ClientCertificate::empty;
  return client.certificate;
}

/// damage names what of the handshake is missing, the cause whose cure helps first; none when nothing is.
NotObservableCause damage(const HandshakeTrace& handshake, const FlowProfile& flow) {
  const ClientTrace& client = handshake.client;
  const ServerTrace& server = handshake.server;
  if (!flow.initiator_seen) return NotObservableCause::client_not_seen;
  if (!flow.responder_seen) return NotObservableCause::server_not_seen;
  if (flow.conflicting) return NotObservableCause::conflicting;
  const bool hellos_cut = flow.start_seen && flow.truncated;  // they came, but the snaplen left too little of them
  if (client.damaged() || server.damaged()) {
    if (!client.hello && !server.hello && !hellos_cut) return NotObservableCause::mid_stream;
    if (flow.truncated) return NotObservableCause::truncated;
    return client.gap || server.gap ? NotObservableCause::gap : NotObservableCause::unreadable;
  }
  if (!client.hello) return hellos_cut ? NotObservableCause::truncated : NotObservableCause::mid_stream;
  return NotObservableCause::none;
}

bool failed(const HandshakeTrace& handshake, const FlowProfile& flow) {
  return handshake.client.fatal_alert || handshake.server.fatal_alert || handshake.client.closed || handshake.server.closed || flow.reset ||
         flow.closed == CloseReason::tcp_close;
}

/// missed_before_the_end says why an unfinished handshake may have gone on unseen; none when the flow shows its end.
NotObservableCause missed_before_the_end(const HandshakeTrace& handshake, const FlowProfile& flow) {
  if (flow.truncated) return NotObservableCause::truncated;
  if (flow.missing_bytes > 0) return NotObservableCause::gap;
  if (!failed(handshake, flow)) return NotObservableCause::still_running;
  return NotObservableCause::none;
}

void undecided(ClientAuth& auth, NotObservableCause cause) {
  auth.status = ClientAuthStatus::not_observable;
  auth.cause = cause;
}

/// state_messages fills what was seen, or is provably absent because the flight that would hold it was seen whole.
void state_messages(ClientAuth& auth, const HandshakeTrace& handshake) {
  if (hides_certificates(handshake.server.version)) return;
  const ClientTrace& client = handshake.client;
  const ServerTrace& server = handshake.server;
  const ClientCertificate certificate = sent_certificate(handshake);
  const bool nothing_exchanged = handshake.complete() && handshake.abbreviated() && !client.damaged() && !server.damaged();

  if (server.certificate_request) {
    auth.requested = true;
  } else if ((server.flight_whole && certificate == ClientCertificate::not_seen) || nothing_exchanged) {
    auth.requested = false;
  }
  if (certificate != ClientCertificate::not_seen) {
    auth.presented = certificate == ClientCertificate::presented;
  } else if ((client.hello && client.key_exchange && !client.damaged()) || nothing_exchanged) {
    auth.presented = false;
  }
  if (client.certificate_verify) {
    auth.certificate_verify_seen = true;
  } else if ((client.hello && client.change_cipher_spec && !client.damaged() && server.hello) || nothing_exchanged) {
    auth.certificate_verify_seen = false;
  }
}

void decide_unfinished(ClientAuth& auth, const HandshakeTrace& handshake, const FlowProfile& flow) {
  if (const NotObservableCause cause = missed_before_the_end(handshake, flow); cause != NotObservableCause::none) {
    undecided(auth, cause);
  } else if (sent_certificate(handshake) == ClientCertificate::presented) {
    auth.status = ClientAuthStatus::rejected;
  } else if (sent_certificate(handshake) == ClientCertificate::empty) {
    auth.status = ClientAuthStatus::declined;  // the client's answer stands, whether or not the server goes on without
  }
}

/// kRenegotiationError bounds at 95 % how many claims about a renegotiation are wrong: 12 were measured, all right (docs/tls13.md).
constexpr double kRenegotiationError = 3.0 / 12;

void infer(ClientAuth& auth, ClientAuthStatus status, InferenceStrength strength, double error_rate, std::string_view key) {
  auth.status = status;
  auth.basis = Basis::inferred;
  auth.cause = NotObservableCause::none;
  auth.strength = strength;
  auth.error_rate = error_rate;
  auth.inferred_key = key;
}

/// decide_renegotiated says what the lengths of a second handshake's records suggest, where none of its octets was missed.
void decide_renegotiated(ClientAuth& auth, const HandshakeTrace& handshake) {
  undecided(auth, NotObservableCause::renegotiated);
  if (handshake.client.blind || handshake.server.blind) return;
  const ClientAuthStatus status = infer_renegotiation(handshake.client.renegotiation, handshake.server.renegotiation);
  if (status != ClientAuthStatus::none) infer(auth, status, InferenceStrength::probable, kRenegotiationError, {});
}

/// decide_without_proof settles one_way and declined, which a renegotiation inside the encryption could still change.
void decide_without_proof(ClientAuth& auth, ClientAuthStatus status, const HandshakeTrace& handshake, const FlowProfile& flow) {
  if (handshake.client.encrypted_handshake || handshake.server.encrypted_handshake) {
    decide_renegotiated(auth, handshake);
  } else if (handshake.client.blind && handshake.server.blind) {
    // A renegotiation needs records of both sides: one side seen whole proves that there was none.
    undecided(auth, flow.truncated ? NotObservableCause::truncated : NotObservableCause::gap);
  } else {
    auth.status = status;
  }
}

void decide_finished(ClientAuth& auth, const HandshakeTrace& handshake, const FlowProfile& flow) {
  const ServerTrace& server = handshake.server;
  if (handshake.client.fatal_alert || server.fatal_alert) {
    undecided(auth, NotObservableCause::conflicting);
  } else if (handshake.abbreviated()) {
    undecided(auth, NotObservableCause::resumed);
  } else if (!server.flight_whole || !handshake.client.key_exchange) {
    undecided(auth, NotObservableCause::gap);
  } else {
    const ClientCertificate certificate = sent_certificate(handshake);
    if (!server.certificate_request && certificate == ClientCertificate::not_seen) {
      decide_without_proof(auth, ClientAuthStatus::one_way, handshake, flow);
    } else if (server.certificate_request && certificate == ClientCertificate::empty && !handshake.client.certificate_verify) {
      decide_without_proof(auth, ClientAuthStatus::declined, handshake, flow);
    } else if (server.certificate_request && certificate == ClientCertificate::presented && handshake.client.certificate_verify) {
      auth.status = ClientAuthStatus::mutual;
    } else {
      // The RFC has no such handshake without a message that was not seen, except for static Diffie-Hellman certificates,
      // which prove their key without a CertificateVerify: nothing here shows that they did.
      undecided(auth, NotObservableCause::gap);
    }
  }
}

/// decide_hidden settles TLS 1.3 and SSL 2, where sizes are all that shows, and only those of TLS 1.3 over streams were measured.
void decide_hidden(ClientAuth& auth, const HandshakeTrace& handshake) {
  if (handshake.abbreviated() && !handshake.flight.certificate_with_psk) return undecided(auth, NotObservableCause::resumed);
  undecided(auth, NotObservableCause::encrypted);
  if (handshake.server.version != TlsVersion::tls1_3) return;
  const HiddenClientAuth hidden = infer_client_auth(handshake.flight);
  if (hidden.status == ClientAuthStatus::none) {
    if (handshake.flight.cut) auth.cause = NotObservableCause::gap;
    return;
  }
  infer(auth, hidden.status, hidden.strength, hidden.error_rate, hidden.key);
}

ClientAuth combine(const ClientAuth& earlier, const ClientAuth& last) {
  if (last.status == ClientAuthStatus::none) return earlier;
  if (earlier.status == ClientAuthStatus::none) return last;
  if (last.status == ClientAuthStatus::not_observable && last.cause != NotObservableCause::resumed) return last;
  if (earlier.status == last.status && last.status != ClientAuthStatus::not_observable) return last;
  ClientAuth auth = last;
  undecided(auth, NotObservableCause::renegotiated);
  return auth;
}

}  // namespace

ClientAuth assess_client_auth(const HandshakeTrace& handshake, const FlowProfile& flow) {
  ClientAuth auth;
  state_messages(auth, handshake);
  const bool encrypted = hides_certificates(handshake.server.version);
  if (const NotObservableCause cause = damage(handshake, flow); cause != NotObservableCause::none) {
    undecided(auth, cause);
  } else if (!handshake.server.hello) {
    decide_unfinished(auth, handshake, flow);
  } else if (encrypted && (handshake.client.fatal_alert || handshake.server.fatal_alert)) {
    // A fatal alert in the clear ends a TLS 1.3 handshake before there are keys, so before any certificate.
  } else if (encrypted) {
    decide_hidden(auth, handshake);
  } else if (handshake.complete()) {
    decide_finished(auth, handshake, flow);
  } else {
    decide_unfinished(auth, handshake, flow);
  }
  return auth;
}

ClientAuth assess_client_auth(const FlowHandshakes& handshakes, const FlowProfile& flow) {
  ClientAuth auth = assess_client_auth(handshakes.last, flow);
  for (const HandshakeTrace& handshake : handshakes.earlier) auth = combine(assess_client_auth(handshake, flow), auth);
  return auth;
}

}  // namespace sealtrace
