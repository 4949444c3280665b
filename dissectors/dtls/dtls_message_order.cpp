#include "dissectors/dtls/dtls_message_order.hpp"

namespace sealtrace {

bool DtlsMessageOrder::follows(Side sender, HandshakeType type, std::uint16_t message_seq) {
  // The cookie exchange and a server's wish for a handshake are before it.
  if (type == HandshakeType::hello_request) requests_ = static_cast<std::uint16_t>(message_seq + 1);
  if (type == HandshakeType::hello_request || type == HandshakeType::hello_verify_request) return true;
  if (type == HandshakeType::client_hello) next_ = {};
  std::optional<std::uint16_t>& next = next_[index(sender)];
  // Both hellos have the number that follows from how often the server wanted a cookie; its own wish counts, too.
  const std::optional<std::uint16_t> answered = next_[index(client_)];
  const bool answers = answered == message_seq + 1 || answered == message_seq + 1 - requests_;
  const bool numbered = type == HandshakeType::client_hello || (type == HandshakeType::server_hello ? answers : next == message_seq);
  next = static_cast<std::uint16_t>(message_seq + 1);
  return numbered;
}

}  // namespace sealtrace
