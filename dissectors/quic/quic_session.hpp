// QuicSession: the hellos of a QUIC connection, which travel in packets that everybody can open, and how far it went on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "crypto/quic_initial.hpp"
#include "dissect/session.hpp"
#include "dissectors/quic/quic_crypto_stream.hpp"
#include "dissectors/quic/quic_parse.hpp"

namespace sealtrace {

/// kQuicDissector recognises long headers of version 1, 2 and their late drafts, on any port.
extern const Dissector kQuicDissector;

/// QuicSession opens Initial packets of both sides and reads the hellos of TLS 1.3 in them. What follows is encrypted: of packets with a
/// short header only that they came is known.
class QuicSession final : public Session {
 public:
  explicit QuicSession(const Services& services) : services_{services} {}
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;

 private:
  struct Half {
    QuicCryptoStream crypto;
    std::uint64_t largest_packet_number = 0;
    bool unreadable = false;  ///< something of its handshake was reported as such; no more is read of it
    bool cut_told = false;
    bool close_told = false;
  };

  /// Packet is a packet in its datagram.
  struct Packet {
    const Chunk& chunk;
    std::size_t offset = 0;
    QuicLongHeader header;

    [[nodiscard]] Bytes bytes() const { return chunk.bytes.subspan(offset, header.packet_bytes); }
    [[nodiscard]] Fact fact(FactBody body) const { return chunk.fact(std::move(body), offset, header.packet_bytes); }
  };

  [[nodiscard]] bool may_be_short_header(Bytes datagram) const;
  void on_packet(const Packet& packet, FactSink& facts);
  void on_initial(const Packet& packet, FactSink& facts);
  std::optional<OpenedQuicPacket> open(const Packet& packet);
  void begin(const Packet& packet, const QuicInitialKeys& keys, FactSink& facts);
  void on_frames(const Packet& packet, Bytes payload, FactSink& facts);
  void read_messages(const Packet& packet, FactSink& facts);
  void on_client_hello(const Packet& packet, Bytes body, FactSink& facts);
  void on_server_hello(const Packet& packet, Bytes body, FactSink& facts);
  void on_short_header(const Chunk& chunk, FactSink& facts);
  void on_protected(const Chunk& chunk, FactSink& facts);
  void tell(const Packet& packet, bool retry, bool version_negotiation, FactSink& facts);
  [[nodiscard]] Side role(Side sender) const { return sender == client_ ? Side::initiator : Side::responder; }

  Services services_;
  std::optional<QuicInitialKeys> keys_;
  Side client_ = Side::initiator;
  std::array<Half, 2> halves_;
  OpaqueHash client_random_{};  ///< of the hello that was reported: it comes again after a Retry
  bool server_hello_ = false;
  bool retry_told_ = false;
  bool version_negotiation_told_ = false;
  bool joined_told_ = false;
  std::uint8_t turns_ = 0;  ///< of the two sides with packets that only a finished handshake gives the keys for
};

}  // namespace sealtrace
