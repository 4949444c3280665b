// SASL mechanisms by name (RFC 4422 section 3.1, IANA "SASL Mechanisms"), as every protocol that carries SASL writes them.
#pragma once

#include <string_view>

#include "model/application_facts.hpp"

namespace sealtrace {

/// sasl_scheme names the scheme of a mechanism, whatever the case; `other` for one that is not known. A name with -PLUS (channel binding,
/// RFC 5802 section 4) is of the same scheme.
AuthenticationScheme sasl_scheme(std::string_view mechanism);

/// sasl_server_begins tells whether the server sends the first challenge, so that what the client opens with holds no credential yet
/// (RFC 2195, RFC 2831, LOGIN).
bool sasl_server_begins(AuthenticationScheme scheme);

}  // namespace sealtrace
