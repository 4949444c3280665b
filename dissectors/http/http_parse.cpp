#include "dissectors/http/http_parse.hpp"

#include <algorithm>
#include <array>

#include "wire/hex_digit.hpp"

namespace sealtrace {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// read_version takes HTTP-version: "HTTP/" DIGIT "." DIGIT.
void read_version(std::string_view text, std::size_t at, HttpStartLine& start, ParseScope& scope) {
  const bool shaped = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
  if (!shaped || text[5] != '1') return scope.fail(ParseErrorCode::unsupported, at, "HTTP-version");
  start.minor_version = static_cast<std::uint8_t>(text[7] - '0');
}

void read_status_line(std::string_view line, HttpStartLine& start, ParseScope& scope) {
  read_version(line.substr(0, 8), 0, start, scope);
  const std::string_view code = line.substr(std::min<std::size_t>(9, line.size()), 3);
  const bool shaped = line.size() >= 12 && line[8] == ' ' && std::ranges::all_of(code, is_digit) && code[0] != '0' &&
                      (line.size() == 12 || line[12] == ' ');
  if (!shaped) return scope.fail(ParseErrorCode::malformed, std::min<std::size_t>(9, line.size()), "status-code");
  start.status_code = static_cast<std::uint16_t>((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
}

void read_request_line(std::string_view line, HttpStartLine& start, ParseScope& scope) {
  start.request = true;
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return scope.fail(ParseErrorCode::malformed, line.size(), "request-line");
  start.method = line.substr(0, first);
  start.request_target = line.substr(first + 1, last - first - 1);
  if (!is_http_token(start.method)) return scope.fail(ParseErrorCode::malformed, 0, "method");
  read_version(line.substr(last + 1), last + 1, start, scope);
  const bool printable =
      std::ranges::all_of(start.request_target, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; });
  if (trimmed(start.request_target).empty() || !printable) scope.fail(ParseErrorCode::malformed, first + 1, "request-target");
}

/// kCodings are the registered transfer codings (RFC 9112 section 7, with RFC 2616's identity). Where the last one is not chunked the end
/// of a response is that of the connection; a coding nobody knows may be read as chunked by somebody.
constexpr std::array<std::string_view, 7> kCodings{"chunked", "gzip", "x-gzip", "deflate", "compress", "x-compress", "identity"};

/// LengthFields are the two fields that say how long a body is, as all their occurrences read together.
struct LengthFields {
  bool content_length = false;
  bool transfer_encoding = false;
  std::uint64_t length = 0;
  bool chunked = false;  ///< is the last coding
};

/// read_length takes 1*DIGIT, at most 18 of them, so that no sum overflows.
void read_length(std::string_view text, LengthFields& fields, ParseScope& scope, std::size_t at) {
  std::uint64_t value = 0;
  const bool shaped = !text.empty() && text.size() <= 18 && std::ranges::all_of(text, is_digit);
  for (const char c : shaped ? text : std::string_view{}) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  // RFC 9112 section 6.3: the same number again may be taken as one; different ones cannot.
  if (!shaped || (fields.content_length && fields.length != value)) scope.fail(ParseErrorCode::malformed, at, "Content-Length");
  fields.content_length = true;
  fields.length = value;
}

void read_coding(std::string_view coding, LengthFields& fields, ParseScope& scope, std::size_t at) {
  // Section 7.1: chunked is applied once, and last.
  if (fields.chunked) scope.fail(ParseErrorCode::malformed, at, "Transfer-Encoding");
  const auto known = std::ranges::find_if(kCodings, [&](std::string_view name) { return same_word(name, coding); });
  if (known == kCodings.end()) scope.fail(ParseErrorCode::unsupported, at, "Transfer-Encoding");
  fields.transfer_encoding = true;
  fields.chunked = known == kCodings.begin();
}

/// read_length_fields looks at every occurrence. What RFC 9112 sections 5.1 and 5.2 forbid (white space before the colon, a folded line) is
/// read differently by different readers: here that decides where the next message begins, so it is not read at all.
LengthFields read_length_fields(const TextHead& head, std::string_view text, ParseScope& scope) {
  LengthFields fields;
  for (const TextField& field : head.fields) {
    const bool length = same_word(field.name, "Content-Length");
    if (!length && !same_word(field.name, "Transfer-Encoding")) continue;
    const std::string_view term = length ? "Content-Length" : "Transfer-Encoding";
    const std::size_t colon = field.offset + field.name.size();
    const std::size_t value_end =
        field.value.empty() ? colon + 1 : static_cast<std::size_t>(field.value.data() - text.data()) + field.value.size();
    const std::string_view line = text.substr(colon, value_end - colon);
    if (!line.starts_with(':') || line.find('\n') != std::string_view::npos) scope.fail(ParseErrorCode::malformed, field.offset, term);
    std::string_view rest = field.value;
    do {
      const std::string_view word = next_word(rest, ',');
      if (length) {
        read_length(word, fields, scope, field.offset);
      } else {
        read_coding(word, fields, scope, field.offset);
      }
    } while (!rest.empty() && scope.ok());
  }
  return fields;
}

}  // namespace

bool is_http_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_http_token_char); }

