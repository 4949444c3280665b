#include <gtest/gtest.h>

#include <algorithm>

#include "dissectors/quic/quic_crypto_stream.hpp"
#include "dissectors/quic/quic_parse.hpp"
#include "dissectors/quic/quic_peers.hpp"
#include "dissectors/quic/quic_session.hpp"

namespace sealtrace {
namespace {

using namespace testing::quic;
using testing::from_client;
using testing::from_server;
using testing::Said;
using testing::ScriptedFlow;

// ------------------------------------------------------------------------------------------------- headers

constexpr std::string_view kInitialHeader = R"(
    C3                     # long header, Initial, packet number of four octets
    00000001               # version 1
    08 8394C8F03E515708    # Destination Connection ID
    02 AABB                # Source Connection ID
    01 77                  # token
    4014                   # 20 octets follow
    00000000 000102030405060708090A0B0C0D0E0F)";

TEST(QuicLongHeader, IsReadAsTheStandardHasIt) {
  const std::string packet = octets(kInitialHeader);
  const std::string two = packet + octets("E0");
  const auto header = parse_quic_long_header(as_bytes(two), false);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, QuicPacketType::initial);
  EXPECT_EQ(header->destination_connection_id.size(), 8U);
  EXPECT_EQ(as_text(header->token), "w");
  EXPECT_EQ(header->packet_number_offset, packet.size() - 20);
  EXPECT_EQ(header->packet_bytes, packet.size()) << "another packet follows";
}

TEST(QuicLongHeader, IsNotReadWhenItIsCut) {
  const std::string packet = octets(kInitialHeader);
  for (std::size_t length = 0; length < packet.size(); ++length) {
    EXPECT_FALSE(parse_quic_long_header(as_bytes(packet).first(length), false)) << length;
    const auto cut = parse_quic_long_header(as_bytes(packet).first(length), true);
    EXPECT_EQ(cut.has_value(), length >= packet.size() - 20) << length << ": the header is there";
    EXPECT_LE(cut ? cut->packet_bytes : 0, length);
  }
}

struct HeaderCase {
  const char* name;
  const char* hex;
  ParseErrorCode code;
  const char* field;
};

TEST(QuicLongHeader, SaysWhatIsWrong) {
  constexpr HeaderCase kCases[] = {
      {"a short header", "40 0102030405", ParseErrorCode::malformed, "Header Form"},
      {"a version nobody knows", "C0 0A1A2A3A 00 00 00 01 00", ParseErrorCode::unsupported, "Version"},
      {"a connection id of 21 octets", "C0 00000001 15", ParseErrorCode::malformed, "Destination Connection ID"},
      {"a token that leaves the datagram", "C0 00000001 00 00 05 01", ParseErrorCode::malformed, "Token Length"},
      {"a length that leaves the datagram", "C0 00000001 00 00 00 05 01", ParseErrorCode::malformed, "Length"},
      {"a list of versions that is none", "80 00000000 00 00 010203", ParseErrorCode::malformed, "Supported Version"},
  };
  for (const HeaderCase& each : kCases) {
    SCOPED_TRACE(each.name);
    const auto header = parse_quic_long_header(as_bytes(octets(each.hex)), false);
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, each.code);
    EXPECT_EQ(header.error().field, each.field);
  }
}

TEST(QuicLongHeader, TypesDifferBetweenVersions) {
  struct Case {
    const char* hex;
    QuicPacketType type;
  };
  constexpr Case kCases[] = {
      {"C0 00000001 00 00 00 01 00", QuicPacketType::initial}, {"D0 00000001 00 00 01 00", QuicPacketType::zero_rtt},
      {"E0 00000001 00 00 01 00", QuicPacketType::handshake},  {"D0 6b3343cf 00 00 00 01 00", QuicPacketType::initial},
      {"E0 6b3343cf 00 00 01 00", QuicPacketType::zero_rtt},   {"F0 6b3343cf 00 00 01 00", QuicPacketType::handshake},
  };
  for (const Case& each : kCases) {
    const std::string datagram = octets(each.hex);
    const auto header = parse_quic_long_header(as_bytes(datagram), false);
    ASSERT_TRUE(header) << each.hex;
    EXPECT_EQ(header->type, each.type) << each.hex;
  }
}

// ------------------------------------------------------------------------------------------------- CRYPTO

TEST(QuicCryptoStream, PutsPiecesInOrder) {
  const std::string text = "the quick brown fox jumps over";
  std::vector<std::size_t> order{5, 0, 3, 1, 4, 2};
  do {
    QuicCryptoStream stream;
    for (const std::size_t piece : order) {
      const std::size_t from = piece * 5 - std::min<std::size_t>(piece * 5, 2);  // pieces overlap
      EXPECT_EQ(stream.add(from, as_bytes(text).subspan(from, piece * 5 + 5 - from)), QuicCryptoStream::Added::taken);
    }
    EXPECT_EQ(as_text(stream.in_order()), text);
    EXPECT_FALSE(stream.waiting());
  } while (std::ranges::next_permutation(order).found);
}

