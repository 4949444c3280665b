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
/// the token decide (see negotiated_scheme).
AuthenticationScheme http_credential_scheme(std::string_view value);

/// http_challenge_schemes names the schemes of a WWW-Authenticate or Proxy-Authenticate value, which may list several.
SchemeSet http_challenge_schemes(std::string_view value);

/// negotiated_scheme looks at the first octets of a token68 (base64): NTLMSSP ([MS-NLMP] section 2.2.1), a Kerberos initial token (RFC 4121
/// section 4.1), or SPNEGO and the mechanism it prefers or goes on with (RFC 4178 section 4.2). `negotiate` when it shows none of them.
AuthenticationScheme negotiated_scheme(std::string_view token68);

}  // namespace sealtrace
