// All octets are made by hand from [MS-TDS]; no capture at hand holds the protocol.
#include <gtest/gtest.h>

#include "dissect/spoken.hpp"
#include "dissectors/tds/tds_session.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::octets;
using testing::Said;
using testing::ScriptedFlow;
using testing::SpokenCase;
using testing::Words;

/// packet puts a payload behind a header of [MS-TDS] section 2.2.3.1.
std::string packet(std::uint8_t type, const std::string& payload) {
  const std::size_t length = payload.size() + kTdsHeaderBytes;
  return std::string{static_cast<char>(type), '\x01', static_cast<char>(length >> 8), static_cast<char>(length), '\0', '\0', '\x01', '\0'} +
         payload;
}

/// prelogin makes the options of [MS-TDS] section 4.1: VERSION, ENCRYPTION, INSTOPT, THREADID.
std::string prelogin(std::uint8_t encryption) {
  return octets("00 001a 0006  01 0020 0001  02 0021 0001  03 0022 0004  04 0026 0001 ff  09000000 0000") +
         std::string{static_cast<char>(encryption)} + octets("00 00000db8 00");
}

/// login7 makes LOGIN7 ([MS-TDS] section 4.2): OptionFlags2 says whether SSPI is used; lengths are in characters.
std::string login7(std::uint8_t option_flags2, std::uint8_t user_characters, const std::string& sspi = {}) {
  std::string login = octets("00000000 02000972 00100000 00000007 00010000 00000000 e0 03 00 00 e0010000 09040000");
  login[25] = static_cast<char>(option_flags2);
  login += octets("5e00 0800");                                                     // HostName
  login += octets("6e00") + std::string{static_cast<char>(user_characters), '\0'};  // UserName
  login += octets("7200 0200") + std::string(24, '\0');                             // Password, then six more
  login += octets("000000000000");                                                  // ClientID
  login += std::string{'\x5e', '\0', static_cast<char>(sspi.size()), '\0'};         // SSPI
  login += std::string(94 - login.size(), '\0') + sspi;
  login[0] = static_cast<char>(login.size());
  return packet(0x10, login);
}

const std::string kClientOff = packet(0x12, prelogin(0));
const std::string kClientOn = packet(0x12, prelogin(1));
const std::string kClientCannot = packet(0x12, prelogin(2));
const std::string kServerOff = packet(0x04, prelogin(0));
const std::string kServerOn = packet(0x04, prelogin(1));
const std::string kServerRequired = packet(0x04, prelogin(3));
const std::string kServerCannot = packet(0x04, prelogin(2));
const std::string kClientHello = packet(0x12, octets("16 0301 0005 0100000000"));
const std::string kServerHello = packet(0x12, octets("16 0301 0005 0200000000"));
const std::string kRecord = octets("17 0301 0010") + std::string(16, 'e');
// SQL batch "select 1" with the headers of TDS 7.2 ([MS-TDS] section 4.6)
const std::string kBatch = packet(0x01, octets("16000000 12000000 0200 0000000000000000 01000000 730065006c006500630074002000 3100"));
const std::string kResponse = packet(0x04, octets("ad 3600 01 72090002 16"));
const std::string kNtlmNegotiate = octets("4e544c4d53535000 01000000 978208e2");
const std::string kNtlmAuthenticate = octets("4e544c4d53535000 03000000 1800 1800 58000000 1800 1800 70000000");

