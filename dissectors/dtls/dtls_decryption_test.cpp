// What secrets show of DTLS: OpenSSL's own associations, whole and damaged.
#include "dissectors/dtls/dtls_decryption.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "dissectors/dtls/dtls_peers.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace sealtrace {
namespace {

using testing::dtls::DatagramList;
using testing::dtls::DtlsPeers;
using testing::dtls::PeerOptions;
using testing::dtls::play;
using OneDatagram = testing::dtls::Datagram;

using Words = std::vector<std::string>;

/// Opened is what a session said: what it read with secrets, which checks held and which did not, and the keys of SRTP.
struct Opened {
  Words read;
  Words passed;
  Words failed;
  std::vector<std::pair<Side, SrtpMasterKey>> keys;

  void add(const Fact& fact) {
    const std::string side = fact.sender == Side::initiator ? "C " : "S ";
    const auto check = [&](const char* what, Check made) {
      if (made == Check::passed) passed.push_back(side + what);
      if (made == Check::failed) failed.push_back(side + what);
    };
    const char* word = "other";
    if (const auto* verify = std::get_if<TlsCertificateVerify>(&fact.body)) check(word = "verify", verify->signature);
    if (const auto* exchange = std::get_if<TlsServerKeyExchange>(&fact.body)) check(word = "kx", exchange->signature);
    if (const auto* finished = std::get_if<TlsFinished>(&fact.body)) check(word = "finished", finished->verify_data);
    if (std::holds_alternative<TlsApplicationData>(fact.body)) word = "data";
    if (std::holds_alternative<Boxed<MessageUnreadable>>(fact.body)) word = "unreadable";
    if (const auto* alert = std::get_if<TlsAlert>(&fact.body)) word = alert->description == AlertDescription{} ? "close" : "alert";
    if (const auto* exported = fact_if<SrtpKeyExported>(&fact.body)) {
      keys.emplace_back(fact.sender, exported->key);
    } else if (fact.decrypted) {
      read.push_back(side + word);
    }
  }
};

struct Reading {
  bool verify_signatures = true;
  std::size_t snaplen = 65535;
};

Opened open(const DatagramList& datagrams, std::string_view key_log, Reading reading = {}) {
  static CertificateStore certificates{7};
  KeyRing keys;
  keys.add(key_log);
  const Services services{.certificates = &certificates, .hash_key = 7, .keys = &keys, .verify_signatures = reading.verify_signatures};
  DtlsSession session{services};
  Opened opened;
  for (const Fact& fact : play(datagrams, session, reading.snaplen)) opened.add(fact);
  return opened;
}

const PeerOptions kMutual{.request_certificate = true, .client_has_certificate = true, .cookie = true};
const Words kMutualChecks{"S kx", "C verify", "C finished", "S finished"};
const Words kWholeReading{"C finished", "S finished", "C data", "S data", "C close", "S close"};

PeerOptions mutual_with(const char* suite, int version = DTLS1_2_VERSION) {
  PeerOptions options = kMutual;
  options.suites = std::string{suite} + ":@SECLEVEL=0";
  options.version = version;
  return options;
}

TEST(DtlsDecryption, OpensEverySuite) {
  const struct {
    const char* name;
    int version;
    const char* suite;
    bool encrypt_then_mac;
  } kCases[] = {
      {"AES-128-GCM", DTLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", true},
      {"AES-256-GCM", DTLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384", true},
      {"ChaCha20", DTLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305", true},
      {"CCM", DTLS1_2_VERSION, "DHE-RSA-AES128-CCM", true},
      {"CCM with a short tag", DTLS1_2_VERSION, "DHE-RSA-AES256-CCM8", true},
      {"CBC with encrypt-then-MAC", DTLS1_2_VERSION, "ECDHE-RSA-AES128-SHA256", true},
      {"CBC without", DTLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384", false},
      {"Camellia", DTLS1_2_VERSION, "ECDHE-RSA-CAMELLIA128-SHA256", true},
      {"CBC of DTLS 1.0 with encrypt-then-MAC", DTLS1_VERSION, "ECDHE-RSA-AES128-SHA", true},
      {"CBC of DTLS 1.0 without", DTLS1_VERSION, "ECDHE-RSA-AES256-SHA", false},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(row.name);
    PeerOptions options = mutual_with(row.suite, row.version);
    options.encrypt_then_mac = row.encrypt_then_mac;
    DtlsPeers peers{options};
    const DatagramList datagrams = peers.run();
    const Opened opened = open(datagrams, peers.key_log());
    EXPECT_EQ(opened.read, kWholeReading);
    EXPECT_EQ(opened.passed, kMutualChecks);
    EXPECT_EQ(opened.failed, Words{});
  }
}

TEST(DtlsDecryption, VerifiesSignaturesInTheClearWithoutSecrets) {
  for (const int version : {DTLS1_VERSION, DTLS1_2_VERSION}) {
    DtlsPeers peers{mutual_with("ECDHE-RSA-AES128-SHA", version)};
    DatagramList datagrams = peers.run();
    EXPECT_EQ(open(datagrams, "").passed, (Words{"S kx", "C verify"}));
    EXPECT_EQ(open(datagrams, "").read, Words{});
    EXPECT_EQ(open(datagrams, "", {.verify_signatures = false}).passed, Words{});
    const auto hello = std::ranges::find_if(datagrams, [](const OneDatagram& datagram) {
      return datagram.sender == Side::responder && datagram.octets[0] == 22 && datagram.octets[13] == 2;
    });
    ASSERT_NE(hello, datagrams.end());
    hello->octets[30] ^= 1U;  // the server's random: what both signed is another transcript
    EXPECT_EQ(open(datagrams, "").failed, (Words{"S kx", "C verify"}));
  }
}

TEST(DtlsDecryption, ResumedSessionsHaveTheServersFinishedFirst) {
  for (const bool tickets : {true, false}) {
    PeerOptions options = kMutual;
    options.tickets = tickets;
    DtlsPeers peers{options};
    peers.run();
    const DatagramList resumed = peers.run(true);
    const Opened opened = open(resumed, peers.key_log());
    EXPECT_EQ(opened.passed, (Words{"S finished", "C finished"}));
    EXPECT_EQ(opened.failed, Words{});
  }
}

TEST(DtlsDecryption, AWrongSecretOpensNothingAndIsTold) {
  DtlsPeers peers{kMutual};
  const DatagramList datagrams = peers.run();
  std::string wrong = peers.key_log();
  char& digit = wrong[wrong.find('\n') - 1];
  digit = digit == '0' ? '1' : '0';
  const Opened opened = open(datagrams, wrong.substr(0, wrong.find('\n') + 1), {.verify_signatures = false});
  EXPECT_EQ(opened.read, (Words{"C unreadable"}));
  EXPECT_EQ(opened.passed, (Words{"S kx", "C verify"})) << "which take no secret";
  DtlsPeers others{kMutual};
  others.run();
  EXPECT_EQ(open(datagrams, others.key_log(), {.verify_signatures = false}).read, Words{}) << "secrets of another handshake";
}

TEST(DtlsDecryption, SecretsMayComeAfterTheHellosWhereMoreAreAwaited) {
  PeerOptions options = kMutual;
  options.srtp_profiles = "SRTP_AES128_CM_SHA1_80";
  DtlsPeers peers{options};
  const DatagramList datagrams = peers.run();
  const Opened whole = open(datagrams, peers.key_log());
  ASSERT_EQ(whole.keys.size(), 2U);
  const auto open_late = [&](std::uint64_t first_with_secrets, bool awaited) {
    static CertificateStore certificates{7};
    KeyRing keys;
    if (awaited) keys.await_more();
    const Services services{.certificates = &certificates, .hash_key = 7, .keys = &keys};
    DtlsSession session{services};
    Opened opened;
    const auto add_secrets = [&](std::uint64_t frame) {
      if (frame == first_with_secrets) keys.add(peers.key_log());
    };
    for (const Fact& fact : play(datagrams, session, 65535, add_secrets)) opened.add(fact);
    return opened;
  };
  Words read = kWholeReading;
  for (std::uint64_t frame = 1; frame <= datagrams.size(); ++frame) {
    SCOPED_TRACE(frame);
    Opened opened = open_late(frame, true);
    EXPECT_EQ(opened.failed, Words{});
    EXPECT_EQ(opened.keys.size(), opened.read.empty() ? 0U : 2U);
    const auto is_unreadable = [](const std::string& word) { return word.ends_with("unreadable"); };
    const bool told = std::erase_if(opened.read, is_unreadable) != 0;
    // The later they come the less is read, and that a Finished was not is told.
    ASSERT_LE(opened.read.size(), read.size());
    EXPECT_TRUE(std::equal(opened.read.rbegin(), opened.read.rend(), read.rbegin()));
    EXPECT_EQ(told, !opened.read.empty() && opened.read.front() != "C finished");
    read = opened.read;
  }
  EXPECT_LT(read.size(), 2U);
  const std::uint64_t behind_hellos = 5;  // two ClientHellos, for the cookie, and what answers them
  EXPECT_EQ(open_late(behind_hellos, true).read, kWholeReading);
  EXPECT_EQ(open_late(behind_hellos, true).passed, kMutualChecks);
  EXPECT_EQ(open_late(behind_hellos, false).read, Words{});
}

TEST(DtlsDecryption, FragmentsOrderAndRepetitionChangeNothing) {
  std::mt19937 random{20260109};
  for (const long mtu : {256L, 1400L}) {
    PeerOptions options = kMutual;
    options.mtu = mtu;
    DtlsPeers peers{options};
    const DatagramList datagrams = peers.run();
    EXPECT_EQ(open(datagrams, peers.key_log()).passed, kMutualChecks);
    for (int round = 0; round < 50; ++round) {
      DatagramList damaged;
      for (const OneDatagram& datagram : datagrams) {
        damaged.push_back(datagram);
        if (random() % 2 == 0) damaged.push_back(datagram);
      }
      for (std::size_t begin = 0; begin < damaged.size();) {  // each flight in any order, its Finished too
        std::size_t end = begin;
        while (end < damaged.size() && damaged[end].sender == damaged[begin].sender && damaged[end].octets[0] != 23) ++end;
        std::shuffle(damaged.begin() + static_cast<std::ptrdiff_t>(begin), damaged.begin() + static_cast<std::ptrdiff_t>(end), random);
        begin = std::max(end, begin + 1);
      }
      const Opened opened = open(damaged, peers.key_log());
      EXPECT_EQ(opened.failed, Words{}) << mtu;
      EXPECT_EQ(std::ranges::count(opened.read, "C unreadable") + std::ranges::count(opened.read, "S unreadable"), 0) << mtu;
      EXPECT_TRUE(std::ranges::count(opened.passed, "C finished") <= 1 && std::ranges::count(opened.passed, "S finished") <= 1);
    }
  }
}

TEST(DtlsDecryption, WhatIsLostProvesNothingAndRefutesNothing) {
  for (const bool resume : {false, true}) {
    for (const long mtu : {256L, 1400L}) {
      PeerOptions options = kMutual;
      options.mtu = mtu;
      DtlsPeers peers{options};
      DatagramList datagrams = peers.run();
      if (resume) datagrams = peers.run(true);
      const Words whole = open(datagrams, peers.key_log()).passed;
      for (std::size_t lost = 0; lost < datagrams.size(); ++lost) {
        for (std::size_t also = lost; also < datagrams.size(); ++also) {
          DatagramList rest;
          for (std::size_t i = 0; i < datagrams.size(); ++i) {
            if (i != lost && i != also) rest.push_back(datagrams[i]);
          }
          const Opened opened = open(rest, peers.key_log());
          EXPECT_EQ(opened.failed, Words{}) << "without datagrams " << lost << " and " << also;
          for (const std::string& word : opened.passed) EXPECT_NE(std::ranges::find(whole, word), whole.end());
        }
      }
      for (std::size_t snaplen = 0; snaplen < 1500; snaplen += 7) {
        EXPECT_EQ(open(datagrams, peers.key_log(), {.snaplen = snaplen}).failed, Words{}) << "cut to " << snaplen;
      }
    }
  }
}

TEST(DtlsDecryption, AnAlteredHandshakeIsRefuted) {
  DtlsPeers peers{mutual_with("AES128-GCM-SHA256")};
  DatagramList datagrams = peers.run();
  const auto hello = std::ranges::find_if(datagrams, [](const OneDatagram& datagram) {
    return datagram.sender == Side::initiator && datagram.octets[0] == 22 && datagram.octets[13] == 1 && datagram.octets[18] == 1;
  });
  ASSERT_NE(hello, datagrams.end());
  hello->octets.back() ^= 1U;  // in an extension
  EXPECT_EQ(open(datagrams, peers.key_log()).failed, (Words{"C verify", "C finished", "S finished"}));
}

TEST(DtlsDecryption, WhatDoesNotAuthenticateWasNeverSaid) {
  DtlsPeers peers{kMutual};
  DatagramList datagrams = peers.run();
  const auto data = std::ranges::find_if(datagrams, [](const OneDatagram& datagram) { return datagram.octets[0] == 23; });
  ASSERT_NE(data, datagrams.end());
  OneDatagram forged = *data;
  forged.octets.back() ^= 1U;
  datagrams.insert(data, forged);
  EXPECT_EQ(open(datagrams, peers.key_log()).read, kWholeReading);
  OneDatagram hidden = *data;
  hidden.octets[0] = 22;  // a handshake could be in it
  datagrams.push_back(hidden);
  Words with_hidden = kWholeReading;
  with_hidden.push_back(hidden.sender == Side::initiator ? "C unreadable" : "S unreadable");
  EXPECT_EQ(open(datagrams, peers.key_log()).read, with_hidden);
}

TEST(DtlsDecryption, ReadsARenegotiation) {
  for (const char* suite : {"AES128-SHA", "ECDHE-RSA-AES256-GCM-SHA384"}) {
    PeerOptions options{.client_has_certificate = true, .renegotiate = true};
    options.suites = std::string{suite} + ":@SECLEVEL=0";
    DtlsPeers peers{options};
    const DatagramList datagrams = peers.run();
    const Opened opened = open(datagrams, peers.key_log());
    EXPECT_EQ(opened.failed, Words{}) << suite;
    EXPECT_EQ(std::ranges::count(opened.passed, "C finished"), 2) << suite;
    EXPECT_EQ(std::ranges::count(opened.passed, "S finished"), 2) << suite;
    EXPECT_EQ(std::ranges::count(opened.passed, "C verify"), 1) << suite << ": inside";
    EXPECT_EQ(std::ranges::count(opened.read, "C unreadable"), 0) << suite;
  }
}

TEST(DtlsDecryption, ALostPieceOfARenegotiationEndsTheReading) {
  PeerOptions options{.suites = "AES128-SHA:@SECLEVEL=0", .client_has_certificate = true, .renegotiate = true, .mtu = 256};
  DtlsPeers peers{options};
  const DatagramList datagrams = peers.run();
  const std::size_t whole = open(datagrams, peers.key_log()).passed.size();
  for (std::size_t lost = 0; lost < datagrams.size(); ++lost) {
    DatagramList rest = datagrams;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(lost));
    const Opened opened = open(rest, peers.key_log());
    EXPECT_EQ(opened.failed, Words{}) << lost;
    EXPECT_LE(opened.passed.size(), whole) << lost;
    const bool verified = std::ranges::find(opened.passed, "C verify") != opened.passed.end();
    const bool finished = std::ranges::count(opened.passed, "C finished") == 2;
    EXPECT_FALSE(finished && !verified) << lost;
  }
}

TEST(DtlsDecryption, ASecondAssociationHasItsOwnKeys) {
  DtlsPeers peers{kMutual};
  DatagramList both = peers.run();
  const std::string first_key_log = peers.key_log();
  const DatagramList again = peers.run();
  both.insert(both.end(), again.begin(), again.end());
  Words twice = kWholeReading;
  twice.insert(twice.end(), kWholeReading.begin(), kWholeReading.end());
  EXPECT_EQ(open(both, peers.key_log()).read, twice);
  const Opened half = open(both, first_key_log, {.verify_signatures = false});
  Words then_nothing = kWholeReading;
  then_nothing.emplace_back("C unreadable");
  EXPECT_EQ(half.read, then_nothing) << "a handshake could hide where there are no keys";
}

TEST(DtlsDecryption, ExportsTheKeysOfSrtpAsOpensslDoes) {
  const struct {
    const char* profile;
    SrtpSuite suite;
  } kCases[] = {
      {"SRTP_AES128_CM_SHA1_80", SrtpSuite::aes_cm_128_hmac_sha1_80},
      {"SRTP_AES128_CM_SHA1_32", SrtpSuite::aes_cm_128_hmac_sha1_32},
      {"SRTP_AEAD_AES_128_GCM", SrtpSuite::aead_aes_128_gcm},
      {"SRTP_AEAD_AES_256_GCM", SrtpSuite::aead_aes_256_gcm},
  };
  for (const auto& row : kCases) {
    for (const char* suite : {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"}) {
      SCOPED_TRACE(std::string{row.profile} + " with " + suite);
      PeerOptions options = mutual_with(suite, std::string{suite}.ends_with("-SHA") ? DTLS1_VERSION : DTLS1_2_VERSION);
      options.srtp_profiles = row.profile;
      DtlsPeers peers{options};
      const DatagramList datagrams = peers.run();
      const Opened opened = open(datagrams, peers.key_log());
      ASSERT_EQ(opened.keys.size(), 2U);
      EXPECT_EQ(opened.keys[0].first, Side::initiator);
      EXPECT_EQ(opened.keys[1].first, Side::responder);
      const std::size_t key = traits(row.suite).key_bytes;
      const std::size_t salt = traits(row.suite).salt_bytes;
      for (std::size_t i = 0; i < 2; ++i) {
        const Bytes exported{peers.exported()};
        std::vector<std::uint8_t> expected;
        const auto append = [&](Bytes octets) { expected.insert(expected.end(), octets.begin(), octets.end()); };
        append(exported.subspan(i * key, key));
        append(exported.subspan(2 * key + i * salt, salt));
        EXPECT_EQ(opened.keys[i].second.suite, row.suite);
        EXPECT_TRUE(std::ranges::equal(opened.keys[i].second.key_and_salt.octets(), expected));
      }
      EXPECT_TRUE(open(datagrams, "").keys.empty());
    }
  }
}

}  // namespace
}  // namespace sealtrace
