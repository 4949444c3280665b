// The header of a WebSocket frame (RFC 6455 section 5.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// WebsocketOpcode (section 11.8); others are reserved.
enum class WebsocketOpcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// is_control_frame: such frames may stand between the fragments of a message (section 5.5).
constexpr bool is_control_frame(WebsocketOpcode opcode) { return (static_cast<unsigned>(opcode) & 0x8U) != 0; }

/// kMaxWebsocketHeaderBytes: two octets, an extended length and a masking key.
inline constexpr std::size_t kMaxWebsocketHeaderBytes = 14;

/// WebsocketFrame is a frame's header.
struct WebsocketFrame {
  bool fin = false;
  std::uint8_t rsv = 0;  ///< RSV1 (0x4) to RSV3 (0x1); RSV1 says "compressed" (RFC 7692 section 6)
  WebsocketOpcode opcode{};
  bool masked = false;
  std::array<std::uint8_t, 4> masking_key{};
  std::uint64_t payload_length = 0;
  std::size_t length = 0;  ///< of the header, in octets
};

/// parse_websocket_frame reads a header from the start of `bytes` (need_more until it is whole). Fails as malformed for a reserved
/// opcode, a control frame that is fragmented or longer than 125 octets, a length not in its shortest form or above 2^63.
Parsed<WebsocketFrame> parse_websocket_frame(Bytes bytes);

/// unmasked_octet takes the mask off one octet: the one at `position` of the frame's payload (section 5.3).
constexpr std::uint8_t unmasked_octet(const WebsocketFrame& frame, std::uint8_t octet, std::uint64_t position) {
  return frame.masked ? static_cast<std::uint8_t>(octet ^ frame.masking_key[position & 3U]) : octet;
}

}  // namespace sealtrace
