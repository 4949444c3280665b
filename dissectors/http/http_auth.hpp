// Authentication in HTTP (RFC 9110 section 11, RFC 4559): which scheme, never the credential.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/application_facts.hpp"

namespace sealtrace {

/// SchemeSet is a set of AuthenticationScheme, a bit each.
using SchemeSet = std::uint32_t;
constexpr SchemeSet scheme_bit(AuthenticationScheme scheme) { return SchemeSet{1} << static_cast<unsigned>(scheme); }

/// http_credential_scheme names the scheme of an Authorization or Proxy-Authorization value. With Negotiate and NTLM the first octets of
/// the token decide (negotiated_scheme of proto/gss_token.hpp).
AuthenticationScheme http_credential_scheme(std::string_view value);

/// http_challenge_schemes names the schemes of a WWW-Authenticate or Proxy-Authenticate value, which may list several.
SchemeSet http_challenge_schemes(std::string_view value);

}  // namespace sealtrace
