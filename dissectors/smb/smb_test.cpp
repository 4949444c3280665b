// Octets marked "samba" are of smbd and smbclient 4.17 on one machine, captured for this test; the others are made by hand.
#include <gtest/gtest.h>

#include "dissect/spoken.hpp"
#include "dissectors/smb/smb_session.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::octets;
using testing::Said;
using testing::ScriptedFlow;
using testing::SpokenCase;
using testing::Words;

/// framed puts a message behind the four octets of its frame.
std::string framed(const std::string& message) {
  const std::size_t size = message.size();
  return std::string{'\0', static_cast<char>(size >> 16), static_cast<char>(size >> 8), static_cast<char>(size)} + message;
}

/// smb2 makes a message with a header of [MS-SMB2] section 2.2.1.
std::string smb2(std::uint8_t command, bool response, const std::string& body, std::uint32_t next = 0, std::uint8_t status = 0) {
  std::string header = octets("fe534d42 4000 0000 00000000 0000 0100 00000000 00000000") + std::string(40, '\0');
  header[8] = static_cast<char>(status);
  header[12] = static_cast<char>(command);
  header[16] = response ? 1 : 0;
  header[20] = static_cast<char>(next);
  header[21] = static_cast<char>(next >> 8);
  return header + body;
}

// samba: NEGOTIATE response, dialect 3.1.1, AES-128-GCM, SPNEGO with NTLM
const std::string kNegotiated = octets(R"(
0000011c                                                  # frame of 284 octets
fe534d42 4000 0000 00000000 0000 0100 01000000 00000000   # ProtocolId, StructureSize, ... Command NEGOTIATE, response
0000000000000000 00000000 00000000 0000000000000000 00000000000000000000000000000000
4100 0100 1103 0300                                       # StructureSize, SecurityMode, DialectRevision 3.1.1, three contexts
766d0000000000000000000000000000 0f000000                 # ServerGuid, Capabilities
00008000 00008000 00008000 766a6114e37ddd01 0000000000000000
8000 4a00 d0000000                                        # SecurityBufferOffset 128, Length 74, NegotiateContextOffset 208
604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a3028a0261b246e6f745f646566696e65645f696e5f524643343137384070
6c656173655f69676e6f7265 000000000000
0100 2600 00000000 0000200001 00 dfdbb7e91c3296b8229f56b66574af652ea8c13c24a121d4cf0dc502e1b482a9 00 00   # PREAUTH_INTEGRITY
0200 0400 00000000 0100 0200 00000000                     # ENCRYPTION: one cipher, AES-128-GCM
0800 0400 00000000 0100 0200)");  // SIGNING

// samba: SESSION_SETUP request with NTLM's AUTHENTICATE_MESSAGE, shortened behind its fields
const std::string kSetupBody = octets(R"(
1900 00 01 01000000 00000000 5800 4000 0000000000000000    # StructureSize, ..., SecurityBufferOffset 88, Length 64
a182017830820174a282015c04820158                          # NegTokenResp, responseToken
4e544c4d53535000 03000000 1800 1800 58000000 c800 c800 70000000   # NTLMSSP, AUTHENTICATE, LM and NT response of 200 octets
0400 0400 38010000 0800 0800 3c010000 00000000)");

const std::string kEncryptedSetup = octets(R"(
0900 0400 4800 0000)");  // StructureSize, SessionFlags ENCRYPT_DATA, no buffer

// samba: TREE_CONNECT response of a share that demands encryption
const std::string kEncryptedTree = octets(R"(
00000050
fe534d42 4000 0100 00000000 0300 0100 19000000 00000000 0600000000000000 00000000 b3148e37 90f0937d00000000
b8c39d8f475a3422764aa6edb249d110
1000 01 00 00800000 00000000 ff011f00)");  // StructureSize, ShareType disk, ShareFlags ENCRYPT_DATA

// samba: a TRANSFORM header and the beginning of its ciphertext
const std::string kTransform = octets(R"(
00000044
fd534d42 f80153dc855a4754345f07db19c93ced 01000000000000000000000000000000 10000000 0000 0100 a24fe9ce00000000
1392313411feac60e5deaa6dc80d9d90)");

