#include "dissectors/sip/sip_websocket.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dissectors/sip/sip_script.hpp"
#include "dissectors/sip/sip_session.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using sip_testing::frame;
using sip_testing::kinds_of;
using sip_testing::request;
using sip_testing::response;
using sip_testing::sip_messages;
using testing::from_client;
using testing::from_server;
using testing::Said;
using testing::ScriptedFlow;
using Octets = std::vector<std::uint8_t>;
using Words = std::vector<std::string>;

constexpr std::uint8_t kText = 0x81;
constexpr std::uint8_t kBinary = 0x82;
constexpr std::string_view kSdp = "Content-Type: application/sdp\r\n";
constexpr std::string_view kAudio = "v=0\r\nm=audio 49170 UDP/TLS/RTP/SAVPF 111\r\n";

TEST(WebsocketFrame, IsReadAsRfc6455Shows) {
  struct Case {
    std::string_view name;
    std::string_view octets;
    std::string_view error;  ///< field; empty when it is read
    std::uint64_t payload_length;
    std::size_t length;
  };
  const Case cases[] = {
      {"section 5.7: a text message", "81 05 48 65", "", 5, 2},
      {"section 5.7: a masked one", "81 85 37 FA 21 3D 7F", "", 5, 6},
      {"section 5.7: a first fragment", "01 03 48", "", 3, 2},
      {"section 5.7: 256 octets", "82 7E 01 00", "", 256, 4},
      {"section 5.7: 64 KiB", "82 7F 00 00 00 00 00 01 00 00", "", 65536, 10},
      {"a reserved opcode", "83 00", "opcode", 0, 0},
      {"a reserved control opcode", "8B 00", "opcode", 0, 0},
      {"a fragmented ping", "09 00", "FIN", 0, 0},
      {"a long ping", "89 7E 00 7E", "Payload len", 0, 0},
      {"a length that would fit into seven bits", "81 7E 00 7D", "Extended payload length", 0, 0},
      {"a length that would fit into sixteen bits", "81 7F 00 00 00 00 00 00 FF FF", "Extended payload length", 0, 0},
      {"a length with its highest bit set", "81 7F 80 00 00 00 00 01 00 00", "Extended payload length", 0, 0},
  };
  for (const Case& c : cases) {
    const Octets octets = annotated_hex(c.octets);
    const auto read = parse_websocket_frame(octets);
    ASSERT_EQ(read.has_value(), c.error.empty()) << c.name;
    if (!read) {
      EXPECT_EQ(read.error().field, c.error) << c.name;
      EXPECT_EQ(read.error().code, ParseErrorCode::malformed) << c.name;
      continue;
    }
    EXPECT_EQ(read->payload_length, c.payload_length) << c.name;
    EXPECT_EQ(read->length, c.length) << c.name;
    for (std::size_t length = 0; length < read->length; ++length) {
      const auto cut = parse_websocket_frame(Bytes{octets}.first(length));
      ASSERT_FALSE(cut) << c.name << " cut at " << length;
      EXPECT_EQ(cut.error().code, ParseErrorCode::need_more) << c.name << " cut at " << length;
    }
  }
}

Words words_of(const std::vector<Said>& script) {
  const Words whole = ScriptedFlow{kSipDissector}.stream(script).end().words;
  for (const std::size_t piece_bytes : {1U, 2U, 3U, 7U, 50U, 400U})
    EXPECT_EQ(ScriptedFlow{kSipDissector}.stream(script, piece_bytes).end().words, whole) << "in pieces of " << piece_bytes;
  return whole;
}

TEST(SipWebsocket, FollowsMessagesOfBothSides) {
  const std::vector<Said> script{from_client(frame(kText, request("REGISTER", "sip:proxy.example.com"), true)),
                                 from_server(frame(kBinary, response("200 OK", "REGISTER"), false)),
                                 from_server(frame(0x89, "ping", false)),
                                 from_client(frame(0x8A, "ping", true)),
                                 from_client(frame(kText, "\r\n\r\n", true)),
                                 from_client(frame(kText, request("INVITE", "sip:bob@example.com", kSdp, kAudio), true)),
                                 from_client(frame(0x88, "", true))};
  EXPECT_EQ(words_of(script), (Words{"c clear sip REGISTER request", "c sip REGISTER", "s clear sip response to REGISTER", "s sip 200",
                                     "c clear sip INVITE request", "c sip INVITE"}));
  ScriptedFlow flow{kSipDissector};
  flow.stream(script).end();
  for (const SipMessage& message : sip_messages(flow)) EXPECT_TRUE(message.over_websocket);
  EXPECT_EQ(kinds_of(sip_messages(flow).back()), "call sdp");
  EXPECT_TRUE(flow.done[0]) << "the client closed";
}

