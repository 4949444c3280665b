// Client authentication: did the client prove a certificate's key, and did the server go on (docs/evidence.md).
#pragma once

#include "correlate/handshake_trace.hpp"
#include "model/flow_profile.hpp"

namespace sealtrace {

/// assess_client_auth says what one handshake shows of client authentication, by the table in docs/evidence.md. Of `flow` it
/// reads which sides were seen, damage, and how the flow ended. `mutual` needs every message of the proof, both sides' Finished
/// and an undamaged handshake; what cannot be told is `not_observable` with its cause. A resumed session stays
/// `not_observable/resumed` here: link_resumptions looks for its full handshake. `none` when the handshake never got that far.
ClientAuth assess_client_auth(const HandshakeTrace& handshake, const FlowProfile& flow);

/// assess_client_auth for a whole flow: handshakes that disagree decide nothing.
ClientAuth assess_client_auth(const FlowHandshakes& handshakes, const FlowProfile& flow);

}  // namespace sealtrace