// samba: SMB 1 NEGOTIATE response
const std::string kSmb1Negotiated = octets(R"(
00000045
ff534d42 72 00000000 88 43c8 0000 0000000000000000 0000 0000 feff 0000 0000
11 0000 33 3200 0100 04410000 00000100 97710000 fdf38080 f1e3a528e37ddd01 0000)") +
                                    octets("00 0000");

const std::vector<SpokenCase> kCases{
    {"ANegotiationTellsDialectAndWhatIsOffered",
     {from_server(kNegotiated)},
     {"s clear smb negotiate response", "s offered ntlm", "s smb 785 clear"}},
    {"AnNtlmResponseIsACredential",
     {from_client(framed(smb2(1, false, kSetupBody)))},
     {"c clear smb session setup request", "c credential ntlm"}},
    {"AnAnonymousNtlmMessageIsNone",
     {from_client(framed(smb2(1, false,
                              octets("1900 0001 01000000 00000000 5800 2000 0000000000000000"
                                     "4e544c4d53535000 03000000 0100 0100 58000000 0000 0000 59000000"))))},
     {"c clear smb session setup request"}},
    {"AnNtlmNegotiationIsNone",
     {from_client(framed(smb2(1, false,
                              octets("1900 0001 01000000 00000000 5800 1000 0000000000000000"
                                     "4e544c4d53535000 01000000 15820862"))))},
     {"c clear smb session setup request"}},
    {"AKerberosTicketIsACredential",
     {from_client(framed(smb2(1, false,
                              octets("1900 0001 01000000 00000000 5800 1600 0000000000000000"
                                     "6082 0500 0609 2a864886f712010202 0100 6e82 0400 3082 00"))))},
     {"c clear smb session setup request", "c credential kerberos"}},
    {"ASessionMayDemandEncryption",
     {from_server(kNegotiated), from_server(framed(smb2(1, true, kEncryptedSetup))), from_client(kTransform), from_server(kTransform)},
     {"s clear smb negotiate response", "s offered ntlm", "s smb 785 clear", "s clear smb session setup response", "s smb 785 encrypted",
      "c protected smb SMB 3 encryption", "s protected smb SMB 3 encryption"}},
    {"AFlagInARefusalDemandsNothing",
     {from_server(framed(smb2(1, true, kEncryptedSetup, 0, 0x16)))},
     {"s clear smb session setup response"}},
    {"AShareMayDemandEncryption", {from_server(kEncryptedTree)}, {"s clear smb tree connect response", "s smb 0 encrypted"}},
    {"CompoundsAreReadOneByOne",
     {from_client(framed(smb2(5, false, std::string(24, 'x'), 88) + smb2(9, false, std::string(48, 'x'), 112) + smb2(6, false, "")))},
     {"c clear smb create request", "c clear smb write request", "c clear smb close request"}},
    {"EachKindIsToldOnce",
     {from_client(framed(smb2(8, false, "x")) + framed(smb2(8, false, "y"))), from_server(framed(smb2(8, true, "z")))},
     {"c clear smb read request", "s clear smb read response"}},
    {"SmbOneIsNamed",
     {from_server(kSmb1Negotiated), from_client(framed(octets("ff534d42 2f 00000000 18 43c8") + std::string(30, '\0')))},
     {"s clear smb SMB 1 negotiate response", "s smb 0 clear", "c clear smb SMB 1 write request"}},
    {"ACompressedMessageIsReadable",
     {from_client(framed(octets("fc534d42 00100000 0100 0000 00000000") + std::string(40, 'x')))},
     {"c clear smb compressed message"}},
    {"NetbiosFramesArePassedOver",
     {from_client(octets("81000044 20") + std::string(67, 'C') + octets("85000000") + framed(smb2(8, false, "x"))),
      from_server(octets("82000000") + framed(smb2(8, true, "x")))},
     {"c clear smb read request", "s clear smb read response"}},
    {"ANextCommandBeyondTheFrameIsMalformed",
     {from_client(framed(smb2(8, false, "x", 4096)) + framed(smb2(9, false, "x")))},
     {"c malformed NextCommand", "c clear smb write request"}},
    {"AnotherProtocolIdIsMalformed", {from_client(framed(std::string(64, 'x')))}, {"c malformed ProtocolId"}},
    {"AStreamThatIsNoFrameIsLeft", {from_client("GET / HTTP/1.1\r\n\r\n")}, {"c unreadable TYPE"}},
};

