// HandshakeMessages: handshake messages in the clear, whole, to facts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dissect/session.hpp"
#include "dissectors/tls/tls_negotiation.hpp"
#include "proto/tls_handshake.hpp"
#include "proto/tls_ssl2.hpp"

namespace sealtrace {

/// MessagePlace says where a message lies in the chunk that completed it: the part of it that the chunk holds.
struct MessagePlace {
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// HandshakeMessages reports one fact per message, and keeps the negotiation up to date.
class HandshakeMessages {
 public:
  HandshakeMessages(const Services& services, TlsNegotiation& negotiation) : services_{services}, negotiation_{negotiation} {}

  /// on_message takes a message's body. `record_version` is that of the record in which it began.
  void on_message(HandshakeType type, Bytes body, std::uint16_t record_version, const Chunk& chunk, MessagePlace place, FactSink& facts);
  /// on_ssl2_client_hello and on_ssl2_server_hello take the message after its type.
  void on_ssl2_client_hello(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_ssl2_server_hello(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts);
  /// is_pseudo is true once the hellos proved to be Microsoft's or Google's imitation ([MS-TURN], libjingle).
  [[nodiscard]] bool is_pseudo() const { return pseudo_; }
  /// client_imitates is true when the ClientHello has an imitation's fixed form; what follows it decides.
  [[nodiscard]] bool client_imitates() const { return imitation_ != Imitation::none; }

 private:
  enum class Imitation : std::uint8_t { none, microsoft, google };

  void on_client_hello(Bytes body, std::uint16_t record_version, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_server_hello(const Parsed<ServerHello>& hello, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_certificate(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_server_hello_done(const Chunk& chunk, MessagePlace place, FactSink& facts);
  void note_client_hello(Side sender);
  void note_server_hello(Side sender);
  void report_pseudo(const Chunk& chunk, MessagePlace place, FactSink& facts);

  const Services& services_;
  TlsNegotiation& negotiation_;
  Imitation imitation_ = Imitation::none;
  bool server_hello_was_last_ = false;  ///< the server's last message was a ServerHello of the imitation's form
  bool pseudo_ = false;
};

}  // namespace sealtrace
