// judge_media: what a flow's media says about SRTP: its payload, its signalling, and whether the two agree.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/flow_profile.hpp"
#include "policy/policy.hpp"
#include "policy/reason.hpp"

namespace sealtrace {

/// any_media_clear says that the payload of a stream is proved to be in clear.
bool any_media_clear(const FlowProfile& flow);

/// judge_media judges the requirement srtp. One stream in clear is enough, whatever was agreed. SRTP is believed on an answer that agreed
/// it, with a payload not proved clear and a key that was not there to be read; that all streams look encrypted is no proof.
Reason judge_media(const PolicyRow& row, const FlowProfile& flow);

/// media_lie says that what was agreed is not so, or protects nobody, whatever the leg is: SRTP agreed with a payload in clear, a key that
/// could be read, no encryption, another's certificate. nullopt for anything else.
std::optional<Reason> media_lie(const FlowProfile& flow);

/// srtp_suite_of gives the suite of a stream that is SRTP: of the key that makes its tags, else of its DTLS handshake, else of the a=crypto
/// line that the answer took; nullopt where none was seen.
std::optional<SrtpSuite> srtp_suite_of(const MediaSource& source);

/// srtp_suite_outside says that a stream is SRTP of a suite that is not `listed`. One that is flagged for its short tag is not.
bool srtp_suite_outside(const FlowProfile& flow, std::span<const SrtpSuite> listed);

/// media_flags are what media shows besides: clear RTCP beside SRTP, session parameters that switch protection off, short tags, keys
/// used twice, digits.
std::vector<Reason> media_flags(const FlowProfile& flow);

}  // namespace sealtrace