class SmbSpoken : public ::testing::TestWithParam<SpokenCase> {};
TEST_P(SmbSpoken, IsHeardInWhateverPieces) { expect_heard(kSmbDissector, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, SmbSpoken, ::testing::ValuesIn(kCases), testing::name_of);

TEST(SmbParse, ANegotiationIsNeverReadWhenCut) {
  const std::string message = kNegotiated.substr(kSmbFrameHeaderBytes);
  const auto negotiated = parse_smb2_negotiate_response(as_bytes(message));
  ASSERT_TRUE(negotiated);
  EXPECT_TRUE(negotiated->encryption_capable);
  EXPECT_FALSE(negotiated->signing_required);
  for (std::size_t length = 0; length + 12 < message.size(); ++length) {  // the last context is not the one that is asked for
    const auto cut = parse_smb2_negotiate_response(as_bytes(message).first(length));
    EXPECT_FALSE(cut && cut->encryption_capable && length < message.size() - 12 - 16) << length;
  }
}

TEST(SmbParse, NoCipherIsNoCapability) {
  std::string message = kNegotiated.substr(kSmbFrameHeaderBytes);
  const std::size_t cipher = message.size() - 12 - 6;
  ASSERT_EQ(message[cipher], 2);
  message[cipher] = 0;
  const auto negotiated = parse_smb2_negotiate_response(as_bytes(message));
  ASSERT_TRUE(negotiated);
  EXPECT_FALSE(negotiated->encryption_capable);
}

TEST(SmbSession, PassesOverWhatAFrameCarries) {
  ScriptedFlow flow{kSmbDissector};
  // The frame says a mebioctet; what comes of it does not look like its end.
  std::string write = framed(smb2(9, false, std::string(1 << 20, '\xFE')));
  flow.stream({from_client(write + framed(smb2(8, false, "x")))}, 1460);
  EXPECT_EQ(flow.words, (Words{"c clear smb write request", "c clear smb read request"}));
}

TEST(SmbSession, FindsItsPlaceBehindAGap) {
  ScriptedFlow flow{kSmbDissector};
  flow.stream({from_client(framed(smb2(9, false, std::string(100, 'x'))).substr(0, 80))});
  flow.gap(Side::initiator, 5000);
  flow.stream({from_client("xxxxxxxxxxxxxxxx"), from_client(framed(smb2(8, false, "x")))});
  EXPECT_EQ(flow.words, (Words{"c clear smb write request", "c clear smb read request"}));
  EXPECT_EQ(std::get<StreamGap>(flow.facts[1].body).missing_bytes, 5000U);
}

TEST(SmbProbe, TakesSmbOnAnyPortAndNothingElse) {
  const auto probe = [](const std::string& bytes, bool at_start = true) {
    return kSmbDissector.probe({.bytes = as_bytes(bytes), .transport = Transport::tcp, .at_start = at_start});
  };
  for (const std::string& message : {kNegotiated, kTransform, kSmb1Negotiated, kEncryptedTree}) {
    EXPECT_EQ(probe(message), Recognition::yes);
    EXPECT_EQ(probe(message, false), Recognition::yes);
    EXPECT_EQ(probe(message.substr(0, 6)), Recognition::need_more);
  }
  EXPECT_EQ(probe(octets("81000044 20") + std::string(32, 'C') + std::string(35, '\0')), Recognition::yes);
  EXPECT_EQ(probe(octets("81000044 20") + std::string(32, 'Q') + std::string(35, '\0')), Recognition::no);
  for (const std::string& other :
       {octets("1603010200010001fc0303"), std::string{"INVITE sip:a@b SIP/2.0\r\n"}, std::string{"GET / HTTP/1.1\r\n"},
        octets("000100002112a442"), octets("001d 0001 0100 0001 0000 0000 0000 03777777"), octets("00000064 fe534d43 4000"),
        octets("00000064 fe534d42 4100"), octets("00000002 ff534d42")}) {
    EXPECT_EQ(probe(other), Recognition::no) << other;
  }
  EXPECT_EQ(kSmbDissector.probe({.bytes = as_bytes(kNegotiated), .transport = Transport::udp}), Recognition::no);
}

}  // namespace
}  // namespace sealtrace
