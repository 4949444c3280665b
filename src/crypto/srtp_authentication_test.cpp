#include "crypto/srtp_authentication.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

SecretOctets secret(std::string_view hex) { return SecretOctets{annotated_hex(hex)}; }

SrtpMasterKey master(SrtpSuite suite, std::string_view key_and_salt) {
  SrtpMasterKey key;
  key.suite = suite;
  key.key_and_salt = secret(key_and_salt);
  return key;
}

constexpr std::string_view kMaster128 = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";  // RFC 3711 appendix B.3
constexpr std::string_view kMaster192 =
    "73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1 c8522f3acd4ce86d5add78edbb11";  // RFC 6188 section 7.4
constexpr std::string_view kMaster256 =                                               // RFC 6188 section 7.2
    "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6 3b04803de51ee7c96423ab5b78d2";

TEST(SrtpKeyDerivation, gives_the_keys_of_the_documents) {
  struct Case {
    std::string_view document;
    SrtpSuite suite;
    std::string_view master;
    std::string_view encryption;
    std::string_view salt;
    std::string_view authentication;
  };
  const Case cases[] = {
      {"RFC 3711 appendix B.3", SrtpSuite::aes_cm_128_hmac_sha1_80, kMaster128, "C61E7A93744F39EE10734AFE3FF7A087",
       "30CBBC08863D8C85D49DB34A9AE1", "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"},
      {"RFC 6188 section 7.4", SrtpSuite::aes_192_cm_hmac_sha1_80, kMaster192, "31874736a8f1143870c26e4857d8a5b2c4a354407faadabb",
       "2372b82d639b6d8503a47adc0a6c", "355b10973cd95b9eacf4061c7e1a7151e7cfbfcb"},
      {"RFC 6188 section 7.2", SrtpSuite::aes_256_cm_hmac_sha1_80, kMaster256,
       "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4", "fa31791685ca444a9e07c6c64e93",
       "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.document);
    const SrtpSessionKeys keys = derive_session_keys(master(c.suite, c.master), SrtpStream::rtp, 0);
    EXPECT_EQ(keys.encryption, secret(c.encryption));
    EXPECT_EQ(keys.salt, secret(c.salt));
    EXPECT_EQ(keys.authentication, secret(c.authentication));
    EXPECT_FALSE(derive_session_keys(master(c.suite, c.master), SrtpStream::rtcp, 0).encryption == keys.encryption);
    EXPECT_FALSE(derive_session_keys(master(c.suite, c.master), SrtpStream::rtp, 1).encryption == keys.encryption);
  }
}

/// The reference packet of libsrtp: sequence number 1234, roll-over counter 0.
constexpr std::string_view kSrtp = "800F1234DECAFBADCAFEBABE 4E55DC4CE79978D88CA4D215949D2402 B78D6ACC99EA179B8DBB";
constexpr std::string_view kGcmSrtp = "800f1234decafbadcafebabe c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392";
constexpr std::string_view kGcmSrtcp = "81c8000bcafebabe c98b8b5df0392a55852b6c21ac8e7025 c52c6fbea2b3b446ea31123ba88ce61e 80000001";
constexpr std::string_view kGcmMaster128 = "000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab";
constexpr std::string_view kGcmMaster256 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f a0a1a2a3a4a5a6a7a8a9aaab";

TEST(SrtpAuthenticator, knows_the_packets_that_others_made) {
  struct Case {
    std::string_view name;
    SrtpSuite suite;
    std::string_view master;
    std::string_view packet;
  };
  const Case cases[] = {
      {"AES-CM and a tag of 80 bits", SrtpSuite::aes_cm_128_hmac_sha1_80, kMaster128, kSrtp},
      {"the same of 32 bits", SrtpSuite::aes_cm_128_hmac_sha1_32, kMaster128,
       "800F1234DECAFBADCAFEBABE 4E55DC4CE79978D88CA4D215949D2402 B78D6ACC"},
      {"F8, whose tag is made as that of AES-CM", SrtpSuite::f8_128_hmac_sha1_80, kMaster128, kSrtp},
      {"AES of 256 bits", SrtpSuite::aes_256_cm_hmac_sha1_80, kMaster256,
       "800f1234decafbadcafebabe f1d9de17ff251ff1aa007774b0b4b40d a08d9d9a5b3a55d8873b"},
      {"AES-GCM of 128 bits", SrtpSuite::aead_aes_128_gcm, kGcmMaster128, kGcmSrtp},
      {"AES-GCM of 256 bits", SrtpSuite::aead_aes_256_gcm, kGcmMaster256,
       "800f1234decafbadcafebabe 0af7f21e8a90bdad7a425c9c31ed4bb1 d90238917e7390a2793500e1681acaea"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    SrtpAuthenticator authenticator{master(c.suite, c.master)};
    ASSERT_TRUE(authenticator.verifies_rtp());
    std::vector<std::uint8_t> packet = annotated_hex(c.packet);
    EXPECT_TRUE(authenticator.rtp_holds(packet, 12, 0));
    EXPECT_FALSE(authenticator.rtp_holds(packet, 12, 1)) << "the roll-over counter is authenticated";
    EXPECT_TRUE(authenticator.rtp_holds(packet, 12, 0)) << "a failure leaves nothing behind";
    for (std::size_t i = 0; i < packet.size(); ++i) {
      packet[i] ^= 0x10;
      EXPECT_FALSE(authenticator.rtp_holds(packet, 12, 0)) << "octet " << i << " changed";
      packet[i] ^= 0x10;
    }
    for (std::size_t size = 0; size < packet.size(); ++size) {
      EXPECT_FALSE(authenticator.rtp_holds(Bytes{packet}.first(size), std::min<std::size_t>(size, 12), 0)) << "cut at " << size;
    }
  }
}

TEST(SrtpAuthenticator, knows_srtcp_by_the_index_in_it) {
  struct Case {
    std::string_view name;
    SrtpSuite suite;
    std::string_view master;
    std::string_view packet;
  };
  const Case cases[] = {
      {"NULL cipher (libsrtp)", SrtpSuite::null_hmac_sha1_80, kMaster128,
       "81c8000bcafebabe abababababababababababababababab 00000001 fe88c7fdfd37ebce615d"},
      {"its tag stays long where that of media is short", SrtpSuite::null_hmac_sha1_32, kMaster128,
       "81c8000bcafebabe abababababababababababababababab 00000001 fe88c7fdfd37ebce615d"},
      {"AES-GCM (libsrtp)", SrtpSuite::aead_aes_128_gcm, kGcmMaster128, kGcmSrtcp},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    SrtpAuthenticator authenticator{master(c.suite, c.master)};
    std::vector<std::uint8_t> packet = annotated_hex(c.packet);
    EXPECT_TRUE(authenticator.rtcp_holds(packet));
    for (std::size_t i = 0; i < packet.size(); ++i) {
      packet[i] ^= 0x01;
      EXPECT_FALSE(authenticator.rtcp_holds(packet)) << "octet " << i << " changed";
      packet[i] ^= 0x01;
    }
    for (std::size_t size = 0; size < packet.size(); ++size) {
      EXPECT_FALSE(authenticator.rtcp_holds(Bytes{packet}.first(size))) << "cut at " << size;
    }
  }
}

/// The vectors of RFC 7714 are stated for session keys.
SrtpVerifier session_of_rfc_7714(std::string_view key) {
  return SrtpVerifier{{.encryption = secret(key), .salt = secret("517569642070726f2071756f"), .authentication = {}}, 16, {}};
}
constexpr std::string_view kKey128 = "000102030405060708090a0b0c0d0e0f";
constexpr std::string_view kKey256 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

TEST(SrtpVerifier, holds_for_the_packets_of_rfc_7714) {
  SrtpVerifier small = session_of_rfc_7714(kKey128);
  SrtpVerifier large = session_of_rfc_7714(kKey256);
  const auto srtp_128 = annotated_hex(
      "8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833 "
      "899d7f27beb16a9152cf765ee4390cce");
  EXPECT_TRUE(small.rtp_holds(srtp_128, 12, 0)) << "section 16.1.1";
  EXPECT_FALSE(large.rtp_holds(srtp_128, 12, 0));
  const auto tagged = annotated_hex(
      "8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573 "
      "22493f82d2bce397e9d79e3b19aa4216");
  EXPECT_TRUE(small.rtp_holds(tagged, tagged.size() - 16, 0)) << "section 16.1.3: only authenticated";
  EXPECT_FALSE(small.rtp_holds(tagged, 12, 0));
  const auto srtp_256 = annotated_hex(
      "8040f17b8041f8d35501a0b2 32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b "
      "7aa3db36dfffd6b0f9bb7878d7a76c13");
  EXPECT_TRUE(large.rtp_holds(srtp_256, 12, 0)) << "section 16.2.1";
  const auto srtcp_128 = annotated_hex(
      "81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b "
      "c84aa45896cf4d2fc5abf87245d9eade 800005d4");
  EXPECT_TRUE(small.rtcp_holds(srtcp_128)) << "section 17.1";
  const auto srtcp_256 = annotated_hex(
      "81c8000d4d617273 d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad "
      "1d1eb30c4446839f57ff6f6cb26ac3be 800005d4");
  EXPECT_TRUE(large.rtcp_holds(srtcp_256)) << "section 17.2";
  const auto srtcp_tagged = annotated_hex(
      "81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef "
      "841dd9683dd78ec92ae58790125f62b3 000005d4");
  EXPECT_TRUE(small.rtcp_holds(srtcp_tagged)) << "section 17.3";
}

TEST(SrtpAuthenticator, asks_for_the_master_key_identifier_where_it_stands) {
  SrtpMasterKey hmac = master(SrtpSuite::aes_cm_128_hmac_sha1_80, kMaster128);
  hmac.mki = secret("A1B2");
  EXPECT_FALSE(SrtpAuthenticator{hmac}.rtp_holds(annotated_hex(kSrtp), 12, 0));
  const auto before_tag = annotated_hex("800F1234DECAFBADCAFEBABE 4E55DC4CE79978D88CA4D215949D2402 A1B2 B78D6ACC99EA179B8DBB");
  EXPECT_TRUE(SrtpAuthenticator{hmac}.rtp_holds(before_tag, 12, 0));
  hmac.mki = secret("A1B3");
  EXPECT_FALSE(SrtpAuthenticator{hmac}.rtp_holds(before_tag, 12, 0));

  SrtpMasterKey aead = master(SrtpSuite::aead_aes_128_gcm, kGcmMaster128);
  aead.mki = secret("A1B2");
  EXPECT_FALSE(SrtpAuthenticator{aead}.rtp_holds(annotated_hex(kGcmSrtp), 12, 0));
  EXPECT_TRUE(SrtpAuthenticator{aead}.rtp_holds(annotated_hex(std::string{kGcmSrtp} + "A1B2"), 12, 0));
  EXPECT_TRUE(SrtpAuthenticator{aead}.rtcp_holds(annotated_hex(std::string{kGcmSrtcp} + "A1B2")));
}

TEST(SrtpAuthenticator, derives_keys_anew_at_the_rate_that_was_agreed) {
  SrtpMasterKey key = master(SrtpSuite::aes_cm_128_hmac_sha1_80, kMaster128);
  key.key_derivation_rate_log2 = 13;  // the sequence number is 0x1234: still the first keys
  EXPECT_TRUE(SrtpAuthenticator{key}.rtp_holds(annotated_hex(kSrtp), 12, 0));
  key.key_derivation_rate_log2 = 12;  // the second
  EXPECT_FALSE(SrtpAuthenticator{key}.rtp_holds(annotated_hex(kSrtp), 12, 0));
  SrtpVerifier second{derive_session_keys(key, SrtpStream::rtp, 1), 10, {}};
  EXPECT_FALSE(second.rtp_holds(annotated_hex(kSrtp), 12, 0));
}

TEST(SrtpAuthenticator, says_what_it_cannot_verify) {
  SrtpMasterKey key = master(SrtpSuite::aes_cm_128_hmac_sha1_80, kMaster128);
  key.unauthenticated_srtp = true;
  EXPECT_FALSE(SrtpAuthenticator{key}.verifies_rtp());
  EXPECT_FALSE(SrtpAuthenticator{key}.rtp_holds(annotated_hex(kSrtp), 12, 0));
  const SrtpMasterKey cut = master(SrtpSuite::aes_cm_128_hmac_sha1_80, "E1F97A0D");
  EXPECT_FALSE(SrtpAuthenticator{cut}.verifies_rtp());
  EXPECT_FALSE(SrtpAuthenticator{cut}.rtcp_holds(annotated_hex(kGcmSrtcp)));
}

TEST(SrtpAuthenticator, takes_the_payload_of_unencrypted_srtp_as_it_is) {
  // HMAC covers what is sent; with AES-GCM all of it is associated data.
  SrtpMasterKey key = master(SrtpSuite::aes_cm_128_hmac_sha1_80, kMaster128);
  key.unencrypted_srtp = true;
  EXPECT_TRUE(SrtpAuthenticator{key}.rtp_holds(annotated_hex(kSrtp), 12, 0));
  SrtpMasterKey aead = master(SrtpSuite::aead_aes_128_gcm, kGcmMaster128);
  aead.unencrypted_srtp = true;
  EXPECT_FALSE(SrtpAuthenticator{aead}.rtp_holds(annotated_hex(kGcmSrtp), 12, 0));
}

}  // namespace
}  // namespace sealtrace
