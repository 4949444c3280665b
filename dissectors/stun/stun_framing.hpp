// How messages of STUN and TURN, and what travels beside them, lie in a TCP stream and in datagrams.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dissect/session.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

/// StunFraming is one of three ways to cut a stream: messages and ChannelData back to back (RFC 8489 section 6.2.2, RFC 8656 section
/// 12.5), frames of RFC 4571, frames of [MS-TURN] section 2.1.4.
enum class StunFraming : std::uint8_t { none, turn, rfc4571, ms_turn };

/// StreamFrame is one frame of a stream as its header has it. `frame_bytes` counts header, payload and padding.
struct StreamFrame {
  enum class Kind : std::uint8_t {
    message,       ///< a STUN message, header and all, or an [MS-TURN] control message
    channel_data,  ///< ChannelData, header and all
    datagram,      ///< what would be a datagram on UDP (RFC 4571)
    end_to_end,    ///< [MS-TURN] data of the active destination
  };
  Kind kind{};
  std::size_t payload_offset = 0;
  std::size_t payload_bytes = 0;
  std::size_t frame_bytes = 0;
};

/// parse_stream_frame reads the header of the frame at the start of `bytes` (need_more below two or four octets; of a STUN message eight).
/// Fails as malformed for what the framing does not have. `framing` is not none.
Parsed<StreamFrame> parse_stream_frame(StunFraming framing, Bytes bytes);

/// Detected is what the octets at a frame's start say of the framing.
struct Detected {
  Recognition recognition{};
  StunFraming framing{};
};

/// detect_framing takes octets where a frame may begin. It says yes to a STUN message with its cookie in its framing, and to two frames in
/// a row of one RTP source; need_more while the first frame can still become that.
Detected detect_framing(Bytes bytes);

/// looks_like_inner says whether a payload is plausible inside TURN: STUN with its cookie, a DTLS record, or RTP's first octets. It is a
/// second sign beside a frame whose length fits, never the only one.
bool looks_like_inner(Bytes payload);

/// fits_channel_data says whether a datagram is one frame of ChannelData: its length, with at most three octets of padding behind
/// (RFC 8656 section 12.5). `cut` datagrams may be shorter than that.
bool fits_channel_data(Bytes datagram, bool cut);

/// probe_stun_datagram recognises a UDP payload: a STUN message that fills it, or ChannelData or Multiplexed TURN with something plausible
/// inside.
Recognition probe_stun_datagram(Bytes datagram);

}  // namespace sealtrace
