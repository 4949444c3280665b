#include "dissectors/sip/sip_datagram.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dissectors/sip/sip_script.hpp"
#include "dissectors/sip/sip_session.hpp"

namespace sealtrace {
namespace {

using sip_testing::kinds_of;
using sip_testing::request;
using sip_testing::response;
using sip_testing::sip_messages;
using testing::from_client;
using testing::from_server;
using testing::ScriptedFlow;
using Words = std::vector<std::string>;

constexpr std::string_view kSdp = "Content-Type: application/sdp\r\n";
constexpr std::string_view kAudio = "v=0\r\nm=audio 49170 RTP/AVP 0\r\n";

struct Place final : Origin {
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    return {
        .capture = {}, .frame = FrameNumber{1}, .offset = static_cast<std::uint32_t>(offset), .length = static_cast<std::uint32_t>(length)};
  }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }
};

/// cut_words tells what is said of a datagram of which the capture holds the front.
Words cut_words(std::string_view octets, std::vector<SipMessage>* messages = nullptr) {
  ScriptedFlow flow{kSipDissector};
  SipReports reports{7};
  const Place place;
  read_sip_datagram({.sender = Side::initiator, .bytes = as_bytes(octets), .cut = true, .origin = &place}, reports, flow);
  if (messages != nullptr) *messages = sip_messages(flow);
  return flow.words;
}

TEST(SipDatagram, IsOneMessage) {
  ScriptedFlow flow{kSipDissector};
  flow.datagrams({from_client(request("INVITE", "sip:bob@biloxi.com", kSdp, kAudio)), from_server("\r\n\r\n"),
                  from_server("\r\n" + response("200 OK", "INVITE", kSdp, "v=0\r\nm=audio 0 RTP/AVP 0\r\n")), from_client("jaK"),
                  from_client(std::string{"\x80\0\0\0", 4}), from_client(std::string{"\0\0\0\0", 4})});
  EXPECT_EQ(flow.words, (Words{"c clear sip INVITE request", "c sip INVITE", "s clear sip response to INVITE", "s sip 200"}));
  using enum Datagram;
  EXPECT_EQ(flow.answers, (std::vector<Datagram>{taken, taken, taken, not_mine, not_mine, not_mine}));
  EXPECT_EQ(kinds_of(sip_messages(flow)[0]), "call sdp");
  EXPECT_EQ(kinds_of(sip_messages(flow)[1]), "sdp");
}

TEST(SipDatagram, ContentLengthBoundsTheBody) {
  struct Case {
    std::string_view name;
    std::string length;
    Words words;
    std::string_view kinds;
  };
  const Words read{"c clear sip INVITE request", "c sip INVITE"};
  const Words malformed{"c clear sip INVITE request", "c malformed Content-Length", "c sip INVITE"};
  const Case cases[] = {
      {"exact", std::to_string(kAudio.size()), read, "call sdp"},
      {"less: the excess is discarded", "5", read, "sdp"},
      {"more than there is", "9999", malformed, "call sdp"},
      {"no number", "x", malformed, "call sdp"},
  };
  for (const Case& c : cases) {
    std::string octets = request("INVITE", "sip:bob@biloxi.com", kSdp);
    octets.replace(octets.find("Content-Length: 0"), 17, "Content-Length: " + c.length);
    ScriptedFlow flow{kSipDissector};
    flow.datagrams({from_client(octets + std::string{kAudio})});
    EXPECT_EQ(flow.words, c.words) << c.name;
    EXPECT_EQ(kinds_of(sip_messages(flow)[0]), c.kinds) << c.name;
  }
}

TEST(SipDatagram, WithoutAnEmptyLineIsMalformed) {
  ScriptedFlow flow{kSipDissector};
  flow.datagrams({from_client("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\n")});
  EXPECT_EQ(flow.words, (Words{"c clear sip OPTIONS request", "c malformed header fields", "c sip OPTIONS"}));
  EXPECT_EQ(sip_messages(flow)[0].num_vias, 1);
}

TEST(SipDatagram, ACutOneAccusesNobodyAndClaimsNothing) {
  const std::string octets = request("INVITE", "sip:bob@biloxi.com", kSdp, kAudio);
  const std::size_t head_bytes = octets.size() - kAudio.size();
  for (std::size_t length = 1; length < octets.size(); ++length) {
    std::vector<SipMessage> messages;
    const Words words = cut_words(std::string_view{octets}.substr(0, length), &messages);
    ASSERT_FALSE(words.empty()) << length;
    for (const std::string& word : words) EXPECT_EQ(word.find("malformed"), std::string::npos) << word << " at " << length;
    EXPECT_TRUE(std::ranges::any_of(words, [](const std::string& word) { return word.starts_with("c unreadable"); })) << length;
    for (const SipMessage& message : messages) {
      EXPECT_FALSE(message.sdp && length < head_bytes) << length;
      EXPECT_FALSE(message.call && length <= octets.size() - 2) << length;
    }
  }
  EXPECT_EQ(cut_words(octets), (Words{"c clear sip INVITE request", "c sip INVITE"})) << "what Content-Length covers was captured";
}

}  // namespace
}  // namespace sealtrace
