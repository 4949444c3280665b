// HTTP/1 messages: start lines, how long a body is, chunk headers (RFC 9112).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/text_head.hpp"

namespace sealtrace {

/// HttpStartLine is a request-line or a status-line (RFC 9112 sections 3 and 4), borrowed.
struct HttpStartLine {
  bool request = false;
  std::uint8_t minor_version = 1;   ///< of HTTP/1.x
  std::uint16_t status_code = 0;    ///< of a response
  std::string_view method;          ///< of a request
  std::string_view request_target;  ///< of a request
};

/// parse_http_start_line reads one line without its end. Fails as unsupported for another protocol or another major version, and as
/// malformed where neither production matches. A target with white space inside is read as sent: servers answer those.
Parsed<HttpStartLine> parse_http_start_line(std::string_view line);

/// AnsweredRequest is what the length of a response depends on (RFC 9112 section 6.3).
struct AnsweredRequest {
  bool head = false;
  bool connect = false;
  bool upgrade = false;
};

/// HttpBodyKind says how the end of a body is known (RFC 9112 section 6.3).
enum class HttpBodyKind : std::uint8_t { none, content_length, chunked, until_close };

/// HttpBody is a body's framing; `length` in octets with content_length.
struct HttpBody {
  HttpBodyKind kind = HttpBodyKind::none;
  std::uint64_t length = 0;
};

/// parse_http_body applies RFC 9112 section 6.3 to a head that starts at `message`'s first octet; `answered` is the request of a
/// response, or null where it is not known: then it counts as none of HEAD and CONNECT. Fails as malformed wherever two readers
/// could differ about the length: both fields, lengths that differ, white space before the colon, a folded length, a transfer coding
/// behind or instead of chunked in a request, Transfer-Encoding in HTTP/1.0; as unsupported for a coding that is not registered.
Parsed<HttpBody> parse_http_body(const TextHead& head, Bytes message, const HttpStartLine& start, const AnsweredRequest* answered);

/// kMaxChunkHeaderBytes bounds a chunk's size and extensions: nobody needs extensions, servers cut them at 4 to 16 KiB.
inline constexpr std::size_t kMaxChunkHeaderBytes = 4096;

/// HttpChunkHeader is chunk-size and chunk-ext with their CRLF (RFC 9112 section 7.1); `length` counts the line.
struct HttpChunkHeader {
  std::uint64_t chunk_size = 0;
  std::size_t length = 0;
};

/// parse_http_chunk_header reads it from the start of `bytes` (need_more below a whole line). Fails as malformed for anything but 1 to 15
/// hexadecimal digits, white space or an extension, and CRLF.
Parsed<HttpChunkHeader> parse_http_chunk_header(Bytes bytes);

/// is_http_token_char tells tchar (RFC 9110 section 5.6.2).
constexpr bool is_http_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

/// is_http_token tells a non-empty run of tchar.
bool is_http_token(std::string_view text);

}  // namespace sealtrace
