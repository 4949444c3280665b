// fold: from the facts of one flow to its profile.
#pragma once

#include <span>

#include "model/fact.hpp"
#include "model/flow_profile.hpp"

namespace sealtrace {

/// fold fills `profile` (counters, endpoints and how the flow ended are set already) from the flow's facts in the order they were
/// reported: protocols, budgets, and TLS. Where the TLS client is not the initiator the flow is turned round: parties, what was
/// seen of them, and the senders in `facts`. With `keep_hellos` the first ClientHello and the ServerHello are moved out of
/// `facts` into the profile, for fingerprints. Pure but for that.
void fold(FlowProfile& profile, std::span<Fact> facts, bool keep_hellos);

}  // namespace sealtrace
