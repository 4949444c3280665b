// Calls that a back-to-back agent continues under another Call-ID: joined where their messages prove it.
#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "correlate/offer_answer.hpp"
#include "model/calls.hpp"

namespace sealtrace {

/// CallJoins are the calls that continue earlier ones, by number.
using CallJoins = std::map<std::uint32_t, CallJoin>;

/// join_calls finds the calls that continue earlier ones, by what their first INVITEs have in common: the caller's Session-ID (RFC 7989),
/// the icid-value of P-Charging-Vector (RFC 7315), or o= line and media addresses that were passed on as they came. Names and times alone
/// join nothing. Two calls of one sender are not joined: a conference's focus gives all of its calls one Session-ID (RFC 7989 section 7).
CallJoins join_calls(std::span<const MediaAgreement> agreements);

/// stream_of gives CallJoin::stream_of; the call's own number where it continues none. What two callers have in common by their own choice
/// (they may share a Session-ID) does not make their streams one.
std::uint32_t stream_of(const CallJoins& joins, std::uint32_t call);

/// first_call gives the number of the call that a chain began with: the call's own where it continues none.
std::uint32_t first_call(const CallJoins& joins, std::uint32_t call);

}  // namespace sealtrace
