// Which credential a BindRequest carries (RFC 4511 section 4.2, RFC 4178, [MS-NLMP], [MS-ADTS] section 5.1.1.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dissectors/ldap/ldap_parse.hpp"
#include "model/application_facts.hpp"

namespace sealtrace {

/// kKerberosMechanism is 1.2.840.113554.1.2.2 with its tag and length (RFC 1964 section 1).
inline constexpr std::array<std::uint8_t, 11> kKerberosMechanism{0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02};

/// ldap_credential names the scheme of the credential in `request`; nothing for an anonymous or unauthenticated bind, and for the first
/// messages of an exchange that hold none yet.
std::optional<AuthenticationScheme> ldap_credential(const LdapBindRequest& request);

/// ldap_may_seal tells whether the bind may install a security layer (RFC 4422 section 3.7).
bool ldap_may_seal(const LdapBindRequest& request);

}  // namespace sealtrace
