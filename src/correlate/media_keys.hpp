// Keys and media: which key made the tags of which stream, and which handshake stands in front of it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/flow_profile.hpp"
#include "model/media_keys.hpp"
#include "model/srtp.hpp"

namespace sealtrace {

/// MediaKeyCandidate is a key to be tried on a source. It borrows the key. `readable`: anybody on the way of the signalling could read it.
struct MediaKeyCandidate {
  const SrtpMasterKey* key = nullptr;
  MediaKeySource source{};
  bool readable = false;
  bool joined_late = false;  ///< the stream may have begun long before its first packet that was seen: any roll-over counter is possible
};

/// MediaKeyLookup gives the keys that may be of a source. It is asked once for each without a verified key, in the order of the flows.
using MediaKeyLookup = std::function<std::vector<MediaKeyCandidate>(const FlowProfile& flow, const MediaSource& source)>;

/// kMaxRollOvers bounds the roll-over counters that are tried for a stream of which the beginning was not seen: 2^12 times 2^16 packets are
/// two months of audio.
inline constexpr std::uint32_t kMaxRollOvers = 1U << 12;
/// MediaKeyBudget bounds the tags computed in an audit, a microsecond each: under the counters that are likely first, then in search of
/// others. A tag of 80 bits and more proves by one packet, one of 32 bits by two; so all tags of an audit together verify a key that is not
/// the stream's with a chance of at most 2^-33 (2^24 trials, each with 2^-32 for the first packet and 2^-25 for any second one).
struct MediaKeyBudget {
  std::uint64_t likely_tags = std::uint64_t{1} << 23;
  std::uint64_t searched_tags = std::uint64_t{1} << 22;
};

/// verify_media tries the keys of `lookup` on the packets that were kept of each source, and notes what came of it. Packets are forgotten
/// once a key was verified; until then they wait for the next time, since signalling may still bring one. Gives the number of sources for
/// which the budget did not last.
std::uint64_t verify_media(std::span<FlowProfile> flows, const MediaKeyLookup& lookup, MediaKeyBudget budget = {});

/// given_media_keys finds the keys that the user gave for a source. `captures` are the paths of the audit's captures: a key is for those
/// that end in the path it names, part for part. The result borrows from `given`.
std::vector<MediaKeyCandidate> given_media_keys(std::span<const GivenSrtpKey> given, std::span<const std::string> captures,
                                                const FlowProfile& flow, const MediaSource& source);

/// add_signalled_media_keys adds the keys that signalling gave for `source`. A source that began after any of them was offered had its
/// counter at zero (RFC 3711 section 3.3.1).
void add_signalled_media_keys(std::vector<MediaKeyCandidate>& keys, std::span<const MediaKey> signalled, const MediaSource& source);

/// add_exported_media_keys adds the keys that DTLS handshakes on the source's way, whose secrets are known, gave for its sender. Those of a
/// handshake whose suite protects nothing are readable. The result borrows from `flow`.
void add_exported_media_keys(std::vector<MediaKeyCandidate>& keys, const FlowProfile& flow, const MediaSource& source);

/// link_media_handshakes notes on each source the DTLS handshake of its five-tuple, or of its conversation behind a relay, that was
/// completed with a profile for media before the source began (RFC 5764 section 5). One whose suite protects nothing does not count.
void link_media_handshakes(std::span<FlowProfile> flows);

}  // namespace sealtrace
