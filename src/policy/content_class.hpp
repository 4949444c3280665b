// content_class: what the protocols of a flow say about its class, whatever its ends are.
#pragma once

#include <optional>
#include <string_view>

#include "model/flow_profile.hpp"
#include "model/roles.hpp"

namespace sealtrace {

/// content_class gives the class of flows whose content alone decides: names and addresses, revocation lists, redirects (clear by
/// design); directory, files, databases (infrastructure); shells and VPNs (other protection). nullopt where the ends decide.
std::optional<TrafficClass> content_class(const FlowProfile& flow);

/// is_of_other_legs tells protocols that no document leaves in clear on purpose (SIP, XMPP, mail) from those of services that it does, and
/// from HTTP, of which it depends.
bool is_of_other_legs(std::string_view protocol);

/// clear_by_design_so_far says that what was read is HTTP that may be in clear. Only where the flow was seen whole does that decide.
bool clear_by_design_so_far(const FlowProfile& flow);

/// says_something tells a message of use from what a protocol sends to set up its protection (SMB's negotiation, an LDAP bind).
bool says_something(const ClearReading& reading);
/// read_in_clear says that a message of use was read in clear.
bool read_in_clear(const FlowProfile& flow);

/// proves_encryption tells a protection that encrypts from one that may only sign, or is too old to count.
bool proves_encryption(const SeenProtection& protection);

/// only_agrees_keys says that nothing but the exchange that sets up another protection was seen (IKE, WireGuard's handshake).
bool only_agrees_keys(const FlowProfile& flow);

/// seen_whole says that nothing of the flow is known to be missing: from its start, both sides, no gap, no cut. Only then does the
/// absence of a message mean anything.
bool seen_whole(const FlowProfile& flow);

}  // namespace sealtrace
