#include "dissectors/sip/sip_authentication.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dissectors/sip/sip_fields.hpp"
#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

/// split gives the scheme and what follows it.
std::pair<std::string_view, std::string_view> split(std::string_view value) {
  value = trimmed(value);
  const std::size_t end = std::min(value.find_first_of(" \t\r\n"), value.size());
  return {value.substr(0, end), trimmed(value.substr(end))};
}

/// auth_param gives the value of an auth-param (RFC 3261 section 25.1), its quotes taken off; empty when it is not there.
std::string_view auth_param(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    std::string_view content = next_sip_element(parameters);
    if (!same_word(next_word(content, '='), name)) continue;
    content = trimmed(content);
    if (content.starts_with('"')) content.remove_prefix(1);
    if (content.ends_with('"')) content.remove_suffix(1);
    return content;
  }
  return {};
}

/// token_of gives the token of a GSS-API scheme: the gssapi-data of [MS-SIPAE], or what stands behind the scheme (RFC 4559).
std::string_view token_of(std::string_view parameters) {
  const std::string_view data = auth_param(parameters, "gssapi-data");
  if (!data.empty()) return data;
  // token68 (RFC 7235 section 2.1) has '=' at its end only; an auth-param has one inside.
  const std::string_view body = parameters.substr(0, parameters.find_last_not_of('=') + 1);
  return body.find_first_of("=\", ") == std::string_view::npos ? body : std::string_view{};
}

/// kMaxTokenBytes of a token are looked at: its mechanism list stands at the front.
constexpr std::size_t kMaxTokenBytes = 128;

/// decode_base64 decodes the front of a token (RFC 4648 section 4).
std::size_t decode_base64(std::string_view text, std::array<char, kMaxTokenBytes>& octets) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  std::size_t length = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos || length == octets.size()) break;
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFFU;
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    octets[length++] = static_cast<char>(bits >> num_bits & 0xFFU);
  }
  return length;
}

/// mechanism_of names the mechanism of a Negotiate token: NTLM sent bare, or the first one of SPNEGO's list (RFC 4178 section 4.2).
AuthenticationScheme mechanism_of(std::string_view token) {
  constexpr std::string_view kNtlmSignature = "NTLMSSP";
  constexpr std::string_view kKerberos{"\x2A\x86\x48\x86\xF7\x12\x01\x02\x02", 9};    // RFC 4121
  constexpr std::string_view kMsKerberos{"\x2A\x86\x48\x82\xF7\x12\x01\x02\x02", 9};  // [MS-SPNG] section 3.2.5.2
  constexpr std::string_view kNtlm{"\x2B\x06\x01\x04\x01\x82\x37\x02\x02\x0A", 10};   // [MS-SPNG] section 1.9
  std::array<char, kMaxTokenBytes> octets{};
  const std::string_view decoded{octets.data(), decode_base64(token, octets)};
  if (decoded.starts_with(kNtlmSignature)) return AuthenticationScheme::ntlm;
  const std::size_t ntlm = decoded.find(kNtlm);
  const std::size_t kerberos = std::min(decoded.find(kKerberos), decoded.find(kMsKerberos));
  if (ntlm == kerberos) return AuthenticationScheme::negotiate;  // neither
  return ntlm < kerberos ? AuthenticationScheme::ntlm : AuthenticationScheme::kerberos;
}

}  // namespace

AuthenticationScheme sip_authentication_scheme(std::string_view value) {
  constexpr std::array<std::pair<std::string_view, AuthenticationScheme>, 6> kSchemes{{
      {"digest", AuthenticationScheme::digest},
      {"ntlm", AuthenticationScheme::ntlm},
      {"kerberos", AuthenticationScheme::kerberos},
      {"tls-dsk", AuthenticationScheme::tls_dsk},
      {"basic", AuthenticationScheme::basic},
      {"bearer", AuthenticationScheme::bearer},
  }};
  const auto [scheme, parameters] = split(value);
  if (same_word(scheme, "negotiate")) return mechanism_of(token_of(parameters));
  const auto* found = std::ranges::find_if(kSchemes, [&scheme](const auto& known) { return same_word(scheme, known.first); });
  return found == kSchemes.end() ? AuthenticationScheme::other : found->second;
}

bool carries_sip_credential(std::string_view value) {
  const auto [scheme, parameters] = split(value);
  if (!auth_param(parameters, "response").empty()) return true;
  if (same_word(scheme, "digest")) return false;
  return !token_of(parameters).empty() || !auth_param(parameters, "credentials").empty();
}

}  // namespace sealtrace
