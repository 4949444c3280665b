#include "dissectors/stun/turn_peers.hpp"

#include <algorithm>

namespace sealtrace {

template <typename Known>
std::optional<std::uint32_t> TurnPeers::find_or_add(const Peer& peer, Known known) {
  const auto found = std::ranges::find_if(peers_, known);
  const auto at = static_cast<std::uint32_t>(found - peers_.begin());
  if (found == peers_.end()) {
    if (peers_.size() == kMaxPeers) return std::nullopt;
    peers_.push_back(peer);
  }
  return at + 1;
}

std::optional<std::uint32_t> TurnPeers::by_endpoint(const Endpoint& endpoint) {
  return find_or_add({.endpoint = endpoint, .channel_number = {}, .session_id = {}},
                     [&](const Peer& peer) { return peer.endpoint == endpoint; });
}

std::optional<std::uint32_t> TurnPeers::by_channel(std::uint16_t channel_number) {
  return find_or_add({.endpoint = {}, .channel_number = channel_number, .session_id = {}},
                     [&](const Peer& peer) { return peer.channel_number == channel_number; });
}

std::optional<std::uint32_t> TurnPeers::by_session(std::uint64_t session_id) {
  return find_or_add({.endpoint = {}, .channel_number = {}, .session_id = session_id},
                     [&](const Peer& peer) { return peer.session_id == session_id; });
}

void TurnPeers::bind(std::uint16_t channel_number, const Endpoint& endpoint) {
  if (knows_channel(channel_number)) return;
  if (const auto number = by_endpoint(endpoint)) peers_[*number - 1].channel_number = channel_number;
}

bool TurnPeers::knows_channel(std::uint16_t channel_number) const {
  return std::ranges::any_of(peers_, [&](const Peer& peer) { return peer.channel_number == channel_number; });
}

}  // namespace sealtrace