const std::vector<SpokenCase> kCases{
    {"OffProtectsTheLoginAlone",
     {from_client(kClientOff), from_server(kServerOff), from_client(kClientHello), from_server(kServerHello),
      from_client(kRecord + kRecord), from_server(kResponse), from_client(kBatch)},
     {"c tds 0", "c upgrade tds_login requested", "s tds 0", "s upgrade tds_login accepted", "s clear tds response",
      "c clear tds SQL batch request"}},
    {"OnPutsTheRestIntoTls",
     {from_client(kClientOn), from_server(kServerOn), from_client(kClientHello), from_server(kServerHello), from_client(kRecord),
      from_server(kRecord)},
     {"c tds 1", "c upgrade tds requested", "s tds 1", "s upgrade tds accepted"},
     true},
    {"RequiredPutsTheRestIntoTls",
     {from_client(kClientOff), from_server(kServerRequired), from_client(kClientHello), from_server(kServerHello), from_client(kRecord),
      from_server(kRecord)},
     {"c tds 0", "c upgrade tds_login requested", "s tds 3", "s upgrade tds accepted"},
     true},
    {"WhatTheServerSaysLastInPacketsIsReadBeforeTheRest",
     {from_client(kClientOn), from_server(kServerOn), from_client(kClientHello), from_client(kRecord), from_server(kServerHello),
      from_server(kRecord)},
     {"c tds 1", "c upgrade tds requested", "s tds 1", "s upgrade tds accepted"},
     true},
    {"AServerThatCannotRefuses",
     {from_client(kClientOn), from_server(kServerCannot)},
     {"c tds 1", "c upgrade tds requested", "s tds 2", "s upgrade tds refused"}},
    {"AClientThatCannotAsksForNothing",
     {from_client(kClientCannot), from_server(kServerCannot), from_client(login7(3, 2))},
     {"c tds 2", "s tds 2", "c clear tds login request", "c credential tds_login"}},
    {"NotSupportedLeavesTheLoginInClear",
     {from_client(kClientOff), from_server(kServerCannot), from_client(login7(3, 2)), from_server(kResponse), from_client(kBatch)},
     {"c tds 0", "c upgrade tds_login requested", "s tds 2", "s upgrade tds_login refused", "c clear tds login request",
      "c credential tds_login", "s clear tds response", "c clear tds SQL batch request"}},
    {"AClearLoginAfterOnIsStillSeen",
     {from_client(kClientOff), from_server(kServerOn), from_client(login7(3, 2))},
     {"c tds 0", "c upgrade tds_login requested", "s tds 1", "c clear tds login request", "c credential tds_login"}},
    {"IntegratedSecurityWithNtlmProvesItselfInAnSspiMessage",
     {from_client(login7(0x83, 0, kNtlmNegotiate)), from_client(packet(0x11, kNtlmAuthenticate))},
     {"c clear tds login request", "c clear tds SSPI message", "c credential ntlm"}},
    {"IntegratedSecurityOfAnotherKind",
     {from_client(login7(0x83, 0, octets("6006 0606 2b0601050502")))},
     {"c clear tds login request", "c credential negotiate"}},
    {"AnUnknownAnswerPassesOverTls",
     {from_client(kClientOff), from_client(kClientHello), from_client(kRecord + kBatch)},
     {"c tds 0", "c upgrade tds_login requested", "c clear tds SQL batch request"}},
    {"SessionsThatShareAConnectionAreRead",
     {from_client(octets("53 08 0000 55000000 00000000 04000000") + kBatch)},
     {"c clear tds SQL batch request"}},
    {"TlsWithoutPacketsIsHandedOver",
     {from_client(kClientOff), from_server(kServerOn), from_client(octets("16 0301 0005 0100000000"))},
     {"c tds 0", "c upgrade tds_login requested", "s tds 1"},
     true},
    {"APacketOfOneOctetIsWhole", {from_client(packet(0x01, "x"))}, {"c clear tds SQL batch request"}},
    {"ATypeThatIsNotAssignedEndsTheSide", {from_client("GET / HTTP/1.1\r\n")}, {"c unreadable Type"}},
    {"AWindowIsMalformed", {from_client(octets("01 01 0010 0000 01 07") + std::string(8, 'x'))}, {"c malformed Window"}},
};

