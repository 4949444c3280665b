// Octets by MySQL's documentation, "Connection Phase".
#include <gtest/gtest.h>

#include "dissect/spoken.hpp"
#include "dissectors/mysql/mysql_session.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::octets;
using testing::Said;
using testing::ScriptedFlow;
using testing::SpokenCase;
using testing::Words;

/// packet puts a payload behind payload_length and sequence_id.
std::string packet(std::uint8_t sequence_id, const std::string& payload) {
  return std::string{static_cast<char>(payload.size()), static_cast<char>(payload.size() >> 8), '\0', static_cast<char>(sequence_id)} +
         payload;
}

/// greeting makes HandshakeV10 with the given lower capability flags.
std::string greeting(std::string_view lower_flags, const std::string& plugin = "mysql_native_password") {
  return packet(0, octets(R"(0a                            # protocol version
                             382e302e3336 00               # server version 8.0.36
                             0b000000                      # thread id
                             6162636465666768 00           # auth-plugin-data-part-1, filler)") +
                       octets(lower_flags) + octets(R"(ff 0200 ffdf              # character_set, status_flags, capability_flags_2
                                 15 00000000000000000000   # auth_plugin_data_len, reserved
                                 6162636465666768696a6b6c 00  # auth-plugin-data-part-2)") +
                       plugin + '\0');
}
const std::string kGreeting = greeting("ffff");
const std::string kGreetingWithoutTls = greeting("fff7");  // without CLIENT_SSL

const std::string kFixed = octets("05ae0f00 00000001 ff") + std::string(23, '\0');  // with CLIENT_SSL
const std::string kSslRequest = packet(1, kFixed);
/// login makes HandshakeResponse41 without CLIENT_SSL; flags: protocol 4.1, secure connection, plugin auth.
std::string login(const std::string& response, const std::string& plugin, std::uint8_t sequence_id = 1) {
  return packet(sequence_id, octets("00820800 00000001 ff") + std::string(23, '\0') + std::string{"lync\0", 5} +
                                 static_cast<char>(response.size()) + response + plugin + '\0');
}
const std::string kScramble(20, 's');
const std::string kLogin = login(kScramble, "mysql_native_password");
const std::string kClientHello = octets("16 0301 0005 0100000000");
const std::string kOk = packet(2, octets("00 00 00 0200 0000"));
const std::string kQuery = packet(0, "\x03SELECT 1");
const std::string kResultSet = packet(1, octets("01"));
const std::string kDenied = packet(1, octets("ff 1504") + "#28000Access denied");

std::string auth_switch(const std::string& plugin) { return packet(2, "\xFE" + plugin + '\0' + kScramble + '\0'); }

const std::vector<SpokenCase> kCases{
    {"TheOfferIsTaken",
     {from_server(kGreeting), from_client(kSslRequest), from_client(kClientHello)},
     {"s clear mysql greeting", "s upgrade mysql offered", "c upgrade mysql requested", "c upgrade mysql accepted"},
     true},
    {"ALoginBehindTheRequestThatIsNotInTlsIsRead",
     {from_server(kGreeting), from_client(kSslRequest), from_client(login("throwaway", "mysql_clear_password", 2))},
     {"s clear mysql greeting", "s upgrade mysql offered", "c upgrade mysql requested", "c upgrade mysql accepted", "c clear mysql login",
      "c credential mysql_clear_password"}},
    {"TheOfferIsNotTaken",
     {from_server(kGreeting), from_client(kLogin), from_server(kOk), from_client(kQuery), from_server(kResultSet)},
     {"s clear mysql greeting", "s upgrade mysql offered", "c clear mysql login", "c credential mysql_scramble", "c clear mysql query",
      "s clear mysql response"}},
    {"NothingIsOffered",
     {from_server(kGreetingWithoutTls), from_client(login({}, "mysql_native_password")), from_server(kOk)},
     {"s clear mysql greeting", "s no-upgrade mysql", "c clear mysql login"}},
    {"ARequestWithoutAnOfferThatWasSeenIsNotAccepted",
     {from_client(kSslRequest), from_client(kClientHello)},
     {"c upgrade mysql requested"},
     true},
    {"APasswordItself",
     {from_server(kGreetingWithoutTls), from_client(login("throwaway", "mysql_clear_password"))},
     {"s clear mysql greeting", "s no-upgrade mysql", "c clear mysql login", "c credential mysql_clear_password"}},
    {"TheServerSwitchesToThePasswordItself",
     {from_server(kGreetingWithoutTls), from_client(login({}, "mysql_native_password")), from_server(auth_switch("mysql_clear_password")),
      from_client(packet(3, std::string{"throwaway\0", 10}))},
     {"s clear mysql greeting", "s no-upgrade mysql", "c clear mysql login", "c credential mysql_clear_password"}},
    {"TheServerSwitchesToADigest",
     {from_server(kGreetingWithoutTls), from_client(login({}, "")), from_server(auth_switch("mysql_native_password")),
      from_client(packet(3, kScramble))},
     {"s clear mysql greeting", "s no-upgrade mysql", "c clear mysql login", "c credential mysql_scramble"}},
    {"AskingForTheServersKeyIsNoCredential",
     {from_server(kGreeting), from_client(login({}, "sha256_password")), from_client(packet(3, "\x01"))},
     {"s clear mysql greeting", "s upgrade mysql offered", "c clear mysql login"}},
    {"AnErrorAnswersACommand",
     {from_server(kGreeting), from_client(packet(0, "\x01")), from_server(kDenied)},
     {"s clear mysql greeting", "s upgrade mysql offered", "c clear mysql command", "s clear mysql error"}},
    {"AServerThatOpenedTheStream",
     {from_client(kGreeting), from_server(kLogin)},
     {"c clear mysql greeting", "c upgrade mysql offered", "s clear mysql login", "s credential mysql_scramble"}},
    {"AnEmptyPacketIsMalformed", {from_client(octets("000000 01 00"))}, {"c malformed payload_length"}},
    {"AnOlderProtocolIsUnsupported",
     {from_client(packet(1, octets("00000000 00000001 ff") + std::string(23, '\0')))},
     {"c unreadable client_flag"}},
};

class MysqlSpoken : public ::testing::TestWithParam<SpokenCase> {};
TEST_P(MysqlSpoken, IsHeardInWhateverPieces) { expect_heard(kMysqlDissector, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, MysqlSpoken, ::testing::ValuesIn(kCases), testing::name_of);

TEST(MysqlSession, FindsItsPlaceBehindAGap) {
  ScriptedFlow flow{kMysqlDissector};
  flow.stream({from_server(kGreeting)}).gap(Side::initiator, 1000).stream({from_client("no packet"), from_client(kQuery)});
  EXPECT_EQ(flow.words, (Words{"s clear mysql greeting", "s upgrade mysql offered", "c clear mysql query"}));
}

TEST(MysqlParse, AGreetingNamesItsOfferAndPlugin) {
  const auto read = parse_mysql_greeting(as_bytes(kGreeting).subspan(kMysqlHeadBytes));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->capabilities.ssl());
  EXPECT_EQ(read->plugin, "mysql_native_password");
  EXPECT_FALSE(parse_mysql_greeting(as_bytes(kGreetingWithoutTls).subspan(kMysqlHeadBytes))->capabilities.ssl());
}

TEST(MysqlParse, ACutMessageIsNeverWhole) {
  const Bytes whole = as_bytes(kGreeting).subspan(kMysqlHeadBytes);
  const std::size_t plugin_bytes = sizeof("mysql_native_password");
  for (std::size_t length = 0; length < whole.size() - plugin_bytes; ++length) {
    if (length == 23) continue;  // where the greeting of a server before 4.1 ends
    const auto cut = parse_mysql_greeting(whole.first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::need_more) << length;
  }
  const Bytes response = as_bytes(kLogin).subspan(kMysqlHeadBytes);
  EXPECT_EQ(parse_mysql_response(response)->plugin, "mysql_native_password");
  for (std::size_t length = 0; length < response.size() - plugin_bytes; ++length)
    EXPECT_FALSE(parse_mysql_response(response.first(length)));
  const Bytes request = as_bytes(kSslRequest).subspan(kMysqlHeadBytes);
  EXPECT_TRUE(parse_mysql_response(request)->ssl_request);
  for (std::size_t length = 0; length < kMysqlSslRequestBytes; ++length)
    EXPECT_FALSE(parse_mysql_response(request.first(length))) << length;
}

TEST(MysqlParse, ALengthThatLeavesTheResponseIsRefused) {
  std::string wrong = kLogin.substr(kMysqlHeadBytes);
  wrong[kMysqlSslRequestBytes + 5] = '\x7F';
  const auto read = parse_mysql_response(as_bytes(wrong));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().field, "auth_response");
}

TEST(MysqlProbe, TakesAGreetingALoginAndAWholeQuery) {
  const auto probe = [](const std::string& bytes, bool at_start = true) {
    return kMysqlDissector.probe({.bytes = as_bytes(bytes), .transport = Transport::tcp, .at_start = at_start});
  };
  EXPECT_EQ(probe(kGreeting), Recognition::yes);
  for (std::size_t length = 0; length < kGreeting.size(); ++length)
    EXPECT_EQ(probe(kGreeting.substr(0, length)), Recognition::need_more) << length;
  for (const std::string& answer : {kSslRequest, kLogin}) {
    EXPECT_EQ(probe(answer), Recognition::yes);
    for (std::size_t length = 0; length < kMysqlHeadBytes + kMysqlSslRequestBytes; ++length)
      EXPECT_EQ(probe(answer.substr(0, length)), Recognition::need_more) << length;
    EXPECT_EQ(probe(answer, false), Recognition::no);
  }
  EXPECT_EQ(probe(kQuery, false), Recognition::yes);
  EXPECT_EQ(probe(kQuery + "x", false), Recognition::no);
  for (const std::string& other :
       {octets("1603010200010001fc0303aabbccdd"), std::string{"INVITE sip:a@b SIP/2.0\r\n"}, std::string{"SSH-2.0-OpenSSH\r\n"},
        octets("000100002112a442 0102030405060708090a0b0c"), octets("000000e2fe534d424000000000000000"),
        octets("300c020101600702010304008000"), octets("12010010000000000a3100000000")}) {
    EXPECT_EQ(probe(other), Recognition::no) << other;
    EXPECT_EQ(probe(other, false), Recognition::no) << other;
  }
}

}  // namespace
}  // namespace sealtrace
