// Media links: which m= line of which call became which stream, what it promised, and which keys it gave.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "model/flow_profile.hpp"
#include "model/media_keys.hpp"

namespace sealtrace {

/// MediaLinks holds the candidate keys of the flows' streams. It is the only place where they are after link_media.
class MediaLinks {
 public:
  /// keys_of gives the candidates for what `sender` sends on a flow, each key once; empty when signalling gave none.
  [[nodiscard]] const std::vector<MediaKey>& keys_of(FlowId flow, Side sender) const;
  void add(FlowId flow, Side sender, MediaKey key);

 private:
  std::map<std::pair<FlowId, Side>, std::vector<MediaKey>> keys_;
};

/// link_media takes the session descriptions out of `flows` (numbered), pairs offers with answers (RFC 3264), and gives every media
/// source that an address, a candidate or an address that STUN told leads to its DeclaredMedia. Works by keys: Call-ID, tags, addresses
/// and times.
MediaLinks link_media(std::vector<FlowProfile>& flows);

}  // namespace sealtrace
