// Connections as peers make them, in whole and in pieces, and what else may come.
#include "dissectors/ldap/ldap_session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/ldap/ldap_messages.hpp"
#include "dissectors/ldap/ldap_probe.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;
using Words = std::vector<std::string>;

const std::string kStartTlsAccepted = ldap_message(1, result(0x78, 0, ber(0x8A, kLdapStartTls)));
const std::string kStartTlsAcceptedWithoutName = ldap_message(1, result(0x78, 0));
const std::string kStartTlsRefused = ldap_message(1, result(0x78, 2));
const std::string kTlsHello = octets("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03");
const std::string kSearch = ldap_message(3, search_operation());
const std::string kSearchDone = ldap_message(3, result(0x65, 0));
const std::string kSpnegoBind = ldap_message(2, bind_operation(sasl("GSS-SPNEGO", octets("x"
                                                                                         "NTLMSSP\0\x03\0\0\0")),
                                                               ""));
const std::string kBindDone = ldap_message(2, result(0x61, 0));
const std::string kBindRefused = ldap_message(2, result(0x61, 49));
const std::string kBindGoesOn = ldap_message(2, result(0x61, 14));
const std::string kSealed = buffer(wrap_token('\x02'));
const std::string kUnknownBuffer = buffer(std::string(80, '\xE7'));

struct StreamCase {
  std::string_view name;
  std::vector<Said> script;
  Words words;
  bool handed_over = false;
  std::string left_over_client{};  ///< whole pieces
};

void PrintTo(const StreamCase& each, std::ostream* out) { *out << each.name; }
std::string name_of(const ::testing::TestParamInfo<StreamCase>& info) { return std::string{info.param.name}; }

