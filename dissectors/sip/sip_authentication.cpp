#include "dissectors/sip/sip_authentication.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dissectors/sip/sip_fields.hpp"
#include "proto/gss_token.hpp"
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
  if (same_word(scheme, "negotiate")) return negotiated_scheme(token_of(parameters));
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
