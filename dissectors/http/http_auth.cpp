#include "dissectors/http/http_auth.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "dissectors/http/http_parse.hpp"
#include "model/ascii.hpp"
#include "proto/gss_token.hpp"

namespace sealtrace {
namespace {

using enum AuthenticationScheme;

struct Name {
  std::string_view text;
  AuthenticationScheme scheme{};
};

/// kSchemes (IANA "HTTP Authentication Schemes"; NTLM and TLS-DSK: [MS-NTHT], [MS-SIPAE]; Kerberos: [MS-SIPAE]).
constexpr std::array kSchemes{Name{"Basic", basic},         Name{"Digest", digest},     Name{"Bearer", bearer},  Name{"NTLM", ntlm},
                              Name{"Negotiate", negotiate}, Name{"Kerberos", kerberos}, Name{"TLS-DSK", tls_dsk}};

AuthenticationScheme scheme_named(std::string_view word) {
  const auto found = std::ranges::find_if(kSchemes, [&](const Name& name) { return same_word(name.text, word); });
  return found == kSchemes.end() ? other : found->scheme;
}

}  // namespace

AuthenticationScheme http_credential_scheme(std::string_view value) {
  value = trimmed(value);
  const std::string_view word = value.substr(0, value.find_first_of(" \t"));
  const AuthenticationScheme scheme = scheme_named(word);
  return scheme == negotiate ? negotiated_scheme(trimmed(value.substr(word.size()))) : scheme;
}

SchemeSet http_challenge_schemes(std::string_view value) {
  SchemeSet schemes = 0;
  while (!value.empty()) {
    // One element of the list: up to a comma that is not quoted (RFC 9110 section 5.6.1).
    std::size_t end = 0;
    bool quoted = false;
    for (; end < value.size() && (quoted || value[end] != ','); ++end) {
      if (quoted && value[end] == '\\') {
        ++end;
      } else if (value[end] == '"') {
        quoted = !quoted;
      }
    }
    const std::string_view element = trimmed(value.substr(0, std::min(end, value.size())));
    value.remove_prefix(std::min(end + 1, value.size()));
    // A parameter is token BWS "=" value; a scheme is a token alone, or before a space and something else.
    const std::string_view word = element.substr(0, element.find_first_of(" \t"));
    const std::string_view rest = trimmed(element.substr(word.size()));
    const bool parameter_with_spaces = rest.starts_with('=') && !rest.starts_with("==");
    if (!is_http_token(word) || parameter_with_spaces) continue;
    const AuthenticationScheme scheme = scheme_named(word);
    schemes |= scheme_bit(scheme == negotiate ? negotiated_scheme(rest) : scheme);
  }
  return schemes;
}

}  // namespace sealtrace
