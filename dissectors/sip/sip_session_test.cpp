#include "dissectors/sip/sip_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dissectors/sip/sip_script.hpp"

namespace sealtrace {
namespace {

using sip_testing::kinds_of;
using sip_testing::message_of;
using sip_testing::request;
using sip_testing::response;
using sip_testing::sip_messages;
using testing::from_client;
using testing::from_server;
using testing::Said;
using testing::ScriptedFlow;
using Words = std::vector<std::string>;

constexpr std::string_view kSdp = "Content-Type: application/sdp\r\n";
constexpr std::string_view kAudio = "v=0\r\nm=audio 49170 RTP/AVP 0\r\n";

/// words_of plays a stream in pieces of every size that matters, and expects the same words of each.
Words words_of(const std::vector<Said>& script) {
  const Words whole = ScriptedFlow{kSipDissector}.stream(script).end().words;
  for (const std::size_t piece_bytes : {1U, 2U, 3U, 7U, 50U, 400U})
    EXPECT_EQ(ScriptedFlow{kSipDissector}.stream(script, piece_bytes).end().words, whole) << "in pieces of " << piece_bytes;
  return whole;
}

TEST(SipStream, NamesConferenceControlOnceEachWay) {
  const std::string_view control = "Content-Type: application/cccp+xml\r\n";
  const std::string_view mixed = "Content-Type: multipart/mixed; boundary=b\r\n";
  const std::string_view parts = "--b\r\nContent-Type: application/cccp+xml\r\n\r\n<request/>\r\n--b--\r\n";
  const Words words = words_of({from_client(request("INFO", "sip:focus@contoso.com", control, "<request/>")),
                                from_client(request("INFO", "sip:focus@contoso.com", mixed, parts)),
                                from_server(response("200", "INFO", control, "<response/>"))});
  EXPECT_EQ(std::ranges::count(words, "c clear c3p conference control request"), 1);
  EXPECT_EQ(std::ranges::count(words, "s clear c3p conference control response"), 1);
  const Words without =
      words_of({from_client(request("INFO", "sip:focus@contoso.com", "Content-Type: application/xml\r\n", "<request/>"))});
  EXPECT_TRUE(std::ranges::none_of(without, [](const std::string& word) { return word.find("c3p") != std::string::npos; }));
}

TEST(SipStream, FollowsACall) {
  const std::string_view challenge = "WWW-Authenticate: Digest realm=\"atlanta.com\", nonce=\"84a4\"\r\n";
  const std::string_view credentials = "Authorization: Digest username=\"bob\", realm=\"atlanta.com\", response=\"245f\"\r\n";
  const std::string more = std::string{credentials} + std::string{kSdp};
  EXPECT_EQ(words_of({from_client(request("INVITE", "sip:bob@biloxi.com", kSdp, kAudio)),
                      from_server(response("401 Unauthorized", "INVITE", challenge)), from_client(request("ACK", "sip:bob@biloxi.com")),
                      from_client(request("INVITE", "sip:bob@biloxi.com", more, kAudio)), from_server(response("180 Ringing", "INVITE")),
                      from_server(response("200 OK", "INVITE", kSdp, kAudio)),
                      from_client(request("ACK", "sip:bob@biloxi.com") + request("BYE", "sip:bob@biloxi.com")),
                      from_server(response("200 OK", "BYE"))}),
            (Words{"c clear sip INVITE request", "c sip INVITE", "s clear sip response to INVITE", "s offered digest", "s sip 401",
                   "c clear sip ACK request", "c sip ACK", "c credential digest", "s sip 180", "s sip 200", "c clear sip BYE request",
                   "c sip BYE", "s clear sip response to BYE", "s sip 200"}));
}

TEST(SipStream, KeepAlivesBetweenMessagesAreNoMessages) {
  EXPECT_EQ(words_of({from_client("\r\n\r\n"), from_client(request("OPTIONS", "sip:a@b") + "\r\n\r\n"), from_server("\r\n"),
                      from_client("\r\n\r\n" + request("REGISTER", "sip:b")), from_server("\r\n" + response("200 OK", "REGISTER"))}),
            (Words{"c clear sip OPTIONS request", "c sip OPTIONS", "c clear sip REGISTER request", "c sip REGISTER",
                   "s clear sip response to REGISTER", "s sip 200"}));
}

TEST(SipStream, ABodyIsNoMessageWhateverItHolds) {
  const std::string inside = request("MESSAGE", "sip:x@y");
  EXPECT_EQ(words_of({from_client(request("NOTIFY", "sip:a@b", "Content-Type: message/sip\r\n", inside) + request("BYE", "sip:a@b"))}),
            (Words{"c clear sip NOTIFY request", "c sip NOTIFY", "c clear sip BYE request", "c sip BYE"}));
}

TEST(SipStream, WithoutContentLengthTheNextStartLineBeginsAMessage) {
  const std::string no_length = message_of({"INVITE sip:bob@biloxi.com SIP/2.0", "Via: SIP/2.0/TCP a", "From: sip:a@a", "To: sip:b@b",
                                            "Call-ID: 1", "CSeq: 1 INVITE", "Content-Type: application/sdp"},
                                           "v=0\r\nm=message 5060 sip null\r\n");
  ScriptedFlow flow{kSipDissector};
  flow.stream({from_client(no_length + request("BYE", "sip:bob@biloxi.com"))}).end();
  const auto messages = sip_messages(flow);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(kinds_of(messages[0]), "im sdp");
  EXPECT_EQ(messages[1].method, SipMethod::bye);
  EXPECT_EQ(words_of({from_client(no_length + request("BYE", "sip:bob@biloxi.com"))}),
            (Words{"c clear sip INVITE request", "c malformed Content-Length", "c sip INVITE", "c clear sip BYE request", "c sip BYE"}));
}

TEST(SipStream, AMessageFragmentIsNoMessageToASearch) {
  for (const std::string_view body : {"SIP/2.0 603 Declined\r\n", "SIP/2.0 603 Declined\r\nFrom: sip:a@a\r\nVia: SIP/2.0/TCP a\r\n\r\n"}) {
    const std::string sipfrag = message_of({"NOTIFY sip:a@b SIP/2.0", "Via: SIP/2.0/TCP a", "From: sip:a@a", "To: sip:b@b", "Call-ID: 1",
                                            "CSeq: 1 NOTIFY", "Content-Type: message/sipfrag"},
                                           body);
    EXPECT_EQ(words_of({from_client(sipfrag + request("BYE", "sip:a@b"))}),
              (Words{"c clear sip NOTIFY request", "c malformed Content-Length", "c sip NOTIFY", "c clear sip BYE request", "c sip BYE"}));
  }
}

TEST(SipStream, ASearchTakesStartLinesInTheirExactFormOnly) {
  const std::string no_length = message_of({"BYE sip:a@b SIP/2.0", "Via: SIP/2.0/TCP a"});
  std::string loose = request("INVITE", "sip:" + std::string(600, 'a'));
  loose.insert(loose.find("\r\n"), "  ");
  EXPECT_EQ(words_of({from_client(no_length + loose + request("ACK", "sip:a@b"))}),
            (Words{"c clear sip BYE request", "c malformed Content-Length", "c sip BYE", "c clear sip ACK request", "c sip ACK"}));
}

TEST(SipStream, ContentLengthsThatDifferAreNotChosenFrom) {
  const std::string smuggled = request("MESSAGE", "sip:hidden@b");
  const std::string two = request("OPTIONS", "sip:a@b", "l: " + std::to_string(smuggled.size()) + "\r\n");
  EXPECT_EQ(words_of({from_client(two + smuggled)}), (Words{"c clear sip OPTIONS request", "c malformed Content-Length", "c sip OPTIONS",
                                                            "c clear sip MESSAGE request", "c sip MESSAGE"}));
}

TEST(SipStream, AFieldThatIsNoneLeavesTheStartLine) {
  const std::string broken = "INVITE sip:bob@biloxi.com SIP/2.0\r\nthis is no field\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(words_of({from_client(broken + request("BYE", "sip:a@b"))}),
            (Words{"c malformed field-name", "c clear sip INVITE request", "c sip INVITE", "c clear sip BYE request", "c sip BYE"}));
}

TEST(SipStream, WhatFollowsAMessageMustBeOne) {
  EXPECT_EQ(words_of({from_client(request("OPTIONS", "sip:a@b") + "garbage \xFF\r\n" + request("BYE", "sip:a@b"))}),
            (Words{"c clear sip OPTIONS request", "c sip OPTIONS", "c malformed Request-URI", "c clear sip BYE request", "c sip BYE"}));
}

TEST(SipStream, ASideThatBeginsInsideAMessageIsNotAccused) {
  EXPECT_EQ(words_of({from_client(request("OPTIONS", "sip:a@b")),
                      from_server("72 RTP/SAVP 0\r\na=sendrecv\r\n" + response("200 OK", "OPTIONS"))}),
            (Words{"c clear sip OPTIONS request", "c sip OPTIONS", "s clear sip response to OPTIONS", "s sip 200"}));
}

TEST(SipStream, HeadsWithoutAnEndAreGivenUp) {
  const std::string endless = "INVITE sip:a@b SIP/2.0\r\nSubject: " + std::string(70'000, 'x');
  const Words expected{"c malformed header fields", "c clear sip INVITE request", "c sip INVITE", "c clear sip BYE request", "c sip BYE"};
  ScriptedFlow flow{kSipDissector};
  EXPECT_EQ(flow.stream({from_client(endless + "\r\n" + request("BYE", "sip:a@b"))}, 1000).end().words, expected);
  std::string fields = "INVITE sip:a@b SIP/2.0\r\n";
  for (int i = 0; i < 300; ++i) fields += "a: b\r\n";
  EXPECT_EQ(words_of({from_client(fields + "\r\n" + request("BYE", "sip:a@b"))}), expected);
  ScriptedFlow line{kSipDissector};
  line.stream({from_client("INVITE sip:" + std::string(100'000, 'a') + " SIP/2.0\r\n" + request("BYE", "sip:a@b"))}, 1000).end();
  EXPECT_EQ(line.words, (Words{"c clear sip BYE request", "c sip BYE"}));
}

TEST(SipStream, ACutStreamTellsOnlyWhatWasRead) {
  const std::string octets = request("INVITE", "sip:bob@biloxi.com", kSdp, kAudio);
  const std::size_t head_bytes = octets.size() - kAudio.size();
  for (std::size_t length = 0; length < octets.size(); ++length) {
    ScriptedFlow flow{kSipDissector};
    flow.stream({from_client(octets.substr(0, length))}).end();
    EXPECT_EQ(flow.words.size(), length < head_bytes ? 0U : 2U) << length;
    for (const SipMessage& message : sip_messages(flow)) EXPECT_FALSE(message.call) << length;
  }
}

TEST(SipStream, AGapInABodyCostsItsLineAndAGapInAHeadItsMessage) {
  const std::string octets = request("INVITE", "sip:bob@biloxi.com", kSdp, kAudio);
  const std::size_t head_bytes = octets.size() - kAudio.size();
  ScriptedFlow flow{kSipDissector};
  flow.stream({from_client(octets.substr(0, head_bytes + 2))})
      .gap(Side::initiator, 2)
      .stream({from_client(octets.substr(head_bytes + 4) + request("BYE", "sip:a@b"))})
      .end();
  EXPECT_EQ(flow.words, (Words{"c clear sip INVITE request", "c sip INVITE", "c clear sip BYE request", "c sip BYE"}));
  EXPECT_EQ(kinds_of(sip_messages(flow)[0]), "call sdp");
  ScriptedFlow lost{kSipDissector};
  lost.stream({from_client(octets.substr(0, 60))})
      .gap(Side::initiator, 30)
      .stream({from_client(octets.substr(90) + request("BYE", "sip:a@b"))})
      .end();
  EXPECT_EQ(lost.words, (Words{"c clear sip BYE request", "c sip BYE"}));
  ScriptedFlow beyond{kSipDissector};
  beyond.stream({from_client(octets.substr(0, head_bytes + 2))})
      .gap(Side::initiator, 1000)
      .stream({from_client("=x\r\n" + request("BYE", "sip:a@b"))})
      .end();
  EXPECT_EQ(beyond.words, (Words{"c clear sip INVITE request", "c sip INVITE", "c clear sip BYE request", "c sip BYE"}));
  EXPECT_EQ(kinds_of(sip_messages(beyond)[0]), "");
}

TEST(SipReports, SayWhatIsNewAndNotWhatIsAgain) {
  std::vector<Said> script;
  for (int call = 0; call < 1000; ++call) {
    std::string invite = request("INVITE", "sip:bob@biloxi.com", kSdp, kAudio);
    invite.replace(invite.find("a84b4c76e66710"), 14, std::to_string(call));
    script.push_back(from_client(invite));
    script.push_back(from_server(response("200 OK", "INVITE")));
  }
  ScriptedFlow calls{kSipDissector};
  calls.stream(script).end();
  EXPECT_EQ(sip_messages(calls).size(), 1U + 20U + 1U) << "one of each kind, and twenty more Call-IDs";

  ScriptedFlow flood{kSipDissector};
  for (int i = 0; i < 1000; ++i) {
    const std::string host = "sip:a@h" + std::to_string(i) + ".example";
    flood.stream({from_client(request("OPTIONS", host, "Authorization: S" + std::to_string(i) + " x\r\nBad\r\n")),
                  from_client(request("OPTIONS", host)), from_server(response(std::to_string(100 + i % 600) + " x", "OPTIONS"))});
  }
  flood.end();
  EXPECT_LE(flood.facts.size(), 256U);
  EXPECT_TRUE(std::ranges::any_of(flood.facts, [](const Fact& fact) { return std::holds_alternative<BudgetExceeded>(fact.body); }));
}

TEST(SipReports, NameNothingThatIsSecret) {
  const std::string octets =
      request("REGISTER", "sip:usersecret@contoso.com",
              "Contact: \"secretname\" <sip:usersecret:passsecret@10.0.0.1;opaque=secretopaque>\r\n"
              "Authorization: Digest username=\"usersecret\", realm=\"secretrealm\", nonce=\"secretnonce\", response=\"secretresponse\"\r\n"
              "Proxy-Authorization: Basic c2VjcmV0\r\nms-text-format: text/plain;ms-body=secretbody\r\n",
              "secretbody");
  ScriptedFlow flow{kSipDissector};
  flow.stream({from_client(octets)}).end();
  EXPECT_EQ(flow.words, (Words{"c clear sip REGISTER request", "c credential basic", "c credential digest", "c sip REGISTER"}));
  const auto messages = sip_messages(flow);
  ASSERT_EQ(messages.size(), 1U);
  const SipMessage& message = messages[0];
  EXPECT_EQ(message.domains, (std::vector<std::string>{"contoso.com", "atlanta.com", "biloxi.com"}));
  EXPECT_TRUE(message.product.empty());
  const auto call_of = [&octets](std::uint64_t key) { return parse_sip_head(as_bytes(octets), key)->dialog.call_id; };
  EXPECT_NE(call_of(7), call_of(8)) << "the hash depends on its key";
}

TEST(SipReports, TellANameOnceInWhateverCase) {
  ScriptedFlow flow{kSipDissector};
  const std::string_view agent = "User-Agent: UCCAPI/15.0\r\n";
  flow.stream({from_client(request("OPTIONS", "sip:bob@Biloxi.com", agent) + request("OPTIONS", "sip:bob@biloxi.COM", agent) +
                           request("INFO", "sip:bob@biloxi.com", agent) + request("INFO", "sip:bob@chicago.com", agent))})
      .end();
  const auto messages = sip_messages(flow);
  ASSERT_EQ(messages.size(), 3U) << "the second shows nothing new";
  EXPECT_EQ(messages[0].domains, (std::vector<std::string>{"biloxi.com", "atlanta.com"}));
  EXPECT_EQ(messages[0].product, "UCCAPI/15.0");
  EXPECT_EQ(messages[1].method, SipMethod::info);
  EXPECT_TRUE(messages[1].domains.empty() && messages[1].product.empty());
  EXPECT_EQ(messages[2].domains, std::vector<std::string>{"chicago.com"});
}

TEST(SipReports, TellAProductAgainWhereItsSpeakerIsAnother) {
  ScriptedFlow flow{kSipDissector};
  const std::string_view agent = "User-Agent: UCCAPI/15.0\r\n";
  const std::string_view passed_on = "Via: SIP/2.0/TCP pc33.atlanta.com;branch=z9hG4bK7\r\nUser-Agent: UCCAPI/15.0\r\n";
  flow.stream({from_client(request("OPTIONS", "sip:bob@biloxi.com", passed_on) + request("OPTIONS", "sip:bob@biloxi.com", agent) +
                           request("INFO", "sip:bob@biloxi.com", agent) + request("REFER", "sip:bob@biloxi.com", agent))})
      .end();
  const auto messages = sip_messages(flow);
  ASSERT_EQ(messages.size(), 3U) << "that the product is the sender's own is no reason by itself";
  EXPECT_EQ(messages[0].product, "UCCAPI/15.0");
  EXPECT_EQ(messages[1].product, "UCCAPI/15.0");
  EXPECT_TRUE(messages[2].product.empty());
}

/// descriptions_of gives the session descriptions that a flow reported.
std::vector<SessionDescribed> descriptions_of(const ScriptedFlow& flow) {
  std::vector<SessionDescribed> all;
  for (const Fact& fact : flow.facts) {
    if (const auto* described = fact_if<SessionDescribed>(&fact.body)) all.push_back(*described);
  }
  return all;
}

TEST(SipDescription, OfferAndAnswerAreReportedWithTheirDialogAndOnlyOnce) {
  ScriptedFlow flow{kSipDissector};
  const std::string invite = request("INVITE", "sip:bob@biloxi.com", kSdp, kAudio);
  const std::string ok = response("200 OK", "INVITE", kSdp, "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/SAVP 0\r\n");
  flow.stream({from_client(invite + invite), from_server(ok + ok)}).end();
  const std::vector<SessionDescribed> all = descriptions_of(flow);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].request);
  EXPECT_EQ(all[0].method, SipMethod::invite);
  EXPECT_EQ(all[0].cseq, 314159U);
  EXPECT_EQ(all[0].to_tag, OpaqueHash{});
  EXPECT_NE(all[0].from_tag, OpaqueHash{});
  EXPECT_EQ(all[1].status, 200);
  EXPECT_EQ(all[1].cseq, 314159U);
  EXPECT_EQ(all[1].from_tag, all[0].from_tag);
  EXPECT_NE(all[1].to_tag, OpaqueHash{});
  EXPECT_EQ(all[1].call_id, all[0].call_id);
  ASSERT_EQ(all[1].media.size(), 1U);
  EXPECT_EQ(all[1].media[0].proto, MediaProto::rtp_savp);
}

TEST(SipDescription, OneInNestedPartsAndUnderCompactNamesIsRead) {
  const std::string body =
      "--one\r\nContent-Type: multipart/alternative;\r\n boundary=two\r\n\r\n--two\r\nContent-Type: application/sdp\r\n\r\n"
      "v=0\r\nm=audio 1 RTP/AVP 0\r\n--two\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nm=audio 2 RTP/SAVP 0\r\n--two--\r\n--one--";
  ScriptedFlow flow{kSipDissector};
  flow.stream({from_client(request("INVITE", "sip:bob@biloxi.com", "c: multipart/mixed;boundary=one\r\n", body))}).end();
  const std::vector<SessionDescribed> all = descriptions_of(flow);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].media[0].endpoint.port, 1);
  EXPECT_EQ(all[1].media[0].endpoint.port, 2);
}

TEST(SipDescription, OneWithALineMissingIsNotReported) {
  ScriptedFlow flow{kSipDissector};
  const std::string long_line = "a=crypto:1 " + std::string(2000, 'x') + "\r\n";
  flow.stream({from_client(request("INVITE", "sip:bob@biloxi.com", kSdp, std::string{kAudio} + long_line))}).end();
  EXPECT_TRUE(descriptions_of(flow).empty());
  EXPECT_EQ(kinds_of(sip_messages(flow)[0]), "call sdp");
}

}  // namespace
}  // namespace sealtrace
