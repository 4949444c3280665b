// Real handshakes through the session: which facts, in which order, however the stream is cut.
#include "dissectors/tls/tls_session.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "dissectors/tls/stream_script.hpp"
#include "dissectors/tls/tls_peers.hpp"

namespace sealtrace {
namespace {

using testing::ClientCertificate;
using testing::Heard;
using testing::PeerOptions;
using testing::PieceSize;
using testing::Sent;
using testing::StreamScript;
using testing::TlsPeers;

using Names = std::vector<std::string>;

/// hear plays a script to a fresh session.
Heard hear(const StreamScript& script, const PieceSize& piece_size = testing::whole_pieces(), testing::Delivery* delivery = nullptr) {
  static CertificateStore certificates{1};
  static const Services services{.certificates = &certificates, .hash_key = 2, .keep_fingerprint_lists = true};
  TlsSession session{services};
  Heard heard;
  const testing::Delivery played = testing::play(script, session, heard, piece_size);
  if (delivery != nullptr) *delivery = played;
  EXPECT_TRUE(heard.evidence_inside());
  return heard;
}

PieceSize random_pieces(unsigned seed) {
  return [engine = std::mt19937{seed}]() mutable { return std::uniform_int_distribution<std::size_t>{1, 700}(engine); };
}

/// first_octets is the script as a capture that ends after `count` octets would show it.
StreamScript first_octets(const StreamScript& script, std::size_t count) {
  StreamScript cut;
  for (const Sent& sent : script) {
    const std::size_t taken = std::min(count, sent.octets.size());
    cut.push_back({.sender = sent.sender,
                   .octets = {sent.octets.begin(), sent.octets.begin() + static_cast<std::ptrdiff_t>(taken)},
                   .missing_bytes = 0});
    count -= taken;
    if (count == 0) break;
  }
  return cut;
}

std::size_t total_octets(const StreamScript& script) {
  std::size_t total = 0;
  for (const Sent& sent : script) total += sent.octets.size();
  return total;
}

/// lines joins names for a readable difference.
std::string lines(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text;
}

/// without_data drops what differs between suites: records of application data and the alerts that close.
std::string handshake_lines(const Heard& heard) {
  std::string text;
  for (const std::string& name : heard.names()) {
    if (name.find(" data(") == std::string::npos && name.find("encrypted_alert") == std::string::npos) text += name + "\n";
  }
  return text;
}

struct HandshakeCase {
  std::string_view name;
  PeerOptions options;
  std::string_view first;   ///< of a full handshake
  std::string_view second;  ///< of the next connection of the same peers
};

const std::string_view kOneWay12 =
    "C client_hello(server.example)\nS server_hello(1.2)\nS certificate(1)\nS server_key_exchange\nS server_hello_done\n"
    "C client_key_exchange\nC change_cipher_spec\nC finished\nS new_session_ticket\nS change_cipher_spec\nS finished\n";

std::vector<HandshakeCase> handshake_cases() {
  using enum ClientCertificate;
  return {
      {"TLS 1.2 one-way, resumed by ticket",
       {},
       kOneWay12,
       "C client_hello(server.example)\nS server_hello(1.2)\nS change_cipher_spec\nS finished\nC change_cipher_spec\nC finished\n"},
      {"TLS 1.2 mutual",
       {.client_certificate = presented},
       "C client_hello(server.example)\nS server_hello(1.2)\nS certificate(1)\nS server_key_exchange\nS certificate_request\nS "
       "server_hello_done\n"
       "C certificate(1)\nC client_key_exchange\nC certificate_verify\nC change_cipher_spec\nC finished\n"
       "S new_session_ticket\nS change_cipher_spec\nS finished\n",
       {}},
      {"TLS 1.1 declined, resumed by session id",
       {.version = TLS1_1_VERSION, .client_certificate = declined, .tickets = false},
       "C client_hello(server.example)\nS server_hello(1.1)\nS certificate(1)\nS server_key_exchange\nS certificate_request\nS "
       "server_hello_done\n"
       "C certificate(0)\nC client_key_exchange\nC change_cipher_spec\nC finished\nS change_cipher_spec\nS finished\n",
       "C client_hello(server.example)\nS server_hello(1.1)\nS change_cipher_spec\nS finished\nC change_cipher_spec\nC finished\n"},
      {"TLS 1.0 mutual with a chain",
       {.version = TLS1_VERSION, .client_certificate = presented, .num_intermediates = 2},
       "C client_hello(server.example)\nS server_hello(1.0)\nS certificate(3)\nS server_key_exchange\nS certificate_request\nS "
       "server_hello_done\n"
       "C certificate(1)\nC client_key_exchange\nC certificate_verify\nC change_cipher_spec\nC finished\n"
       "S new_session_ticket\nS change_cipher_spec\nS finished\n",
       {}},
      {"TLS 1.2 refuses a client that declines",
       {.client_certificate = declined, .client_certificate_required = true},
       "C client_hello(server.example)\nS server_hello(1.2)\nS certificate(1)\nS server_key_exchange\nS certificate_request\nS "
       "server_hello_done\n"
       "C certificate(0)\nC client_key_exchange\nC change_cipher_spec\nC finished\nS alert(handshake_failure)\n",
       {}},
      {"TLS 1.2 with a message hidden before the client's Finished", {.next_protocol = true}, kOneWay12, {}},
      {"TLS 1.2 anonymous",
       {.suites = "ADH-AES128-SHA:@SECLEVEL=0"},
       "C client_hello(server.example)\nS server_hello(1.2)\nS server_key_exchange\nS server_hello_done\n"
       "C client_key_exchange\nC change_cipher_spec\nC finished\nS new_session_ticket\nS change_cipher_spec\nS finished\n",
       {}},
      {"TLS 1.2 without encryption shows its Finished and its alerts",
       {.suites = "ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0", .tickets = false},
       "C client_hello(server.example)\nS server_hello(1.2)\nS certificate(1)\nS server_key_exchange\nS server_hello_done\n"
       "C client_key_exchange\nC change_cipher_spec\nC finished\nS change_cipher_spec\nS finished\n"
       "C alert(close_notify)\nS alert(close_notify)\n",
       {}},
      {"TLS 1.2 in records of 512 octets",
       {.client_certificate = presented, .num_intermediates = 4, .max_fragment = 512},
       "C client_hello(server.example)\nS server_hello(1.2)\nS certificate(5)\nS server_key_exchange\nS certificate_request\nS "
       "server_hello_done\n"
       "C certificate(1)\nC client_key_exchange\nC certificate_verify\nC change_cipher_spec\nC finished\n"
       "S new_session_ticket\nS change_cipher_spec\nS finished\n",
       {}},
      {"TLS 1.3, resumed by PSK",
       {.version = TLS1_3_VERSION},
       "C client_hello(server.example)\nS server_hello(1.3)\n",
       "C client_hello(server.example)\nS server_hello(1.3)\n"},
      {"TLS 1.3 after a retry",
       {.version = TLS1_3_VERSION, .client_certificate = presented, .hello_retry = true},
       "C client_hello(server.example)\nS hello_retry_request(1.3)\nC client_hello(server.example)\nS server_hello(1.3)\n",
       {}},
  };
}

TEST(TlsSession, ReportsEachMessageOfRealHandshakes) {
  for (const HandshakeCase& c : handshake_cases()) {
    TlsPeers peers{c.options};
    EXPECT_EQ(handshake_lines(hear(peers.connect())), c.first) << c.name;
    if (c.second.empty()) continue;
    EXPECT_EQ(handshake_lines(hear(peers.connect())), c.second) << c.name;
  }
}

TEST(TlsSession, HearsTheSameHoweverTheStreamIsCutIntoSegments) {
  for (const HandshakeCase& c : handshake_cases()) {
    TlsPeers peers{c.options};
    for (int connection = 0; connection < 2; ++connection) {
      const StreamScript script = peers.connect();
      const Names whole = hear(script).names();
      EXPECT_EQ(lines(hear(script, testing::single_octets()).names()), lines(whole)) << c.name;
      for (unsigned seed = 0; seed < 20; ++seed)
        EXPECT_EQ(lines(hear(script, random_pieces(seed)).names()), lines(whole)) << c.name << seed;
    }
  }
}

TEST(TlsSession, ACutStreamShowsTheBeginningOfTheFactsAndNothingElse) {
  for (const HandshakeCase& c : handshake_cases()) {
    TlsPeers peers{c.options};
    const StreamScript script = peers.connect();
    const Names whole = hear(script).names();
    std::size_t most = 0;
    // Every length of the first handshake, and of the others enough to meet each field.
    const std::size_t stride = c.name == handshake_cases().front().name ? 1 : 7;
    for (std::size_t count = 0; count < total_octets(script); count += stride) {
      const Names cut = hear(first_octets(script, count)).names();
      ASSERT_LE(cut.size(), whole.size()) << c.name << " cut to " << count;
      ASSERT_TRUE(std::equal(cut.begin(), cut.end(), whole.begin())) << c.name << " cut to " << count << "\n" << lines(cut);
      ASSERT_GE(cut.size(), most);
      most = cut.size();
    }
  }
}

TEST(TlsSession, ReadsWhatTheHellosSay) {
  TlsPeers peers{{.version = TLS1_3_VERSION}};
  peers.connect();
  const Heard resumed = hear(peers.connect());
  const auto& client = *std::get<Boxed<TlsClientHello>>(resumed.facts()[0].body);
  const auto& server = *std::get<Boxed<TlsServerHello>>(resumed.facts()[1].body);
  EXPECT_TRUE(client.pre_shared_key);
  EXPECT_NE(client.psk_identity, OpaqueHash{});
  EXPECT_EQ(client.supported_versions, (std::vector<std::uint16_t>{0x0304}));
  EXPECT_FALSE(client.cipher_suites.empty());
  EXPECT_TRUE(server.pre_shared_key);
  EXPECT_EQ(server.group, NamedGroup{0x001D});
  EXPECT_EQ(client.session_id, server.session_id);
  EXPECT_EQ(value(resumed.facts()[0].evidence.frame), 1U);
  EXPECT_EQ(value(resumed.facts()[1].evidence.frame), 2U);
  EXPECT_EQ(resumed.facts()[1].evidence.offset, 5U);
}

TEST(TlsSession, ATicketIsKnownAgainByItsHash) {
  TlsPeers peers{{}};
  const Heard full = hear(peers.connect());
  const Heard resumed = hear(peers.connect());
  OpaqueHash issued{};
  for (const Fact& fact : full.facts()) {
    if (const auto* ticket = std::get_if<TlsNewSessionTicket>(&fact.body)) issued = ticket->ticket;
  }
  EXPECT_NE(issued, OpaqueHash{});
  EXPECT_EQ(std::get<Boxed<TlsClientHello>>(resumed.facts()[0].body)->session_ticket, issued);
}

TEST(TlsSession, ARenegotiationIsHandshakeRecordsBehindTheFinished) {
  TlsPeers peers{{.suites = "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", .client_certificate = ClientCertificate::declined, .renegotiate = true}};
  const Heard heard = hear(peers.connect());
  std::size_t num_client = 0;
  std::size_t num_server = 0;
  for (const std::string& name : heard.names()) {
    if (name == "C encrypted_handshake") ++num_client;
    if (name == "S encrypted_handshake") ++num_server;
  }
  EXPECT_GE(num_client, 2U) << lines(heard.names());
  EXPECT_GE(num_server, 2U) << lines(heard.names());
}

TEST(TlsSession, ARenegotiationWithoutEncryptionIsReadInTheClear) {
  TlsPeers peers{{.suites = "ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0", .client_certificate = ClientCertificate::presented, .renegotiate = true}};
  const std::string heard = handshake_lines(hear(peers.connect()));
  EXPECT_NE(heard.find("S finished\nS hello_request\nC client_hello(server.example)\nS server_hello(1.2)\n"), std::string::npos) << heard;
  EXPECT_EQ(heard.find("encrypted_handshake"), std::string::npos) << heard;
  EXPECT_EQ(heard.find("unreadable"), std::string::npos) << heard;
}

TEST(TlsSession, AnEstablishedSessionIsReadByItsHeadersAlone) {
  TlsPeers peers{{.suites = "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", .data_bytes = 16'000}};
  const StreamScript script = peers.connect();
  testing::Delivery delivery;
  const Heard heard = hear(script, [] { return std::size_t{1400}; }, &delivery);
  const std::uint64_t data_bytes = 4 * 16'000;
  EXPECT_GT(total_octets(script), data_bytes);
  // The segment that holds a header is seen whole; the ten behind it are not.
  EXPECT_LT(delivery.seen_bytes, total_octets(script) - data_bytes + std::uint64_t{4 * 1400} + 4 * 1400);
  EXPECT_EQ(heard.names().back(), "S encrypted_alert");
}

}  // namespace
}  // namespace sealtrace
