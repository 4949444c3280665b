#include "dissectors/http/http2_frame.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

/// Http2Setting (RFC 9113 section 6.5.2, RFC 8441 section 3, RFC 9218 section 2.1); unknown values are kept.
enum class Http2Setting : std::uint16_t {
  header_table_size = 0x0001,
  enable_push = 0x0002,
  max_concurrent_streams = 0x0003,
  initial_window_size = 0x0004,
  max_frame_size = 0x0005,
  max_header_list_size = 0x0006,
  enable_connect_protocol = 0x0008,
  no_rfc7540_priorities = 0x0009,
};

/// fits tells whether a frame of a known type may have this length and stand on this stream.
bool fits(const Http2FrameHeader& header) {
  const bool on_stream = header.stream_id != 0;
  switch (header.type) {
    case Http2FrameType::data:
    case Http2FrameType::headers:
    case Http2FrameType::continuation: return on_stream;
    case Http2FrameType::push_promise: return on_stream && header.length >= 4;
    case Http2FrameType::priority: return on_stream && header.length == 5;
    case Http2FrameType::rst_stream: return on_stream && header.length == 4;
    case Http2FrameType::settings:
      return !on_stream && header.length % kHttp2SettingBytes == 0 && ((header.flags & kHttp2FlagAck) == 0 || header.length == 0);
    case Http2FrameType::ping: return !on_stream && header.length == 8;
    case Http2FrameType::goaway: return !on_stream && header.length >= 8;
    case Http2FrameType::window_update: return header.length == 4;
  }
  return true;
}

}  // namespace

Parsed<Http2FrameHeader> parse_http2_frame_header(Bytes stream) {
  ParseScope scope;
  ByteReader reader{stream, scope};
  Http2FrameHeader header;
  header.length = reader.u24("Length");
  header.type = Http2FrameType{reader.u8("Type")};
  header.flags = reader.u8("Flags");
  header.stream_id = reader.u32("Stream Identifier") & 0x7FFFFFFFU;
  if (scope.ok()) reader.require(fits(header), "Length");
  return scope.finish(header);
}

Parsed<Bytes> http2_field_block(const Http2FrameHeader& header, Bytes payload) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{payload, scope};
  const bool continued = header.type == Http2FrameType::continuation;
  const std::size_t pad_length = !continued && (header.flags & kHttp2FlagPadded) != 0 ? reader.u8("Pad Length") : 0U;
  if (header.type == Http2FrameType::headers && (header.flags & kHttp2FlagPriority) != 0) {
    reader.skip(4, "Stream Dependency");
    reader.skip(1, "Weight");
  }
  if (header.type == Http2FrameType::push_promise) reader.skip(4, "Promised Stream ID");
  reader.require(pad_length <= reader.remaining(), "Pad Length");
  return scope.finish(reader.rest().first(reader.rest().size() - std::min(pad_length, reader.rest().size())));
}

Parsed<std::uint32_t> http2_header_table_size(Bytes payload) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{payload, scope};
  std::uint32_t size = 0;
  while (reader.more()) {
    const Http2Setting identifier{reader.u16("Identifier")};
    const std::uint32_t value = reader.u32("Value");
    if (identifier == Http2Setting::header_table_size) size = std::max(size, value);
  }
  return scope.finish(size);
}

bool http2_setting_is_known(Bytes setting) {
  ParseScope scope;
  ByteReader reader{setting, scope};
  const Http2Setting identifier{reader.u16("Identifier")};
  const std::uint32_t value = reader.u32("Value");
  if (!scope.ok()) return false;
  switch (identifier) {
    case Http2Setting::header_table_size: return value <= 1U << 24;
    case Http2Setting::enable_push:
    case Http2Setting::enable_connect_protocol:
    case Http2Setting::no_rfc7540_priorities: return value <= 1;
    case Http2Setting::max_concurrent_streams:
    case Http2Setting::max_header_list_size: return true;
    case Http2Setting::initial_window_size: return value <= 0x7FFFFFFFU;
    case Http2Setting::max_frame_size: return value >= 1U << 14 && value < 1U << 24;
  }
  return false;
}

}  // namespace sealtrace