Parsed<HttpStartLine> parse_http_start_line(std::string_view line) {
  ParseScope scope;
  HttpStartLine start;
  if (line.starts_with("HTTP/")) {
    read_status_line(line, start, scope);
  } else {
    read_request_line(line, start, scope);
  }
  return scope.finish(start);
}

Parsed<HttpBody> parse_http_body(const TextHead& head, Bytes message, const HttpStartLine& start, const AnsweredRequest* answered) {
  ParseScope scope;
  const std::uint16_t status = start.status_code;
  const bool none = !start.request && ((answered != nullptr && (answered->head || (answered->connect && status / 100 == 2))) ||
                                       status / 100 == 1 || status == 204 || status == 304);
  if (none) return HttpBody{};
  const LengthFields fields = read_length_fields(head, as_text(message), scope);
  HttpBody body;
  if (fields.transfer_encoding) {
    if (fields.content_length || start.minor_version == 0) scope.fail(ParseErrorCode::malformed, 0, "Transfer-Encoding");
    if (!fields.chunked && start.request) scope.fail(ParseErrorCode::malformed, 0, "Transfer-Encoding");
    body.kind = fields.chunked ? HttpBodyKind::chunked : HttpBodyKind::until_close;
  } else if (fields.content_length) {
    body = {.kind = fields.length == 0 ? HttpBodyKind::none : HttpBodyKind::content_length, .length = fields.length};
  } else if (!start.request) {
    body.kind = HttpBodyKind::until_close;
  }
  return scope.finish(body);
}

Parsed<HttpChunkHeader> parse_http_chunk_header(Bytes bytes) {
  ParseScope scope;
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kMaxChunkHeaderBytes)));
  HttpChunkHeader header;
  std::size_t at = 0;
  while (at < text.size() && hex_digit(text[at]) >= 0) {
    header.chunk_size = header.chunk_size << 4 | static_cast<std::uint64_t>(hex_digit(text[at]));
    if (++at > 15) break;
  }
  const std::size_t num_digits = at;
  if (at < text.size() && (num_digits == 0 || num_digits > 15)) scope.fail(ParseErrorCode::malformed, at, "chunk-size");
  // BWS stands before an extension only; servers also pad the size with it, and nobody reads another number then.
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at < text.size() && text[at] != ';' && text[at] != '\r') scope.fail(ParseErrorCode::malformed, at, "chunk-size");
  while (at < text.size() && text[at] != '\r' && text[at] != '\n') ++at;
  if (at < text.size() && text[at] == '\n') scope.fail(ParseErrorCode::malformed, at, "chunk-ext");
  if (at + 1 < text.size() && text[at + 1] != '\n') scope.fail(ParseErrorCode::malformed, at + 1, "chunk-ext");
  if (at + 1 >= text.size()) {
    const bool too_long = bytes.size() >= kMaxChunkHeaderBytes;
    scope.fail(too_long ? ParseErrorCode::malformed : ParseErrorCode::need_more, text.size(), num_digits == 0 ? "chunk-size" : "chunk-ext");
  }
  header.length = at + 2;
  return scope.finish(header);
}

}  // namespace sealtrace
