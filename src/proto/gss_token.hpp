// Tokens of GSS-API mechanisms as HTTP, SIP, SMB, TDS, DCE/RPC and others carry them: which mechanism, and whether a token carries a
// credential.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/application_facts.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

/// kMaxGssTokenBytes bounds what is searched of one token: tickets with the groups of a user of many are 12 to 48 KiB, and what tells the
/// mechanism stands at the front of them.
inline constexpr std::size_t kMaxGssTokenBytes = 16'384;

/// gss_credential tells what a token proves its sender with: `ntlm` for an AUTHENTICATE_MESSAGE with a response ([MS-NLMP] section
/// 2.2.1.3), `kerberos` for an AP-REQ (RFC 4121 section 4.1), either bare or inside SPNEGO (RFC 4178 section 4.2). Absent for tokens that
/// only negotiate, for anonymous ones, and for what is not known. Borrows nothing.
std::optional<AuthenticationScheme> gss_credential(Bytes token);

/// negotiated_scheme looks at the first octets of a token68 (base64): NTLMSSP ([MS-NLMP] section 2.2.1), a Kerberos initial token (RFC 4121
/// section 4.1), or SPNEGO and the mechanism it prefers or goes on with (RFC 4178 section 4.2). `negotiate` when it shows none of them.
AuthenticationScheme negotiated_scheme(std::string_view token68);

/// gss_mechanisms lists what a token offers or is of: NTLM, Kerberos, each once; `negotiate` alone for SPNEGO that shows neither.
std::vector<AuthenticationScheme> gss_mechanisms(Bytes token);

}  // namespace sealtrace