class LdapStreams : public ::testing::TestWithParam<StreamCase> {};
TEST_P(LdapStreams, SayTheSameHoweverTheyAreCut) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 100'000U}) {
    ScriptedFlow flow{kLdapDissector};
    flow.stream(GetParam().script, piece);
    EXPECT_EQ(flow.words, GetParam().words) << piece;
    EXPECT_EQ(flow.handed_over, GetParam().handed_over) << piece;
    if (flow.handed_over && piece > 100) {
      EXPECT_EQ(flow.left_over[0], GetParam().left_over_client);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, LdapStreams,
    ::testing::Values(
        StreamCase{"StartTlsIsAccepted",
                   {from_client(start_tls_request(1)), from_server(kStartTlsAccepted + "\x16\x03"), from_client(kTlsHello)},
                   {"c upgrade ldap requested", "s upgrade ldap accepted"},
                   true},
        StreamCase{"OctetsBehindARequestAreLeftForTls",
                   {from_client(start_tls_request(1) + kTlsHello), from_server(kStartTlsAcceptedWithoutName)},
                   {"c upgrade ldap requested", "s upgrade ldap accepted"},
                   true,
                   kTlsHello},
        StreamCase{"StartTlsIsRefusedAndAPasswordFollows",
                   {from_client(start_tls_request(1)), from_server(kStartTlsRefused),
                    from_client(ldap_message(2, bind_operation(simple("secret"))))},
                   {"c upgrade ldap requested", "s upgrade ldap refused", "c clear ldap bind request", "c credential ldap_simple"}},
        StreamCase{
            "TheRootDseIsAskedForBeforeAnythingCanBeAgreed",
            {from_client(ldap_message(1, search_operation(""))), from_server(ldap_message(1, ber(0x64, ber(0x04, "") + ber(0x30, "")))),
             from_server(ldap_message(1, result(0x65, 0))), from_client(kSpnegoBind), from_server(kBindDone), from_client(kSealed)},
            {"c clear ldap root DSE search request", "s clear ldap root DSE search result entry",
             "s clear ldap root DSE search result done", "c credential ntlm", "c protected ldap SASL layer, sealed"}},
        StreamCase{"AnotherSearchUnderTheSameNumberIsNotForTheRootDse",
                   {from_client(ldap_message(3, search_operation(""))), from_client(kSearch), from_server(kSearchDone)},
                   {"c clear ldap root DSE search request", "c clear ldap search request", "s clear ldap search result done"}},
        StreamCase{
            "AnEntryWithANameIsNotTheRootDse",
            {from_client(ldap_message(1, search_operation(""))),
             from_server(ldap_message(1, ber(0x64, ber(0x04, "cn=alice,dc=a") + ber(0x30, "")))),
             from_server(ldap_message(1, result(0x65, 0)))},
            {"c clear ldap root DSE search request", "s clear ldap search result entry", "s clear ldap root DSE search result done"}},
        StreamCase{"AResultWhoseRequestWasNotSeenIsAnyResult", {from_server(kSearchDone)}, {"s clear ldap search result done"}},
        StreamCase{"AnAnswerToAnotherRequestIsNone",
                   {from_client(start_tls_request(1) + kTlsHello), from_server(ldap_message(9, result(0x78, 0)))},
                   {"c upgrade ldap requested", "s clear ldap extended response"}},
        StreamCase{"OneSideOfAnUpgradeIsEnough",
                   {from_client(start_tls_request(1)), from_client(kTlsHello), from_client("\x14")},
                   {"c upgrade ldap requested"},
                   true,
                   kTlsHello + "\x14"},
        StreamCase{
            "TheServersSideOfAnUpgrade", {from_server(kStartTlsAccepted), from_server(kTlsHello)}, {"s upgrade ldap accepted"}, true},
        StreamCase{
            "OperationsInClearOnceEach",
            {from_client(ldap_message(1, bind_operation(simple(""), ""))), from_server(ldap_message(1, result(0x61, 0))),
             from_client(kSearch + kSearch), from_server(ldap_message(3, ber(0x64, ber(0x04, "cn=a") + ber(0x30, "")))),
             from_server(kSearchDone + kSearchDone),
             from_client(ldap_message(4, ber(0x4A, "cn=a"), ber(0xA0, ber(0x30, ber(0x04, "1.2"))))),
             from_client(ldap_message(5, ber(0x42, "")))},
            {"c clear ldap bind request", "s clear ldap bind response", "c clear ldap search request", "s clear ldap search result entry",
             "s clear ldap search result done", "c clear ldap delete request", "c clear ldap unbind request"}},
        StreamCase{"ASealedLayer",
                   {from_client(kSpnegoBind), from_server(kBindDone), from_client(kSealed + kSealed), from_server(kSealed)},
                   {"c credential ntlm", "c protected ldap SASL layer, sealed", "s protected ldap SASL layer, sealed"}},
        StreamCase{"ALayerThatSaysNothing",
                   {from_client(kSpnegoBind), from_server(kBindDone), from_client(kUnknownBuffer), from_server(kUnknownBuffer)},
                   {"c credential ntlm", "c protected ldap SASL layer", "s protected ldap SASL layer"}},
        StreamCase{
            "ALayerThatOnlySigns",
            {from_client(kSpnegoBind), from_server(kBindDone), from_client(buffer(octets("\x01\0\0\0") + std::string(12, 's') + kSearch))},
            {"c credential ntlm", "c clear ldap message in a SASL layer that does not seal"}},
        StreamCase{"BuffersBehindARefusedBindProtectNothing",
                   {from_client(kSpnegoBind), from_server(kBindRefused), from_client(kSealed)},
                   {"c credential ntlm", "c malformed LDAPMessage"}},
        StreamCase{"BuffersBeforeTheBindIsDoneProtectNothing",
                   {from_client(kSpnegoBind), from_server(kBindGoesOn), from_client(kUnknownBuffer)},
                   {"c credential ntlm", "c unreadable LDAPMessage"}},
        StreamCase{"BuffersBehindASimpleBindProtectNothing",
                   {from_client(ldap_message(2, bind_operation(simple("secret")))), from_server(kBindDone), from_client(kUnknownBuffer)},
                   {"c clear ldap bind request", "c credential ldap_simple", "s clear ldap bind response", "c malformed LDAPMessage"}},
        StreamCase{"JoinedBehindTheBind",
                   {from_client(kSealed), from_server("rest of a buffer" + kSealed)},
                   {"c protected ldap SASL layer, sealed"}},
        StreamCase{"ABindThatCannotBeRead",
                   {from_client(ldap_message(1, ber(0x60, ber(0x02, "\x03")))), from_client(kSearch)},
                   {"c malformed name", "c clear ldap search request"}},
        StreamCase{"WhatIsNoMessageEndsTheReading",
                   {from_client(kSearch + "GET /")},
                   {"c clear ldap search request", "c malformed buffer length"}}),
    name_of);

