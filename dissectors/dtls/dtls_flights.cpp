#include "dissectors/dtls/dtls_flights.hpp"

namespace sealtrace {

bool DtlsFlights::follows(Side sender, HandshakeType type, std::uint16_t message_seq) {
  // The cookie exchange and a server's wish for a handshake are before it.
  if (type == HandshakeType::hello_request) requests_ = static_cast<std::uint16_t>(message_seq + 1);
  if (type == HandshakeType::hello_request || type == HandshakeType::hello_verify_request) return true;
  if (type == HandshakeType::client_hello) begin();
  std::optional<std::uint16_t>& next = next_[index(sender)];
  // Both hellos have the number that follows from how often the server wanted a cookie; its own wish counts, too.
  const std::optional<std::uint16_t> answered = next_[index(client_)];
  const bool answers = answered == message_seq + 1 || answered == message_seq + 1 - requests_;
  const bool numbered = type == HandshakeType::client_hello || (type == HandshakeType::server_hello ? answers : next == message_seq);
  next = static_cast<std::uint16_t>(message_seq + 1);
  return (sender == client_ ? client_follows(type) : server_follows(type)) && numbered;
}

void DtlsFlights::begin() {
  next_ = {};
  server_hello_done_ = client_finished_ = server_finished_ = false;
}

/// client_follows: the client answers a whole flight: up to ServerHelloDone, or to Finished of a session that is resumed.
bool DtlsFlights::client_follows(HandshakeType type) {
  if (type == HandshakeType::client_hello) return true;
  const bool finished = type == HandshakeType::finished;
  client_finished_ |= finished;
  return server_hello_done_ || (finished && server_finished_);
}

/// server_follows: behind ServerHelloDone the server waits for the client's Finished.
bool DtlsFlights::server_follows(HandshakeType type) {
  const bool answered = next_[index(client_)].has_value() && (!server_hello_done_ || client_finished_);
  server_hello_done_ |= type == HandshakeType::server_hello_done;
  server_finished_ |= type == HandshakeType::finished;
  return answered;
}

}  // namespace sealtrace
