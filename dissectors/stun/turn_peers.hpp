// TurnPeers: which conversation inside a relayed flow a frame belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/ip_address.hpp"

namespace sealtrace {

/// TurnPeers gives every peer behind a relay a number, whether it is named by address, by the channel bound to it (RFC 8656 section 12), or
/// by a session of Multiplexed TURN. Channels bound before the capture began are known by their number only.
class TurnPeers {
 public:
  /// kMaxPeers bounds what one client talks to: each is followed by up to three sessions (STUN, DTLS, media), and a flow has 32.
  static constexpr std::size_t kMaxPeers = 16;

  // Each gives the peer's number, from 1 on; nullopt when there are too many.
  std::optional<std::uint32_t> by_endpoint(const Endpoint& endpoint);
  std::optional<std::uint32_t> by_channel(std::uint16_t channel_number);
  std::optional<std::uint32_t> by_session(std::uint64_t session_id);
  /// bind says that a channel leads to a peer. A channel that is known already keeps its number.
  void bind(std::uint16_t channel_number, const Endpoint& endpoint);
  [[nodiscard]] bool knows_channel(std::uint16_t channel_number) const;

 private:
  struct Peer {
    std::optional<Endpoint> endpoint;
    std::optional<std::uint16_t> channel_number;
    std::optional<std::uint64_t> session_id;
  };
  template <typename Known>
  std::optional<std::uint32_t> find_or_add(const Peer& peer, Known known);

  std::vector<Peer> peers_;
};

}  // namespace sealtrace
