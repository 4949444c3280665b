#include "dissectors/http/http_session.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "dissectors/http/http_probe.hpp"
#include "dissectors/http/stream_trial.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::Said;
using testing::ScriptedFlow;
using testing::StreamTrial;
using testing::Turn;
using Words = std::vector<std::string>;

const std::string kGet = "GET / HTTP/1.1\r\nHost: fe01.contoso.com\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const std::string kHello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
const std::string kSmuggled = "GET /abs/ HTTP/1.1\r\nAuthorization: Basic eA==\r\n\r\n";

struct Script {
  std::string_view name;
  std::vector<Said> said;
  Words words;
  bool handed_over = false;
  std::string client_left{};
  std::string server_left{};
};
void PrintTo(const Script& script, std::ostream* out) { *out << script.name; }

class HttpConversation : public ::testing::TestWithParam<Script> {};
TEST_P(HttpConversation, TellsTheSameHoweverItIsCut) {
  for (const std::size_t piece_bytes : {std::size_t{100'000}, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
    ScriptedFlow flow{kHttpDissector};
    flow.stream(GetParam().said, piece_bytes);
    EXPECT_EQ(flow.words, GetParam().words) << piece_bytes;
    EXPECT_EQ(flow.handed_over, GetParam().handed_over) << piece_bytes;
    if (piece_bytes < 100'000) continue;
    EXPECT_EQ(flow.left_over[0], GetParam().client_left);
    EXPECT_EQ(flow.left_over[1], GetParam().server_left);
  }
}
TEST_P(HttpConversation, TellsNothingElseWhenItEndsEarly) {
  // Whatever is cut off, the words are the first of those of the whole conversation: nothing is concluded early.
  std::vector<Said> said = GetParam().said;
  while (!said.empty()) {
    if (said.back().octets.empty()) {
      said.pop_back();
      continue;
    }
    said.back().octets.pop_back();
    ScriptedFlow flow{kHttpDissector};
    Words words = flow.stream(said).end().words;
    std::erase_if(words, [](const std::string& word) { return word.ends_with("unreadable start-line"); });  // said of a side at its end
    ASSERT_LE(words.size(), GetParam().words.size());
    ASSERT_TRUE(std::equal(words.begin(), words.end(), GetParam().words.begin())) << said.size() << " " << said.back().octets.size();
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, HttpConversation,
    ::testing::Values(
        Script{"APostedPassword",
               {from_client(
                   "POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: 22\r\n\r\n"
                   "user=a&password=secret" +
                   kGet)},
               {"c clear http POST request", "c http POST other", "c credential form", "c clear http GET request", "c http GET other"}},
        Script{"APasswordBehindTheQuestionMark",
               {from_client("GET /dialin/login?user=alice&password=secret&pin=1 HTTP/1.1\r\n\r\n")},
               {"c clear http GET request", "c http GET web_conferencing", "c credential form"}},
        Script{"ATokenBehindTheQuestionMark",
               {from_client("GET /x?access_token=secret#y HTTP/1.1\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "c credential bearer"}},
        Script{"AQueryWithoutThemIsNone",
               {from_client("GET /meet/a?q=password&show_password=1&sl=1#password=x HTTP/1.1\r\nX-MS-WebTicket:\r\n\r\n")},
               {"c clear http GET request", "c http GET meeting_content"}},
        Script{"AWebTicketIsAToken",
               {from_client("GET /abs/x HTTP/1.1\r\nX-MS-WebTicket: opaque=secret\r\n\r\n")},
               {"c clear http GET request", "c http GET address_book", "c credential bearer"}},
        Script{"APostedToken",
               {from_client("POST /x HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 19\r\n\r\n"
                            "access_token=secret")},
               {"c clear http POST request", "c http POST other", "c credential bearer"}},
        Script{"ABodyWhereNoneIsDue",
               {from_client("GET /1 HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
                            "HEAD /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "c clear http GET request with a body", "c clear http HEAD request",
                "c http HEAD other"}},
        Script{"AFormWithoutAPassword",
               {from_client("POST /find HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\n"
                            "q=password&" +
                            kGet)},
               {"c clear http POST request", "c http POST other", "c clear http GET request", "c http GET other"}},
        Script{"TextOfAnotherTypeIsNoForm",
               {from_client("POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\npassword=b")},
               {"c clear http POST request", "c http POST other"}},
        Script{"ConferenceControl",
               {from_client("POST /c HTTP/1.1\r\nContent-Type: application/cccp+xml; charset=utf-8\r\nContent-Length: 2\r\n\r\n<>"),
                from_server("HTTP/1.1 200 OK\r\nContent-Type: Application/CCCP+xml\r\nContent-Length: 2\r\n\r\n<>")},
               {"c clear http POST request", "c clear c3p conference control request", "c http POST other", "s clear http response",
                "s clear c3p conference control response", "s http 200"}},
        Script{"OneRequestAndItsAnswer",
               {from_client(kGet), from_server(kOk)},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 200"}},
        Script{"PersistentAndPipelined",
               {from_client(kGet + "POST /abs/handler HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + kGet),
                from_server(kOk + kOk + kOk)},
               {"c clear http GET request", "c http GET other", "c clear http POST request", "c http POST address_book",
                "s clear http response", "s http 200"}},
        Script{"BodiesAreNotRead",
               {from_client("PUT /x HTTP/1.1\r\nContent-Length: " + std::to_string(kSmuggled.size()) + "\r\n\r\n" + kSmuggled + kGet)},
               {"c clear http PUT request", "c http PUT other", "c clear http GET request", "c http GET other"}},
        Script{"ChunkedBodyWithTrailer",
               {from_client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nExpires: "
                            "0\r\nDigest: x\r\n\r\n" +
                            kGet)},
               {"c clear http POST request", "c http POST other", "c clear http GET request", "c http GET other"}},
        Script{"AnswersToHeadHaveNoBody",
               {from_client("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + kGet),
                from_server("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")},
               {"c clear http HEAD request", "c http HEAD other", "c clear http GET request", "c http GET other", "s clear http response",
                "s http 200", "s http 404"}},
        Script{"InformationalNoContentAndNotModified",
               {from_client(kGet + kGet + kGet),
                from_server("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: "
                            "9\r\n\r\nHTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 100", "s http 204", "s http 304",
                "s http 500"}},
        Script{"ABodyUntilCloseIsNotRead",
               {from_client(kGet), from_server("HTTP/1.0 200 OK\r\n\r\nHTTP/1.0 404 Not Found\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 200"}},
        Script{
            "EmptyLinesBeforeAMessage", {from_client("\r\n\r\n" + kGet + "\r\n" + kGet)}, {"c clear http GET request", "c http GET other"}},
        Script{"LinesMayEndWithLineFeedAlone",
               {from_client("GET /meet/ HTTP/1.1\nHost: a\n\n"),
                from_server("HTTP/1.1 302 Found\nLocation: HTTPS://a/meet/\nContent-Length: 0\n\n")},
               {"c clear http GET request", "c http GET meeting_content", "s clear http response", "s http 302"}},
        Script{"CredentialsAreNamedOnce",
               {from_client("GET / HTTP/1.1\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nCookie: a=b\r\n\r\n"
                            "GET / HTTP/1.1\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nProxy-Authorization: NTLM "
                            "TlRMTVNTUAABAAAA\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "c credential basic", "c credential cookie", "c credential ntlm"}},
        Script{"OffersAreNamedOnceAndSetCookieIsNone",
               {from_client(kGet + kGet),
                from_server("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nSet-Cookie: "
                            "a=b\r\nContent-Length: 0\r\n\r\nHTTP/1.1 407 x\r\nProxy-Authenticate: Digest realm=\"a, Basic\"\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 401", "s offered ntlm",
                "s offered negotiate", "s http 407", "s offered digest"}},
        Script{"ConnectBecomesATunnel",
               {from_client("CONNECT sip.contoso.com:443 HTTP/1.1\r\nHost: sip.contoso.com:443\r\n\r\n"),
                from_server("HTTP/1.1 200 Connection established\r\nContent-Length: 3\r\n\r\n"), from_client(kHello)},
               {"c clear http CONNECT request", "c http CONNECT other", "s clear http response", "s http 200"},
               true},
        Script{"ATunnelBeginsBehindTheAnswersHead",
               {from_client("CONNECT a:443 HTTP/1.1\r\n\r\n"), from_server("HTTP/1.1 200 x\r\n\r\nSSH-2.0-x")},
               {"c clear http CONNECT request", "c http CONNECT other", "s clear http response", "s http 200"},
               true,
               "",
               "SSH-2.0-x"},
        Script{"ARefusedTunnelIsTriedAgain",
               {from_client("CONNECT a:443 HTTP/1.1\r\n\r\n"),
                from_server("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 4\r\n\r\nbody"),
                from_client("CONNECT a:443 HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\n\r\n"), from_server("HTTP/1.1 200 x\r\n\r\n"),
                from_client(kHello)},
               {"c clear http CONNECT request", "c http CONNECT other", "s clear http response", "s http 407", "s offered basic",
                "c credential basic", "s http 200"},
               true},
        Script{"WebSocketIsHandedOver",
               {from_client("GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
                from_server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05hello")},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 101", "s upgrade http accepted"},
               true,
               "",
               "\x81\x05hello"},
        Script{"TlsInPlace",
               {from_client("OPTIONS * HTTP/1.1\r\nHost: a\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n"),
                from_server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n"),
                from_client(kHello)},
               {"c clear http OPTIONS request", "c http OPTIONS other", "c upgrade http requested", "s clear http response", "s http 101",
                "s upgrade http accepted"},
               true},
        Script{"TlsIsRequired",
               {from_client(kGet), from_server("HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nContent-Length: 0\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 426", "s upgrade http required"}},
        Script{"AnUpgradeThatIsIgnoredChangesNothing",
               {from_client("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"), from_server(kOk),
                from_client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), from_server(kOk)},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 200", "c clear http POST request",
                "c http POST other"}},
        Script{"TheServerOpenedTheConnection",
               {from_server(kGet), from_client(kOk)},
               {"s clear http GET request", "s http GET other", "c clear http response", "c http 200"}},
        Script{"OnlyTheServersSide",
               {from_server(kOk + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")},
               {"s clear http response", "s http 200", "s http 404"}},
        Script{"OnlyTheServersSideAnsweringHead",
               {from_server("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
                from_server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")},
               {"s clear http response", "s http 200", "s http 404"}},
        Script{"OnlyTheClientsSideOfATunnel",
               {from_client("CONNECT a:443 HTTP/1.1\r\n\r\n"), from_client(kHello)},
               {"c clear http CONNECT request", "c http CONNECT other"},
               true,
               kHello},
        Script{"OnlyTheClientsSideGoesOnBehindAnUpgrade",
               {from_client("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n" + kGet + "HEAD / HTTP/1.1\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "c http GET other", "c clear http HEAD request", "c http HEAD other"}},
        Script{"BothLengthsEndTheReading",
               {from_client("POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kSmuggled)},
               {"c clear http POST request", "c http POST other", "c malformed Transfer-Encoding"}},
        Script{"ABareLineFeedInAChunkEndsTheReading",
               {from_client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n" + kSmuggled)},
               {"c clear http POST request", "c http POST other", "c malformed chunk-size"}},
        Script{"AChunkThatIsLongerThanItsSizeEndsTheReading",
               {from_client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n" + kSmuggled)},
               {"c clear http POST request", "c http POST other", "c malformed chunk-data"}},
        Script{"ABodyLongerThanItsLengthEndsTheReading",
               {from_client(kGet), from_server(kOk + "<more of it>" + kOk)},
               {"c clear http GET request", "c http GET other", "s clear http response", "s http 200", "s malformed start-line"}},
        Script{
            "AHeadThatIsNoneEndsTheReading", {from_client("GET / HTTP/1.1\r\nno colon\r\n\r\n" + kSmuggled)}, {"c malformed field-name"}},
        Script{"AnotherProtocolBehindAMessageEndsTheReading",
               {from_client(kGet + "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "c unreadable HTTP-version"}},
        Script{"TheOtherSideSpeaksNoHttp",
               {from_client(kGet), from_server("ICY 200 OK\r\n\r\n\x01\x02\x03")},
               {"c clear http GET request", "c http GET other"}},
        Script{"APasswordInTheTargetIsACredential",
               {from_client("GET ftp://user:secret@ftp.contoso.com/x HTTP/1.1\r\nHost: proxy\r\n\r\n")},
               {"c clear http GET request", "c http GET other", "c credential other"}}),
    [](const auto& param) { return std::string{param.param.name}; });

const HttpMessage& message_of(const ScriptedFlow& flow, std::size_t nth) {
  std::size_t seen = 0;
  for (const Fact& fact : flow.facts) {
    if (const auto* message = fact_if<HttpMessage>(&fact.body); message != nullptr && seen++ == nth) return *message;
  }
  static const HttpMessage kNone;
  ADD_FAILURE() << "no message " << nth;
  return kNone;
}

TEST(HttpFacts, SayWhatAHeadSaysAndNoMore) {
  ScriptedFlow flow{kHttpDissector};
  flow.stream({from_client("GET /abs/handler?password=SECRET&access_token=SECRET HTTP/1.0\r\nHost: FE01.Contoso.com:8080\r\nUser-Agent: "
                           "UCCAPI/15\x01 OC\r\n"
                           "X-MS-WebTicket: SECRET\r\nCookie: id=SECRET\r\nAuthorization: Digest username=\"SECRET\", "
                           "response=\"SECRET\"\r\nUpgrade: WebSocket, x\r\n\r\n"),
               from_server("HTTP/1.1 301 Moved\r\nServer: Microsoft-IIS/8.5\r\nLocation: https://fe01.contoso.com/?token=SECRET\r\n"
                           "Content-Length: 0\r\n\r\n")});
  const HttpMessage& request = message_of(flow, 0);
  EXPECT_TRUE(request.request);
  EXPECT_EQ(request.version, 10);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.host, "fe01.contoso.com");
  EXPECT_EQ(request.path, HttpPathClass::address_book);
  EXPECT_EQ(request.upgrade, "websocket");
  EXPECT_EQ(request.product, "UCCAPI/15? OC");
  const HttpMessage& response = message_of(flow, 1);
  EXPECT_FALSE(response.request);
  EXPECT_EQ(response.version, 11);
  EXPECT_EQ(response.status, 301);
  EXPECT_TRUE(response.redirect_to_https);
  EXPECT_EQ(response.product, "Microsoft-IIS/8.5");
  for (const std::string* text : {&request.method, &request.host, &request.upgrade, &request.product, &response.product, &response.upgrade})
    EXPECT_EQ(text->find("SECRET"), std::string::npos) << *text;
}

TEST(HttpFacts, TheTargetsHostWinsWithoutItsUser) {
  ScriptedFlow flow{kHttpDissector};
  flow.stream(
      {from_client("GET http://user:secret@Web.Contoso.com:80/ocsp HTTP/1.1\r\nHost: proxy.contoso.com\r\n\r\n"
                   "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\nCONNECT sip.contoso.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")});
  EXPECT_EQ(message_of(flow, 0).host, "web.contoso.com");
  EXPECT_EQ(message_of(flow, 0).path, HttpPathClass::ocsp);
  EXPECT_EQ(message_of(flow, 1).host, "[2001:db8::1]");
  EXPECT_EQ(message_of(flow, 2).host, "sip.contoso.com");
  EXPECT_TRUE(message_of(flow, 2).connect);
}

TEST(HttpFacts, PointAtTheFrameThatEndsTheHead) {
  ScriptedFlow flow{kHttpDissector};
  flow.stream({from_client(kGet.substr(0, 10)), from_client(kGet.substr(10))});
  ASSERT_EQ(flow.facts.size(), 2U);
  EXPECT_EQ(flow.facts[0].evidence.frame, FrameNumber{2});
}

TEST(HttpFacts, AreBoundedOnASide) {
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += "GET / HTTP/1.1\r\nHost: h" + std::to_string(i) + "\r\n\r\n";
  ScriptedFlow flow{kHttpDissector};
  flow.stream({from_client(requests)});
  const auto messages = std::ranges::count_if(flow.words, [](const std::string& word) { return word.starts_with("c http"); });
  EXPECT_EQ(messages, static_cast<std::ptrdiff_t>(kMaxMessagesTold));
  EXPECT_LT(flow.facts.size(), 40U);
}

TEST(HttpSession, ManyRequestsWithoutAnswersAreBounded) {
  std::string requests;
  for (std::size_t i = 0; i <= kMaxOpenRequests; ++i) requests += "HEAD / HTTP/1.1\r\n\r\n";
  StreamTrial flow{kHttpDissector};
  flow.play({{.sender = Side::initiator, .octets = requests}, {.sender = Side::responder, .octets = kOk + kOk}}, [] { return 100'000; });
  EXPECT_EQ(flow.all, (Words{"c clear http HEAD request", "c http HEAD other", "c budget", "s clear http response", "s http 200"}));
}

TEST(HttpSession, AHeadWithoutEndIsGivenUp) {
  StreamTrial flow{kHttpDissector};
  const std::string line = "X-Filler: " + std::string(990, 'x') + "\r\n";
  std::string head = "GET / HTTP/1.1\r\n";
  while (head.size() < 2 * kMaxTextHeadBytes) head += line;
  flow.play({{.sender = Side::initiator, .octets = head}}, [] { return 1000; });
  EXPECT_EQ(flow.all, (Words{"c malformed header fields"}));
  EXPECT_TRUE(flow.done[0]);
  EXPECT_LE(flow.max_held_bytes, kMaxTextHeadBytes + 1000);
}

TEST(HttpSession, ALargeBodyIsPassedOverUnseen) {
  StreamTrial flow{kHttpDissector};
  const std::string body(100'000, 'x');
  flow.play({{.sender = Side::initiator, .octets = "PUT / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + body + kGet}}, [] { return 1000; });
  EXPECT_EQ(flow.all, (Words{"c clear http PUT request", "c http PUT other", "c clear http GET request", "c http GET other"}));
  EXPECT_LE(flow.num_chunks, 4U);
}

TEST(HttpSession, AnEndlessBodyIsPassedOverInParts) {
  // 2^33 octets: more than the flow layer skips at once. The body's end is lost with them, the next head is not.
  const std::uint64_t length = std::uint64_t{1} << 33;
  StreamTrial flow{kHttpDissector};
  flow.play({{.sender = Side::initiator, .octets = "PUT / HTTP/1.1\r\nContent-Length: " + std::to_string(length) + "\r\n\r\nbegin"},
             {.sender = Side::initiator, .octets = kGet, .missing_bytes = length - 5}},
            [] { return 1000; });
  EXPECT_EQ(flow.all, (Words{"c clear http PUT request", "c http PUT other", "c gap", "c clear http GET request", "c http GET other"}));
}

TEST(HttpLoss, AFormWithAHoleInItsFrontHidesNoRequestBehindIt) {
  StreamTrial trial{kHttpDissector};
  trial.play({{.sender = Side::initiator,
               .octets = "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n" +
                         std::string(50, 'a')},
              {.sender = Side::initiator, .octets = std::string(20, 'b') + "\r\n" + kGet, .missing_bytes = 30}},
             [] { return std::size_t{1000}; });
  EXPECT_EQ(trial.all, (Words{"c clear http POST request", "c http POST other", "c gap", "c clear http GET request", "c http GET other"}));
}

struct Loss {
  std::string_view name;
  std::vector<Turn> turns;
  Words words;
  bool handed_over = false;
};
void PrintTo(const Loss& loss, std::ostream* out) { *out << loss.name; }

class HttpLoss : public ::testing::TestWithParam<Loss> {};
TEST_P(HttpLoss, IsSaidAndReadingGoesOnAtAHead) {
  for (const std::size_t piece_bytes : {std::size_t{100'000}, std::size_t{1}, std::size_t{3}}) {
    StreamTrial flow{kHttpDissector};
    flow.play(GetParam().turns, [&] { return piece_bytes; });
    EXPECT_EQ(flow.all, GetParam().words) << piece_bytes;
    EXPECT_EQ(flow.handed_over, GetParam().handed_over) << piece_bytes;
    EXPECT_TRUE(flow.evidence_inside);
  }
}
constexpr Side kClient = Side::initiator;
constexpr Side kServer = Side::responder;
INSTANTIATE_TEST_SUITE_P(
    Table, HttpLoss,
    ::testing::Values(
        Loss{"InsideABodyThatWasToBePassedOver",
             {{kClient, kGet},
              {kServer, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\nabc"},
              {kServer, std::string(1000, 'x') + "HTTP/1.1 404 x\r\nServer: a\r\n\r\n", 997}},
             {"c clear http GET request", "c http GET other", "s clear http response", "s http 200", "s http 404"}},
        Loss{"OfAHead",
             {{kClient, kGet}, {kServer, "HTTP/1.1 200 OK\r\nConte"}, {kServer, "ngth: 500\r\n\r\nbody HTTP/1.1 is text<p>" + kOk, 10}},
             {"c clear http GET request", "c http GET other", "s gap", "s clear http response", "s http 200"}},
        Loss{"OfARequest",
             {{kClient, kGet}, {kClient, "t: x\r\n\r\nxx GET /no HTTP/1.1\r\nPOST /abs/ HTTP/1.1\r\n\r\n", 100}},
             {"c clear http GET request", "c http GET other", "c gap", "c clear http POST request", "c http POST address_book"}},
        Loss{"OfARequestThatWasHead",
             {{kClient, kGet},
              {kClient, "", 100},
              {kServer, kOk + "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"},
              {kServer, "HTTP/1.1 404 x\r\n\r\n"}},
             {"c clear http GET request", "c http GET other", "c gap", "s clear http response", "s http 200", "s http 404"}},
        Loss{"OfAnAnswerToConnect",
             {{kClient, "CONNECT a:443 HTTP/1.1\r\n\r\n"}, {kServer, "", 50}, {kClient, kHello}},
             {"c clear http CONNECT request", "c http CONNECT other", "s gap"},
             true},
        Loss{"ATextAboutHttpIsNoHead",
             {{kServer, kOk}, {kServer, "<title>HTTP/1.1 404 Not Found</title>\r\n\r\nHTTP/1.1 400 Bad\r\nno field\r\n\r\n", 10}},
             {"s clear http response", "s http 200", "s gap"}}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(HttpSession, LossesAreBounded) {
  StreamTrial flow{kHttpDissector};
  std::vector<Turn> turns{{kClient, kGet}};
  for (int i = 0; i < 20; ++i) turns.push_back({kClient, "x", 10});
  flow.play(turns, [] { return 10; });
  EXPECT_EQ(std::ranges::count(flow.all, "c gap"), kMaxHttpGaps);
}

TEST(HttpSession, ASearchEnds) {
  StreamTrial flow{kHttpDissector};
  flow.play({{kServer, kOk}, {kServer, std::string(kMaxHttpSearchBytes + 100'000, 'x') + kOk, 10}}, [] { return 100'000; });
  EXPECT_EQ(flow.all, (Words{"s clear http response", "s http 200", "s gap"}));
  EXPECT_TRUE(flow.done[1]);
}

struct Begin {
  std::string_view name;
  std::string octets;
  Recognition expected{};
  bool at_start = true;
  Transport transport = Transport::tcp;
};
void PrintTo(const Begin& begin, std::ostream* out) { *out << begin.name; }

class HttpProbe : public ::testing::TestWithParam<Begin> {};
TEST_P(HttpProbe, DecidesByContent) {
  const auto ask = [](std::string_view octets) {
    return probe_http({.bytes = as_bytes(octets), .transport = GetParam().transport, .at_start = GetParam().at_start});
  };
  EXPECT_EQ(ask(GetParam().octets), GetParam().expected);
  bool refused = false;
  for (std::size_t length = 0; GetParam().at_start && length < GetParam().octets.size(); ++length) {
    const Recognition recognition = ask(std::string_view{GetParam().octets}.substr(0, length));
    if (GetParam().expected == Recognition::yes) {
      EXPECT_NE(recognition, Recognition::no) << length;
    }
    EXPECT_FALSE(refused && recognition != Recognition::no) << "taken at " << length << " after it was refused";
    refused = refused || recognition == Recognition::no;
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, HttpProbe,
    ::testing::Values(
        Begin{"Request", kGet, Recognition::yes}, Begin{"RequestLineAlone", "GET / HTTP/1.1\r\n", Recognition::yes},
        Begin{"Response", "HTTP/1.0 404 x\r\n", Recognition::yes}, Begin{"UnknownMethod", "BITS_POST /x HTTP/1.1\r\n", Recognition::yes},
        Begin{"Connect", "CONNECT a:443 HTTP/1.0\r\n", Recognition::yes},
        Begin{"LongTarget", "GET /" + std::string(600, 'x'), Recognition::yes},
        Begin{"LongTargetOfAnotherScheme", "GET rtsp://h/" + std::string(600, 'x'), Recognition::no},
        Begin{"FirstOctets", "GE", Recognition::need_more}, Begin{"NoLineEnd", "POST /x HTTP/1.1", Recognition::need_more},
        Begin{"LowerCaseMethod", "get / HTTP/1.1\r\n", Recognition::no}, Begin{"OldestVersion", "GET /\r\n", Recognition::no},
        Begin{"Rtsp", "OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n", Recognition::no},
        Begin{"RtspResponse", "RTSP/1.0 200 OK\r\n", Recognition::no},
        Begin{"Sip", "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n", Recognition::no},
        Begin{"SipResponse", "SIP/2.0 200 OK\r\n", Recognition::no},
        Begin{"Icap", "REQMOD icap://h/x ICAP/1.0\r\nHost: h\r\n\r\n", Recognition::no},
        Begin{"IcapResponse", "ICAP/1.0 200 OK\r\n", Recognition::no}, Begin{"Msrp", "MSRP d93kswow SEND\r\n", Recognition::no},
        Begin{"Shoutcast", "ICY 200 OK\r\n", Recognition::no}, Begin{"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Recognition::no},
        Begin{"Smtp", "EHLO mail.contoso.com\r\n", Recognition::no}, Begin{"SmtpCommand", "MAIL FROM:<a@b>\r\n", Recognition::no},
        Begin{"Ssh", "SSH-2.0-OpenSSH_9.2\r\n", Recognition::no}, Begin{"Irc", "NICK x\r\nUSER x 0 * :x\r\n", Recognition::no},
        Begin{"Xmpp", "<stream:stream to='a'>", Recognition::no}, Begin{"Tls", kHello, Recognition::no},
        Begin{"Stun", std::string("\x00\x01\x00\x00\x21\x12\xa4\x42", 8), Recognition::no},
        Begin{"Smb", std::string("\x00\x00\x00\x54\xfeSMB", 8), Recognition::no},
        Begin{"Dns", std::string("\x00\x20\x12\x34\x01\x00", 6), Recognition::no},
        Begin{"Rtp", std::string("\x80\x00\x12\x34", 4), Recognition::no}, Begin{"Datagram", kGet, Recognition::no, true, Transport::udp},
        Begin{"LaterWithAField", kGet, Recognition::yes, false}, Begin{"LaterResponse", kOk, Recognition::yes, false},
        Begin{"LaterLineAlone", "GET / HTTP/1.1\r\n", Recognition::no, false}, Begin{"LaterFirstOctets", "GET ", Recognition::no, false}),
    [](const auto& param) { return std::string{param.param.name}; });

}  // namespace
}  // namespace sealtrace
