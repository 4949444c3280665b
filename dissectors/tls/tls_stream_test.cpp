// Streams written by hand: what no well-behaved peer sends, what a capture loses, and what only looks like TLS.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "dissect/scripted_flow.hpp"
#include "dissectors/tls/stream_script.hpp"
#include "dissectors/tls/tls_probe.hpp"
#include "dissectors/tls/tls_session.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::Heard;
using testing::PieceSize;
using testing::Said;
using testing::ScriptedFlow;
using testing::StreamScript;
using Octets = std::vector<std::uint8_t>;

constexpr Side kClient = Side::initiator;
constexpr Side kServer = Side::responder;

Octets hex(std::string_view text) { return annotated_hex(text); }

Octets joined(std::initializer_list<Octets> parts) {
  Octets all;
  for (const Octets& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Octets repeated(std::size_t count, std::uint8_t octet) { return Octets(count, octet); }

Octets record(std::uint8_t type, const Octets& fragment, std::uint16_t version = 0x0303) {
  Octets octets{type, static_cast<std::uint8_t>(version >> 8), static_cast<std::uint8_t>(version),
                static_cast<std::uint8_t>(fragment.size() >> 8), static_cast<std::uint8_t>(fragment.size())};
  octets.insert(octets.end(), fragment.begin(), fragment.end());
  return octets;
}

Octets message(std::uint8_t type, const Octets& body) {
  Octets octets{type, static_cast<std::uint8_t>(body.size() >> 16), static_cast<std::uint8_t>(body.size() >> 8),
                static_cast<std::uint8_t>(body.size())};
  octets.insert(octets.end(), body.begin(), body.end());
  return octets;
}

Octets client_hello() { return message(1, joined({hex("03 03"), repeated(32, 0xC1), hex("00 0004 C02F 002F 01 00")})); }
Octets server_hello() { return message(2, joined({hex("03 03"), repeated(32, 0x5E), hex("00 002F 00")})); }
Octets server_hello13() { return message(2, joined({hex("03 03"), repeated(32, 0x5E), hex("00 1301 00 0006 002B 0002 0304")})); }
Octets certificate(std::size_t bytes) {
  return message(11, joined({hex("00"),
                             {static_cast<std::uint8_t>((bytes + 3) >> 8), static_cast<std::uint8_t>(bytes + 3)},
                             hex("00"),
                             {static_cast<std::uint8_t>(bytes >> 8), static_cast<std::uint8_t>(bytes)},
                             repeated(bytes, 0x30)}));
}
Octets server_hello_done() { return hex("0E 000000"); }
Octets change_cipher_spec() { return record(20, hex("01")); }
Octets encrypted_handshake() { return record(22, repeated(40, 0x9A)); }

std::string lines_of(const Heard& heard) {
  std::string text;
  for (const std::string& name : heard.names()) text += name + "\n";
  return text;
}

Heard hear(const StreamScript& script, const PieceSize& piece_size = testing::whole_pieces()) {
  static CertificateStore certificates{1};
  static const Services services{.certificates = &certificates, .hash_key = 2, .keep_fingerprint_lists = false};
  TlsSession session{services};
  Heard heard;
  testing::play(script, session, heard, piece_size);
  session.on_end(heard);
  EXPECT_TRUE(heard.evidence_inside());
  return heard;
}

struct StreamCase {
  std::string_view name;
  StreamScript script;
  std::string_view heard;
};

/// expect_heard plays each case whole, octet by octet and in random pieces.
void expect_heard(const std::vector<StreamCase>& cases) {
  for (const StreamCase& c : cases) {
    EXPECT_EQ(lines_of(hear(c.script)), c.heard) << c.name;
    ASSERT_EQ(lines_of(hear(c.script, testing::single_octets())), c.heard) << c.name << ", octet by octet";
    std::mt19937 engine{5};
    const auto random_pieces = [&engine] { return std::uniform_int_distribution<std::size_t>{1, 90}(engine); };
    for (int round = 0; round < 10; ++round) ASSERT_EQ(lines_of(hear(c.script, random_pieces)), c.heard) << c.name << ", in pieces";
  }
}

TEST(TlsStream, RecordsAndMessagesMayBeSplitAndCoalescedAnyWay) {
  const Octets flight = joined({server_hello(), certificate(300), server_hello_done()});
  Octets in_single_octets;
  for (const std::uint8_t octet : flight) {
    const Octets one = record(22, {octet});
    in_single_octets.insert(in_single_octets.end(), one.begin(), one.end());
  }
  const Octets hello_in_pieces = [] {
    Octets pieces;
    for (const std::uint8_t octet : client_hello()) {
      const Octets one = record(22, {octet}, 0x0301);
      pieces.insert(pieces.end(), one.begin(), one.end());
    }
    return pieces;
  }();
  const std::string_view heard = "C client_hello\nS server_hello(1.2)\nS certificate(1)\nS server_hello_done\n";
  expect_heard({
      {"one record", {{kClient, record(22, client_hello())}, {kServer, record(22, flight)}}, heard},
      {"a record a message",
       {{kClient, record(22, client_hello())},
        {kServer, joined({record(22, server_hello()), record(22, certificate(300)), record(22, server_hello_done())})}},
       heard},
      {"a record an octet", {{kClient, hello_in_pieces}, {kServer, in_single_octets}}, heard},
  });
}

TEST(TlsStream, WhatCannotBeReadIsSaidAndTheRestIsRead) {
  const Octets hello = record(22, client_hello());
  expect_heard({
      {"a malformed message between good ones",
       {{kClient, hello}, {kServer, record(22, joined({server_hello(), message(11, hex("00 00 05 00")), server_hello_done()}))}},
       "C client_hello\nS server_hello(1.2)\nS unreadable(certificate_list, malformed)\nS server_hello_done\n"},
      {"a message that a record of another type interrupts",
       {{kClient, hello}, {kServer, joined({record(22, hex("02 0000")), record(21, hex("02 28")), record(22, server_hello())})}},
       "C client_hello\nS unreadable(handshake fragment, malformed)\nS alert(handshake_failure)\nS server_hello(1.2)\n"},
      {"an alert of three octets",
       {{kClient, hello}, {kServer, record(21, hex("02 28 00"))}},
       "C client_hello\nS unreadable(alert, malformed)\n"},
      {"an alert of no level", {{kClient, hello}, {kServer, record(21, hex("07 28"))}}, "C client_hello\nS unreadable(level, malformed)\n"},
      {"a ChangeCipherSpec of another value",
       {{kClient, hello}, {kServer, record(20, hex("02"))}},
       "C client_hello\nS unreadable(change_cipher_spec, malformed)\n"},
      {"clear text in answer",
       {{kClient, hello},
        {kServer, Octets{'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '4', '0', '0'}},
        {kServer, record(22, server_hello())}},
       "C client_hello\nS unreadable(type, malformed)\n"},
      {"a message nobody assigned",
       {{kClient, hello}, {kServer, record(22, message(99, hex("00")))}},
       "C client_hello\nS other_handshake(99)\n"},
  });
}

TEST(TlsStream, AMessageBeyondTheBudgetIsPassedOver) {
  // The sender announces 16 MiB less one octet; 20 records of it follow, then nothing but what is inside the announced length.
  StreamScript script{{kClient, record(22, client_hello())},
                      {kServer, record(22, joined({server_hello(), hex("0B FF FF FF"), repeated(1000, 0)}))}};
  for (int i = 0; i < 20; ++i) script.push_back({kServer, record(22, repeated(16'000, 0x0E))});
  expect_heard({{"16 MiB announced", script, "C client_hello\nS server_hello(1.2)\nS budget(tls_handshake_message_bytes)\n"}});
}

TEST(TlsStream, AGapWithinAMessageCostsThatMessageOnly) {
  const Octets flight = joined({record(22, client_hello())});
  Octets before = record(22, joined({server_hello(), certificate(2000), server_hello_done()}));
  // 600 octets inside the certificate are lost.
  const Octets front(before.begin(), before.begin() + 500);
  const Octets back(before.begin() + 1100, before.end());
  expect_heard({
      {"octets of a certificate missing",
       {{kClient, flight}, {kServer, front}, {kServer, back, 600}, {kServer, record(21, hex("02 28"))}},
       "C client_hello\nS server_hello(1.2)\nS gap in handshake\nS server_hello_done\nS alert(handshake_failure)\n"},
  });
}

TEST(TlsStream, AGapBeyondARecordIsFollowedByASearchForTheNextOne) {
  const Octets tail_of_lost_record = repeated(333, 0x16);
  const StreamScript established{{kClient, joined({record(22, client_hello())})},
                                 {kServer, joined({record(22, server_hello()), change_cipher_spec(), encrypted_handshake()})},
                                 {kClient, joined({change_cipher_spec(), encrypted_handshake()})}};
  const auto then = [&established](std::initializer_list<testing::Sent> more) {
    StreamScript script = established;
    script.insert(script.end(), more);
    return script;
  };
  const std::string start = "C client_hello\nS server_hello(1.2)\nS change_cipher_spec\nS finished\nC change_cipher_spec\nC finished\n";
  const std::string gap_and_alert = start + "S gap\nS data(100)\nS encrypted_alert\n";
  const std::string found_again = start + "S data(300)\nS gap\nS encrypted_handshake\nS encrypted_alert\n";
  const Octets alert = record(21, repeated(32, 0xAA));
  expect_heard({
      {"records lost",
       then({{kServer, joined({tail_of_lost_record, record(23, repeated(100, 0x33)), alert}), 5000}, {kServer, record(23, {})}}),
       gap_and_alert},
      {"the skipped part of a record lost, and no more",
       then({{kServer, Octets{0x17, 0x03, 0x03, 0x01, 0x2C}}, {kServer, record(22, repeated(64, 0x44)), 300}, {kServer, alert}}),
       start + "S data(300)\nS encrypted_handshake\nS encrypted_alert\n"},
      {"more than the skipped part lost",
       then({{kServer, Octets{0x17, 0x03, 0x03, 0x01, 0x2C}},
             {kServer, joined({tail_of_lost_record, record(22, repeated(64, 0x44)), alert}), 9000},
             {kServer, record(23, {})}}),
       found_again},
      {"a header of another version is not believed",
       then({{kServer, joined({hex("17 03 01 00 04 01 02 03 04"), record(23, repeated(100, 0x33)), alert}), 5000},
             {kServer, record(23, {})}}),
       gap_and_alert},
      {"a header without another behind it is not believed",
       then({{kServer, joined({hex("16 03 03 00 04 01 02 03 04"), hex("00 00 00 00 00"), record(23, repeated(100, 0x33)), alert}), 5000},
             {kServer, record(23, {})}}),
       gap_and_alert},
  });
}

Octets text(std::string_view characters) { return {characters.begin(), characters.end()}; }

/// ciphertext is octets without any order; none begins a header of a record, for no octet is 3.
Octets ciphertext(std::size_t count) {
  std::mt19937 engine{7};
  Octets octets(count);
  for (std::uint8_t& octet : octets) {
    octet = static_cast<std::uint8_t>(engine() >> 11);
    if (octet == 3) octet = 0x83;
  }
  return octets;
}

TEST(TlsStream, WhoeverGoesOnInClearBehindAGapIsFoundOut) {
  const Octets sip = text("MESSAGE sip:bob@contoso.com SIP/2.0\r\nVia: SIP/2.0/TLS 10.20.0.5;branch=z9hG4bK1\r\n");
  const Octets row = hex("44 0000000f 0001 00000005 416c696365  43 0000000d 53454c454354203100  5a 00000005 49");
  const StreamScript established{{kClient, joined({record(22, client_hello())})},
                                 {kServer, joined({record(22, server_hello()), change_cipher_spec(), encrypted_handshake()})},
                                 {kClient, joined({change_cipher_spec(), encrypted_handshake(), record(23, repeated(20, 0xEE))})}};
  const auto then = [&established](std::initializer_list<testing::Sent> more) {
    StreamScript script = established;
    script.insert(script.end(), more);
    return script;
  };
  const std::string gap =
      "C client_hello\nS server_hello(1.2)\nS change_cipher_spec\nS finished\nC change_cipher_spec\nC finished\nC data(20)\nS gap\n";
  const std::string found_out = gap + "S unreadable(record boundary)\n";
  expect_heard({
      {"text", then({{kServer, sip, 500}}), found_out},
      {"a short message in zeros and text", then({{kServer, row, 500}}), found_out},
      {"clear messages behind the rest of a record", then({{kServer, joined({ciphertext(700), sip}), 500}}), found_out},
      {"clear messages, then records again",
       then({{kServer, joined({sip, record(23, repeated(50, 0xAA)), record(23, repeated(60, 0xAA))}), 500}}), found_out},
      {"more than two records have room for, whatever it is", then({{kServer, ciphertext(40'000), 500}}), found_out},
      {"the rest of the last record", then({{kServer, ciphertext(900), 500}}), gap},
      {"a few octets", then({{kServer, text("the end"), 500}}), gap},
      {"the rest of a header and a nonce that counts",
       then({{kServer, joined({hex("03 03 03 00  0000000000000001"), ciphertext(500)}), 500}}), gap},
  });
}

/// What 20,000 tails of a cipher look like: none is seen as readable, and no more seem likely than chance allows.
TEST(ReadableOctets, CiphertextIsNotReadable) {
  constexpr int kTails = 20'000;
  std::mt19937 engine{11};
  int num_likely = 0;
  for (int tail = 0; tail < kTails; ++tail) {
    ReadableOctets octets;
    octets.lost();
    for (std::size_t i = 0; i < kPredictableBytes; ++i) octets.take(0);
    for (int i = 0; i < 300; ++i) {
      octets.take(static_cast<std::uint8_t>(engine() >> 11));
      ASSERT_FALSE(octets.seen()) << tail;
    }
    num_likely += octets.likely() ? 1 : 0;
  }
  EXPECT_LE(num_likely, kTails / 1024 + 10);
}

TEST(TlsStream, BehindAGapInTheHandshakeACertificateMayBeReadable) {
  expect_heard({
      {"the rest of a certificate",
       {{kClient, record(22, client_hello())},
        {kServer, record(22, server_hello())},
        {kServer, joined({text(std::string(300, 'C')), record(22, server_hello_done()), record(22, server_hello_done())}), 900}},
       "C client_hello\nS server_hello(1.2)\nS gap in handshake\nS server_hello_done\nS server_hello_done\n"},
  });
}

TEST(TlsStream, WithoutEncryptionReadableOctetsAreDue) {
  Octets null_hello = message(2, joined({hex("03 03"), repeated(32, 0x5E), hex("00 003B 00")}));  // TLS_RSA_WITH_NULL_SHA256
  const Heard heard = hear({{kClient, record(22, client_hello())},
                            {kServer, joined({record(22, null_hello), change_cipher_spec(), record(22, repeated(48, 0x14))})},
                            {kServer, text(std::string(300, 'C')), 500}});
  EXPECT_EQ(lines_of(heard).find("record boundary"), std::string::npos) << lines_of(heard);
}

TEST(TlsStream, AfterAGapInTheHandshakeEncryptedMessagesAreNotTakenForClearOnes) {
  expect_heard({
      {"the ChangeCipherSpec is lost",
       {{kClient, record(22, client_hello())},
        {kServer, record(22, server_hello())},
        {kServer, joined({encrypted_handshake(), record(23, {})}), 900}},
       "C client_hello\nS server_hello(1.2)\nS gap in handshake\nS encrypted_handshake\nS data(0)\n"},
      {"the certificate is lost",
       {{kClient, record(22, client_hello())}, {kServer, record(22, server_hello())}, {kServer, record(22, server_hello_done()), 900}},
       "C client_hello\nS server_hello(1.2)\nS gap in handshake\nS server_hello_done\n"},
  });
}

TEST(TlsStream, ASessionIsJoinedMidStream) {
  expect_heard({
      {"in its data",
       {{kClient, joined({record(23, repeated(50, 1)), record(23, repeated(60, 1))})}, {kServer, record(21, repeated(24, 2))}},
       "C joined_mid_stream\nC data(50)\nC data(60)\nS encrypted_alert\n"},
      {"in its handshake",
       {{kServer, record(22, joined({certificate(100), server_hello_done()}))}},
       "S joined_mid_stream\nS certificate(1)\nS server_hello_done\n"},
      {"behind its ChangeCipherSpec",
       {{kClient, joined({encrypted_handshake(), record(23, repeated(50, 1))})}},
       "C joined_mid_stream\nC encrypted_handshake\nC data(50)\n"},
      {"with an encrypted record that begins like a ServerHello",
       {{kServer, record(22, joined({hex("02 000026 9A 9A"), repeated(36, 0x9A)}))}},
       "S joined_mid_stream\nS encrypted_handshake\n"},
      {"by its server's hello alone", {{kServer, record(22, server_hello())}}, "S server_hello(1.2)\n"},
  });
}

TEST(TlsStream, Tls13HidesItsHandshakeInRecordsOfData) {
  const Octets hello = record(22, client_hello());
  const Octets data = record(23, repeated(53, 7));
  StreamScript many{{kClient, hello}, {kServer, joined({record(22, server_hello13()), change_cipher_spec()})}};
  std::string heard = "C client_hello\nS server_hello(1.3)\n";
  for (int i = 0; i < 30; ++i) many.push_back({kServer, data});
  for (int i = 0; i < 12; ++i) heard += "S data(53)\n";
  many.push_back({kClient, joined({change_cipher_spec(), data})});
  many.push_back({kServer, data});
  heard += "C data(53)\nS data(53)\n";
  StreamScript talks = many;
  std::string heard_to_the_end = heard;
  for (int i = 0; i < 30; ++i) talks.push_back({kClient, record(23, repeated(400, 7))});
  for (int i = 0; i < 11; ++i) heard_to_the_end += "C data(400)\n";
  for (int i = 0; i < 2; ++i) talks.push_back({kClient, record(23, repeated(19, 7))});
  heard_to_the_end += "C data(19)\n";
  expect_heard({
      {"sizes of the first records, and of the first after the client's", many, heard},
      {"the client's first record later that is as short as an alert", talks, heard_to_the_end},
      {"a second ClientHello behind a ChangeCipherSpec",
       {{kClient, joined({hello, change_cipher_spec(), hello})}},
       "C client_hello\nC change_cipher_spec\nC client_hello\n"},
      {"an alert in the clear ends it",
       {{kClient, hello}, {kServer, record(22, server_hello13())}, {kClient, record(21, hex("02 2F"))}},
       "C client_hello\nS server_hello(1.3)\nC alert(illegal_parameter)\n"},
  });
}

TEST(TlsStream, HeartbeatsAndTheirKinAreNamedInTheClearAndLater) {
  expect_heard({{"a heartbeat before the handshake is over",
                 {{kClient, joined({record(22, client_hello()), record(24, hex("01 4000"))})}, {kServer, record(24, repeated(5, 0))}},
                 "C client_hello\nC heartbeat\nS heartbeat\n"}});
}

TEST(TlsStream, Ssl3DeclinesByAnAlert) {
  const Octets hello3 = record(22, message(1, joined({hex("03 00"), repeated(32, 1), hex("00 0002 0004 01 00")})), 0x0300);
  const Octets answer3 = record(22, message(2, joined({hex("03 00"), repeated(32, 2), hex("00 0004 00")})), 0x0300);
  expect_heard({{"no_certificate",
                 {{kClient, hello3}, {kServer, answer3}, {kClient, record(21, hex("01 29"), 0x0300)}},
                 "C client_hello\nS server_hello(ssl3)\nC alert(no_certificate)\n"}});
}

TEST(TlsStream, Ssl2IsReadAsFarAsItIsClear) {
  const Octets hello2 = hex("80 1C 01 00 02 0003 0000 0010 0700C0 00112233445566778899AABBCCDDEEFF");
  const Octets compatible = hex("80 1C 01 03 01 0003 0000 0010 00002F 00112233445566778899AABBCCDDEEFF");
  const Octets answer2 = joined({hex("80 14 04 00 01 00 02 0002 0003 0004"), hex("3000 0700C0 AABBCCDD")});
  const Octets master_key = joined({hex("80 20 02 0700C0"), repeated(28, 5)});
  const Octets encrypted2 = joined({hex("00 20 07"), repeated(32, 6)});
  expect_heard({
      {"hello, certificate, key, then records",
       {{kClient, hello2}, {kServer, answer2}, {kClient, master_key}, {kServer, encrypted2}, {kClient, encrypted2}, {kServer, encrypted2}},
       "C ssl2_client_hello\nS server_hello(ssl2)\nS certificate(1)\nC client_key_exchange\nS data(32)\nC data(32)\n"},
      {"a compatible hello begins TLS",
       {{kClient, compatible}, {kServer, record(22, server_hello(), 0x0301)}, {kClient, change_cipher_spec()}},
       "C ssl2_client_hello\nS server_hello(1.2)\nC change_cipher_spec\n"},
      {"a server of TLS refuses in its own framing",
       {{kClient, hello2}, {kServer, record(21, hex("02 46"), 0x0301)}},
       "C ssl2_client_hello\nS alert(protocol_version)\n"},
      {"a server of SSL 2.0 refuses", {{kClient, hello2}, {kServer, hex("80 03 00 00 01")}}, "C ssl2_client_hello\nS other_handshake(0)\n"},
  });
}

constexpr std::string_view kMicrosoftClient = R"(
    16 03 01 00 2D 01 00 00 29 03 01
    C1 FC D5 A3 6D 93 DD 7E 0B 45 67 3F EC 79 85 FB BC 3F D6 60 C2 CE 84 85 08 1B 81 21 BC AA 10 FB
    00 00 02 00 18 01 00)";
constexpr std::string_view kMicrosoftServer = R"(
    16 03 01 00 4E 02 00 00 46 03 01
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    20 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02
    00 18 00
    0E 00 00 00)";
constexpr std::string_view kTurn = "02 00 00 14 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
constexpr std::string_view kGoogleClient = R"(
    80 46 01 03 01 00 2D 00 00 00 10
    01 00 80 03 00 80 07 00 C0 06 00 40 02 00 80 04 00 80 00 00 04 00 FE FF 00 00 0A 00 FE FE 00 00 09 00 00 64 00 00 62 00 00 03 00 00 06
    1F 17 0C A6 2F 00 78 FC 46 55 2E B1 83 39 F1 EA)";
constexpr std::string_view kGoogleServer = R"(
    16 03 01 00 4A 02 00 00 46 03 01
    42 85 45 A7 27 A9 5D A0 B3 C5 E7 53 DA 48 2B 3F C6 5A CA 89 C1 58 52 A1 78 3C 5B 17 46 00 85 3F
    20 0E D3 06 72 5B 5B 1B 5F 15 AC 13 F9 88 53 9D 9B E8 3D 7B 0C 30 32 6E 38 4D A2 75 57 41 6C 34 5C
    00 04 00)";

TEST(TlsStream, PseudoTlsIsNoTls) {
  const Octets key_exchange = message(12, hex("0001 80 0001 02 0001 05"));
  Octets with_key_exchange = hex(kMicrosoftServer);
  with_key_exchange.insert(with_key_exchange.end() - 4, key_exchange.begin(), key_exchange.end());
  with_key_exchange[4] = static_cast<std::uint8_t>(with_key_exchange[4] + key_exchange.size());
  expect_heard({
      {"Microsoft's",
       {{kClient, hex(kMicrosoftClient)}, {kServer, hex(kMicrosoftServer)}, {kClient, hex(kTurn)}, {kServer, hex(kTurn)}},
       "C client_hello\nS server_hello(1.0)\nS server_hello_done\nS pseudo_hello\n"},
      {"Microsoft's, the server not seen", {{kClient, hex(kMicrosoftClient)}, {kClient, hex(kTurn)}}, "C client_hello\nC pseudo_hello\n"},
      {"Microsoft's, the client not seen",
       {{kServer, hex(kMicrosoftServer)}, {kServer, hex(kTurn)}},
       "S server_hello(1.0)\nS server_hello_done\nS pseudo_hello\n"},
      {"Google's",
       {{kClient, hex(kGoogleClient)}, {kServer, hex(kGoogleServer)}, {kClient, hex(kTurn)}},
       "C ssl2_client_hello\nS server_hello(1.0)\nS pseudo_hello\n"},
      {"Google's, the server not seen", {{kClient, hex(kGoogleClient)}, {kClient, hex(kTurn)}}, "C ssl2_client_hello\nC pseudo_hello\n"},
      {"an anonymous handshake that means it",
       {{kClient, hex(kMicrosoftClient)}, {kServer, with_key_exchange}},
       "C client_hello\nS server_hello(1.0)\nS server_key_exchange\nS server_hello_done\n"},
  });
}

TEST(TlsStream, BehindAnImitationTheStreamIsHandedOverAtTheOctet) {
  struct Case {
    std::string_view name;
    std::vector<Said> script;
    std::string left[2];
  };
  const auto text = [](std::string_view octets) {
    const Octets bytes = hex(octets);
    return std::string{bytes.begin(), bytes.end()};
  };
  const std::string turn = text(kTurn);
  const Case cases[]{
      {"both hellos", {from_client(text(kMicrosoftClient)), from_server(text(kMicrosoftServer) + turn)}, {"", turn}},
      {"Google's", {from_client(text(kGoogleClient)), from_server(text(kGoogleServer) + turn)}, {"", turn}},
      {"the client does not wait", {from_client(text(kMicrosoftClient) + turn)}, {turn, ""}},
      {"the client not seen", {from_server(text(kMicrosoftServer) + turn)}, {"", turn}},
  };
  for (const Case& each : cases) {
    for (const std::size_t piece : {1U, 3U, 5000U}) {
      ScriptedFlow flow{kTlsDissector};
      flow.stream(each.script, piece);
      EXPECT_TRUE(flow.handed_over) << each.name;
      for (const std::size_t side : {0U, 1U}) {
        const std::string& left = flow.left_over[side];
        EXPECT_EQ(left, each.left[side].substr(0, piece == 5000 ? std::string::npos : left.size())) << each.name << piece;
      }
    }
  }
}

}  // namespace
}  // namespace sealtrace
