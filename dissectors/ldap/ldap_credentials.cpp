#include "dissectors/ldap/ldap_credentials.hpp"

#include <algorithm>
#include <span>

#include "proto/sasl_mechanism.hpp"

namespace sealtrace {
namespace {

using enum AuthenticationScheme;

/// behind gives what follows the first `mark` in `octets`, and nothing without one.
std::optional<Bytes> behind(Bytes octets, std::span<const std::uint8_t> mark) {
  const auto found = std::ranges::search(octets, mark);
  if (found.empty()) return std::nullopt;
  return octets.subspan(static_cast<std::size_t>(found.end() - octets.begin()));
}

/// NtlmMessage is MessageType of [MS-NLMP] section 2.2.1; `none` where no NTLM is.
enum class NtlmMessage : std::uint32_t { none = 0, negotiate_message = 1, challenge_message = 2, authenticate_message = 3 };

NtlmMessage ntlm_message(Bytes token) {
  constexpr std::array<std::uint8_t, 8> kSignature{'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};
  const auto message = behind(token, kSignature);
  if (!message) return NtlmMessage::none;
  ParseScope scope;
  ByteReader reader{*message, scope};
  return NtlmMessage{reader.u32_le("MessageType")};
}

/// holds_ticket tells whether a Kerberos AP-REQ is in the token, alone or in SPNEGO: its mechanism, and 01 00 behind it (RFC 4121
/// section 4.1).
bool holds_ticket(Bytes token) {
  constexpr std::array<std::uint8_t, 2> kApReq{0x01, 0x00};
  for (auto rest = behind(token, kKerberosMechanism); rest; rest = behind(*rest, kKerberosMechanism)) {
    if (rest->size() >= kApReq.size() && std::ranges::equal(rest->first(kApReq.size()), kApReq)) return true;
  }
  return false;
}

std::optional<AuthenticationScheme> gss_credential(Bytes token, AuthenticationScheme mechanism) {
  const NtlmMessage message = ntlm_message(token);
  if (message == NtlmMessage::authenticate_message) return ntlm;
  if (message != NtlmMessage::none || token.empty()) return std::nullopt;
  if (mechanism == negotiate && holds_ticket(token)) return kerberos;
  return mechanism;
}

}  // namespace

std::optional<AuthenticationScheme> ldap_credential(const LdapBindRequest& request) {
  switch (request.authentication) {
    case LdapAuthentication::simple:  // without a password: anonymous or unauthenticated (RFC 4513 section 5.1)
      if (request.credentials.empty()) return std::nullopt;
      return ldap_simple;
    case LdapAuthentication::sicily:
      if (ntlm_message(request.credentials) != NtlmMessage::authenticate_message) return std::nullopt;
      return ntlm;
    case LdapAuthentication::other: return other;
    case LdapAuthentication::sasl: break;
  }
  const AuthenticationScheme scheme = sasl_scheme(request.mechanism);
  if (scheme == negotiate || scheme == sasl_gssapi || scheme == ntlm) return gss_credential(request.credentials, scheme);
  const bool without_value = scheme == sasl_external || scheme == sasl_anonymous;
  if (request.credentials.empty() && !without_value) return std::nullopt;
  return scheme;
}

bool ldap_may_seal(const LdapBindRequest& request) {
  if (request.authentication == LdapAuthentication::sicily) return true;
  if (request.authentication != LdapAuthentication::sasl) return false;
  const AuthenticationScheme scheme = sasl_scheme(request.mechanism);
  return scheme == negotiate || scheme == sasl_gssapi || scheme == ntlm || scheme == sasl_digest_md5 || scheme == other;
}

}  // namespace sealtrace
