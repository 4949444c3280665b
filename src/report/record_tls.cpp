// What stands under a flow record's `tls`. An absent key means not known: what a ServerHello decides is stated once one was seen.
#include <fmt/format.h>

#include <optional>

#include "model/certificate_use.hpp"
#include "model/tls_strength.hpp"
#include "report/audit_view.hpp"
#include "report/fingerprints.hpp"
#include "report/records.hpp"
#include "report/time_text.hpp"

namespace sealtrace {

namespace {

std::string_view side_name(Side side) { return side == Side::initiator ? "client" : "server"; }

std::string number_text(std::uint16_t number) { return fmt::format("0x{:04X}", number); }

/// cipher_name is the suite's assigned name, empty for one nobody assigned.
std::string_view cipher_name(TlsVersion version, CipherSuite code) {
  const CipherSuiteInfo* suite = version == TlsVersion::ssl2 ? find_ssl2_cipher_kind(code) : find_cipher_suite(code);
  return suite != nullptr ? suite->name : std::string_view{};
}

/// group_text and scheme_text are IANA's names, else the number as hex.
std::string group_text(NamedGroup group) {
  const std::string_view name = group_name(group);
  return name.empty() ? number_text(static_cast<std::uint16_t>(group)) : std::string{name};
}
std::string scheme_text(SignatureScheme scheme) {
  const std::string_view name = signature_scheme_name(scheme);
  return name.empty() ? number_text(static_cast<std::uint16_t>(scheme)) : std::string{name};
}

std::string_view resumption_name(Resumption resumption) {
  switch (resumption) {
    case Resumption::none: return {};
    case Resumption::session_id: return "session_id";
    case Resumption::session_ticket: return "session_ticket";
    case Resumption::pre_shared_key: return "pre_shared_key";
    case Resumption::unknown: return {};
  }
  return {};
}

/// sentinel_name is the version that the server's random says it was asked down to (RFC 8446 section 4.1.3).
std::string_view sentinel_name(DowngradeSentinel sentinel) {
  switch (sentinel) {
    case DowngradeSentinel::none: return {};
    case DowngradeSentinel::to_tls1_2: return "1.2";
    case DowngradeSentinel::to_tls1_1_or_below: return "1.1";
  }
  return {};
}

void write_negotiated(JsonWriter& json, const TlsProfile& tls) {
  if (!tls.server_hello_seen) return;
  json.member_if_known("version", label(tls.version));
  if (tls.version != TlsVersion::none) {
    const auto code = static_cast<std::uint16_t>(tls.cipher_suite);
    const bool chosen = tls.version != TlsVersion::ssl2 || code != 0;  // an SSL 2 client chooses, after the ServerHello
    if (chosen) {
      json.member_if_known("cipher", cipher_name(tls.version, tls.cipher_suite));
      json.member("cipher_code", code);
    }
  }
  if (tls.group != NamedGroup{}) json.member("curve", group_text(tls.group));
  if (tls.dh_prime_bits != 0) json.member("dh_prime_bits", tls.dh_prime_bits);
  if (tls.server_signature_valid) json.member("server_signature_valid", *tls.server_signature_valid);
  if (tls.server_signature != SignatureScheme{}) json.member("server_signature_scheme", scheme_text(tls.server_signature));
  if (tls.client_signature != SignatureScheme{}) json.member("client_signature_scheme", scheme_text(tls.client_signature));
  if (const auto secret = forward_secret(tls)) json.member("forward_secret", *secret);
  if (tls.group != NamedGroup{}) json.member("post_quantum_group", is_post_quantum(tls.group));
  json.member_if_known("next_protocol", tls.next_protocol);
  if (tls.use_srtp) json.member("use_srtp", number_text(*tls.use_srtp));
  json.member("extended_master_secret", tls.extended_master_secret);
  json.member("secure_renegotiation", tls.secure_renegotiation);
  json.member("compression_method", tls.compression_method);
  json.member_if_known("downgraded_to", sentinel_name(tls.downgrade_sentinel));
}

void write_progress(JsonWriter& json, const TlsProfile& tls, const SeenUpgrade* upgrade) {
  json.member("established", tls.established);
  if (tls.server_hello_seen) {
    json.member("resumed", tls.resumption != Resumption::none);
    json.member_if_known("resumption", resumption_name(tls.resumption));
    json.member("hello_retry", tls.hello_retry);
  }
  if (tls.client_hello_seen) json.member("early_data", tls.early_data_offered);
  if (tls.early_data_accepted) json.member("early_data_accepted", *tls.early_data_accepted);
  if (tls.decrypted || tls.decryption_failed) {
    json.member("decrypted", tls.decrypted);
    json.member("decryption_failed", tls.decryption_failed);
  }
  json.member("joined_mid_stream", tls.joined_mid_stream);
  json.member("handshake_damaged", tls.handshake_damaged);
  json.member("later_records_missed", tls.later_records_missed);
  if (tls.pseudo) json.member("pseudo", true);
  if (tls.clear_bytes_before != 0) json.member("clear_bytes_before", tls.clear_bytes_before);
  if (tls.unread_before) json.member("unread_before", true);
  if (upgrade != nullptr) json.member("starttls", upgrade->dialect);
  json.member("history", tls.history);
  if (tls.history_cut) json.member("history_cut", true);
}

/// shows_certificates is true where a certificate that was sent would have been seen: an empty list then says that none was.
bool shows_certificates(const TlsProfile& tls) {
  return tls.server_hello_seen && (!is_1_3(tls.version) || tls.frames.server_finished.known()) && !tls.handshake_damaged &&
         !tls.joined_mid_stream;
}

void write_chain(JsonWriter& json, const AuditResult& audit, const TlsProfile& tls, const std::vector<CertificateId>& chain) {
  if (chain.empty() && !shows_certificates(tls)) return;
  json.begin_array("certificates");
  for (const CertificateId id : chain) {
    if (const CertificateSummary* certificate = element(audit.certificates, value(id))) json.value(certificate->sha256);
  }
  json.end_array();
}

void write_stapled_status(JsonWriter& json, const StapledStatus& status) {
  json.member_if_known("response", status.response);
  json.member("about_certificate", status.about_certificate);
  json.member("status", to_string(status.status));
  const auto time = [&](JsonKey name, const std::optional<Timestamp>& moment) {
    if (moment) json.member(name, rfc3339(*moment));
  };
  time("produced_at", status.produced_at);
  time("this_update", status.this_update);
  time("next_update", status.next_update);
  time("revoked_at", status.revoked_at);
  json.member_if_known("revocation_reason", status.revocation_reason);
  json.member_if_known("responder", status.responder);
  json.member("signature", to_string(status.signature));
  json.member_if_known("detail", status.detail);
}

/// write_staples states what each OCSP response says of the certificate that it was sent for.
void write_staples(JsonWriter& json, const AuditResult& audit, const TlsProfile& tls) {
  if (tls.server_staples.empty()) return;
  std::vector<std::uint32_t> chain;
  for (const CertificateId id : tls.server_chain) chain.push_back(value(id));
  json.begin_array("stapled_responses");
  for (const Staple& staple : tls.server_staples) {
    json.begin_object();
    const CertificateSummary* certificate = staple.place < chain.size() ? element(audit.certificates, chain[staple.place]) : nullptr;
    if (certificate != nullptr) {
      json.member("certificate", certificate->sha256);
      const auto read = audit.staples.find(staple_key(staple.response, staple.place, chain));
      if (read != audit.staples.end()) write_stapled_status(json, *read->second);
    }
    json.end_object();
  }
  json.end_array();
}

void write_offered_versions(JsonWriter& json, const std::vector<std::uint16_t>& versions) {
  if (versions.empty()) return;
  json.begin_array("supported_versions");
  for (const std::uint16_t version : versions) {
    const std::string_view name = label(static_cast<TlsVersion>(version));
    if (name.empty()) {
      json.value(number_text(version));
    } else {
      json.value(name);
    }
  }
  json.end_array();
}

void write_sides(JsonWriter& json, const AuditResult& audit, const TlsProfile& tls, const Hashers& hashers) {
  json.begin_object("client");
  json.member_if_known("server_name", tls.server_name);
  write_offered_versions(json, tls.supported_versions);
  if (tls.client_hello_seen) {
    json.member("encrypted_client_hello", tls.encrypted_client_hello);
    json.member("fallback_scsv", tls.fallback_scsv);
    json.member("post_handshake_auth", tls.post_handshake_auth_offered);
    if (tls.psk_identity_bytes != 0) json.member("psk_identity_bytes", tls.psk_identity_bytes);
  }
  write_chain(json, audit, tls, tls.client_chain);
  if (tls.client_hello) {
    json.member_if_known("ja3", ja3(*tls.client_hello, hashers));
    json.member_if_known("ja4", ja4(*tls.client_hello, hashers));
  }
  json.end_object();
  json.begin_object("server");
  write_chain(json, audit, tls, tls.server_chain);
  write_staples(json, audit, tls);
  if (tls.server_hello) {
    json.member_if_known("ja3s", ja3s(*tls.server_hello, hashers));
    json.member_if_known("ja4s", ja4s(*tls.server_hello,
                                      tls.dtls   ? TlsHelloForm::dtls
                                      : tls.quic ? TlsHelloForm::quic
                                                 : TlsHelloForm::tls,
                                      hashers));
  }
  json.end_object();
}

/// write_client_auth states what is known, and is absent when the handshake never came to a certificate of either side.
void write_client_auth(JsonWriter& json, const ClientAuth& auth) {
  const bool judged = auth.status != ClientAuthStatus::none;
  if (!judged && !auth.requested && !auth.presented && !auth.certificate_verify_seen) return;
  const auto known = [&](JsonKey name, const std::optional<bool>& observation) {
    if (observation) json.member(name, *observation);
  };
  json.begin_object("client_auth");
  known("requested", auth.requested);
  known("presented", auth.presented);
  known("certificate_verify_seen", auth.certificate_verify_seen);
  known("signature_valid", auth.signature_valid);
  if (judged) json.member("status", to_string(auth.status));
  if (auth.status == ClientAuthStatus::not_observable) {
    if (auth.cause != NotObservableCause::none) json.member("cause", to_string(auth.cause));
  } else if (judged) {
    json.member("basis", to_string(auth.basis));
    if (auth.basis == Basis::inferred && auth.strength != InferenceStrength::none) {
      json.member("strength", auth.strength == InferenceStrength::strong ? "strong" : "probable");
      if (auth.error_rate > 0) json.member("error_rate", auth.error_rate);
      json.member_if_known("inferred_key", auth.inferred_key);
    }
  }
  if (auth.lineage != FlowId{}) {
    json.member("lineage", flow_id(auth.lineage));
    json.member("weak_lineage", auth.weak_lineage);
  }
  json.end_object();
}

std::string_view level_name(AlertLevel level) {
  switch (level) {
    case AlertLevel::warning: return "warning";
    case AlertLevel::fatal: return "fatal";
  }
  return {};
}

void write_alerts(JsonWriter& json, const std::vector<SeenAlert>& alerts) {
  json.begin_array("alerts");
  for (const SeenAlert& alert : alerts) {
    json.begin_object();
    json.member("sender", side_name(alert.sender));
    json.member("encrypted", alert.encrypted);
    if (!alert.encrypted) {
      json.member_if_known("level", level_name(alert.level));
      json.member_if_known("description", alert_name(alert.description));
      json.member("code", static_cast<std::uint8_t>(alert.description));
    }
    if (alert.evidence.known()) json.member("frame", value(alert.evidence.frame));
    json.end_object();
  }
  json.end_array();
}

/// write_frames names the frame that completes each message, of those in the flow's first capture.
void write_frames(JsonWriter& json, const FlowProfile& flow) {
  const TlsFrames& frames = flow.tls->frames;
  json.begin_object("frames");
  const auto frame = [&](JsonKey name, const Evidence& evidence) {
    if (evidence.known() && evidence.capture == flow.first_capture) json.member(name, value(evidence.frame));
  };
  frame("client_hello", frames.client_hello);
  frame("server_hello", frames.server_hello);
  frame("server_certificate", frames.server_certificate);
  frame("certificate_request", frames.certificate_request);
  frame("client_certificate", frames.client_certificate);
  frame("certificate_verify", frames.certificate_verify);
  frame("client_finished", frames.client_finished);
  frame("server_finished", frames.server_finished);
  frame("first_application_data", frames.first_application_data);
  frame("renegotiation", frames.renegotiation);
  frame("client_flight", frames.client_flight);
  json.end_object();
}

}  // namespace

void write_tls_members(JsonWriter& json, const AuditResult& audit, const FlowProfile& flow, const Hashers& hashers) {
  const TlsProfile& tls = *flow.tls;
  json.member("version_protocol", tls.dtls ? "dtls" : "tls");
  write_negotiated(json, tls);
  write_progress(json, tls, flow.application ? flow.application->accepted_upgrade() : nullptr);
  write_sides(json, audit, tls, hashers);
  write_client_auth(json, tls.client_auth);
  write_alerts(json, tls.alerts);
  write_frames(json, flow);
}

}  // namespace sealtrace
