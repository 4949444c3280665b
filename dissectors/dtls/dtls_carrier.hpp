// DtlsCarrier: where DTLS lies in what a port pair carries: alone, behind CAPWAP's preamble, or inside TURN.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// TurnPeer is a transport address behind a TURN server: family, port, address.
using TurnPeer = std::array<std::uint8_t, 19>;

/// TurnFrame is a STUN message or ChannelData, as far as relayed data needs it (RFC 8656 sections 11, 12).
struct TurnFrame {
  enum class Kind : std::uint8_t { other, indication, channel_data, channel_bind };
  Kind kind = Kind::other;
  std::size_t frame_bytes = 0;  ///< on a stream, ChannelData's padding included
  std::uint16_t channel = 0;    ///< 0 when there is none
  std::optional<TurnPeer> peer;
  std::size_t data_offset = 0;
  Bytes data;  ///< relayed to or from the peer
};

/// parse_turn_frame reads one frame (need_more when it goes on). Fails as unsupported for what is neither.
Parsed<TurnFrame> parse_turn_frame(Bytes bytes);

/// DtlsPayload is DTLS in a datagram or frame.
struct DtlsPayload {
  std::size_t offset = 0;
  Bytes bytes;
};

/// DtlsCarrier finds the DTLS of one association. Behind a TURN server there may be several peers: the first one that speaks DTLS is
/// followed, by its address and by the channel bound to it, and the others are passed over.
class DtlsCarrier {
 public:
  /// unwrap_datagram gives what may be DTLS of the association followed, or nothing. The first one must look like it.
  std::optional<DtlsPayload> unwrap_datagram(Bytes datagram);
  /// unwrap_frame does so for one frame of TURN.
  std::optional<DtlsPayload> unwrap_frame(const TurnFrame& frame);

 private:
  enum class Form : std::uint8_t { unknown, bare, capwap, turn };
  std::optional<DtlsPayload> take(Form form, DtlsPayload payload);

  Form form_ = Form::unknown;
  std::optional<TurnPeer> peer_;
  std::uint16_t channel_ = 0;
};

}  // namespace sealtrace
