// Streams as RFC 6120 section 9 and XEP-0220 write them, in whole and in pieces, and what peers may do instead.
#include "dissectors/xmpp/xmpp_session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/xmpp/xmpp_probe.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::Said;
using testing::ScriptedFlow;
using Words = std::vector<std::string>;

const std::string kClientHeader =
    "<?xml version='1.0'?><stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' "
    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const std::string kServerHeader =
    "<stream:stream from='im.example.com' id='t7AMCin9zjMNwQKDnplntZPIDEI=' to='juliet@im.example.com' version='1.0' xml:lang='en' "
    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const std::string kPeerHeader =
    "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams' "
    "from='Example.org' to='example.com' version='1.0'>";
const std::string kPeerAnswer =
    "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams' "
    "from='example.com' to='example.org' id='D60000229F' version='1.0'>";
const std::string kStartTlsRequired =
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";
const std::string kStartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const std::string kProceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const std::string kTlsFailure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const std::string kDialbackFeature = "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>";
const std::string kMechanisms =
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>"
    "SCRAM-SHA-1</mechanism><mechanism> PLAIN </mechanism></mechanisms></stream:features>";
const std::string kTlsHello{"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", 10};

struct StreamCase {
  std::string_view name;
  std::vector<Said> script;
  Words words;
  bool handed_over = false;
  std::string left_over_client{};  ///< whole pieces
};

void PrintTo(const StreamCase& each, std::ostream* out) { *out << each.name; }
std::string name_of(const ::testing::TestParamInfo<StreamCase>& info) { return std::string{info.param.name}; }