TEST(SipWebsocket, AMessageMayComeInFragmentsWithControlFramesBetween) {
  const std::string message = request("INVITE", "sip:bob@example.com", kSdp, kAudio);
  std::string octets = frame(0x01, message.substr(0, 5), true) + frame(0x89, "", true) + frame(0x00, message.substr(5, 300), true);
  octets += frame(0x00, "", true) + frame(0x8A, "x", true) + frame(0x80, message.substr(305), true);
  const std::vector<Said> script{from_client(octets + frame(kText, request("BYE", "sip:a@b"), true))};
  EXPECT_EQ(words_of(script), (Words{"c clear sip INVITE request", "c sip INVITE", "c clear sip BYE request", "c sip BYE"}));
  ScriptedFlow flow{kSipDissector};
  EXPECT_EQ(kinds_of(sip_messages(flow.stream(script).end())[0]), "call sdp");
}

TEST(SipWebsocket, SaysWhatItCannotRead) {
  struct Case {
    std::string_view name;
    std::string octets;  ///< behind a REGISTER, before a BYE
    Words words;
  };
  const Case cases[] = {
      {"compressed, once",
       frame(0xC1, "\xAA", true) + frame(0xC1, "\xBB", true),
       {"c unreadable RSV1", "c clear sip BYE request", "c sip BYE"}},
      {"not SIP", frame(kText, "hello", true), {"c malformed start-line", "c clear sip BYE request", "c sip BYE"}},
      {"no empty line",
       frame(kText, "ACK sip:a@b SIP/2.0\r\nVia: a\r\n", true),
       {"c malformed header fields", "c clear sip ACK request", "c sip ACK", "c clear sip BYE request", "c sip BYE"}},
      {"a fragment of nothing", frame(0x80, "x", true), {"c malformed opcode"}},
      {"a message within a message", frame(0x01, "x", true) + frame(0x01, "x", true), {"c malformed opcode"}},
      {"a reserved opcode", frame(0x83, "x", true), {"c malformed opcode"}},
      {"a frame too long to believe", std::string{"\x82\x7F\0\0\0\1\0\0\0\0", 10}, {"c unreadable Extended payload length"}},
  };
  for (const Case& c : cases) {
    Words expected{"c clear sip REGISTER request", "c sip REGISTER"};
    expected.insert(expected.end(), c.words.begin(), c.words.end());
    EXPECT_EQ(words_of({from_client(frame(kText, request("REGISTER", "sip:a"), true) + c.octets +
                                    frame(kText, request("BYE", "sip:a@b"), true))}),
              expected)
        << c.name;
  }
}

TEST(SipWebsocket, AGapInAFrameCostsItsMessageAndOneBeyondItTheSide) {
  const std::string invite = frame(kText, request("INVITE", "sip:bob@example.com", kSdp, kAudio), true);
  const std::string bye = frame(kText, request("BYE", "sip:a@b"), true);
  ScriptedFlow inside{kSipDissector};
  inside.stream({from_client(invite.substr(0, 100))}).gap(Side::initiator, 50).stream({from_client(invite.substr(150) + bye)}).end();
  EXPECT_EQ(inside.words, (Words{"c clear sip BYE request", "c sip BYE"}));
  ScriptedFlow beyond{kSipDissector};
  beyond.stream({from_client(bye + invite.substr(0, 100))})
      .gap(Side::initiator, 5000)
      .stream({from_client(invite), from_server(frame(kText, response("200 OK", "BYE"), false))})
      .end();
  EXPECT_EQ(beyond.words, (Words{"c clear sip BYE request", "c sip BYE", "s clear sip response to BYE", "s sip 200"}));
}

