// HTTP/2 frames (RFC 9113 sections 4 and 6).
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// Http2FrameType (RFC 9113 section 6); unknown values are kept.
enum class Http2FrameType : std::uint8_t {
  data = 0x00,
  headers = 0x01,
  priority = 0x02,
  rst_stream = 0x03,
  settings = 0x04,
  push_promise = 0x05,
  ping = 0x06,
  goaway = 0x07,
  window_update = 0x08,
  continuation = 0x09,
};

inline constexpr std::uint8_t kHttp2FlagAck = 0x01;
inline constexpr std::uint8_t kHttp2FlagEndHeaders = 0x04;
inline constexpr std::uint8_t kHttp2FlagPadded = 0x08;
inline constexpr std::uint8_t kHttp2FlagPriority = 0x20;

inline constexpr std::size_t kHttp2FrameHeaderBytes = 9;
inline constexpr std::size_t kHttp2SettingBytes = 6;

/// Http2FrameHeader: `length` counts the payload, in octets (RFC 9113 section 4.1).
struct Http2FrameHeader {
  std::uint32_t length = 0;
  Http2FrameType type{};
  std::uint8_t flags = 0;
  std::uint32_t stream_id = 0;  ///< without its reserved bit
};

/// parse_http2_frame_header reads nine octets (need_more below). Fails as malformed where a frame of a known type stands on a stream it
/// cannot be on, or has a length it cannot have (RFC 9113 section 6).
Parsed<Http2FrameHeader> parse_http2_frame_header(Bytes stream);

/// http2_field_block takes the field block fragment out of the payload of HEADERS, PUSH_PROMISE or CONTINUATION: without padding,
/// priority and promised stream. Fails as malformed where they do not fit (RFC 9113 sections 6.2, 6.6, 6.10).
Parsed<Bytes> http2_field_block(const Http2FrameHeader& header, Bytes payload);

/// http2_header_table_size gives the largest SETTINGS_HEADER_TABLE_SIZE of a SETTINGS payload, 0 when it sets none (RFC 9113
/// section 6.5.2).
Parsed<std::uint32_t> http2_header_table_size(Bytes payload);

/// http2_setting_is_known tells one setting with a registered identifier and a value it may have (RFC 9113 section 6.5.2, RFC 8441, RFC
/// 9218).
bool http2_setting_is_known(Bytes setting);

}  // namespace sealtrace