class XmppStreams : public ::testing::TestWithParam<StreamCase> {};
TEST_P(XmppStreams, SayTheSameHoweverTheyAreCut) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 100'000U}) {
    ScriptedFlow flow{kXmppDissector};
    flow.stream(GetParam().script, piece);
    EXPECT_EQ(flow.words, GetParam().words) << piece;
    EXPECT_EQ(flow.handed_over, GetParam().handed_over) << piece;
    if (flow.handed_over && piece > 100) {
      EXPECT_EQ(flow.left_over[0], GetParam().left_over_client);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, XmppStreams,
    ::testing::Values(
        StreamCase{"Rfc6120StartTlsIsTaken",
                   {from_client(kClientHeader), from_server(kServerHeader + kStartTlsRequired), from_client(kStartTls),
                    from_server(kProceed + std::string{"\x16\x03"}), from_client(kTlsHello)},
                   {"c xmpp c2s im.example.com im.example.com", "s xmpp c2s im.example.com im.example.com", "s upgrade xmpp required",
                    "c upgrade xmpp requested", "s upgrade xmpp accepted"},
                   true},
        StreamCase{"OctetsBehindARequestAreLeftForTls",
                   {from_client(kClientHeader), from_server(kServerHeader), from_client(kStartTls + kTlsHello), from_server(kProceed)},
                   {"c xmpp c2s im.example.com im.example.com", "s xmpp c2s im.example.com im.example.com", "c upgrade xmpp requested",
                    "s upgrade xmpp accepted"},
                   true,
                   kTlsHello},
        StreamCase{"RefusedTlsGoesOnInClear",
                   {from_client(kPeerHeader), from_client(kStartTls), from_server(kPeerAnswer + kTlsFailure),
                    from_client("<message from='a@example.org' to='b@example.com'><body>c</body></message>")},
                   {"c xmpp s2s example.org example.com", "c upgrade xmpp requested", "s xmpp s2s example.com example.org",
                    "s upgrade xmpp refused", "c clear xmpp message stanza"}},
        StreamCase{"OneSideOfAnUpgradeIsEnough",
                   {from_client(kPeerHeader + kStartTls), from_client(kTlsHello), from_client("\x14")},
                   {"c xmpp s2s example.org example.com", "c upgrade xmpp requested"},
                   true,
                   kTlsHello + "\x14"},
        StreamCase{"TlsWhereTheAnswerIsMissing",
                   {from_client(kPeerHeader + kStartTls), from_server(kTlsHello)},
                   {"c xmpp s2s example.org example.com", "c upgrade xmpp requested"},
                   true},
        StreamCase{"OfferedButNotRequired",
                   {from_server(kPeerAnswer + "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><dialback "
                                              "xmlns='urn:xmpp:features:dialback'/></stream:features>")},
                   {"s xmpp s2s example.com example.org", "s upgrade xmpp offered", "s offered xmpp_dialback"}},
        StreamCase{"TheOnlyFeatureIsRequired",
                   {from_server(kPeerAnswer + "<stream:features><tls:starttls xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'></tls:starttls>"
                                              "</stream:features>")},
                   {"s xmpp s2s example.com example.org", "s upgrade xmpp offered", "s upgrade xmpp required"}},
        StreamCase{"FeaturesWithoutTlsAndDialback",
                   {from_client(kPeerHeader), from_server(kPeerAnswer + kDialbackFeature),
                    from_client("<db:result from='example.org' to='example.com'>98e6</db:result>"),
                    from_server("<db:verify from='example.com' to='example.org' id='1'>98e6</db:verify>"),
                    from_server("<db:result from='example.com' to='example.org' type='valid'/>"),
                    from_client("<presence from='a@example.org/b' to='c@example.com'/>")},
                   {"c xmpp s2s example.org example.com", "s xmpp s2s example.com example.org", "s offered xmpp_dialback",
                    "s no-upgrade xmpp", "c credential xmpp_dialback", "s credential xmpp_dialback", "c clear xmpp presence stanza"}},
        StreamCase{"NoFeaturesAtAllAreAListWithoutTls",
                   {from_server(kPeerAnswer + "<stream:features/>")},
                   {"s xmpp s2s example.com example.org", "s no-upgrade xmpp"}},
        StreamCase{"AListThatIsCutSaysNothing",
                   {from_server(kPeerAnswer + "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/>")},
                   {"s xmpp s2s example.com example.org", "s offered xmpp_dialback"}},
        StreamCase{"StartTlsOfAnotherNamespaceIsNone",
                   {from_server(kPeerAnswer + "<stream:features><starttls/></stream:features>"), from_client(kPeerHeader + "<starttls/>")},
                   {"s xmpp s2s example.com example.org", "s no-upgrade xmpp", "c xmpp s2s example.org example.com"}},
        StreamCase{"SaslInClearAndTheStreamAnew",
                   {from_client(kClientHeader), from_server(kServerHeader + kMechanisms),
                    from_client("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldAByMG0zMG15cjBtMzA=</auth>"),
                    from_server("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"), from_client(kClientHeader),
                    from_server(kServerHeader + "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"),
                    from_client("<iq id='1' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
                    from_client("<iq id='2' type='get'/>"), from_client("</stream:stream>")},
                   {"c xmpp c2s im.example.com im.example.com", "s xmpp c2s im.example.com im.example.com", "s offered sasl_scram",
                    "s offered sasl_plain", "s no-upgrade xmpp", "c credential sasl_plain", "c clear xmpp iq stanza"}},
        StreamCase{
            "AChallengeComesBeforeTheCredential",
            {from_client(kClientHeader + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='DIGEST-MD5'/>"),
             from_server(kServerHeader + "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cmVhbG0=</challenge>"),
             from_client("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dXNlcm5hbWU=</response>")},
            {"c xmpp c2s im.example.com im.example.com", "s xmpp c2s im.example.com im.example.com", "c credential sasl_digest_md5"}},
        StreamCase{"APasswordOfXep0078",
                   {from_client(kClientHeader + "<iq type='set' id='1'><query xmlns='jabber:iq:auth'><username>a</username><password>b"
                                                "</password></query></iq>")},
                   {"c xmpp c2s im.example.com im.example.com", "c clear xmpp iq stanza", "c credential other"}},
        StreamCase{"WhatIsForwardedIsNotSaidByThePeer",
                   {from_client(kPeerHeader + "<message><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><starttls "
                                              "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
                                              "mechanism='PLAIN'>a</auth></message><iq/>")},
                   {"c xmpp s2s example.org example.com", "c clear xmpp message stanza", "c clear xmpp iq stanza"}},
        StreamCase{"AnAnswerToWhatNobodyAskedHidesNothing",
                   {from_client(kPeerHeader), from_server(kPeerAnswer), from_client(kProceed), from_client("<message/>")},
                   {"c xmpp s2s example.org example.com", "s xmpp s2s example.com example.org", "c upgrade xmpp accepted",
                    "c clear xmpp message stanza"}},
        StreamCase{"CdataHidesNothingAndIsNothing",
                   {from_client(kPeerHeader + "<message><body><![CDATA[</body></message><proceed "
                                              "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>]]></body></message><presence/>")},
                   {"c xmpp s2s example.org example.com", "c clear xmpp message stanza", "c clear xmpp presence stanza"}},
        StreamCase{"ADoctypeEndsTheReading",
                   {from_client(kPeerHeader + "<!DOCTYPE a><message/>")},
                   {"c xmpp s2s example.org example.com", "c malformed markup declaration"}},
        StreamCase{"AnEndTagOfSomethingElse",
                   {from_client(kPeerHeader + "<message></iq><presence/>")},
                   {"c xmpp s2s example.org example.com", "c clear xmpp message stanza", "c malformed end tag"}},
        StreamCase{"ACompressedStreamIsNotRead",
                   {from_client(kPeerHeader + "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>"),
                    from_server(kPeerAnswer + "<compressed xmlns='http://jabber.org/protocol/compress'/>x\x9C"), from_client("x\x9C")},
                   {"c xmpp s2s example.org example.com", "s xmpp s2s example.com example.org", "s unreadable compressed stream"}},
        StreamCase{"ASecurityLayerIsNotMalformed",
                   {from_client(kPeerHeader), from_server(kPeerAnswer + "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
                    from_client(std::string{"\0\0\0\x20", 4})},
                   {"c xmpp s2s example.org example.com", "s xmpp s2s example.com example.org", "c unreadable character"}},
        StreamCase{"AListBehindAuthenticationSaysNothing",
                   {from_server(kPeerAnswer + "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
                    from_server(kPeerAnswer + "<stream:features/>")},
                   {"s xmpp s2s example.com example.org"}},
        StreamCase{"AListBehindAnOfferSaysNothing",
                   {from_server(kPeerAnswer + kStartTlsRequired), from_server(kPeerAnswer + "<stream:features/>")},
                   {"s xmpp s2s example.com example.org", "s upgrade xmpp required"}},
        StreamCase{"JoinedAtAFeatureList", {from_server(kStartTlsRequired)}, {"s upgrade xmpp required"}},
        StreamCase{"JoinedAtAFeatureListWithoutTls", {from_server(kDialbackFeature)}, {"s offered xmpp_dialback"}},
        StreamCase{"JoinedAtAStanza",
                   {from_server("dy></message><iq type='result' id='7'><query/></iq><presence/>"),
                    from_client("<iq type='get' id='7'/></stream:stream>")},
                   {"s clear xmpp iq stanza", "s clear xmpp presence stanza", "c clear xmpp iq stanza"}}),
    name_of);

TEST(XmppSession, AGapIsPassedUpToTheNextStanza) {
  for (const std::size_t piece : {1U, 7U, 1000U}) {
    ScriptedFlow flow{kXmppDissector};
    flow.stream({from_server(kPeerAnswer + "<stream:features><sta")}, piece);
    flow.gap(Side::responder, 50);
    flow.stream({from_server("dialback xmlns='urn:xmpp:features:dialback'/></stream:features><message to='a@b.example'><body>"
                             "</body></message>")},
                piece);
    EXPECT_EQ(flow.words, (Words{"s xmpp s2s example.com example.org", "s clear xmpp message stanza"})) << "and no list without TLS";
  }
}

TEST(XmppSession, TlsInsideCharacterDataIsLeftToTheRegistry) {
  for (const std::string begin : {"<message>a", "<message><![CDATA[a"}) {
    for (const std::size_t piece : {1U, 3U, 1000U}) {
      ScriptedFlow flow{kXmppDissector};
      flow.stream({from_client(kPeerHeader + begin + kTlsHello)}, piece);
      EXPECT_TRUE(flow.handed_over) << begin << piece;
      EXPECT_EQ(flow.words, (Words{"c xmpp s2s example.org example.com", "c clear xmpp message stanza"}));
    }
  }
}

TEST(XmppSession, EveryCutSaysNoMoreThanTheWhole) {
  const std::string whole = kPeerAnswer + kMechanisms + kStartTlsRequired + kProceed;
  ScriptedFlow all{kXmppDissector};
  all.stream({from_server(whole)});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ScriptedFlow flow{kXmppDissector};
    flow.stream({from_server(whole.substr(0, length))});
    ASSERT_LE(flow.words.size(), all.words.size());
    EXPECT_TRUE(std::equal(flow.words.begin(), flow.words.end(), all.words.begin())) << length;
    EXPECT_FALSE(flow.handed_over) << length;
  }
  EXPECT_TRUE(all.handed_over);
}

TEST(XmppSession, HostileDepthAndNamesStayWithinBounds) {
  std::string deep = kPeerHeader;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  for (int i = 0; i < 100'000; ++i) deep += "</a>";
  ScriptedFlow flow{kXmppDissector};
  flow.stream({from_client(deep + "<message/>")}, 1400);
  EXPECT_EQ(flow.words, (Words{"c xmpp s2s example.org example.com", "c clear xmpp message stanza"}));
  std::string names = kPeerHeader + "<message";
  for (int i = 0; i < 60; ++i) names += " xmlns:a" + std::to_string(i) + "='b'";
  ScriptedFlow bound{kXmppDissector};
  bound.stream({from_client(names + "/>")});
  EXPECT_EQ(bound.words, (Words{"c xmpp s2s example.org example.com", "c unreadable attributes"}));
}

TEST(XmppSession, NoCredentialAndNoUserIsKept) {
  ScriptedFlow flow{kXmppDissector};
  flow.stream({from_client("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                           "from='romeo@montague.example/orchard' to='Montague.example'>"),
               from_client("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>c2VjcmV0</auth>")});
  EXPECT_EQ(flow.words, (Words{"c xmpp c2s montague.example montague.example", "c credential sasl_plain"}));
}

TEST(XmppSession, AFactPointsAtItsTag) {
  ScriptedFlow flow{kXmppDissector};
  flow.stream({from_client(kPeerHeader + kStartTls)});
  ASSERT_EQ(flow.facts.size(), 2U);
  EXPECT_EQ(flow.facts[1].evidence.length, kStartTls.size());
}

Recognition recognise(std::string_view text, Transport transport = Transport::tcp, bool at_start = true) {
  return kXmppDissector.probe({.bytes = as_bytes(text), .transport = transport, .at_start = at_start});
}

TEST(XmppProbe, TakesAStreamHeaderAndNothingElseAtItsCuts) {
  for (const std::string& header : {kClientHeader, kServerHeader, kPeerHeader}) {
    EXPECT_EQ(recognise(header), Recognition::yes);
    for (std::size_t length = 0; length < header.size(); ++length)
      EXPECT_EQ(recognise(header.substr(0, length)), Recognition::need_more) << header.substr(0, length);
  }
  EXPECT_EQ(recognise(kPeerHeader, Transport::udp), Recognition::no);
}

TEST(XmppProbe, TakesWhatOnlyXmppHasWhereAStreamIsJoined) {
  for (const std::string_view text : {"<iq type='get' id='a'>", "<message to='a@b'>", "<presence from='a@b/c'/>",
                                      "<db:result from='a' to='b'>", "<stream:features>", "</stream:stream>"})
    EXPECT_EQ(recognise(text, Transport::tcp, false), Recognition::yes) << text;
  EXPECT_EQ(recognise(kProceed), Recognition::yes);
  for (const std::string_view text : {"<message>", "<iq type='a' id='b'>", "<presence/>", "<features>", "<starttls/>", "<db:result>",
                                      "<message xmlns='urn:other' to='a@b'>", "</stream>", "</message>"})
    EXPECT_EQ(recognise(text, Transport::tcp, false), Recognition::no) << text;
}

TEST(XmppProbe, RefusesItsNeighbours) {
  for (const std::string_view text :
       {"<html><body>", "<!DOCTYPE html>", "<?xml version='1.0'?><policy-file-request/>", "<?xml version='1.0'?><!-- a -->",
        "<?xml version='1.0'?><soap:Envelope>", "<?php",
        "<stream:stream xmlns='jabber:component:accept' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
        "<stream:stream xmlns='jabber:client'>", "<body xmlns='http://jabber.org/protocol/httpbind'>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='a'/>", "GET / HTTP/1.1\r\n", "INVITE sip:a SIP/2.0\r\n", "\x16\x03\x01",
        "SSH-2.0-", "\x30\x0C\x02\x01\x01\x60\x07", "\xFFSMB", "< "})
    EXPECT_EQ(recognise(text), Recognition::no) << text;
}

}  // namespace
}  // namespace sealtrace
