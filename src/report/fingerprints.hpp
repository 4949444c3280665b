// JA3, JA3S, JA4, JA4S: names that other tools give to TLS implementations. They are hints of what software speaks, never evidence
// of protection. JA3: github.com/salesforce/ja3. JA4: github.com/FoxIO-LLC/ja4, technical_details/JA4.md and JA4S.md.
#pragma once

#include <string>

#include "model/fact.hpp"
#include "report/options.hpp"

namespace sealtrace {

/// ja3_text and ja3s_text are the texts that JA3 and JA3S hash. GREASE values (RFC 8701) are left out.
std::string ja3_text(const TlsClientHello& hello);
std::string ja3s_text(const TlsServerHello& hello);

/// ja3 and ja3s are 32 lower-case hex digits. Empty without an MD5, and for a hello in SSLv2's framing, which JA3 does not define.
std::string ja3(const TlsClientHello& hello, const Hashers& hashers);
std::string ja3s(const TlsServerHello& hello, const Hashers& hashers);

/// ja4 and ja4s are readable prefixes with truncated hashes. Empty without a SHA-256, ja4 also for SSLv2's framing.
std::string ja4(const TlsClientHello& hello, const Hashers& hashers);
std::string ja4s(const TlsServerHello& hello, TlsHelloForm form, const Hashers& hashers);

}  // namespace sealtrace
