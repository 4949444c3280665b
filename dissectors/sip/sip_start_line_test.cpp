#include "dissectors/sip/sip_start_line.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dissectors/sip/sip_session.hpp"

namespace sealtrace {
namespace {

using enum Recognition;

struct LineCase {
  std::string_view name;
  std::string_view line;
  std::string_view error;  ///< field; empty when it is read
  bool request;
  SipMethod method;
  std::uint16_t status;
  std::string_view uri;
};

TEST(SipStartLine, ReadsWhatSendersWrite) {
  const LineCase cases[] = {
      {"RFC 3261 section 24.2", "INVITE sip:bob@biloxi.com SIP/2.0", "", true, SipMethod::invite, 0, "sip:bob@biloxi.com"},
      {"status line", "SIP/2.0 180 Ringing", "", false, SipMethod::other, 180, ""},
      {"RFC 4475 3.1.1.13: no reason phrase", "SIP/2.0 100 ", "", false, SipMethod::other, 100, ""},
      {"no reason phrase and no space", "SIP/2.0 200", "", false, SipMethod::other, 200, ""},
      {"RFC 4475 3.1.1.2: an unusual method", "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual@example.com SIP/2.0", "", true,
       SipMethod::other, 0, "sip:1_unusual@example.com"},
      {"RFC 4475 3.1.2.7: angle brackets", "INVITE <sip:user@example.com> SIP/2.0", "", true, SipMethod::invite, 0,
       "sip:user@example.com>"},
      {"RFC 4475 3.1.2.8: white space in the URI", "INVITE sip:user@example.com; lr SIP/2.0", "", true, SipMethod::invite, 0,
       "sip:user@example.com; lr"},
      {"RFC 4475 3.1.2.9: two spaces", "INVITE  sip:user@example.com  SIP/2.0", "", true, SipMethod::invite, 0, "sip:user@example.com"},
      {"RFC 4475 3.1.2.10: spaces at the end", "OPTIONS sip:t@example.com SIP/2.0  ", "", true, SipMethod::options, 0, "sip:t@example.com"},
      {"RFC 4475 3.1.2.16: another version", "OPTIONS sip:t.watson@example.org SIP/7.0", "", true, SipMethod::options, 0,
       "sip:t.watson@example.org"},
      {"RFC 4475 3.3.2: unknown scheme", "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", "", true, SipMethod::options, 0,
       "nobodyKnowsThisScheme:totallyopaquecontent"},
      {"methods are case-sensitive", "invite sip:bob@biloxi.com SIP/2.0", "", true, SipMethod::other, 0, "sip:bob@biloxi.com"},
      {"[MS-SIP]", "BENOTIFY sip:a@contoso.com SIP/2.0", "", true, SipMethod::benotify, 0, "sip:a@contoso.com"},
      {"RFC 4475 3.1.2.19: a status that overflows", "SIP/2.0 4294967301 better not break the receiver", "Status-Code", false, {}, 0, ""},
      {"a status below 100", "SIP/2.0 99 x", "Status-Code", false, {}, 0, ""},
      {"HTTP", "GET / HTTP/1.1", "SIP-Version", false, {}, 0, ""},
      {"RTSP", "OPTIONS rtsp://example.com/ RTSP/1.0", "SIP-Version", false, {}, 0, ""},
      {"no URI", "INVITE SIP/2.0", "Request-URI", false, {}, 0, ""},
      {"a URI without a scheme", "INVITE bob SIP/2.0", "Request-URI", false, {}, 0, ""},
      {"a header field", "Via: SIP/2.0/UDP pc33", "Method", false, {}, 0, ""},
      {"nothing", "", "Method", false, {}, 0, ""},
  };
  for (const LineCase& c : cases) {
    const auto start = parse_sip_start_line(c.line);
    ASSERT_EQ(start.has_value(), c.error.empty()) << c.name;
    if (!start) {
      EXPECT_EQ(start.error().field, c.error) << c.name;
      EXPECT_EQ(start.error().code, ParseErrorCode::malformed) << c.name;
      continue;
    }
    EXPECT_EQ(start->request, c.request) << c.name;
    EXPECT_EQ(start->method, c.method) << c.name;
    EXPECT_EQ(start->status, c.status) << c.name;
    EXPECT_EQ(start->request_uri, c.uri) << c.name;
  }
}

struct ProbeCase {
  std::string_view name;
  std::string_view octets;
  Recognition stream;
  Recognition later;
  Recognition datagram;
};

Recognition probe(std::string_view octets, bool at_start, Transport transport) {
  return probe_sip({.bytes = as_bytes(octets), .transport = transport, .at_start = at_start, .source_port = 0, .destination_port = 0});
}

TEST(SipProbe, KnowsStartLinesAndRefusesNeighbours) {
  const std::string long_uri = "INVITE sip:" + std::string(600, 'a');
  const ProbeCase cases[] = {
      {"nothing yet", "", need_more, need_more, need_more},
      {"a request", "INVITE sip:bob@biloxi.com SIP/2.0\r\n", yes, no, yes},
      {"a request and its Via", "INVITE sip:bob@biloxi.com SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n", yes, yes, yes},
      {"a response and its compact Via", "SIP/2.0 200 OK\r\nf: sip:a@b\r\nv: SIP/2.0/TCP a\r\n", yes, yes, yes},
      {"a response", "SIP/2.0 200 OK\r\n", yes, no, yes},
      {"an unknown method", "FOO sip:a@b SIP/2.0\r\n", yes, no, yes},
      {"a keep-alive and a request", "\r\n\r\nOPTIONS sip:a@b SIP/2.0\n", yes, no, yes},
      {"a keep-alive", "\r\n\r\n", need_more, no, no},
      {"a method", "INVITE", need_more, no, no},
      {"a version", "SIP/2.", need_more, no, no},
      {"a long request line", long_uri, yes, no, yes},
      {"HTTP", "GET / HTTP/1.1\r\n", no, no, no},
      {"HTTP of a proxy", "CONNECT a.example:443 HTTP/1.1\r\n", no, no, no},
      {"HTTP of a proxy, absolute", "GET http://a.example/ HTTP/1.1\r\n", no, no, no},
      {"an HTTP response", "HTTP/1.1 200 OK\r\n", no, no, no},
      {"RTSP", "OPTIONS rtsp://a/ RTSP/1.0\r\n", no, no, no},
      {"RTSP without an end", "OPTIONS rtsp://a", need_more, no, no},
      {"MSRP", "MSRP d93kswow SEND\r\n", no, no, no},
      {"SMTP", "EHLO a.example\r\n", no, no, no},
      {"SSH", "SSH-2.0-OpenSSH_9\r\n", no, no, no},
      {"another version", "OPTIONS sip:a@b SIP/7.0\r\n", no, no, no},
      {"a status above 699", "SIP/2.0 700 x\r\n", no, no, no},
      {"lower case", "invite sip:a@b SIP/2.0\r\n", no, no, no},
      {"control octets in the URI", "INVITE sip:a\x01 SIP/2.0\r\n", no, no, no},
      {"control octets in a URI without an end", "INVITE sip:a\x01", no, no, no},
      {"XMPP", "<stream:stream", no, no, no},
      {"LDAP", "\x30\x0C\x02\x01\x01\x60", no, no, no},
      {"TLS", "\x16\x03\x01\x02", no, no, no},
      {"SMB", std::string_view{"\0\0\0\x85\xFFSMB", 8}, no, no, no},
      {"RTP", std::string_view{"\x80\x00\x12\x34\0\0\0\xA0\0\0\0\1", 12}, no, no, no},
      {"RTCP", std::string_view{"\x80\xC8\x00\x06\0\0\0\1\0\0\0\0", 12}, no, no, no},
      {"STUN", std::string_view{"\0\1\0\0\x21\x12\xA4\x42", 8}, no, no, no},
      {"DNS", std::string_view{"\x12\x34\1\0\0\1\0\0\0\0\0\0", 12}, no, no, no},
      {"H.323", std::string_view{"\3\0\0\x24\x08\x02", 6}, no, no, no},
  };
  for (const ProbeCase& c : cases) {
    EXPECT_EQ(probe(c.octets, true, Transport::tcp), c.stream) << c.name;
    EXPECT_EQ(probe(c.octets, false, Transport::tcp), c.later) << c.name << ", later";
    EXPECT_EQ(probe(c.octets, true, Transport::udp), c.datagram) << c.name << ", in a datagram";
  }
}

TEST(SipProbe, AShorterBeginningIsNeverRefused) {
  for (const std::string_view whole :
       {"INVITE sip:bob@biloxi.com SIP/2.0\r\n", "\r\n\r\nSIP/2.0 200 OK\r\n", "SUBSCRIBE sips:a@b SIP/2.0\n"}) {
    bool taken = false;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const Recognition recognition = probe(whole.substr(0, length), true, Transport::tcp);
      EXPECT_NE(recognition, no) << whole.substr(0, length);
      EXPECT_FALSE(taken && recognition != yes) << whole.substr(0, length);
      taken = recognition == yes;
    }
    EXPECT_TRUE(taken) << whole;
  }
}

}  // namespace
}  // namespace sealtrace
