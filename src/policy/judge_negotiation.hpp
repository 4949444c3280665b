// What a handshake negotiated besides what its row demands: facts that a policy may make findings of.
#pragma once

#include "model/flow_profile.hpp"
#include "policy/judge_flow.hpp"

namespace sealtrace {

/// flag_negotiation flags what a completed handshake chose: versions and suites, how keys were agreed and signed, extensions that were
/// left out. `fips` says that the topology states FIPS mode. The policy decides what of it is a finding.
void flag_negotiation(FlowVerdict& verdict, const TlsProfile& tls, bool fips);

}  // namespace sealtrace
