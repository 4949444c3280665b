#include "policy/judge_flow.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "model/tls_numbers.hpp"
#include "policy/content_class.hpp"
#include "policy/fips.hpp"
#include "policy/judge_media.hpp"
#include "policy/judge_negotiation.hpp"

namespace sealtrace {
namespace {

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
  const bool fatal = flow.tls && std::ranges::any_of(flow.tls->alerts, [](const SeenAlert& alert) {
                       return !alert.encrypted && alert.level == AlertLevel::fatal;
                     });
  return fatal || flow.closed == CloseReason::tcp_close || flow.reset;
}

/// sent_data says that records of application data were seen where no handshake message looks like one: in TLS 1.3 those do (RFC 8446
/// section 5.2), and SSL 2 has no types of records.
bool sent_data(const TlsProfile& tls) {
  const bool hides_handshake = is_1_3(tls.version) || tls.version == TlsVersion::ssl2;
  return tls.frames.first_application_data.known() && !hides_handshake;
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
  if (flow.limited) return Reason::limit_reached;
  if (sent_data(tls)) return Reason::data_without_handshake;
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
  if (!tls.server_signature_valid.value_or(true) || !tls.client_auth.signature_valid.value_or(true)) return Reason::signature_invalid;
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

/// flag_clear flags what was said in clear, whatever the leg: before TLS, or without it.
void flag_clear(FlowVerdict& verdict, TrafficClass traffic_class, const FlowProfile& flow) {
  if (!flow.application) return;
  const ApplicationProfile& application = *flow.application;
  bool password = false, token = false, challenge = false, sasl = false;
  for (const SeenAuthentication& sent : application.credentials) {
    switch (sent.scheme) {
      case AuthenticationScheme::basic:
      case AuthenticationScheme::form:
      case AuthenticationScheme::ldap_simple:
      case AuthenticationScheme::tds_login:
      case AuthenticationScheme::postgresql_password:
      case AuthenticationScheme::mysql_clear_password:
      case AuthenticationScheme::snmp_community: password = true; break;
      case AuthenticationScheme::bearer:
      case AuthenticationScheme::cookie: token = true; break;
      case AuthenticationScheme::digest:
      case AuthenticationScheme::postgresql_md5:
      case AuthenticationScheme::mysql_scramble:
      case AuthenticationScheme::ntlm: challenge = true; break;
      case AuthenticationScheme::sasl_plain:
      case AuthenticationScheme::sasl_login: (application.xmpp ? sasl : password) = true; break;
      case AuthenticationScheme::sasl_digest_md5:
      case AuthenticationScheme::sasl_cram_md5:
      case AuthenticationScheme::sasl_scram:
      case AuthenticationScheme::sasl_gssapi:
      case AuthenticationScheme::sasl_external: sasl |= application.xmpp.has_value(); break;
      case AuthenticationScheme::negotiate:
      case AuthenticationScheme::kerberos:
      case AuthenticationScheme::tls_dsk:
      case AuthenticationScheme::sasl_anonymous:
      case AuthenticationScheme::xmpp_dialback:
      case AuthenticationScheme::other: break;
    }
  }
  if (password) verdict.flag(Reason::password_in_clear);
  if (token) verdict.flag(Reason::token_in_clear);
  // NTLM inside SMB, TDS or LDAP is how a domain works; the row of those legs says what that is worth.
  if (challenge && traffic_class != TrafficClass::infrastructure) verdict.flag(Reason::challenge_response_in_clear);
  if (sasl) verdict.flag(Reason::sasl_without_tls);
  const bool stripped = std::ranges::any_of(application.upgrades, [](const SeenUpgrade& upgrade) { return upgrade.stripped.has_value(); });
  if (stripped && (read_in_clear(flow) || !application.credentials.empty())) verdict.flag(Reason::upgrade_stripped);
  if (!flow.tls && application.sip && application.sip->sips.known()) verdict.flag(Reason::sips_promise_broken);
}

/// hides_signature says that the handshake had a signature of the server, and that it was not read: in TLS 1.3 it is encrypted.
bool hides_signature(const FlowProfile& flow) {
  if (!flow.tls || !flow.tls->established || flow.tls->resumption != Resumption::none) return false;
  return is_1_3(flow.tls->version) && flow.tls->server_signature == SignatureScheme{};
}

/// flag_fips_not_shown: what is protected by an algorithm that nothing seen names cannot be said to be within FIPS 140.
void flag_fips_not_shown(FlowVerdict& verdict, const FlowProfile& flow) {
  const MediaFips media = media_fips(flow);
  if (media == MediaFips::outside) verdict.flag(Reason::srtp_not_fips);
  const bool passes = info(verdict.reason).status == Status::pass;
  if (passes && (media == MediaFips::not_known || hides_signature(flow))) verdict.reason = Reason::fips_not_evidenced;
}

/// only_autodiscover says that nothing but Autodiscover was read on this flow, and that all of it was.
bool only_autodiscover(const FlowProfile& flow) {
  if (!flow.application || !flow.application->http || !seen_whole(flow)) return false;
  const auto& paths = flow.application->http->first_of_path;
  const bool others_clear = std::ranges::any_of(flow.application->clear, [](const ClearReading& read) { return read.protocol != "http"; });
  return !others_clear && paths.size() == 1 && paths.front().first == HttpPathClass::autodiscover;
}

/// protects_both_ways: one side alone can send what looks encrypted, whatever its peer makes of it. Datagrams may all go one way.
bool protects_both_ways(const FlowProfile& flow) {
  const SeldomMany<SeenProtection>& protections = flow.application->protections;
  const auto of = [&](Side side) {
    return std::ranges::any_of(protections, [&](const SeenProtection& seen) { return seen.by[index(side)]; });
  };
  const bool one_way = flow.transport != Transport::tcp && flow.initiator_seen != flow.responder_seen;
  return one_way || (of(Side::initiator) && of(Side::responder));
}

/// judge_clear_reading is for a flow of which something was read in clear, and that no completed TLS goes around.
Reason judge_clear_reading(const FlowProfile& flow) {
  if (only_autodiscover(flow)) return Reason::autodiscover_in_clear;
  return clear_by_design_so_far(flow) ? Reason::requests_missed : Reason::clear_traffic;
}

Reason judge_without_tls(const PolicyRow& row, const FlowProfile& flow) {
  if (!flow.application) return Reason::protocol_not_recognised;
  const ApplicationProfile& application = *flow.application;
  if (read_in_clear(flow)) return judge_clear_reading(flow);
  if (any_media_clear(flow)) return Reason::media_clear;
  if (!application.protections.empty()) {
    if (!std::ranges::all_of(application.protections, proves_encryption)) return Reason::protection_not_proved;
    if (!row.accept_other_protection) return Reason::other_protection;
    if (!seen_whole(flow) || !protects_both_ways(flow)) return Reason::requests_missed;
    return flow.unrecognised ? Reason::protocol_not_recognised : Reason::protected_by_other;
  }
  if (!application.media.empty()) return judge_media(row, flow);
  if (only_agrees_keys(flow)) return Reason::keys_agreed;
  if (!application.clear.empty() && !flow.unrecognised)
    return seen_whole(flow) && refused_or_closed(flow) ? Reason::handshake_aborted : Reason::capture_ended;
  const bool only_set_up = application.stun && !flow.unread && !flow.unrecognised;
  return only_set_up ? Reason::no_media : Reason::protocol_not_recognised;
}

/// damage_of says why a handshake that ran to its end was not seen whole.
Reason damage_of(const FlowProfile& flow) {
  if (flow.truncated) return Reason::frames_truncated;
  return flow.missing_bytes != 0 ? Reason::handshake_gap : Reason::handshake_unreadable;
}

/// is_tunnel says that HTTP led to what follows it.
bool is_tunnel(const ApplicationProfile& application) {
  return application.http && (application.http->connect || !application.http->upgrades.empty());
}

/// judge_beside_dtls says what other protocols on the five-tuple of DTLS (RFC 7983), before it and after, take away from it.
std::optional<Reason> judge_beside_dtls(const PolicyRow& row, const FlowProfile& flow) {
  if (read_in_clear(flow)) return Reason::clear_traffic;
  if (flow.application && !flow.application->media.empty()) {
    const Reason media = judge_media(row, flow);
    if (info(media).status != Status::pass) return media;
  }
  const bool clear_control =
      flow.application && std::ranges::any_of(flow.application->rtcp, [](const auto& side) { return side && !side->encrypted(); });
  return clear_control || flow.unread || flow.unrecognised ? std::optional{Reason::clear_octets_before_tls} : std::nullopt;
}

/// judge_before_tls says what the octets before TLS, and around it, are worth: the protocol's own way to it (nullopt), messages of use in
/// clear, or octets that were not read.
std::optional<Reason> judge_before_tls(const PolicyRow& row, const FlowProfile& flow) {
  if (flow.tls->carried) return read_in_clear(flow) ? Reason::clear_traffic : Reason::clear_octets_before_tls;
  if (flow.transport == Transport::udp) return judge_beside_dtls(row, flow);
  if (flow.tls->clear_bytes_before == 0) return std::nullopt;
  if (!flow.application) return Reason::clear_octets_before_tls;
  const ApplicationProfile& application = *flow.application;
  if (is_tunnel(application)) return Reason::clear_octets_before_tls;
  if (read_in_clear(flow)) return Reason::clear_traffic;
  if (flow.tls->unread_before || flow.unread) return Reason::clear_octets_before_tls;
  if (row.upgrade_in_place || application.accepted_upgrade() != nullptr) return std::nullopt;
  return Reason::clear_octets_before_tls;
}

/// judge_not_established: that a handshake was given up exempts nothing that was said beside it.
Reason judge_not_established(const PolicyRow& row, const FlowProfile& flow) {
  if (read_in_clear(flow)) return is_tunnel(*flow.application) ? Reason::clear_octets_before_tls : judge_clear_reading(flow);
  const Reason reason = judge_unfinished(flow);
  const std::optional<Reason> beside = judge_before_tls(row, flow);
  const bool outweighs = beside && (info(*beside).status == Status::fail || info(reason).status == Status::not_applicable);
  return outweighs ? *beside : reason;
}

/// listed says whether the row allows the suite. Those of TLS 1.3 stand for themselves (RFC 8446 appendix B.4): lists are older.
bool listed(const PolicyRow& row, const TlsProfile& tls) {
  return row.suites.empty() || tls.version == TlsVersion::tls1_3 || std::ranges::find(row.suites, tls.cipher_suite) != row.suites.end();
}

FlowVerdict judge_tls(const PolicyRow& row, const FlowProfile& flow, bool fips) {
  FlowVerdict verdict;
  const TlsProfile& tls = *flow.tls;
  const bool login_alone = flow.application && flow.application->tls_for_login_alone();
  const bool readable_login = tls.established && cipher_traits(tls.cipher_suite).protects_nothing();
  if (login_alone && read_in_clear(flow) && !readable_login) {
    verdict.reason = Reason::clear_traffic;
    return verdict;
  }
  if (!tls.established) {
    verdict.reason = judge_not_established(row, flow);
    return verdict;
  }
  if (const std::optional<Reason> open = judge_protection(flow)) {
    verdict.reason = *open;
    return verdict;
  }
  flag_negotiation(verdict, tls, fips);
  if (tls.left_tls) {
    verdict.reason = Reason::octets_after_tls;
  } else if (tls.handshake_damaged) {
    verdict.reason = damage_of(flow);
  } else if (login_alone) {
    verdict.reason = Reason::login_alone_in_tls;
  } else if (const std::optional<Reason> before = judge_before_tls(row, flow)) {
    verdict.reason = *before;
  } else {
    verdict.reason = row.requirement == Requirement::mtls ? judge_client_authentication(row, tls.client_auth) : Reason::tls_established;
    if (info(verdict.reason).status == Status::pass && !listed(row, tls)) verdict.reason = Reason::suite_not_listed;
    if (info(verdict.reason).status == Status::pass && flow.beginning_lost) verdict.reason = Reason::beginning_not_captured;
  }
  if (info(verdict.reason).status == Status::pass && flow.limited) verdict.reason = Reason::limit_reached;
  return verdict;
}

/// judge_unclassified says nothing of a requirement, but TLS that protects nobody is one wherever it runs.
FlowVerdict judge_unclassified(const PolicyRow& row, const LegClass& leg, const FlowProfile& flow, bool fips) {
  if (const std::optional<Reason> lie = media_lie(flow)) return {.reason = *lie};
  if (any_media_clear(flow) || (read_in_clear(flow) && !flow.tls)) return {.reason = Reason::clear_of_unknown_role};
  if (!flow.tls || !flow.tls->established) return {.reason = leg.why_unknown};
  FlowVerdict tls = judge_tls(row, flow, fips);
  if (info(tls.reason).status != Status::fail) tls.reason = leg.why_unknown;
  return tls;
}

/// judge_not_supported: nothing can satisfy a demand that no document makes, but what is in clear, or in TLS that protects nothing, fails.
FlowVerdict judge_not_supported(const PolicyRow& row, const FlowProfile& flow, bool fips) {
  if (!flow.tls || flow.tls->pseudo) {
    if (any_media_clear(flow)) return {.reason = Reason::media_clear};
    return {.reason = read_in_clear(flow) ? Reason::clear_traffic : Reason::leg_not_supported};
  }
  FlowVerdict tls = judge_tls(row, flow, fips);
  const Status status = info(tls.reason).status;
  if (status == Status::pass || status == Status::inconclusive) tls.reason = Reason::leg_not_supported;
  return tls;
}

/// judge_media_row judges media, and the handshake on its way that keyed it.
FlowVerdict judge_media_row(const PolicyRow& row, const FlowProfile& flow, bool fips) {
  FlowVerdict verdict{.reason = judge_media(row, flow)};
  const bool keyed = flow.tls && flow.tls->dtls && flow.tls->established && flow.application && !flow.application->media.empty();
  if (keyed) flag_negotiation(verdict, *flow.tls, fips);
  return verdict;
}

/// judge_clear_by_design: one message that may be in clear does not excuse what nobody read. On the ports of the protocols that are clear
/// by design, what is not recognised besides is taken for a message of theirs: there are more kinds of them than are known.
Reason judge_clear_by_design(const FlowProfile& flow) {
  constexpr auto kTheirPorts = std::to_array<std::uint16_t>({53, 67, 68, 88, 123, 137, 546, 547, 1900, 5353, 5355});
  const auto is_theirs = [&](const Party& party) { return std::ranges::find(kTheirPorts, party.endpoint.port) != kTheirPorts.end(); };
  if (is_theirs(flow.initiator) || is_theirs(flow.responder)) return Reason::clear_by_design;
  return flow.unrecognised || flow.unread ? Reason::requests_missed : Reason::clear_by_design;
}

FlowVerdict judge_requirement(const PolicyRow& row, const LegClass& leg, const FlowProfile& flow, bool fips) {
  switch (row.requirement) {
    case Requirement::clear: return {.reason = judge_clear_by_design(flow)};
    case Requirement::reported: return {.reason = Reason::reported_only};
    case Requirement::srtp: return judge_media_row(row, flow, fips);
    case Requirement::not_supported: return judge_not_supported(row, flow, fips);
    case Requirement::classify: return judge_unclassified(row, leg, flow, fips);
    case Requirement::mtls:
    case Requirement::tls:
    case Requirement::https: break;
  }
  if (!flow.tls) return {.reason = judge_without_tls(row, flow)};
  if (flow.tls->pseudo) return {.reason = Reason::pseudo_tls};
  return judge_tls(row, flow, fips);
}

}  // namespace

bool is_of_client_auth(Reason reason) {
  return reason == Reason::inferred_only ||
         std::ranges::find(kCauses, reason, &std::pair<NotObservableCause, Reason>::second) != kCauses.end();
}

FlowVerdict judge_flow(const PolicyRow& row, const LegClass& leg, const FlowProfile& flow, bool fips) {
  if (!row.disabled.empty()) return {.reason = Reason::row_disabled};
  if (nothing_sent(flow)) return {.reason = Reason::no_payload};
  FlowVerdict verdict = judge_requirement(row, leg, flow, fips);
  if (fips) flag_fips_not_shown(verdict, flow);
  flag_clear(verdict, leg.traffic_class, flow);
  for (const Reason flagged : media_flags(flow)) verdict.flag(flagged);
  return verdict;
}

}  // namespace sealtrace
