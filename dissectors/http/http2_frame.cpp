#include "dissectors/http/http2_frame.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

constexpr std::uint16_t kHeaderTableSize = 0x0001;
constexpr std::uint16_t kEnablePush = 0x0002;
constexpr std::uint16_t kMaxConcurrentStreams = 0x0003;
constexpr std::uint16_t kInitialWindowSize = 0x0004;
constexpr std::uint16_t kMaxFrameSize = 0x0005;
constexpr std::uint16_t kMaxHeaderListSize = 0x0006;
constexpr std::uint16_t kEnableConnectProtocol = 0x0008;
constexpr std::uint16_t kNoRfc7540Priorities = 0x0009;

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
    const std::uint16_t identifier = reader.u16("Identifier");
    const std::uint32_t value = reader.u32("Value");
    if (identifier == kHeaderTableSize) size = std::max(size, value);
  }
  return scope.finish(size);
}

bool http2_setting_is_known(Bytes setting) {
  ParseScope scope;
  ByteReader reader{setting, scope};
  const std::uint16_t identifier = reader.u16("Identifier");
  const std::uint32_t value = reader.u32("Value");
  if (!scope.ok()) return false;
  switch (identifier) {
    case kHeaderTableSize: return value <= 1U << 24;
    case kEnablePush:
    case kEnableConnectProtocol:
    case kNoRfc7540Priorities: return value <= 1;
    case kMaxConcurrentStreams:
    case kMaxHeaderListSize: return true;
    case kInitialWindowSize: return value <= 0x7FFFFFFFU;
    case kMaxFrameSize: return value >= 1U << 14 && value < 1U << 24;
  }
  return false;
}

}  // namespace sealtrace
