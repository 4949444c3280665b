// Media links: which m= line of which call became which stream, what it promised, and which keys it gave.
#pragma once

#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/calls.hpp"
#include "model/flow_profile.hpp"
#include "model/media_keys.hpp"

namespace sealtrace {

class CertificateStore;

/// MediaLinks is what signalling tells of an audit's media. `keys` is the only place where keys are after link_media.
struct MediaLinks {
  std::vector<Call> calls;
  boost::unordered_flat_map<std::pair<FlowId, Side>, std::vector<MediaKey>> keys;  ///< numbers are ours, not the network's

  /// keys_of gives the candidates for what `sender` sends on a flow, each key once; empty when signalling gave none.
  [[nodiscard]] const std::vector<MediaKey>& keys_of(FlowId flow, Side sender) const;
};

/// link_media takes the session descriptions out of `flows` (numbered), pairs offers with answers, and gives every media source that an
/// address, a candidate or an address that STUN told leads to its DeclaredMedia. Works by keys: Call-ID, tags, addresses and times. With
/// `certificates`, whose ids the flows' chains have, the ones of DTLS-SRTP are compared with the signalled fingerprints.
MediaLinks link_media(std::vector<FlowProfile>& flows, const CertificateStore* certificates);

/// protects_signalling says that nobody on the path reads what a flow carries after TLS: its handshake completed with a suite that
/// encrypts and authenticates the server.
bool protects_signalling(const FlowProfile& flow);

}  // namespace sealtrace
