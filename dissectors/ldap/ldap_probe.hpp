// What LDAP looks like on a stream and in a datagram.
#pragma once

#include "dissect/session.hpp"

namespace sealtrace {

/// kLdapDissector recognises a message by its head, and buffers of a SASL security layer where a stream was joined behind its bind.
extern const Dissector kLdapDissector;

}  // namespace sealtrace
