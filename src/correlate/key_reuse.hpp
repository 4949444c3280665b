// Key reuse: one SRTP master key for two streams whose keystreams then are the same.
#pragma once

#include <array>
#include <vector>

#include "correlate/call_joins.hpp"
#include "correlate/offer_answer.hpp"

namespace sealtrace {

/// find_reused_keys tells of each agreement, for offerer and answerer, that the key taken is also the other direction's, another line's
/// of the same description, or another call's (RFC 4568 section 6.1: fresh for each stream and direction). A back-to-back agent that hands
/// a description on reuses nothing, nor does one whose calls are `joined` and whose INVITEs follow one another (stream_of).
std::vector<std::array<bool, 2>> find_reused_keys(const std::vector<MediaAgreement>& agreements, const CallJoins& joined);

}  // namespace sealtrace