TEST(LdapSession, LongMessagesAreSkippedUnseen) {
  const std::string entry = ldap_message(3, ber(0x64, ber(0x04, "cn=a") + ber(0x30, ber(0x04, std::string(30'000, 'x')))));
  ScriptedFlow flow{kLdapDissector};
  flow.stream({from_server(entry + kSearchDone)}, 100);
  EXPECT_EQ(flow.words, (Words{"s clear ldap search result entry", "s clear ldap search result done"}));
}

TEST(LdapSession, AHugeBindIsAFact) {
  ScriptedFlow flow{kLdapDissector};
  const std::string huge =
      ad_ber(0x30, ber(0x02, "\x01") + ad_ber(0x60, ber(0x02, "\x03") + ber(0x04, "") + ad_ber(0x80, std::string(200'000, 'x'))));
  flow.stream({from_client(huge + kSearch)}, 1400);
  ASSERT_EQ(flow.facts.size(), 2U);
  EXPECT_EQ(std::get<BudgetExceeded>(flow.facts[0].body).budget, "ldap_message_bytes");
  EXPECT_EQ(flow.words, Words{"c clear ldap search request"});
}

TEST(LdapSession, AGapIsPassedUpToAMessageThatAnotherFollows) {
  for (const std::size_t piece : {1U, 7U, 1000U}) {
    ScriptedFlow flow{kLdapDissector};
    flow.stream({from_server(kSearchDone + kSearchDone.substr(0, 5))}, piece);
    flow.gap(Side::responder, 50);
    flow.stream({from_server("0\x05\x02\x30x" + ldap_message(7, result(0x67, 0)) + ldap_message(7, result(0x69, 0)))}, piece);
    EXPECT_EQ(flow.words, (Words{"s clear ldap search result done", "s clear ldap add response"})) << piece;
  }
}

TEST(LdapSession, ABufferWhereAMessageWasOnlyGuessedIsNone) {
  ScriptedFlow flow{kLdapDissector};
  flow.stream({from_server(kSearchDone)}).gap(Side::responder, 50).stream({from_server(kSearchDone + kSealed)});
  EXPECT_EQ(flow.words, Words{"s clear ldap search result done"});
}

TEST(LdapSession, TlsIsWaitedForWhereTheOtherSideCannotBeRead) {
  for (const std::size_t piece : {1U, 7U, 1000U}) {
    ScriptedFlow flow{kLdapDissector};
    flow.stream({from_server(kSearchDone + "none"), from_client(start_tls_request(1)), from_client(kTlsHello + "\x14")}, piece);
    EXPECT_EQ(flow.words, (Words{"s clear ldap search result done", "s malformed buffer length", "c upgrade ldap requested"})) << piece;
    EXPECT_TRUE(flow.handed_over) << piece;
  }
}

TEST(LdapSession, EveryCutSaysNoMoreThanTheWhole) {
  const std::string whole = kSpnegoBind + kSearch + start_tls_request(9);
  ScriptedFlow all{kLdapDissector};
  all.stream({from_client(whole)});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ScriptedFlow flow{kLdapDissector};
    flow.stream({from_client(whole.substr(0, length))});
    ASSERT_LE(flow.words.size(), all.words.size());
    EXPECT_TRUE(std::equal(flow.words.begin(), flow.words.end(), all.words.begin())) << length;
  }
  EXPECT_EQ(all.words.back(), "c upgrade ldap requested");
}

TEST(LdapDatagrams, AreReadInClear) {
  ScriptedFlow flow{kLdapDissector};
  flow.datagrams({from_client(kSearch), from_client(kSearch),
                  from_server(ldap_message(3, ber(0x64, ber(0x04, "") + ber(0x30, ""))) + kSearchDone), from_server("none")});
  EXPECT_EQ(flow.words, (Words{"c clear cldap search request", "s clear cldap search result entry", "s clear cldap search result done"}));
  EXPECT_EQ(flow.answers, (std::vector<Datagram>{Datagram::taken, Datagram::taken, Datagram::taken, Datagram::not_mine}));
}

TEST(LdapDatagrams, ThatEndTooEarlyAreMalformed) {
  ScriptedFlow flow{kLdapDissector};
  flow.datagrams({from_client(kSearch.substr(0, kSearch.size() - 1))});
  EXPECT_EQ(flow.words, (Words{"c clear cldap search request", "c malformed LDAPMessage"}));
}

Recognition recognise(std::string_view octets, Transport transport = Transport::tcp, std::uint16_t port = 389, bool at_start = true) {
  return kLdapDissector.probe(
      {.bytes = as_bytes(octets), .transport = transport, .at_start = at_start, .source_port = 50'000, .destination_port = port});
}

TEST(LdapProbe, TakesMessagesOnAnyPort) {
  EXPECT_EQ(recognise(kSearch, Transport::tcp, 10'389), Recognition::yes);
  EXPECT_EQ(recognise(start_tls_request(1)), Recognition::yes);
  EXPECT_EQ(recognise(kSearchDone, Transport::tcp, 389, false), Recognition::yes);
  EXPECT_EQ(recognise(kSearch, Transport::udp), Recognition::yes);
  EXPECT_EQ(recognise(kSpnegoBind, Transport::udp), Recognition::no) << "CLDAP knows no bind";
  EXPECT_EQ(recognise(kSearch.substr(0, 6)), Recognition::need_more);
  EXPECT_EQ(recognise(kSearch.substr(0, 6), Transport::udp), Recognition::no);
}

TEST(LdapProbe, TakesALayerOnlyWhereThePortAgrees) {
  EXPECT_EQ(recognise(kSealed), Recognition::yes);
  EXPECT_EQ(recognise(kSealed, Transport::tcp, 3268), Recognition::yes);
  EXPECT_EQ(recognise(kSealed, Transport::tcp, 445), Recognition::no);
  EXPECT_EQ(recognise(kUnknownBuffer), Recognition::no);
  EXPECT_EQ(recognise(octets("\0\0\0\x20\xFFSMB") + std::string(40, '\0')), Recognition::no);
}

TEST(LdapProbe, RefusesItsNeighbours) {
  const auto of_snmp = annotated_hex("30 29 02 01 00 04 06 70 75 62 6C 69 63 A0 1C 02 04");
  const auto of_snmp3 = annotated_hex("30 3E 02 01 03 30 11 02 04 30 F6 F3 D5");
  const auto of_kerberos = annotated_hex("6A 81 B0 30 81 AD A1 03 02 01 05");
  const auto of_ocsp = annotated_hex("30 82 01 00 30 81 FD 02 01 00");
  for (const Bytes bytes : {Bytes{of_snmp}, Bytes{of_snmp3}, Bytes{of_kerberos}, Bytes{of_ocsp}}) {
    EXPECT_EQ(recognise(as_text(bytes)), Recognition::no);
    EXPECT_EQ(recognise(as_text(bytes), Transport::udp), Recognition::no);
  }
  for (const std::string_view text : {"GET / HTTP/1.1", "INVITE sip:a SIP/2.0", "\x16\x03\x01\x00\x05", "SSH-2.0", "0123456789",
                                      "<stream:stream", "\x80\x60\x01\x02", "\xFFSMB"})
    EXPECT_EQ(recognise(text), Recognition::no) << text;
}

}  // namespace
}  // namespace sealtrace
