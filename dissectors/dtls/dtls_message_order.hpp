// DtlsMessageOrder: whether a sender's handshake messages were all seen, by their numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/evidence.hpp"
#include "proto/tls_handshake.hpp"

namespace sealtrace {

/// DtlsMessageOrder follows one handshake (RFC 6347 section 4.2.2). The last message of a flight leaves no hole: that it is missing shows
/// only by whose turn it was (HandshakeProof).
class DtlsMessageOrder {
 public:
  explicit DtlsMessageOrder(Side client) : client_{client} {}

  /// follows takes the next message that was seen; false when the number before it was not. A ClientHello begins anew.
  [[nodiscard]] bool follows(Side sender, HandshakeType type, std::uint16_t message_seq);
  /// next_seq is the number of the sender's next message.
  [[nodiscard]] std::optional<std::uint16_t> next_seq(Side sender) const { return next_[index(sender)]; }

 private:
  Side client_;
  std::array<std::optional<std::uint16_t>, 2> next_;
  std::uint16_t requests_ = 0;  ///< HelloRequest messages before the ClientHello
};

}  // namespace sealtrace
