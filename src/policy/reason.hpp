// Reason: every answer that a requirement can get, as a stable code with its words and, where the answer is open, its cure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/audit.hpp"

namespace sealtrace {

/// Reason is why a requirement has the status it has. Its code is the enumerator's name; a code never changes meaning.
enum class Reason : std::uint8_t {
  // met
  mutual_tls,
  mutual_tls_resumed,
  mutual_tls_inferred,
  tls_established,
  protected_by_other,
  media_srtp,
  media_inferred,
  media_declared_srtp,
  // not met
  tls_without_client_certificate,
  suite_null,
  suite_anonymous,
  suite_export,
  suite_rc2,
  suite_des,
  signature_invalid,
  version_ssl2,
  pseudo_tls,
  clear_traffic,
  media_clear,
  media_signalled_srtp_clear,
  media_fell_back,
  srtp_key_readable,
  srtp_unencrypted,
  dtls_fingerprint_mismatch,
  autodiscover_in_clear,
  suite_not_listed,
  // not met where the policy says so
  version_ssl3,
  version_tls1_0,
  version_tls1_1,
  suite_rc4,
  suite_triple_des,
  suite_not_fips,
  group_not_fips,
  signature_not_fips,
  srtp_not_fips,
  version_downgraded,
  version_fallback,
  no_forward_secrecy,
  dh_group_small,
  curve_small,
  signature_sha1,
  compression,
  no_extended_master_secret,
  no_secure_renegotiation,
  no_post_quantum,
  password_in_clear,
  token_in_clear,
  challenge_response_in_clear,
  sasl_without_tls,
  sips_promise_broken,
  upgrade_stripped,
  rtcp_in_clear,
  srtp_unauthenticated,
  srtcp_unencrypted,
  srtp_short_tag,
  srtp_suite_not_listed,
  srtp_key_reused,
  digits_in_clear,
  // open
  client_certificate_encrypted,
  full_handshake_not_seen,
  renegotiated,
  joined_mid_stream,
  beginning_not_captured,
  login_alone_in_tls,
  client_not_seen,
  server_not_seen,
  handshake_gap,
  frames_truncated,
  handshake_unreadable,
  capture_ended,
  conflicting_octets,
  flow_evicted,
  limit_reached,
  client_auth_unknown,
  inferred_only,
  suite_unknown,
  fips_not_evidenced,
  clear_octets_before_tls,
  octets_after_tls,
  data_without_handshake,
  protocol_not_recognised,
  media_not_judged,
  media_not_captured,
  media_encrypted_unidentified,
  other_protection,
  protection_not_proved,
  requests_missed,
  clear_of_unknown_role,
  role_unknown,
  source_hidden,
  leg_not_supported,
  // exempt
  no_payload,
  no_media,
  control_packets,
  keys_agreed,
  handshake_aborted,
  client_certificate_rejected,
  clear_by_design,
  reported_only,
  row_disabled,
};
inline constexpr std::size_t kNumReasons = static_cast<std::size_t>(Reason::row_disabled) + 1;

/// ReasonInfo describes a reason. `meaning` is a sentence; `cure` says how to decide an open one, empty for the others.
struct ReasonInfo {
  Reason reason{};
  std::string_view code;
  Status status{};         ///< unless the policy says otherwise; it may only soften a fail
  std::string_view title;  ///< of a finding
  std::string_view meaning;
  std::string_view cure;
};

std::span<const ReasonInfo> all_reasons();
const ReasonInfo& info(Reason reason);
std::optional<Reason> find_reason(std::string_view code);

}  // namespace sealtrace
