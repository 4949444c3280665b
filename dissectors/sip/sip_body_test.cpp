#include "dissectors/sip/sip_body.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dissectors/sip/sip_head.hpp"
#include "dissectors/sip/sip_script.hpp"

namespace sealtrace {
namespace {

std::string scan(std::string_view type, std::string_view body, std::size_t piece_bytes, bool whole = true) {
  SipBodyScan scan{sip_body_type(type), 7};
  for (std::size_t at = 0; at < body.size(); at += piece_bytes) scan.take(as_bytes(body.substr(at, piece_bytes)));
  SipMessage message;
  message.method = SipMethod::notify;
  add_sip_findings(message, scan.finish(whole));
  return sip_testing::kinds_of(message);
}

constexpr std::string_view kAudio = "v=0\r\no=- 0 0 IN IP4 10.0.0.1\r\nm=audio 49170 RTP/SAVP 0\r\n";
constexpr std::string_view kLync =
    "--one\r\nContent-Type: multipart/alternative;\r\n boundary=\"two\"\r\n\r\n"
    "--two\r\nContent-Type: application/sdp\r\nContent-ID: <a>\r\nContent-Disposition: session; handling=optional; "
    "ms-proxy-2007fallback\r\n\r\nv=0\r\nm=applicationsharing 5000 TCP/RTP/SAVP 127\r\n"
    "--two--\r\n--one\r\nContent-Type: text/plain\r\n\r\nm=audio 1 RTP/AVP 0\r\n--one--\r\n";

TEST(SipBody, TellsKindsOfTrafficWhateverThePieces) {
  struct Case {
    std::string_view name;
    std::string_view type;
    std::string_view body;
    std::string_view kinds;
  };
  const Case cases[] = {
      {"a call", "application/sdp", kAudio, "call sdp"},
      {"case and parameters", "Application/SDP ;charset=utf-8", kAudio, "call sdp"},
      {"a call without a last line end", "application/sdp", "v=0\nm=video 5004 RTP/AVP 31", "call sdp"},
      {"an instant message session", "application/sdp", "v=0\r\nm=message 5060 sip null\r\n", "im sdp"},
      {"desktop sharing", "application/sdp", "v=0\r\nm=applicationsharing 5000 TCP/RTP/SAVP 127\r\n", "sharing sdp"},
      {"desktop sharing by video", "application/sdp", "v=0\r\nm=video 5000 RTP/SAVP 122\r\na=label:applicationsharing-video\r\n",
       "sharing sdp"},
      {"both", "application/sdp",
       "v=0\r\nm=video 5000 RTP/SAVP 122\r\na=label:main-video\r\nm=video 5002 RTP/SAVP 122\r\na=label:applicationsharing-video\r\n",
       "call sharing sdp"},
      {"a shared screen that is not in use", "application/sdp",
       "v=0\r\nm=audio 1 RTP/AVP 0\r\nm=video 0 RTP/SAVP 122\r\na=label:applicationsharing-video\r\n", "call sdp"},
      {"attributes of sharing", "application/sdp", "v=0\r\na=x-applicationsharing-session-id:1\r\n", "sharing sdp"},
      {"media that was rejected", "application/sdp", "v=0\r\nm=audio 0 RTP/AVP 0\r\n", "sdp"},
      {"a number of ports", "application/sdp", "v=0\r\nm=audio 49170/2 RTP/AVP 0\r\n", "call sdp"},
      {"another medium", "application/sdp", "v=0\r\nm=data 9 UDP/BFCP *\r\n", "sdp"},
      {"parts of Lync", "multipart/mixed; boundary=one", kLync, "sharing sdp"},
      {"a quoted boundary", "multipart/mixed;type=x;boundary=\"one\"", kLync, "sharing sdp"},
      {"another boundary", "multipart/mixed;boundary=three", kLync, ""},
      {"no boundary", "multipart/mixed", kLync, ""},
      {"a part in base64", "multipart/mixed;boundary=one",
       "--one\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\nm=audio 1 RTP/AVP 0\r\n", ""},
      {"presence in a part", "multipart/related;boundary=one", "--one\r\nContent-Type: application/rlmi+xml\r\n\r\n<list/>\r\n--one--",
       "presence"},
      {"presence", "application/msrtc-event-categories+xml", "m=audio 1 RTP/AVP 0\r\n", "presence"},
      {"text that looks like SDP", "text/plain", "m=audio 1 RTP/AVP 0\r\n", ""},
      {"a delimiter's name goes on", "multipart/mixed;boundary=one", "--onetwo\r\nContent-Type: application/sdp\r\n\r\nm=audio 1 a 0\r\n",
       ""},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece_bytes : {std::size_t{100'000}, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}})
      EXPECT_EQ(scan(c.type, c.body, piece_bytes), c.kinds) << c.name << ", in pieces of " << piece_bytes;
  }
}

TEST(SipBody, ACutNeverMakesItMore) {
  for (const std::string_view body : {kAudio, std::string_view{"v=0\r\nm=video 1 RTP/AVP 0\r\na=label:applicationsharing-video\r\n"}}) {
    const std::string whole = scan("application/sdp", body, 1);
    for (std::size_t length = 0; length < body.size(); ++length) {
      const std::string cut = scan("application/sdp", body.substr(0, length), 1, false);
      EXPECT_TRUE(cut.empty() || cut == "sdp" || cut == whole) << cut << " at " << length;
    }
  }
}

TEST(SipBody, ALossCostsTheLineThatItCuts) {
  SipBodyScan scan{sip_body_type("application/sdp"), 7};
  scan.take(as_bytes("v=0\r\nm=mes"));
  scan.lose();
  scan.take(as_bytes("audio 1 RTP/AVP 0\r\nm=audio 2 RTP/AVP 0\r\n"));
  const SipBodyFindings found = scan.finish(true);
  EXPECT_FALSE(found.message);
  EXPECT_TRUE(found.audio_or_video);
  SipBodyScan video{sip_body_type("application/sdp"), 7};
  video.take(as_bytes("v=0\r\nm=video 1 RTP/AVP 0\r\n"));
  video.lose();
  EXPECT_FALSE(video.finish(true).audio_or_video) << "its label may be among what is missing";
  SipBodyScan parts{sip_body_type("multipart/mixed;boundary=one"), 7};
  parts.take(as_bytes("--one\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"));
  parts.lose();
  parts.take(as_bytes("\r\nm=audio 2 RTP/AVP 0\r\n"));
  EXPECT_FALSE(parts.finish(true).audio_or_video) << "another part may have begun";
}

TEST(SipBody, LongLinesAndDeepPartsAreNotRead) {
  const std::string long_line = "m=audio 1 RTP/AVP " + std::string(100'000, '0') + "\r\n";
  EXPECT_EQ(scan("application/sdp", long_line, 1000), "");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n";
  EXPECT_EQ(scan("multipart/mixed;boundary=b", deep, 100), "");
}

}  // namespace
}  // namespace sealtrace
