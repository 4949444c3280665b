#include "policy/judge_flow.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "model/tls_numbers.hpp"

namespace sealtrace {
namespace {

/// kClearProtocols are the protocols whose recognition means that they were read: without TLS around them they are in clear.
constexpr std::array<std::string_view, 3> kClearProtocols{"sip", "http", "xmpp"};

/// kCauses gives the reason of each cause that client authentication cannot be known for, in the order of the enumeration.
constexpr auto kCauses = std::to_array<std::pair<NotObservableCause, Reason>>({
    {NotObservableCause::none, Reason::client_auth_unknown},
    {NotObservableCause::encrypted, Reason::client_certificate_encrypted},
    {NotObservableCause::resumed, Reason::full_handshake_not_seen},
    {NotObservableCause::renegotiated, Reason::renegotiated},
    {NotObservableCause::mid_stream, Reason::joined_mid_stream},
    {NotObservableCause::client_not_seen, Reason::client_not_seen},
    {NotObservableCause::server_not_seen, Reason::server_not_seen},
    {NotObservableCause::gap, Reason::handshake_gap},
    {NotObservableCause::truncated, Reason::frames_truncated},
    {NotObservableCause::unreadable, Reason::handshake_unreadable},
    {NotObservableCause::still_running, Reason::capture_ended},
    {NotObservableCause::conflicting, Reason::conflicting_octets},
});

Reason reason_of(NotObservableCause cause) {
  const auto found = std::ranges::find(kCauses, cause, &std::pair<NotObservableCause, Reason>::first);
  return found == kCauses.end() ? Reason::client_auth_unknown : found->second;
}

/// explains_missing_handshake tells the causes that also say why no handshake was seen to its end.
bool explains_missing_handshake(NotObservableCause cause) {
  switch (cause) {
    case NotObservableCause::mid_stream:
    case NotObservableCause::client_not_seen:
    case NotObservableCause::server_not_seen:
    case NotObservableCause::gap:
    case NotObservableCause::truncated:
    case NotObservableCause::unreadable:
    case NotObservableCause::conflicting: return true;
    case NotObservableCause::none:
    case NotObservableCause::encrypted:
    case NotObservableCause::resumed:
    case NotObservableCause::renegotiated:
    case NotObservableCause::still_running: return false;
  }
  return false;
}

bool nothing_sent(const FlowProfile& flow) { return flow.payload_bytes == 0 && flow.missing_bytes == 0 && !flow.tls; }

bool refused_or_closed(const FlowProfile& flow) {
  const bool fatal =
      std::ranges::any_of(flow.tls->alerts, [](const SeenAlert& alert) { return !alert.encrypted && alert.level == AlertLevel::fatal; });
  return fatal || flow.closed == CloseReason::tcp_close || flow.reset;
}

/// judge_unfinished says why a handshake has no end: it was given up (exempt), or its end was not captured (open).
Reason judge_unfinished(const FlowProfile& flow) {
  const TlsProfile& tls = *flow.tls;
  if (flow.conflicting) return Reason::conflicting_octets;
  if (tls.client_auth.status == ClientAuthStatus::not_observable && explains_missing_handshake(tls.client_auth.cause)) {
    return reason_of(tls.client_auth.cause);
  }
  if (tls.joined_mid_stream) return Reason::joined_mid_stream;
  if (!flow.responder_seen) return Reason::server_not_seen;
  if (!flow.initiator_seen) return Reason::client_not_seen;
  if (flow.truncated) return Reason::frames_truncated;
  if (flow.missing_bytes != 0) return Reason::handshake_gap;
  if (tls.handshake_damaged) return Reason::handshake_unreadable;
  if (flow.closed == CloseReason::evicted) return Reason::flow_evicted;
  if (tls.client_auth.status == ClientAuthStatus::rejected) return Reason::client_certificate_rejected;
  if (!flow.start_seen) return Reason::joined_mid_stream;  // what looks given up may have been completed before
  return refused_or_closed(flow) ? Reason::handshake_aborted : Reason::capture_ended;
}

/// judge_protection says why a completed handshake protects nothing, or that its strength is not known; nullopt when it protects.
std::optional<Reason> judge_protection(const FlowProfile& flow) {
  const TlsProfile& tls = *flow.tls;
  if (flow.conflicting) return Reason::conflicting_octets;
  if (tls.version == TlsVersion::ssl2) return Reason::version_ssl2;
  const CipherTraits traits = cipher_traits(tls.cipher_suite);
  if (label(tls.version).empty() || !traits.known) return Reason::suite_unknown;
  if (traits.null_encryption) return Reason::suite_null;
  if (traits.anonymous) return Reason::suite_anonymous;
  if (traits.export_grade) return Reason::suite_export;
  if (traits.rc2) return Reason::suite_rc2;
  if (traits.des) return Reason::suite_des;
  return std::nullopt;
}

/// proved checks that an assertion read from the handshake itself has the messages that make it one.
bool proved(const ClientAuth& auth) { return auth.presented.value_or(false) && auth.certificate_verify_seen.value_or(false); }

Reason judge_mutual(const PolicyRow& row, const ClientAuth& auth) {
  switch (auth.basis) {
    case Basis::key_verified:
    case Basis::decrypted:
    case Basis::decoded: return proved(auth) ? Reason::mutual_tls : Reason::client_auth_unknown;
    case Basis::lineage: return auth.lineage == FlowId{} ? Reason::full_handshake_not_seen : Reason::mutual_tls_resumed;
    case Basis::inferred:
      return row.accept_strong_inference && auth.strength == InferenceStrength::strong ? Reason::mutual_tls_inferred
                                                                                       : Reason::inferred_only;
    case Basis::declared:
    case Basis::assumed: return Reason::client_auth_unknown;
  }
  return Reason::client_auth_unknown;
}

Reason judge_not_mutual(const PolicyRow& row, const ClientAuth& auth) {
  switch (auth.basis) {
    case Basis::key_verified:
    case Basis::decrypted:
    case Basis::decoded:
    case Basis::lineage: return Reason::tls_without_client_certificate;
    case Basis::inferred:
      return row.accept_strong_inference && auth.strength == InferenceStrength::strong ? Reason::tls_without_client_certificate
                                                                                       : Reason::inferred_only;
    case Basis::declared:
    case Basis::assumed: return Reason::client_auth_unknown;
  }
  return Reason::client_auth_unknown;
}

Reason judge_client_authentication(const PolicyRow& row, const ClientAuth& auth) {
  switch (auth.status) {
    case ClientAuthStatus::mutual: return judge_mutual(row, auth);
    case ClientAuthStatus::one_way:
    case ClientAuthStatus::declined: return judge_not_mutual(row, auth);
    case ClientAuthStatus::rejected: return auth.basis == Basis::inferred ? Reason::inferred_only : Reason::client_certificate_rejected;
    case ClientAuthStatus::not_observable: return reason_of(auth.cause);
    case ClientAuthStatus::none: return Reason::client_auth_unknown;
  }
  return Reason::client_auth_unknown;
}

void flag(FlowVerdict& verdict, Reason reason) { verdict.flags[verdict.num_flags++] = reason; }

void flag_choices(FlowVerdict& verdict, const TlsProfile& tls) {
  const std::string_view version = label(tls.version);
  if (version == "ssl3") flag(verdict, Reason::version_ssl3);
  if (version == "1.0") flag(verdict, Reason::version_tls1_0);
  if (version == "1.1") flag(verdict, Reason::version_tls1_1);
  const CipherTraits traits = cipher_traits(tls.cipher_suite);
  if (traits.rc4) {
    flag(verdict, Reason::suite_rc4);
  } else if (traits.triple_des) {
    flag(verdict, Reason::suite_triple_des);
  }
}

Reason judge_without_tls(const PolicyRow& row, const FlowProfile& flow) {
  const bool read = std::ranges::any_of(
      flow.protocols, [](std::string_view name) { return std::ranges::find(kClearProtocols, name) != kClearProtocols.end(); });
  if (read) return Reason::clear_traffic;
  return row.unread.empty() ? Reason::protocol_not_recognised : Reason::dissector_missing;
}

/// damage_of says why a handshake that ran to its end was not seen whole.
Reason damage_of(const FlowProfile& flow) {
  if (flow.truncated) return Reason::frames_truncated;
  return flow.missing_bytes != 0 ? Reason::handshake_gap : Reason::handshake_unreadable;
}

FlowVerdict judge_tls(const PolicyRow& row, const FlowProfile& flow) {
  FlowVerdict verdict;
  const TlsProfile& tls = *flow.tls;
  if (!tls.established) {
    verdict.reason = judge_unfinished(flow);
    return verdict;
  }
  if (const std::optional<Reason> open = judge_protection(flow)) {
    verdict.reason = *open;
    return verdict;
  }
  flag_choices(verdict, tls);
  if (tls.left_tls) {
    verdict.reason = Reason::octets_after_tls;
  } else if (tls.handshake_damaged) {
    verdict.reason = damage_of(flow);
  } else if (tls.clear_bytes_before != 0 && !row.upgrade_in_place) {
    verdict.reason = Reason::clear_octets_before_tls;
  } else {
    verdict.reason = row.requirement == Requirement::mtls ? judge_client_authentication(row, tls.client_auth) : Reason::tls_established;
  }
  return verdict;
}

/// judge_unclassified says nothing of a requirement, but TLS that protects nobody is one wherever it runs.
FlowVerdict judge_unclassified(const PolicyRow& row, const LegClass& leg, const FlowProfile& flow) {
  FlowVerdict verdict{.reason = leg.why_unknown};
  if (!flow.tls || !flow.tls->established) return verdict;
  const FlowVerdict tls = judge_tls(row, flow);
  if (info(tls.reason).status == Status::fail) return tls;
  return {.reason = leg.why_unknown, .flags = tls.flags, .num_flags = tls.num_flags};
}

}  // namespace

FlowVerdict judge_flow(const PolicyRow& row, const LegClass& leg, const FlowProfile& flow) {
  if (!row.disabled.empty()) return {.reason = Reason::row_disabled};
  if (nothing_sent(flow)) return {.reason = Reason::no_payload};
  switch (row.requirement) {
    case Requirement::clear: return {.reason = Reason::clear_by_design};
    case Requirement::reported: return {.reason = flow.tls ? Reason::reported_only : Reason::dissector_missing};
    case Requirement::srtp: return {.reason = Reason::dissector_missing};
    case Requirement::classify: return judge_unclassified(row, leg, flow);
    case Requirement::mtls:
    case Requirement::tls:
    case Requirement::https: break;
  }
  if (!flow.tls) return {.reason = judge_without_tls(row, flow)};
  if (flow.tls->pseudo) return {.reason = Reason::pseudo_tls};
  return judge_tls(row, flow);
}

}  // namespace sealtrace
