// Octets by PostgreSQL's documentation, "Message Formats".
#include <gtest/gtest.h>

#include "dissect/spoken.hpp"
#include "dissectors/postgresql/postgresql_session.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::octets;
using testing::Said;
using testing::ScriptedFlow;
using testing::SpokenCase;
using testing::Words;

/// message puts a payload behind a type and a length that counts itself.
std::string message(char type, const std::string& payload) {
  const std::size_t length = payload.size() + 4;
  return std::string{type, '\0', '\0', static_cast<char>(length >> 8), static_cast<char>(length)} + payload;
}

const std::string kSslRequest = octets("00000008 04d2162f  # length, 80877103");
const std::string kGssRequest = octets("00000008 04d21630  # length, 80877104");
const std::string kCancelRequest = octets(R"(00000010 04d2162e  # length, 80877102
                                             00001234 89abcdef  # process, key)");
const std::string kStartup = octets(R"(00000020 00030000          # length, version 3.0
                                       75736572 00 6c796e63 00    # user, lync
                                       6461746162617365 00 72746300 00  # database, rtc, the end)");
const std::string kAskCleartext = octets("52 00000008 00000003");
const std::string kAskMd5 = octets("52 0000000c 00000005 0badcafe");
const std::string kAskSasl = octets("52 00000017 0000000a 534352414d2d5348412d323536 00 00");  // SCRAM-SHA-256
const std::string kSaslContinue = octets("52 0000000c 0000000b 723d6162");
const std::string kAskGss = octets("52 00000008 00000007");
const std::string kAuthenticated = octets("52 00000008 00000000");
const std::string kKey = octets("4b 0000000c 00001234 89abcdef");
const std::string kReady = octets("5a 00000005 49");
const std::string kPassword = message('p', std::string{"throwaway\0", 10});
const std::string kMd5Password = message('p', "md5" + std::string(32, 'a') + '\0');
const std::string kScramFirst = message('p', octets("534352414d2d5348412d323536 00 00000004 6e2c2c72"));
const std::string kScramFinal = message('p', "c=biws,r=ab,p=AAAA");
const std::string kQuery = message('Q', std::string{"SELECT 1\0", 9});
const std::string kRow = octets("44 0000000b 0001 00000001 31");
const std::string kComplete = message('C', std::string{"SELECT 1\0", 9});
const std::string kError = message('E', octets("53 464154414c 00 00"));
const std::string kClientHello = octets("16 0301 0005 0100000000");
const std::string kSealed = octets("00000014 0504 06 ff 0000 0000 0000000000000001") + std::string(4, 'e');
const std::string kSigned = octets("00000014 0504 04 ff 0000 0000 0000000000000001") + std::string(4, 'e');
const std::string kNoToken = octets("0000000c") + "select names";
/// Wrap tokens of RFC 1964: HMAC, no seal, or RC4.
const std::string kOldSigned = octets("0000001d 601b 0609 2a864886f712010202 0201 1100 ffff ffff 0000000000000000");
const std::string kOldSealed = octets("0000001d 601b 0609 2a864886f712010202 0201 1100 1000 ffff 0000000000000000");
const std::string kContextToken = octets("00000008 60060606 2b060105");

const std::vector<SpokenCase> kCases{
    {"AServerThatAgreesHandsOver",
     {from_client(kSslRequest), from_server("S"), from_client(kClientHello)},
     {"c clear postgresql SSL request", "c upgrade postgresql requested", "s upgrade postgresql accepted"},
     true},
    {"AServerThatRefusesIsReadOn",
     {from_client(kSslRequest), from_server("N"), from_client(kStartup), from_server(kAskCleartext), from_client(kPassword)},
     {"c clear postgresql SSL request", "c upgrade postgresql requested", "s upgrade postgresql refused",
      "c clear postgresql startup message", "s clear postgresql authentication request", "c clear postgresql password message",
      "c credential postgresql_password"}},
    {"AnErrorIsARefusal",
     {from_client(kSslRequest), from_server(kError)},
     {"c clear postgresql SSL request", "c upgrade postgresql requested", "s upgrade postgresql refused", "s clear postgresql error"}},
    {"AnotherAnswerIsMalformed",
     {from_client(kSslRequest), from_server("X")},
     {"c clear postgresql SSL request", "c upgrade postgresql requested", "s malformed answer"}},
    {"AHelloThatGoesOnHadItsAnswer",
     {from_client(kSslRequest), from_client(kClientHello + kClientHello)},
     {"c clear postgresql SSL request", "c upgrade postgresql requested"},
     true},
    {"WithoutARequestItIsClear",
     {from_client(kStartup), from_server(kAskMd5), from_client(kMd5Password), from_server(kAuthenticated + kKey + kReady),
      from_client(kQuery), from_server(kRow + kComplete + kReady)},
     {"c clear postgresql startup message", "s clear postgresql authentication request", "c clear postgresql password message",
      "c credential postgresql_md5", "s clear postgresql cancellation key", "c clear postgresql query", "s clear postgresql row"}},
    {"ScramIsNamedOnce",
     {from_client(kStartup), from_server(kAskSasl), from_client(kScramFirst), from_server(kSaslContinue), from_client(kScramFinal)},
     {"c clear postgresql startup message", "s clear postgresql authentication request", "c clear postgresql password message",
      "c credential sasl_scram"}},
    {"GssThatOnlyNegotiatesIsNoCredential",
     {from_client(kStartup), from_server(kAskGss), from_client(message('p', octets("60060606 2b0601050502")))},
     {"c clear postgresql startup message", "s clear postgresql authentication request", "c clear postgresql password message"}},
    {"WithoutTheServerAPasswordIsOfAKindThatIsNotKnown",
     {from_client(kStartup), from_client(kPassword)},
     {"c clear postgresql startup message", "c clear postgresql password message", "c credential other"}},
    {"WithoutTheServerMd5IsTold",
     {from_client(kStartup), from_client(kMd5Password)},
     {"c clear postgresql startup message", "c clear postgresql password message", "c credential postgresql_md5"}},
    {"SealedPacketsAreProtectedByGssapi",
     {from_client(kGssRequest), from_server("G"), from_client(kContextToken), from_server(kContextToken), from_client(kSealed),
      from_server(kSealed), from_client(kSealed)},
     {"c clear postgresql GSSAPI encryption request", "c protected postgresql GSSAPI encryption",
      "s protected postgresql GSSAPI encryption"}},
    {"PacketsThatOnlySignAreNotProtected",
     {from_client(kGssRequest), from_server("G"), from_client(kSigned), from_server(kSigned)},
     {"c clear postgresql GSSAPI encryption request", "c clear postgresql GSSAPI packet that is not sealed",
      "s clear postgresql GSSAPI packet that is not sealed"}},
    {"PacketsThatOnlySignBehindSealedOnesAreRead",
     {from_client(kGssRequest), from_server("G"), from_client(kContextToken), from_server(kContextToken), from_client(kSealed + kSigned),
      from_server(kSealed + kSigned + kSigned)},
     {"c clear postgresql GSSAPI encryption request", "c protected postgresql GSSAPI encryption",
      "c clear postgresql GSSAPI packet that is not sealed", "s protected postgresql GSSAPI encryption",
      "s clear postgresql GSSAPI packet that is not sealed"}},
    {"WhatIsNoTokenIsNotRead",
     {from_client(kGssRequest), from_server("G"), from_client(kContextToken + kNoToken), from_server(kSealed + kContextToken)},
     {"c clear postgresql GSSAPI encryption request", "c unreadable TOK_ID", "s protected postgresql GSSAPI encryption",
      "s unreadable TOK_ID"}},
    {"OldTokensThatSignAreRead",
     {from_client(kGssRequest), from_server("G"), from_client(kOldSigned), from_server(kOldSealed)},
     {"c clear postgresql GSSAPI encryption request", "c clear postgresql GSSAPI packet that is not sealed", "s unreadable TOK_ID"}},
    {"GssapiRefusedThenTls",
     {from_client(kGssRequest), from_server("N"), from_client(kSslRequest), from_server("S")},
     {"c clear postgresql GSSAPI encryption request", "c clear postgresql SSL request", "c upgrade postgresql requested",
      "s upgrade postgresql accepted"},
     true},
    {"ACancellationIsRead", {from_client(kCancelRequest)}, {"c clear postgresql cancellation request"}},
    {"ATypeThatIsNotAssignedEndsTheSide", {from_client("GET / HTTP/1.1\r\n")}, {"c unreadable type"}},
    {"ALengthBelowItselfIsMalformed", {from_client(octets("51 00000003 000000"))}, {"c malformed length"}},
};

class PostgresqlSpoken : public ::testing::TestWithParam<SpokenCase> {};
TEST_P(PostgresqlSpoken, IsHeardInWhateverPieces) { expect_heard(kPostgresqlDissector, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, PostgresqlSpoken, ::testing::ValuesIn(kCases), testing::name_of);

TEST(PostgresqlSession, WaitsWithTheHelloForTheAnswer) {
  ScriptedFlow flow{kPostgresqlDissector};
  flow.stream({from_client(kSslRequest), from_client(kClientHello), from_server("S")});
  ASSERT_TRUE(flow.handed_over);
  EXPECT_EQ(flow.left_over[0], kClientHello);
}

TEST(PostgresqlSession, FindsItsPlaceBehindAGap) {
  ScriptedFlow flow{kPostgresqlDissector};
  flow.stream({from_client(kStartup)}).gap(Side::initiator, 1000).stream({from_client("no message"), from_client(kQuery)});
  EXPECT_EQ(flow.words, (Words{"c clear postgresql startup message", "c clear postgresql query"}));
}

struct Unreadable {
  std::string_view name;
  std::string_view hex;
  ParseError error;
};
void PrintTo(const Unreadable& unreadable, std::ostream* out) { *out << unreadable.name; }

class PostgresqlOpeningUnreadable : public ::testing::TestWithParam<Unreadable> {};
TEST_P(PostgresqlOpeningUnreadable, SaysWhereAndWhy) {
  const auto opening = parse_postgresql_opening(annotated_hex(GetParam().hex));
  ASSERT_FALSE(opening);
  EXPECT_EQ(opening.error().code, GetParam().error.code);
  EXPECT_EQ(opening.error().field, GetParam().error.field);
}
INSTANTIATE_TEST_SUITE_P(
    Table, PostgresqlOpeningUnreadable,
    ::testing::Values(Unreadable{"TooLong", "00002711 00030000", {ParseErrorCode::unsupported, 0, "length"}},
                      Unreadable{"AnotherCode", "00000008 00020000", {ParseErrorCode::unsupported, 0, "code"}},
                      Unreadable{"AnSslRequestWithMore", "00000009 04d2162f", {ParseErrorCode::malformed, 0, "length"}},
                      Unreadable{"AStartupWithoutAnEnd", "00000008 00030000", {ParseErrorCode::malformed, 0, "length"}}),
    [](const ::testing::TestParamInfo<Unreadable>& tested) { return std::string{tested.param.name}; });

TEST(PostgresqlParse, ACutMessageIsNeverWhole) {
  for (std::size_t length = 0; length < kPostgresqlOpeningBytes; ++length) {
    const auto opening = parse_postgresql_opening(as_bytes(kStartup).first(length));
    ASSERT_FALSE(opening) << length;
    EXPECT_EQ(opening.error().code, ParseErrorCode::need_more) << length;
  }
  for (std::size_t length = 0; length < kPostgresqlHeadBytes; ++length) {
    const auto head = parse_postgresql_head(as_bytes(kQuery).first(length), false);
    ASSERT_FALSE(head) << length;
    EXPECT_EQ(head.error().code, ParseErrorCode::need_more) << length;
  }
  for (std::size_t length = 0; length < 9; ++length)
    EXPECT_FALSE(parse_postgresql_authentication(as_bytes(kAskMd5).first(length))) << length;
  const Bytes scram = as_bytes(kScramFirst);
  EXPECT_EQ(postgresql_sasl_mechanism(scram), "SCRAM-SHA-256");
  for (std::size_t length = 0; length < kPostgresqlHeadBytes + 18; ++length)
    EXPECT_EQ(postgresql_sasl_mechanism(scram.first(length)), "") << length;
}

TEST(PostgresqlProbe, TakesWhatBeginsAConnectionAndWholeSegments) {
  const auto probe = [](const std::string& bytes, bool at_start = true) {
    return kPostgresqlDissector.probe({.bytes = as_bytes(bytes), .transport = Transport::tcp, .at_start = at_start});
  };
  for (const std::string& begin : {kSslRequest, kGssRequest, kCancelRequest, kStartup, kAskCleartext, kAskSasl}) {
    EXPECT_EQ(probe(begin), Recognition::yes);
    for (std::size_t length = 0; length < 8; ++length) EXPECT_EQ(probe(begin.substr(0, length)), Recognition::need_more) << length;
    EXPECT_EQ(probe(begin, false), Recognition::no);
  }
  EXPECT_EQ(probe(kQuery, false), Recognition::yes);
  EXPECT_EQ(probe(kRow + kComplete + kReady, false), Recognition::yes);
  EXPECT_EQ(probe(kRow + kComplete, false), Recognition::no);
  for (const std::string& other :
       {octets("1603010200010001fc0303aabbccdd"), std::string{"INVITE sip:a@b SIP/2.0\r\n"}, std::string{"RFB 003.008\n"},
        octets("000100002112a442 0102030405060708090a0b0c"), octets("000000e2fe534d424000000000000000"),
        octets("001d00010100000100000000000003777777"), octets("3c000000 0a 352e372e3336 00")}) {
    EXPECT_EQ(probe(other), Recognition::no) << other;
    EXPECT_EQ(probe(other, false), Recognition::no) << other;
  }
}

}  // namespace
}  // namespace sealtrace
