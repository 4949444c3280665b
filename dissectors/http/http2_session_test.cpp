#include "dissectors/http/http2_session.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "dissectors/http/http_probe.hpp"
#include "dissectors/http/stream_trial.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::Said;
using testing::ScriptedFlow;
using testing::StreamTrial;
using Words = std::vector<std::string>;

std::string octets(std::string_view annotated) {
  const auto bytes = annotated_hex(annotated);
  return {bytes.begin(), bytes.end()};
}

/// frame writes a frame header (RFC 9113 section 4.1) and its payload.
std::string frame(Http2FrameType type, int flags, std::uint32_t stream_id, const std::string& payload) {
  std::string written;
  for (const int shift : {16, 8, 0}) written += static_cast<char>(payload.size() >> shift & 0xFFU);
  written += static_cast<char>(type);
  written += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) written += static_cast<char>(stream_id >> shift & 0xFFU);
  return written + payload;
}
std::string headers(const std::string& block, std::uint32_t stream_id = 1, int flags = 0x05) {
  return frame(Http2FrameType::headers, flags, stream_id, block);
}
/// literal writes a field without indexing and without Huffman (RFC 7541 section 6.2.2).
std::string literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) + value;
}

const std::string kPreface{kHttp2Preface};
const std::string kSettings = frame(Http2FrameType::settings, 0, 0, octets("0003 00000064 0004 0000ffff"));
const std::string kAck = frame(Http2FrameType::settings, 1, 0, "");
// :method GET, :scheme http, :path /abs/handler, :authority FE01.contoso.com
const std::string kRequest = octets("82 86 44 0c") + "/abs/handler" + octets("41 10") + "FE01.contoso.com";
const std::string kResponse = octets("88") + literal("server", "Microsoft-IIS/10.0");

struct Script {
  std::string_view name;
  std::vector<Said> said;
  Words words;
};
void PrintTo(const Script& script, std::ostream* out) { *out << script.name; }