class TdsSpoken : public ::testing::TestWithParam<SpokenCase> {};
TEST_P(TdsSpoken, IsHeardInWhateverPieces) { expect_heard(kTdsDissector, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, TdsSpoken, ::testing::ValuesIn(kCases), testing::name_of);

TEST(TdsSession, HandsOutWhatTlsSaysAndLeavesItTheRest) {
  ScriptedFlow flow{kTdsDissector};
  flow.stream({from_client(kClientOn), from_server(kServerOn), from_client(kClientHello), from_server(kServerHello), from_client(kRecord),
               from_server(kRecord)});
  ASSERT_TRUE(flow.handed_over);
  EXPECT_EQ(flow.unwrapped[0], kClientHello.substr(kTdsHeaderBytes) + kRecord);
  EXPECT_EQ(flow.unwrapped[1], kServerHello.substr(kTdsHeaderBytes));
  EXPECT_EQ(flow.left_over[1], kRecord);
}

TEST(TdsSession, TlsGoesOnInTheNextPacket) {
  ScriptedFlow flow{kTdsDissector};
  const std::string hello = kServerHello.substr(kTdsHeaderBytes);
  flow.stream({from_client(kClientOn), from_server(kServerOn), from_client(kClientHello), from_server(packet(0x12, hello.substr(0, 7))),
               from_server(packet(0x12, hello.substr(7)))});
  EXPECT_EQ(flow.unwrapped[1], hello);
}

TEST(TdsSession, AfterOffOnlyRecordsAreHandedOut) {
  ScriptedFlow flow{kTdsDissector};
  flow.stream({from_client(kClientOff), from_server(kServerOff), from_client(kClientHello), from_server(kServerHello), from_client(kRecord),
               from_server(kResponse), from_client(kBatch)});
  EXPECT_FALSE(flow.handed_over);
  EXPECT_EQ(flow.unwrapped[0], kClientHello.substr(kTdsHeaderBytes) + kRecord);
  EXPECT_EQ(flow.unwrapped[1], kServerHello.substr(kTdsHeaderBytes));
}

TEST(TdsSession, AGapWithinTlsIsHandedOn) {
  ScriptedFlow flow{kTdsDissector};
  flow.stream({from_client(kClientOn), from_server(kServerOn), from_client(kClientHello)}).gap(Side::responder, 100);
  flow.stream({from_server(kRecord)});
  EXPECT_EQ(flow.unwrapped[1], "<gap>" + kRecord);
}

TEST(TdsCoverage, IsWhatBothSidesAgreedOn) {
  using enum TdsEncryption;
  EXPECT_EQ(tds_coverage(off, off), TdsCoverage::login);
  EXPECT_EQ(tds_coverage(on, on), TdsCoverage::session);
  EXPECT_EQ(tds_coverage(off, required), TdsCoverage::session);
  EXPECT_EQ(tds_coverage(on, not_supported), TdsCoverage::nothing);
  EXPECT_EQ(tds_coverage(not_supported, required), TdsCoverage::nothing);
  EXPECT_EQ(tds_coverage(on, off), TdsCoverage::login);
  EXPECT_EQ(tds_coverage(std::nullopt, on), TdsCoverage::session);
  EXPECT_EQ(tds_coverage(on, std::nullopt), std::nullopt);
}

TEST(TdsSession, FindsItsPlaceBehindAGap) {
  ScriptedFlow flow{kTdsDissector};
  flow.gap(Side::initiator, 1000).stream({from_client("something that is no packet"), from_client(kBatch)});
  EXPECT_EQ(flow.words, (Words{"c clear tds SQL batch request"}));
}

TEST(TdsSession, FindsAResponseBehindAGap) {
  const std::string row = packet(0x04, octets("d1 0041006c006900630065"));
  const std::string large = octets("0400 1000 0000 05 00") + std::string(1000, 'x');  // the front of a packet of 4096 octets
  const std::string begun = octets("0401 0700 0000 01 00 81 0100") + std::string(900, 'x');
  for (const std::string& segment : {row, row + row, large, begun}) {
    ScriptedFlow flow{kTdsDissector};
    flow.stream(
            {from_client(kClientOn), from_server(kServerOn), from_client(kClientHello), from_server(kServerHello), from_client(kRecord)})
        .gap(Side::responder, 100)
        .stream({from_server(segment)});
    ASSERT_FALSE(flow.words.empty());
    EXPECT_EQ(flow.words.back(), "s clear tds response");
  }
}

TEST(TdsSession, WhatIsNoPacketBehindAGapIsLeftToTls) {
  const std::string rest = octets("0407 1001 0000 05 00") + std::string(1000, 'x');  // no size that peers agree on
  ScriptedFlow on{kTdsDissector};
  on.stream({from_client(kClientOn), from_server(kServerOn), from_client(kClientHello)}).gap(Side::responder, 100);
  on.stream({from_server(rest), from_server("something else"), from_server(kRecord)});
  EXPECT_EQ(on.unwrapped[1], "<gap>" + rest + "something else" + kRecord);
  ScriptedFlow off{kTdsDissector};
  off.stream({from_client(kClientOff), from_server(kServerOff), from_client(kClientHello)}).gap(Side::responder, 100);
  off.stream({from_server(rest), from_server(kResponse)});
  EXPECT_EQ(off.unwrapped[1], "<gap>");
  EXPECT_EQ(off.words.back(), "s clear tds response");
}

TEST(TdsParse, PreloginCutAnywhereIsNotWhole) {
  const std::string options = prelogin(1);
  ASSERT_EQ(parse_tds_prelogin(as_bytes(options))->encryption, TdsEncryption::on);
  for (std::size_t length = 0; length < options.size(); ++length) {
    const auto cut = parse_tds_prelogin(as_bytes(options).first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::need_more) << length;
  }
}

TEST(TdsParse, ACertificateFlagIsNoPartOfTheValue) {
  EXPECT_EQ(parse_tds_prelogin(as_bytes(prelogin(0x83)))->encryption, TdsEncryption::required);
}

TEST(TdsParse, Login7IsNotReadWhenCut) {
  const std::string login = login7(3, 2).substr(kTdsHeaderBytes);
  ASSERT_TRUE(parse_tds_login7(as_bytes(login))->user_name);
  for (std::size_t length = 0; length < 82; ++length) EXPECT_FALSE(parse_tds_login7(as_bytes(login).first(length))) << length;
}

TEST(TdsProbe, TakesNegotiationLoginAndLaterRequests) {
  const auto probe = [](const std::string& bytes, bool at_start = true) {
    return kTdsDissector.probe({.bytes = as_bytes(bytes), .transport = Transport::tcp, .at_start = at_start});
  };
  for (const std::string& message : {kClientOff, kServerOff, kBatch, login7(3, 2)}) {
    EXPECT_EQ(probe(message), Recognition::yes);
    for (std::size_t length = 1; length < 18; ++length) EXPECT_EQ(probe(message.substr(0, length)), Recognition::need_more) << length;
  }
  EXPECT_EQ(probe(kBatch, false), Recognition::yes);
  EXPECT_EQ(probe(kClientOff, false), Recognition::no);
  for (const std::string& other :
       {octets("1603010200010001fc0303aabbccdd"), std::string{"INVITE sip:a@b SIP/2.0\r\n"}, std::string{"GET / HTTP/1.1\r\n"},
        octets("000100002112a442 0102030405060708090a0b0c"), octets("000000e2fe534d424000000000000000"),
        octets("001d00010100000100000000000003777777"), octets("1201 000c 0000 0000 16030100"),
        octets("0301 0010 0000 0100 0000000000000000 00000000"), octets("0401 0010 0000 0100 ad36000172090002 1600")}) {
    EXPECT_EQ(probe(other), Recognition::no) << other;
  }
}

}  // namespace
}  // namespace sealtrace