TEST(SipWebsocket, LosingWhatIsNotReadIsNoGap) {
  const std::string broken = frame(kText, "ACK sip:a@b SIP/2.0\r\nno field\r\n\r\n" + std::string(200, 'x'), true);
  const std::size_t read_bytes = broken.size() - 200;
  for (const std::size_t piece_bytes : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    ScriptedFlow flow{kSipDissector};
    flow.stream({from_client(broken.substr(0, read_bytes))}, piece_bytes);
    EXPECT_EQ(flow.words.front(), "c malformed field-name");
    flow.stream({from_client(broken.substr(read_bytes) + frame(kText, request("BYE", "sip:a@b"), true))}).end();
    EXPECT_EQ(flow.words.back(), "c sip BYE") << "the rest was skipped, and nothing behind it";
  }
  SipWebsocketReader reader;
  SipReports reports{7};
  ScriptedFlow facts{kSipDissector};
  struct Place final : Origin {
    [[nodiscard]] Evidence at(std::size_t /*offset*/, std::size_t /*length*/) const override { return {}; }
    [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }
  } place;
  const Progress progress = reader.on_stream(
      {.sender = Side::initiator, .bytes = as_bytes(broken).first(read_bytes), .cut = false, .origin = &place}, reports, facts);
  EXPECT_EQ(progress.consumed, broken.size()) << "asked to skip at once";
}

TEST(SipWebsocket, AMessageWithoutAnEndIsBounded) {
  std::string octets = frame(0x01, "INVITE sip:a@b SIP/2.0\r\nSubject: ", true);
  for (int i = 0; i < 100; ++i) octets += frame(0x00, std::string(1000, 'x'), true);
  octets += frame(0x80, "", true) + frame(kText, request("BYE", "sip:a@b"), true);
  EXPECT_EQ(ScriptedFlow{kSipDissector}.stream({from_client(octets)}, 1000).end().words,
            (Words{"c malformed header fields", "c clear sip INVITE request", "c sip INVITE", "c clear sip BYE request", "c sip BYE"}));
}

TEST(SipWebsocketProbe, TakesFramesThatCarrySip) {
  using enum Recognition;
  struct Case {
    std::string_view name;
    std::string octets;
    Recognition at_start;
    Recognition later;
  };
  const std::string register_line = "REGISTER sip:proxy.example.com SIP/2.0\r\n";
  const Case cases[] = {
      {"masked", frame(kText, register_line, true), yes, yes},
      {"unmasked", frame(kBinary, "SIP/2.0 200 OK\r\n", false), yes, yes},
      {"behind a ping", frame(0x89, "", false) + frame(kText, register_line, true), yes, no},
      {"a ping", frame(0x89, "abc", false), need_more, no},
      {"a cut ping", frame(0x89, "abc", false).substr(0, 3), need_more, no},
      {"in fragments", frame(0x01, "REG", true) + frame(0x80, register_line.substr(3), true), yes, yes},
      {"a keep-alive first", frame(kText, "\r\n\r\n", true) + frame(kText, register_line, true), yes, yes},
      {"a first fragment", frame(0x01, "REGISTER si", true), need_more, no},
      {"a header", std::string{"\x81\xFE", 2}, need_more, no},
      {"a message that ends too early", frame(kText, "REGISTER si", true), no, no},
      {"XMPP (RFC 7395)", frame(kText, "<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\"/>", true), no, no},
      {"JSON", frame(kText, "{\"a\":1}", true), no, no},
      {"compressed", frame(0xC1, register_line, true), no, no},
      {"a continuation", frame(0x80, register_line, true), no, no},
      {"a close", frame(0x88, "", true), no, no},
      {"SSL 2.0", "\x80\x1C\x01\x00", no, no},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(probe_sip({.bytes = as_bytes(c.octets), .transport = Transport::tcp, .at_start = true}), c.at_start) << c.name;
    EXPECT_EQ(probe_sip({.bytes = as_bytes(c.octets), .transport = Transport::tcp, .at_start = false}), c.later) << c.name << ", later";
    EXPECT_EQ(probe_sip({.bytes = as_bytes(c.octets), .transport = Transport::udp}), no) << c.name << ", in a datagram";
    if (c.at_start != yes) continue;
    for (std::size_t length = 0; length < c.octets.size(); ++length)
      EXPECT_NE(probe_sip({.bytes = as_bytes(c.octets).first(length), .transport = Transport::tcp, .at_start = true}), no)
          << c.name << length;
  }
}

}  // namespace
}  // namespace sealtrace