TEST(QuicCryptoStream, GivesNothingBehindAHole) {
  QuicCryptoStream stream;
  stream.add(4, as_bytes("later"));
  EXPECT_TRUE(stream.in_order().empty());
  EXPECT_TRUE(stream.waiting());
  stream.add(0, as_bytes("soon"));
  EXPECT_EQ(as_text(stream.in_order()), "soonlater");
  stream.consume(4);
  EXPECT_EQ(as_text(stream.in_order()), "later");
}

TEST(QuicCryptoStream, SeesTwoVersionsOfAnOctetAndKeepsTheFirst) {
  QuicCryptoStream stream;
  stream.add(0, as_bytes("abcd"));
  EXPECT_EQ(stream.add(2, as_bytes("cdef")), QuicCryptoStream::Added::taken);
  EXPECT_EQ(stream.add(3, as_bytes("Xe")), QuicCryptoStream::Added::conflicting);
  EXPECT_EQ(as_text(stream.in_order()), "abcdef");
}

TEST(QuicCryptoStream, HasABudget) {
  QuicCryptoStream stream;
  EXPECT_EQ(stream.add(kMaxCryptoBytes, as_bytes("x")), QuicCryptoStream::Added::over_budget);
  EXPECT_EQ(stream.add(~std::uint64_t{0} >> 2, as_bytes("x")), QuicCryptoStream::Added::over_budget);
  for (std::size_t piece = 0; piece < kMaxCryptoPieces; ++piece) {
    EXPECT_EQ(stream.add(2 * piece + 1, as_bytes("x")), QuicCryptoStream::Added::taken);
  }
  EXPECT_EQ(stream.add(2 * kMaxCryptoPieces + 1, as_bytes("x")), QuicCryptoStream::Added::over_budget);
}

// ------------------------------------------------------------------------------------------------- connections

/// told gives what a conversation shows: application facts in words, facts of TLS by name.
std::vector<std::string> told(const std::vector<Said>& datagrams) {
  ScriptedFlow flow{kQuicDissector};
  flow.datagrams(datagrams);
  std::vector<std::string> words;
  for (const Fact& fact : flow.facts) {
    const std::string sender = fact.sender == Side::initiator ? "c " : "s ";
    if (const auto* hello = fact_if<TlsClientHello>(&fact.body)) words.push_back(sender + "ClientHello " + hello->server_name);
    if (const auto* hello = fact_if<TlsServerHello>(&fact.body)) {
      words.push_back(sender + "ServerHello " + std::to_string(static_cast<unsigned>(hello->cipher_suite)));
    }
    if (std::holds_alternative<TlsApplicationData>(fact.body)) words.push_back(sender + "data");
    if (std::holds_alternative<TlsJoinedMidStream>(fact.body)) words.push_back(sender + "joined");
    if (const auto* alert = std::get_if<TlsAlert>(&fact.body))
      words.push_back(sender + "alert " + std::to_string(static_cast<int>(alert->description)));
    if (const auto* unreadable = fact_if<MessageUnreadable>(&fact.body))
      words.push_back(sender + "unreadable " + std::string{unreadable->field});
    if (const auto* budget = std::get_if<BudgetExceeded>(&fact.body)) words.push_back(sender + "budget " + std::string{budget->budget});
    if (is_application_fact(fact.body)) words.push_back(sender + testing::in_words(fact.body));
  }
  return words;
}

const QuicPeers kPeers;
const Said kHello = kPeers.client(crypto(0, kClientHello));
const Said kAnswer = kPeers.server(crypto(0, kServerHello));

Said retry() { return from_server(octets("F0 00000001 00 08 1112131415161718") + "token" + std::string(16, 't')); }

struct ConnectionCase {
  const char* name;
  std::vector<Said> datagrams;
  std::vector<std::string> words;
};

