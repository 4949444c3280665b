#include "dissectors/http/http_parse.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace sealtrace {
namespace {

using enum ParseErrorCode;
using enum HttpBodyKind;

struct Line {
  std::string_view name;
  std::string_view line;
  std::string_view expected;  ///< "METHOD TARGET minor", "status minor", or "!code field"
};
void PrintTo(const Line& line, std::ostream* out) { *out << line.name; }

std::string in_words(const Parsed<HttpStartLine>& start) {
  if (!start) return "!" + std::string{to_string(start.error().code)} + " " + std::string{start.error().field};
  const std::string minor = " " + std::to_string(start->minor_version);
  return start->request ? std::string{start->method} + " " + std::string{start->request_target} + minor
                        : std::to_string(start->status_code) + minor;
}

class HttpStart : public testing::TestWithParam<Line> {};
TEST_P(HttpStart, IsReadOrNot) { EXPECT_EQ(in_words(parse_http_start_line(GetParam().line)), GetParam().expected); }
INSTANTIATE_TEST_SUITE_P(
    Table, HttpStart,
    testing::Values(
        Line{"OriginForm", "GET /where?q=now HTTP/1.1", "GET /where?q=now 1"}, Line{"OldVersion", "POST / HTTP/1.0", "POST / 0"},
        Line{"AsteriskForm", "OPTIONS * HTTP/1.1", "OPTIONS * 1"}, Line{"AuthorityForm", "CONNECT a:80 HTTP/1.1", "CONNECT a:80 1"},
        Line{"ASpaceInTheTarget", "GET /a b HTTP/1.1", "GET /a b 1"}, Line{"Rtsp", "OPTIONS * RTSP/1.0", "!unsupported HTTP-version"},
        Line{"Sip", "OPTIONS sip:a@b SIP/2.0", "!unsupported HTTP-version"},
        Line{"Icap", "REQMOD icap://h/x ICAP/1.0", "!unsupported HTTP-version"},
        Line{"PrefaceOfHttp2", "PRI * HTTP/2.0", "!unsupported HTTP-version"}, Line{"NoVersion", "GET /", "!malformed request-line"},
        Line{"NoTarget", "GET HTTP/1.1", "!malformed request-line"}, Line{"EmptyTarget", "GET  HTTP/1.1", "!malformed request-target"},
        Line{"ControlInTarget", "GET /\x01 HTTP/1.1", "!malformed request-target"},
        Line{"MethodIsNoToken", "G(T / HTTP/1.1", "!malformed method"}, Line{"Status", "HTTP/1.1 200 OK", "200 1"},
        Line{"StatusWithoutReason", "HTTP/1.0 404", "404 0"}, Line{"EmptyReason", "HTTP/1.1 204 ", "204 1"},
        Line{"ShortStatus", "HTTP/1.1 20", "!malformed status-code"}, Line{"LongStatus", "HTTP/1.1 2000", "!malformed status-code"},
        Line{"StatusZero", "HTTP/1.1 000 x", "!malformed status-code"}, Line{"Tab", "HTTP/1.1\t200 OK", "!malformed status-code"},
        Line{"StatusOfHttp2", "HTTP/2.0 200 OK", "!unsupported HTTP-version"}, Line{"Empty", "", "!malformed request-line"}),
    [](const auto& param) { return std::string{param.param.name}; });

struct Framing {
  std::string_view name;
  std::string_view start;
  std::string_view fields;
  std::string_view expected;  ///< kind and length, or "!field"
  AnsweredRequest answered{};
};
void PrintTo(const Framing& framing, std::ostream* out) { *out << framing.name; }

class HttpFraming : public testing::TestWithParam<Framing> {};
TEST_P(HttpFraming, FollowsSection6Point3) {
  const std::string message = std::string{GetParam().start} + "\r\n" + std::string{GetParam().fields} + "\r\n";
  const auto head = parse_text_head(as_bytes(message));
  ASSERT_TRUE(head);
  const auto start = parse_http_start_line(head->start_line);
  ASSERT_TRUE(start);
  const auto body = parse_http_body(*head, as_bytes(message), *start, &GetParam().answered);
  constexpr std::string_view kKinds[]{"none", "length", "chunked", "close"};
  std::string words;
  if (!body) {
    words = (body.error().code == malformed ? "!" : "?") + std::string{body.error().field};
  } else {
    words = kKinds[static_cast<std::size_t>(body->kind)];
    if (body->kind == content_length) words += " " + std::to_string(body->length);
  }
  EXPECT_EQ(words, GetParam().expected);
}
constexpr std::string_view kGet = "GET / HTTP/1.1";
constexpr std::string_view kOk = "HTTP/1.1 200 OK";
INSTANTIATE_TEST_SUITE_P(
    Table, HttpFraming,
    testing::Values(
        Framing{"RequestWithoutLengthHasNone", kGet, "", "none"}, Framing{"ResponseWithoutLengthEndsWithTheConnection", kOk, "", "close"},
        Framing{"Length", kGet, "Content-Length: 42\r\n", "length 42"}, Framing{"LengthZero", kOk, "content-length: 0\r\n", "none"},
        Framing{"SameLengthTwice", kOk, "Content-Length: 5, 5\r\nContent-Length:5\r\n", "length 5"},
        Framing{"Chunked", kGet, "Transfer-Encoding: gzip, Chunked\r\n", "chunked"},
        Framing{"ResponseWithoutChunkedLast", kOk, "Transfer-Encoding: gzip\r\n", "close"},
        Framing{"ToHead", kOk, "Content-Length: 42\r\n", "none", {.head = true}},
        Framing{"ToConnect", kOk, "Transfer-Encoding: chunked\r\n", "none", {.connect = true}},
        Framing{"RefusalOfConnect", "HTTP/1.1 407 x", "Content-Length: 3\r\n", "length 3", {.connect = true}},
        Framing{"Informational", "HTTP/1.1 100 Continue", "Content-Length: 42\r\n", "none"},
        Framing{"NoContent", "HTTP/1.1 204 x", "", "none"}, Framing{"NotModified", "HTTP/1.1 304 x", "Content-Length: 42\r\n", "none"},
        Framing{"BothLengths", kGet, "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "!Transfer-Encoding"},
        Framing{"BothLengthsInAResponse", kOk, "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "!Transfer-Encoding"},
        Framing{"LengthsThatDiffer", kGet, "Content-Length: 4\r\nContent-Length: 5\r\n", "!Content-Length"},
        Framing{"LengthsThatDifferInOneField", kOk, "Content-Length: 4, 5\r\n", "!Content-Length"},
        Framing{"NegativeLength", kGet, "Content-Length: -1\r\n", "!Content-Length"},
        Framing{"SignedLength", kGet, "Content-Length: +4\r\n", "!Content-Length"},
        Framing{"HexadecimalLength", kGet, "Content-Length: 0x4\r\n", "!Content-Length"},
        Framing{"EmptyLength", kGet, "Content-Length:\r\n", "!Content-Length"},
        Framing{"HugeLength", kGet, "Content-Length: 18446744073709551617\r\n", "!Content-Length"},
        Framing{"SpaceBeforeTheColon", kGet, "Content-Length : 4\r\n", "!Content-Length"},
        Framing{"SpaceBeforeTheColonOfACoding", kGet, "Transfer-Encoding : chunked\r\n", "!Transfer-Encoding"},
        Framing{"FoldedCoding", kGet, "Transfer-Encoding:\r\n chunked\r\n", "!Transfer-Encoding"},
        Framing{"UnknownCoding", kGet, "Transfer-Encoding: xchunked\r\n", "?Transfer-Encoding"},
        Framing{"VerticalTab", kGet,
                "Transfer-Encoding: \x0b"
                "chunked\r\n",
                "?Transfer-Encoding"},
        Framing{"ChunkedTwice", kGet, "Transfer-Encoding: chunked, chunked\r\n", "!Transfer-Encoding"},
        Framing{"ChunkedIsNotLast", kGet, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "!Transfer-Encoding"},
        Framing{"RequestWithoutChunkedLast", kGet, "Transfer-Encoding: identity\r\n", "!Transfer-Encoding"},
        Framing{"CodingInTheOldVersion", "GET / HTTP/1.0", "Transfer-Encoding: chunked\r\n", "!Transfer-Encoding"}),
    [](const auto& param) { return std::string{param.param.name}; });

struct ChunkLine {
  std::string_view name;
  std::string_view octets;
  std::string_view expected;  ///< size and length, or "!offset field"
};
void PrintTo(const ChunkLine& line, std::ostream* out) { *out << line.name; }

class HttpChunk : public testing::TestWithParam<ChunkLine> {};
TEST_P(HttpChunk, IsReadOrNotAndNeverEarly) {
  const std::string_view octets = GetParam().octets;
  const auto header = parse_http_chunk_header(as_bytes(octets));
  const std::string words = header ? std::to_string(header->chunk_size) + " " + std::to_string(header->length)
                                   : "!" + std::to_string(header.error().offset) + " " + std::string{header.error().field};
  EXPECT_EQ(words, GetParam().expected);
  for (std::size_t length = 0; header && length < header->length; ++length) {
    const auto cut = parse_http_chunk_header(as_bytes(octets.substr(0, length)));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, need_more) << length;
  }
}
INSTANTIATE_TEST_SUITE_P(Table, HttpChunk,
                         testing::Values(ChunkLine{"Size", "1aF\r\nxyz", "431 5"}, ChunkLine{"Last", "0\r\n\r\n", "0 3"},
                                         ChunkLine{"LeadingZeros", "0004\r\n", "4 6"},
                                         ChunkLine{"Extension", "4;name=\"va;lue\"\r\n", "4 17"}, ChunkLine{"Padded", "ff  \r\n", "255 6"},
                                         ChunkLine{"Prefix", "0x4\r\n", "!1 chunk-size"}, ChunkLine{"Negative", "-4\r\n", "!0 chunk-size"},
                                         ChunkLine{"Signed", "+4\r\n", "!0 chunk-size"}, ChunkLine{"Blank", " 4\r\n", "!0 chunk-size"},
                                         ChunkLine{"Empty", "\r\n", "!0 chunk-size"}, ChunkLine{"TwoNumbers", "4 5\r\n", "!2 chunk-size"},
                                         ChunkLine{"LineFeedAlone", "4\nabcd", "!1 chunk-size"},
                                         ChunkLine{"LineFeedAloneInAnExtension", "4;x\nabcd", "!3 chunk-ext"},
                                         ChunkLine{"CarriageReturnAlone", "4\rabcd", "!2 chunk-ext"},
                                         ChunkLine{"SixteenDigits", "f000000000000000\r\n", "!16 chunk-size"},
                                         ChunkLine{"NotWhole", "4", "!1 chunk-ext"}, ChunkLine{"Nothing", "", "!0 chunk-size"}),
                         [](const auto& param) { return std::string{param.param.name}; });

TEST(HttpChunkLimit, ALongExtensionIsMalformed) {
  const std::string line = "4;" + std::string(kMaxChunkHeaderBytes, 'x');
  const auto header = parse_http_chunk_header(as_bytes(line));
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, malformed);
}

}  // namespace
}  // namespace sealtrace
