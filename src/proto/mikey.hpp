// MIKEY as far as anybody on the way can read it: how the key is agreed, whether it is there in clear, and what the policy for SRTP asks
// for (RFC 3830, 4567).
#pragma once

#include <optional>
#include <string_view>

#include "model/media_description.hpp"
#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// parse_mikey reads one message (RFC 3830 section 5.1). It reads payloads up to one that it does not know, whose length nobody can tell;
/// what the earlier ones say holds. A message without a common header of version 1 is unsupported. Borrows nothing, keeps no key.
Parsed<SdpMikey> parse_mikey(Bytes message);

/// parse_sdp_mikey reads the value of a=key-mgmt behind its colon (RFC 4567 section 3.1); nullopt when it names another protocol. Of a
/// message that cannot be read the method is unknown.
std::optional<SdpMikey> parse_sdp_mikey(std::string_view value);

}  // namespace sealtrace
