// Lineage: a resumed TLS <= 1.2 session inherits what the full handshake of its session id or ticket showed.
#pragma once

#include <vector>

#include "model/flow_profile.hpp"

namespace sealtrace {

/// link_resumptions gives resumed sessions (TLS and DTLS up to 1.2, ids and tickets in the clear) the client authentication of
/// their full handshake, basis lineage, where a flow of the audit that began earlier showed it decided and complete, in the
/// same version and suite (RFC 5246 section 7.4.1.3, RFC 5077). Both ends must have the addresses they had then: a name that another pair
/// of hosts uses proves nothing. Tickets issued in a resumed session inherit too. An id or ticket that names sessions which differ links
/// nothing. `flows` are numbered, in the order of number_flows. Certificates are not copied.
void link_resumptions(std::vector<FlowProfile>& flows);

}  // namespace sealtrace