class Http2Conversation : public ::testing::TestWithParam<Script> {};
TEST_P(Http2Conversation, TellsTheSameHoweverItIsCut) {
  for (const std::size_t piece_bytes : {std::size_t{100'000}, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
    ScriptedFlow flow{kHttp2Dissector};
    EXPECT_EQ(flow.stream(GetParam().said, piece_bytes).words, GetParam().words) << piece_bytes;
  }
}
const Words kBoth{"c clear http GET request", "c http GET address_book", "s clear http response", "s http 200"};
INSTANTIATE_TEST_SUITE_P(
    Table, Http2Conversation,
    ::testing::Values(
        Script{
            "PriorKnowledge",
            {from_client(kPreface + kSettings + headers(kRequest)),
             from_server(kSettings + kAck + headers(kResponse, 1, 0x04) + frame(Http2FrameType::data, 1, 1, "hello")), from_client(kAck)},
            kBoth},
        Script{"TheServersSettingsComeFirst",
               {from_server(kSettings), from_client(kPreface + kSettings + headers(kRequest)), from_server(headers(kResponse))},
               kBoth},
        Script{"BehindAnUpgradeTheServerAnswersStreamOne",
               {from_server(kSettings + headers(kResponse)), from_client(kPreface + kSettings)},
               {"s clear http response", "s http 200"}},
        Script{"ContinuationPaddingAndPriority",
               {from_client(kPreface + kSettings + headers(octets("02 80000000 10") + kRequest.substr(0, 5) + "zz", 1, 0x28 | 0x01) +
                            frame(Http2FrameType::continuation, 0, 1, "") + frame(Http2FrameType::continuation, 4, 1, kRequest.substr(5))),
                from_server(kSettings + headers(kResponse))},
               kBoth},
        Script{"TheTableServesLaterBlocks",
               {from_client(kPreface + kSettings + headers(kRequest) + headers(octets("83 86 bf be"), 3)), from_server(kSettings)},
               {"c clear http GET request", "c http GET address_book", "c clear http POST request", "c http POST address_book"}},
        Script{"CredentialsAndOffers",
               {from_client(kPreface + kSettings +
                            headers(octets("82 86 84") + literal("authorization", "Basic eA==") + literal("cookie", "a=b"))),
                from_server(kSettings + headers(octets("48 03") + "401" + literal("www-authenticate", "Negotiate, NTLM")))},
               {"c clear http GET request", "c http GET other", "c credential basic", "c credential cookie", "s clear http response",
                "s http 401", "s offered ntlm", "s offered negotiate"}},
        Script{"TrailersAndPromisesAreNoMessages",
               {from_client(kPreface + kSettings + headers(kRequest)),
                from_server(kSettings + frame(Http2FrameType::push_promise, 4, 1, octets("00000002") + octets("82 86 84")) +
                            headers(kResponse) + headers(literal("grpc-status", "0")))},
               kBoth},
        Script{"ALargerTableThatThePeerAllows",
               {from_server(frame(Http2FrameType::settings, 0, 0, octets("0001 00002000"))),
                from_client(kPreface + kSettings + headers(octets("3f e1 3f") + kRequest))},
               {"c clear http GET request", "c http GET address_book"}},
        Script{"ABlockThatFailsEndsTheSideAlone",
               {from_client(kPreface + kSettings + headers(octets("80")) + headers(kRequest)), from_server(kSettings + headers(kResponse))},
               {"c malformed Index", "s clear http response", "s http 200"}},
        Script{"AFrameBetweenTheParts", {from_client(kPreface + kSettings + headers(kRequest, 1, 0) + kAck)}, {"c malformed Type"}},
        Script{"AContinuationOfAnotherStream",
               {from_client(kPreface + kSettings + headers(kRequest, 1, 0) + frame(Http2FrameType::continuation, 4, 3, ""))},
               {"c malformed Type"}},
        Script{"AContinuationOfNothing",
               {from_client(kPreface + kSettings + frame(Http2FrameType::continuation, 4, 1, ""))},
               {"c malformed Type"}},
        Script{"PaddingLongerThanItsFrame",
               {from_client(kPreface + kSettings + headers(octets("09 82"), 1, 0x0D))},
               {"c malformed Pad Length"}},
        Script{"HeadersOnStreamZero", {from_client(kPreface + kSettings + headers(kRequest, 0))}, {"c malformed Length"}},
        Script{"UnknownFramesArePassedOver",
               {from_client(kPreface + kSettings + frame(Http2FrameType{0xAA}, 0xFF, 0, std::string(300, 'x')) + headers(kRequest))},
               {"c clear http GET request", "c http GET address_book"}},
        Script{"JoinedBehindTheSettings",
               {from_client(kPreface + kSettings + headers(kRequest)),
                from_server(headers(octets("88 be")) + headers(octets("48 03") + "404", 3))},
               {"c clear http GET request", "c http GET address_book", "s clear http response", "s http 200", "s http 404"}},
        Script{"JoinedInsideAFrame", {from_client(kPreface + kSettings), from_server("<html>no frame at all</html>")}, {}}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(Http2Session, AClientThatSpeaksHttp1IsHandedOver) {
  for (const std::size_t piece_bytes : {std::size_t{1000}, std::size_t{1}}) {
    ScriptedFlow flow{kHttp2Dissector};
    flow.stream({from_server(kSettings), from_client("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n")}, piece_bytes);
    EXPECT_TRUE(flow.handed_over);
    EXPECT_TRUE(flow.left_over[0].starts_with("GET / HTTP/1.1\r\n"));
    EXPECT_TRUE(flow.words.empty());
  }
}

TEST(Http2Session, AFieldBlockIsBounded) {
  ScriptedFlow flow{kHttp2Dissector};
  std::string parts = headers("", 1, 0);
  for (int i = 0; i < 5; ++i) parts += frame(Http2FrameType::continuation, 0, 1, std::string(16'000, '\x82'));
  flow.stream({from_client(kPreface + kSettings + parts)});
  EXPECT_EQ(flow.words, (Words{"c unreadable Length"}));
  EXPECT_TRUE(flow.done[0]);
}

TEST(Http2Session, DataIsPassedOverUnseen) {
  StreamTrial flow{kHttp2Dissector};
  const std::string data = frame(Http2FrameType::data, 0, 1, std::string(16'000, 'x'));
  flow.play({{.sender = Side::initiator, .octets = kPreface + kSettings + data + data + headers(kRequest, 3)}}, [] { return 500; });
  EXPECT_EQ(flow.all, (Words{"c clear http GET request", "c http GET address_book"}));
  EXPECT_LE(flow.num_chunks, 8U);
}

TEST(Http2Session, ALossOfFramesEndsItsSide) {
  StreamTrial flow{kHttp2Dissector};
  flow.play({{.sender = Side::initiator, .octets = kPreface + kSettings},
             {.sender = Side::initiator, .octets = headers(kRequest), .missing_bytes = 40},
             {.sender = Side::responder, .octets = kSettings + headers(kResponse)}},
            [] { return 500; });
  EXPECT_EQ(flow.all, (Words{"c gap", "s clear http response", "s http 200"}));
  EXPECT_TRUE(flow.done[0]);
}

TEST(Http2Session, ALossInsideDataCostsNothing) {
  StreamTrial flow{kHttp2Dissector};
  const std::string data = frame(Http2FrameType::data, 0, 1, std::string(1000, 'x'));
  flow.play({{.sender = Side::initiator, .octets = kPreface + kSettings + data.substr(0, 100)},
             {.sender = Side::initiator, .octets = data.substr(300) + headers(kRequest, 3), .missing_bytes = 200}},
            [] { return 500; });
  EXPECT_EQ(flow.all, (Words{"c clear http GET request", "c http GET address_book"}));
}

TEST(Http2Message, NamesVersionAndHost) {
  ScriptedFlow flow{kHttp2Dissector};
  flow.stream({from_client(kPreface + kSettings + headers(kRequest))});
  ASSERT_EQ(flow.facts.size(), 2U);
  const HttpMessage& message = *fact_if<HttpMessage>(&flow.facts[1].body);
  EXPECT_EQ(message.version, 20);
  EXPECT_EQ(message.host, "fe01.contoso.com");
}

struct Begin {
  std::string_view name;
  std::string octets;
  Recognition expected{};
  bool at_start = true;
};
void PrintTo(const Begin& begin, std::ostream* out) { *out << begin.name; }

class Http2Probe : public ::testing::TestWithParam<Begin> {};
TEST_P(Http2Probe, DecidesByContent) {
  const auto ask = [](std::string_view begin) {
    return probe_http2({.bytes = as_bytes(begin), .transport = Transport::tcp, .at_start = GetParam().at_start});
  };
  EXPECT_EQ(ask(GetParam().octets), GetParam().expected);
  for (std::size_t length = 0; GetParam().expected == Recognition::yes && length < GetParam().octets.size(); ++length)
    EXPECT_NE(ask(std::string_view{GetParam().octets}.substr(0, length)), Recognition::no) << length;
}
INSTANTIATE_TEST_SUITE_P(
    Table, Http2Probe,
    ::testing::Values(
        Begin{"Preface", kPreface, Recognition::yes}, Begin{"PrefaceLater", kPreface, Recognition::yes, false},
        Begin{"CutPreface", "PRI * HTTP/2.0\r\n", Recognition::need_more}, Begin{"AnotherLine", "PRI * HTTP/3.0\r\n", Recognition::no},
        Begin{"ServersSettings", kSettings, Recognition::yes}, Begin{"ServersSettingsLater", kSettings, Recognition::no, false},
        Begin{"EmptySettings", frame(Http2FrameType::settings, 0, 0, ""), Recognition::no},
        Begin{"UnknownSetting", frame(Http2FrameType::settings, 0, 0, octets("00ff 00000001")), Recognition::no},
        Begin{"FourZeros", std::string(16, '\0'), Recognition::no}, Begin{"Smb", octets("00000054 fe534d42"), Recognition::no},
        Begin{"LengthPrefixedZeros", octets("00000004 00000000 00000004"), Recognition::no}, Begin{"Http1", "POST /", Recognition::no},
        Begin{"Tls", octets("16030100c8010000c4"), Recognition::no}, Begin{"DnsOverTcp", octets("0020 1234 0100"), Recognition::no}),
    [](const auto& param) { return std::string{param.param.name}; });

}  // namespace
}  // namespace sealtrace
