// FIPS 140-2: which of what a flow negotiated it approves (SP 800-52 revision 2, SP 800-131A revision 2).
#pragma once

#include <vector>

#include "model/flow_profile.hpp"
#include "policy/reason.hpp"

namespace sealtrace {

/// tls_outside_fips gives a reason (suite_not_fips, group_not_fips, signature_not_fips) for each part of a completed handshake that is not
/// approved. What was not seen gives none.
std::vector<Reason> tls_outside_fips(const TlsProfile& tls);

/// MediaFips is the answer about the protected sources of a flow: `none` are protected, every suite is approved, one is not, or that of
/// one is not known. Approved are AES in counter mode with HMAC-SHA-1, and AES-GCM; the key derivation is for both (SP 800-135
/// section 5.3). A suite that signalling names and that is not known here is not.
enum class MediaFips : std::uint8_t { none, within, outside, not_known };
MediaFips media_fips(const FlowProfile& flow);

}  // namespace sealtrace
