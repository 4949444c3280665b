#include "dissectors/sip/websocket_frame.hpp"

#include <algorithm>

#include "wire/byte_reader.hpp"

namespace sealtrace {

Parsed<WebsocketFrame> parse_websocket_frame(Bytes bytes) {
  constexpr std::uint64_t kMaxControlBytes = 125;  // section 5.5
  ParseScope scope;
  ByteReader reader{bytes, scope};
  WebsocketFrame frame;
  const std::uint8_t first = reader.u8("opcode");
  frame.fin = (first & 0x80U) != 0;
  frame.rsv = first >> 4 & 0x7U;
  frame.opcode = WebsocketOpcode{static_cast<std::uint8_t>(first & 0x0FU)};
  reader.require((first & 0x0FU) <= 0x2 || ((first & 0x0FU) >= 0x8 && (first & 0x0FU) <= 0xA), "opcode");
  reader.require(!is_control_frame(frame.opcode) || frame.fin, "FIN");
  const std::uint8_t second = reader.u8("Payload len");
  frame.masked = (second & 0x80U) != 0;
  frame.payload_length = second & 0x7FU;
  reader.require(!is_control_frame(frame.opcode) || frame.payload_length <= kMaxControlBytes, "Payload len");
  if (frame.payload_length == 126) {
    frame.payload_length = reader.u16("Extended payload length");
    reader.require(frame.payload_length > 125, "Extended payload length");
  } else if (frame.payload_length == 127) {
    frame.payload_length = reader.u64("Extended payload length");
    reader.require(frame.payload_length > 0xFFFF && frame.payload_length >> 63 == 0, "Extended payload length");
  }
  if (frame.masked) std::ranges::copy(reader.bytes(frame.masking_key.size(), "Masking-key"), frame.masking_key.begin());
  frame.length = reader.offset();
  return scope.finish(frame);
}

}  // namespace sealtrace