TEST(QuicSession, TellsWhatAConnectionShows) {
  const std::string_view hello{kClientHello};
  const QuicPeers after_retry{"1112131415161718"};
  const QuicPeers version2{"8394c8f03e515708", "6b3343cf", "D0"};
  const std::string begun = "c quic 1 begun", client = "c ClientHello example.com", server = "s ServerHello 4865";
  const std::vector<ConnectionCase> cases{
      {"both hellos", {kHello, kAnswer}, {begun, client, server}},
      {"version 2",
       {version2.client(crypto(0, kClientHello)), version2.server(crypto(0, kServerHello))},
       {"c quic 1798521807 begun", client, server}},
      {"the client's hello comes in pieces, out of order, over two packets",
       {kPeers.client(crypto(200, hello.substr(200)) + octets("01") + crypto(100, hello.substr(100, 100)), 0),
        kPeers.client(crypto(0, hello.substr(0, 100)), 1), kAnswer},
       {begun, client, server}},
      {"a packet that comes again says nothing new", {kHello, kHello, kAnswer, kAnswer}, {begun, client, server}},
      {"acknowledgements lie between",
       {kHello, kPeers.server(octets("02 00 00 00 00") + crypto(0, kServerHello))},
       {begun, client, server}},
      {"the handshake has an end",
       {kHello, kAnswer, server_short(), client_short(), server_short(), client_short(), server_short()},
       {begun, client, server, "c data", "s data"}},
      {"peers that do not mind the fixed bit",
       {kHello, kAnswer, client_short("00"), server_short("01"), client_short("00"), server_short("01")},
       {begun, client, server, "c data", "s data"}},
      {"one answer can have been on its way", {kHello, kAnswer, client_short(), server_short()}, {begun, client, server, "c data"}},
      {"the server refuses", {kHello, kPeers.server(handshake_error(120))}, {begun, client, "s alert 120"}},
      {"a token is asked for",
       {kHello, retry(), after_retry.client(crypto(0, kClientHello)), after_retry.server(crypto(0, kServerHello))},
       {begun, client, "s quic 1 retry", begun, server}},
      {"another version is asked for",
       {kHello, from_server(octets("80 00000000 00 00 6b3343cf"))},
       {begun, client, "s quic 0 negotiation"}},
      {"the server's first packet alone", {kAnswer}, {}},
      {"joined after the hellos", {client_short(), server_short()}, {"c joined"}},
      {"only packets of the handshake", {from_server(octets("E0 00000001 00 00 05 0102030405"))}, {"s joined"}},
      {"a small datagram begins nothing", {kPeers.client(crypto(0, kClientHello), 0, 400)}, {}},
      {"two versions of an octet", {kHello, kPeers.client(crypto(10, "other octets"), 1)}, {begun, client, "c unreadable Crypto Data"}},
      {"a frame that does not belong", {kHello, kPeers.server(octets("08 00"))}, {begun, client, "s unreadable Type"}},
      {"a message that does not belong", {kHello, kPeers.server(crypto(0, octets("0B000000")))}, {begun, client, "s unreadable msg_type"}},
      {"a hello without an end",
       {kPeers.client(crypto(0, hello.substr(0, 200))), kPeers.client(crypto(16'000, std::string(1100, 'x')), 1)},
       {begun}},
  };
  for (const ConnectionCase& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(told(each.datagrams), each.words);
  }
}

TEST(QuicSession, TellsThatTheCaptureCutAnInitialPacket) {
  ScriptedFlow flow{kQuicDissector};
  flow.cut = true;
  flow.datagrams({from_client(kHello.octets.substr(0, 96))});
  EXPECT_EQ(flow.words, (std::vector<std::string>{"c unreadable Initial packet"}));
}

TEST(QuicSession, LeavesOtherProtocolsAlone) {
  ScriptedFlow flow{kQuicDissector};
  flow.datagrams({kHello, kAnswer, from_client(octets("0001 0000 2112A442")), from_client("")});
  EXPECT_EQ(flow.answers, (std::vector{Datagram::taken, Datagram::taken, Datagram::not_mine, Datagram::not_mine}));
}

TEST(QuicProbe, KnowsAConnectionByItsHeader) {
  struct Case {
    const char* name;
    std::string datagram;
    Transport transport;
    Recognition recognition;
  };
  const std::vector<Case> cases{
      {"a client's first", kHello.octets, Transport::udp, Recognition::yes},
      {"a server's first", kAnswer.octets, Transport::udp, Recognition::yes},
      {"cut by the capture", kHello.octets.substr(0, 64), Transport::udp, Recognition::yes},
      {"versions are listed", octets("80 00000000 00 00 00000001"), Transport::udp, Recognition::yes},
      {"unknown versions are listed", octets("80 00000000 00 00 12345678"), Transport::udp, Recognition::no},
      {"a short header", client_short().octets, Transport::udp, Recognition::no},
      {"a stream", kHello.octets, Transport::tcp, Recognition::no},
      {"the fixed bit is clear", octets("80 00000001 00 00 00 01 00"), Transport::udp, Recognition::no},
      {"RTP", octets("8000 0001 00000001 00000000 00000000"), Transport::udp, Recognition::no},
      {"nothing", "", Transport::udp, Recognition::no},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(kQuicDissector.probe({.bytes = as_bytes(each.datagram), .transport = each.transport}), each.recognition) << each.name;
  }
}

}  // namespace
}  // namespace sealtrace
