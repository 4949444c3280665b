#include "dissectors/dtls/dtls_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <variant>

#include "crypto/certificate_store.hpp"
#include "dissectors/dtls/dtls_peers.hpp"

namespace sealtrace {

extern const Dissector kDtlsDissector;

namespace {

using testing::dtls::Datagram;
using testing::dtls::DatagramList;
using testing::dtls::DtlsPeers;
using testing::dtls::PeerOptions;

/// dissected gives the facts of `datagrams`, each cut to `snaplen`.
std::vector<Fact> dissected(const DatagramList& datagrams, std::size_t snaplen = 65535) {
  static CertificateStore certificates{7};
  const Services services{.certificates = &certificates, .hash_key = 7, .keep_fingerprint_lists = true};
  return testing::dtls::play(datagrams, *kDtlsDissector.open(services), snaplen);
}

/// words spells facts: ">" for the client's (the initiator's), "<" for the server's.
std::string words(const std::vector<Fact>& facts) {
  std::string result;
  for (const Fact& fact : facts) {
    const char* word = "?";
    if (std::holds_alternative<Boxed<TlsClientHello>>(fact.body)) word = "client-hello";
    if (std::holds_alternative<Boxed<TlsServerHello>>(fact.body)) word = "server-hello";
    if (std::holds_alternative<TlsHelloVerifyRequest>(fact.body)) word = "cookie";
    if (const auto* list = fact_if<TlsCertificates>(&fact.body)) word = list->chain.empty() ? "no-cert" : "cert";
    if (std::holds_alternative<TlsServerKeyExchange>(fact.body)) word = "kx";
    if (std::holds_alternative<TlsClientKeyExchange>(fact.body)) word = "kx";
    if (std::holds_alternative<TlsCertificateRequest>(fact.body)) word = "req";
    if (std::holds_alternative<TlsServerHelloDone>(fact.body)) word = "done";
    if (std::holds_alternative<TlsCertificateVerify>(fact.body)) word = "verify";
    if (std::holds_alternative<TlsNewSessionTicket>(fact.body)) word = "ticket";
    if (std::holds_alternative<TlsChangeCipherSpec>(fact.body)) word = "ccs";
    if (std::holds_alternative<TlsFinished>(fact.body)) word = "fin";
    if (std::holds_alternative<TlsEncryptedHandshake>(fact.body)) word = "enc";
    if (std::holds_alternative<TlsApplicationData>(fact.body)) word = "data";
    if (const auto* alert = std::get_if<TlsAlert>(&fact.body)) word = alert->encrypted ? "alert" : "clear-alert";
    if (std::holds_alternative<TlsJoinedMidStream>(fact.body)) word = "mid";
    if (std::holds_alternative<StreamGap>(fact.body)) word = "gap";
    if (std::holds_alternative<Boxed<MessageUnreadable>>(fact.body)) word = "unreadable";
    if (std::holds_alternative<BudgetExceeded>(fact.body)) word = "budget";
    result += std::string{result.empty() ? "" : " "} + (fact.sender == Side::initiator ? ">" : "<") + word;
  }
  return result;
}

std::string words(const DatagramList& datagrams) { return words(dissected(datagrams)); }

/// words_of spells the facts of one side.
std::string words_of(Side side, const DatagramList& datagrams) {
  std::vector<Fact> facts = dissected(datagrams);
  std::erase_if(facts, [side](const Fact& fact) { return fact.sender != side; });
  return words(facts);
}

const PeerOptions kMutual{.request_certificate = true, .client_has_certificate = true, .cookie = true};
constexpr std::string_view kMutualWords =
    ">client-hello <cookie >client-hello <server-hello <cert <kx <req <done >cert >kx >verify >ccs >fin <ticket <ccs <fin >data <data "
    ">alert <alert";

TEST(DtlsSession, SaysThatTheStoreHasNoRoomForCertificates) {
  DtlsPeers peers{kMutual};
  const DatagramList datagrams = peers.run();
  CertificateStore certificates{7, kMaxCertificateStoreBytes, 0};
  const Services services{.certificates = &certificates, .hash_key = 7};
  const std::vector<Fact> facts = testing::dtls::play(datagrams, *kDtlsDissector.open(services));
  const auto of = [&facts](Side side) {
    std::string budgets;
    for (const Fact& fact : facts) {
      EXPECT_FALSE(std::holds_alternative<Boxed<TlsCertificates>>(fact.body));
      const auto* full = std::get_if<BudgetExceeded>(&fact.body);
      if (full != nullptr && fact.sender == side) budgets += full->budget;
    }
    return budgets;
  };
  EXPECT_EQ(of(Side::initiator), "tls_certificates");
  EXPECT_EQ(of(Side::responder), "tls_certificates");
}

TEST(DtlsSession, ReadsRealHandshakes) {
  const struct {
    std::string_view name;
    PeerOptions options;
    std::string_view words;
  } kCases[] = {
      {"mutual", kMutual, kMutualWords},
      {"mutual over DTLS 1.0",
       {.version = DTLS1_VERSION, .request_certificate = true, .client_has_certificate = true, .tickets = false},
       ">client-hello <server-hello <cert <kx <req <done >cert >kx >verify >ccs >fin <ccs <fin >data <data >alert <alert"},
      {"mutual in small datagrams",
       {.request_certificate = true, .client_has_certificate = true, .cookie = true, .mtu = 256},
       kMutualWords},
      {"one-way with RSA key exchange",
       {.suites = "AES128-SHA:@SECLEVEL=0", .tickets = false},
       ">client-hello <server-hello <cert <done >kx >ccs >fin <ccs <fin >data <data >alert <alert"},
      {"anonymous",
       {.suites = "ADH-AES128-SHA:@SECLEVEL=0", .tickets = false},
       ">client-hello <server-hello <kx <done >kx >ccs >fin <ccs <fin >data <data >alert <alert"},
      {"declined",
       {.request_certificate = true, .tickets = false},
       ">client-hello <server-hello <cert <kx <req <done >no-cert >kx >ccs >fin <ccs <fin >data <data >alert <alert"},
      {"refused",
       {.request_certificate = true, .require_certificate = true, .tickets = false},
       ">client-hello <server-hello <cert <kx <req <done >no-cert >kx >ccs >fin <clear-alert"},
      {"renegotiated",
       {.suites = "AES128-SHA:@SECLEVEL=0", .client_has_certificate = true, .tickets = false, .renegotiate = true},
       ">client-hello <server-hello <cert <done >kx >ccs >fin <ccs <fin >data <data"},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(row.name);
    DtlsPeers peers{row.options};
    const DatagramList datagrams = peers.run();
    ASSERT_FALSE(datagrams.empty());
    EXPECT_EQ(kDtlsDissector.probe({.bytes = datagrams.front().octets, .transport = Transport::udp}), Recognition::yes);
    EXPECT_EQ(kDtlsDissector.probe({.bytes = datagrams.front().octets, .transport = Transport::tcp}), Recognition::no);
    if (row.options.renegotiate) {
      const std::string all = words(datagrams);
      EXPECT_TRUE(all.starts_with(row.words)) << all;
      EXPECT_NE(all.find(">enc"), std::string::npos) << all;
      EXPECT_NE(all.find("<enc"), std::string::npos) << all;
    } else {
      EXPECT_EQ(words(datagrams), row.words);
    }
  }
}

TEST(DtlsSession, ReadsResumptions) {
  for (const bool tickets : {true, false}) {
    DtlsPeers peers{{.request_certificate = true, .client_has_certificate = true, .tickets = tickets}};
    const std::vector<Fact> full = dissected(peers.run());
    const std::vector<Fact> resumed = dissected(peers.run(true));
    EXPECT_EQ(words(resumed), ">client-hello <server-hello <ccs <fin >ccs >fin >data <data >alert <alert");
    const auto& offer = *std::get<Boxed<TlsClientHello>>(resumed[0].body);
    const auto& answer = *std::get<Boxed<TlsServerHello>>(resumed[1].body);
    if (tickets) {
      const auto issued =
          std::ranges::find_if(full, [](const Fact& fact) { return std::holds_alternative<TlsNewSessionTicket>(fact.body); });
      ASSERT_NE(issued, full.end());
      EXPECT_EQ(offer.session_ticket, std::get<TlsNewSessionTicket>(issued->body).ticket);
    } else {
      EXPECT_EQ(offer.session_id, std::get<Boxed<TlsServerHello>>(full[1].body)->session_id);
    }
    EXPECT_NE(answer.session_id, OpaqueHash{});
    EXPECT_EQ(answer.session_id, offer.session_id);
  }
}

TEST(DtlsSession, HellosCarryTheirFields) {
  DtlsPeers peers{kMutual};
  const std::vector<Fact> facts = dissected(peers.run());
  const auto& hello = *std::get<Boxed<TlsClientHello>>(facts[2].body);
  EXPECT_EQ(hello.form, TlsHelloForm::dtls);
  EXPECT_EQ(hello.legacy_version, 0xFEFD);
  EXPECT_TRUE(hello.extended_master_secret);
  EXPECT_FALSE(hello.cipher_suites.empty());
  const auto& answer = *std::get<Boxed<TlsServerHello>>(facts[3].body);
  EXPECT_EQ(answer.version, TlsVersion::dtls1_2);
  EXPECT_EQ(std::get<Boxed<TlsCertificates>>(facts[4].body)->chain.size(), 1U);
  EXPECT_TRUE(std::get<TlsServerKeyExchange>(facts[5].body).group.has_value());
}

/// Damage of a list of datagrams, and what must come out of it.
DatagramList doubled(const DatagramList& datagrams) {
  DatagramList result;
  for (const Datagram& datagram : datagrams) result.insert(result.end(), {datagram, datagram});
  return result;
}

DatagramList repeated(const DatagramList& datagrams) {
  DatagramList result = datagrams;
  result.insert(result.end(), datagrams.begin(), datagrams.end());
  return result;
}

/// with_others puts datagrams of other protocols between those of DTLS (RFC 7983).
DatagramList with_others(const DatagramList& datagrams) {
  DatagramList result;
  for (const Datagram& datagram : datagrams) {
    result.push_back(
        {.sender = Side::initiator, .octets = {0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}});
    result.push_back(datagram);
    result.push_back({.sender = Side::responder, .octets = {0x80, 0x6F, 0, 1, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8}});
    result.push_back({.sender = Side::responder, .octets = {0x40, 0x00, 0, 4, 1, 2, 3, 4}});  // TURN ChannelData
    result.push_back({.sender = Side::responder, .octets = {0x16, 0x99, 0, 4, 1, 2, 3, 4}});  // looks like nothing
    result.push_back({.sender = Side::initiator, .octets = {0x2F, 0x17, 0, 4, 1, 2, 3, 4}});  // of DTLS 1.3, which this is not
  }
  return result;
}

TEST(DtlsSession, RetransmissionsAndOtherProtocolsChangeNothing) {
  for (const long mtu : {256L, 1400L}) {
    PeerOptions options = kMutual;
    options.mtu = mtu;
    DtlsPeers peers{options};
    const DatagramList datagrams = peers.run();
    // Data and alerts that come twice are two facts: they carry no message_seq.
    const auto without_data = [](std::string all) { return all.substr(0, all.find(" >data")); };
    const std::string expected = without_data(words(datagrams));
    EXPECT_EQ(without_data(words(doubled(datagrams))), expected);
    EXPECT_EQ(without_data(words(repeated(datagrams))), expected);
    EXPECT_EQ(words(with_others(datagrams)), words(datagrams));
  }
}

TEST(DtlsSession, TheOrderWithinAFlightDoesNotMatter) {
  std::mt19937 random{20260108};
  PeerOptions options = kMutual;
  options.mtu = 256;
  options.cookie = false;
  DtlsPeers peers{options};
  const DatagramList datagrams = peers.run();
  const std::string client = words_of(Side::initiator, datagrams);
  const std::string server = words_of(Side::responder, datagrams);
  for (int round = 0; round < 200; ++round) {
    DatagramList shuffled = datagrams;
    for (std::size_t begin = 0; begin < shuffled.size();) {
      // A flight is a run of one sender's datagrams; its ChangeCipherSpec and Finished stay last.
      std::size_t end = begin;
      while (end < shuffled.size() && shuffled[end].sender == shuffled[begin].sender && shuffled[end].octets[0] == 22 &&
             shuffled[end].octets[4] == 0) {
        ++end;
      }
      std::shuffle(shuffled.begin() + static_cast<std::ptrdiff_t>(begin), shuffled.begin() + static_cast<std::ptrdiff_t>(end), random);
      begin = std::max(end, begin + 1);
    }
    EXPECT_EQ(words_of(Side::initiator, shuffled), client);
    EXPECT_EQ(words_of(Side::responder, shuffled), server);
  }
}

/// is_subsequence says whether `part` can be made of `whole` by leaving words out; gaps and the like do not count.
bool is_subsequence(const std::vector<Fact>& part, const std::vector<Fact>& whole) {
  std::size_t at = 0;
  for (const Fact& fact : part) {
    if (std::holds_alternative<StreamGap>(fact.body) || std::holds_alternative<TlsJoinedMidStream>(fact.body)) continue;
    if (std::holds_alternative<TlsEncryptedHandshake>(fact.body)) continue;
    while (at < whole.size() && whole[at].body.index() != fact.body.index()) ++at;
    if (at++ == whole.size()) return false;
  }
  return true;
}

TEST(DtlsSession, LostDatagramsLeaveAGapAndInventNothing) {
  for (const long mtu : {256L, 1400L}) {
    PeerOptions options = kMutual;
    options.mtu = mtu;
    options.cookie = false;
    options.tickets = false;
    DtlsPeers peers{options};
    const DatagramList datagrams = peers.run();
    for (const Side side : {Side::initiator, Side::responder}) {
      std::vector<Fact> whole = dissected(datagrams);
      std::erase_if(whole, [side](const Fact& fact) { return fact.sender != side; });
      for (std::size_t lost = 0; lost < datagrams.size(); ++lost) {
        DatagramList rest = datagrams;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(lost));
        std::vector<Fact> facts = dissected(rest);
        std::erase_if(facts, [side](const Fact& fact) { return fact.sender != side; });
        EXPECT_TRUE(is_subsequence(facts, whole)) << words(facts) << " without datagram " << lost;
      }
    }
  }
}

TEST(DtlsSession, AMissingMessageIsAGapOnceThePeerGoesOn) {
  // Small datagrams: one of the server's Certificate is lost, then the client answers.
  PeerOptions options = kMutual;
  options.mtu = 256;
  options.cookie = false;
  options.tickets = false;
  DtlsPeers peers{options};
  DatagramList datagrams = peers.run();
  const auto certificate = std::ranges::find_if(datagrams, [](const Datagram& datagram) {
    return datagram.sender == Side::responder && datagram.octets.size() > 25 && datagram.octets[0] == 22 && datagram.octets[13] == 11;
  });
  ASSERT_NE(certificate, datagrams.end());
  datagrams.erase(certificate);
  EXPECT_EQ(words_of(Side::responder, datagrams), "<server-hello <gap <kx <req <done <ccs <fin <data <alert");
}

TEST(DtlsSession, ASnaplenLosesMessagesNotTheSession) {
  DtlsPeers peers{{.request_certificate = true, .client_has_certificate = true, .tickets = false}};
  const DatagramList datagrams = peers.run();
  const std::vector<Fact> whole = dissected(datagrams);
  for (std::size_t snaplen = 0; snaplen < 1500; snaplen += 7) {
    for (const Side side : {Side::initiator, Side::responder}) {
      std::vector<Fact> facts = dissected(datagrams, snaplen);
      std::vector<Fact> all = whole;
      std::erase_if(facts, [side](const Fact& fact) { return fact.sender != side; });
      std::erase_if(all, [side](const Fact& fact) { return fact.sender != side; });
      ASSERT_TRUE(is_subsequence(facts, all)) << words(facts) << " at snaplen " << snaplen;
    }
  }
}

TEST(DtlsSession, ANewHandshakeOnTheSamePortsIsSeen) {
  DtlsPeers peers{{.suites = "AES128-SHA:@SECLEVEL=0", .tickets = false}};
  DatagramList datagrams = peers.run();
  const std::string once = words(datagrams);
  const DatagramList again = peers.run();
  datagrams.insert(datagrams.end(), again.begin(), again.end());
  EXPECT_EQ(words(datagrams), once + " " + once);
}

TEST(DtlsSession, AFragmentedNewHelloIsToldFromARetransmission) {
  DtlsPeers peers{{.suites = "AES128-SHA:@SECLEVEL=0", .tickets = false, .mtu = 256}};
  DatagramList datagrams = peers.run();
  const std::string once = words_of(Side::initiator, datagrams);
  DtlsPeers others{{.suites = "ALL:@SECLEVEL=0", .tickets = false, .mtu = 256}};
  const DatagramList again = others.run();
  ASSERT_EQ(again[1].sender, Side::initiator) << "the ClientHello is meant to be in two datagrams";
  datagrams.insert(datagrams.end(), again.begin(), again.begin() + 2);
  EXPECT_EQ(words_of(Side::initiator, datagrams), once + " >client-hello");
  datagrams.insert(datagrams.end(), again.begin(), again.begin() + 2);
  EXPECT_EQ(words_of(Side::initiator, datagrams), once + " >client-hello");
}

TEST(DtlsSession, ASessionJoinedInTheMiddleSaysSo) {
  DtlsPeers peers{{.tickets = false}};
  DatagramList datagrams = peers.run();
  std::erase_if(datagrams, [](const Datagram& datagram) { return datagram.octets[0] != 23; });
  EXPECT_EQ(words(datagrams), ">mid >data <data");
}

TEST(DtlsSession, ReadsWhatCapwapCarries) {
  DtlsPeers peers{kMutual};
  const DatagramList datagrams = peers.run();
  DatagramList behind_preamble = datagrams;
  for (Datagram& datagram : behind_preamble) datagram.octets.insert(datagram.octets.begin(), {0x01, 0x00, 0x00, 0x00});
  EXPECT_EQ(words(behind_preamble), words(datagrams));
}

TEST(DtlsSession, FloodsAreBounded) {
  const std::vector<std::uint8_t> record{0x17, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 3, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<std::uint8_t> alert = record;
  alert[0] = 0x15;
  std::vector<std::uint8_t> handshake = record;
  handshake[0] = 0x16;
  DatagramList datagrams;
  for (int i = 0; i < 1000; ++i) {
    for (const auto& octets : {record, alert, handshake}) datagrams.push_back({.sender = Side::initiator, .octets = octets});
  }
  EXPECT_LE(dissected(datagrams).size(), 2U + 3 * kMaxProtectedFacts);  // the join, and the Finished that was missed
}

}  // namespace
}  // namespace sealtrace
