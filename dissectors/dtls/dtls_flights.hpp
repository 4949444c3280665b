// DtlsFlights: whether the messages of a handshake were all seen, by their numbers and by whose turn it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/evidence.hpp"
#include "proto/tls_handshake.hpp"

namespace sealtrace {

/// DtlsFlights follows one handshake (RFC 6347 section 4.2.4). Within a side message_seq shows what is missing but for the last message of
/// a flight; that one shows when the other side answers it.
class DtlsFlights {
 public:
  explicit DtlsFlights(Side client) : client_{client} {}

  /// follows takes the next message that was seen; false when one before it, of either side, was not. A ClientHello begins anew.
  [[nodiscard]] bool follows(Side sender, HandshakeType type, std::uint16_t message_seq);
  /// next_seq is the number of the sender's next message.
  [[nodiscard]] std::optional<std::uint16_t> next_seq(Side sender) const { return next_[index(sender)]; }
  /// complete says that both sides' Finished came, each in its place.
  [[nodiscard]] bool complete() const { return client_finished_ && server_finished_; }

 private:
  void begin();
  [[nodiscard]] bool client_follows(HandshakeType type);
  [[nodiscard]] bool server_follows(HandshakeType type);

  Side client_;
  std::array<std::optional<std::uint16_t>, 2> next_;
  std::uint16_t requests_ = 0;  ///< HelloRequest messages before the ClientHello
  bool server_hello_done_ = false;
  bool client_finished_ = false;
  bool server_finished_ = false;
};

}  // namespace sealtrace
