#include "model/tls_numbers.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace sealtrace {
namespace {

TEST(CipherSuites, AreFoundByCodeAcrossTheWholeTable) {
  struct Case {
    std::uint16_t code;
    std::string_view name;
  };
  constexpr Case kCases[] = {
      {0x0000, "TLS_NULL_WITH_NULL_NULL"},
      {0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"},
      {0x001D, "SSL_FORTEZZA_KEA_WITH_FORTEZZA_CBC_SHA"},
      {0x0062, "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA"},
      {0x0081, "TLS_GOSTR341001_WITH_28147_CNT_IMIT"},
      {0x1301, "TLS_AES_128_GCM_SHA256"},
      {0x1307, "TLS_AEGIS_128L_SHA256"},
      {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
      {0xCC13, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
      {0xE013, "ECC_SM4_CBC_SM3"},
      {0xFFE1, "SSL_RSA_FIPS_WITH_DES_CBC_SHA"},
  };
  for (const Case& c : kCases) {
    const CipherSuiteInfo* info = find_cipher_suite(CipherSuite{c.code});
    ASSERT_NE(info, nullptr) << c.name;
    EXPECT_EQ(info->name, c.name);
    EXPECT_EQ(info->code, CipherSuite{c.code});
  }
}

TEST(CipherSuites, UnassignedCodesAndGreaseAreNotFound) {
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{0x0A0A, 0xFAFA, 0x1234, 0xFFFF}) {
    EXPECT_EQ(find_cipher_suite(CipherSuite{code}), nullptr);
    EXPECT_FALSE(cipher_traits(CipherSuite{code}).known);
    EXPECT_EQ(key_exchange(CipherSuite{code}), KeyExchange::unknown);
  }
}

TEST(CipherSuites, Ssl2KindsAreFoundByTheirFirstTwoOctets) {
  EXPECT_EQ(find_ssl2_cipher_kind(CipherSuite{0x0700})->name, "SSL2_DES_192_EDE3_CBC_WITH_MD5");
  EXPECT_EQ(find_ssl2_cipher_kind(CipherSuite{0x0900}), nullptr);
}

TEST(CipherTraits, AreReadOffTheName) {
  EXPECT_TRUE(cipher_traits(CipherSuite{0x0001}).null_encryption);
  EXPECT_TRUE(cipher_traits(CipherSuite{0xC0B4}).null_encryption);  // TLS_SHA256_SHA256
  EXPECT_TRUE(cipher_traits(CipherSuite{0x0003}).export_grade);
  EXPECT_TRUE(cipher_traits(CipherSuite{0x0064}).export_grade);
  EXPECT_TRUE(cipher_traits(CipherSuite{0x0018}).anonymous);
  EXPECT_TRUE(cipher_traits(CipherSuite{0x0006}).rc2);
  EXPECT_TRUE(cipher_traits(CipherSuite{0x0005}).rc4);
  EXPECT_TRUE(cipher_traits(CipherSuite{0x0009}).des);
  EXPECT_TRUE(cipher_traits(CipherSuite{0x000A}).triple_des);
  EXPECT_TRUE(cipher_traits(CipherSuite{0x1303}).forward_secret);
  const CipherTraits modern = cipher_traits(CipherSuite{0xC030});
  EXPECT_TRUE(modern.known && modern.forward_secret);
  EXPECT_FALSE(modern.null_encryption || modern.export_grade || modern.anonymous || modern.rc2 || modern.rc4 || modern.des ||
               modern.triple_des);
}

TEST(TlsNumbers, HaveIanasNames) {
  EXPECT_EQ(group_name(NamedGroup{0x001D}), "x25519");
  EXPECT_EQ(group_name(NamedGroup{0x11EC}), "X25519MLKEM768");
  EXPECT_EQ(group_name(NamedGroup{0x6399}), "X25519Kyber768Draft00");
  EXPECT_EQ(group_name(NamedGroup{0x0104}), "ffdhe8192");
  EXPECT_EQ(group_name(NamedGroup{0x0A0A}), "");
  EXPECT_EQ(signature_scheme_name(SignatureScheme{0x0804}), "rsa_pss_rsae_sha256");
  EXPECT_EQ(signature_scheme_name(SignatureScheme{0x9999}), "");
  EXPECT_EQ(alert_name(AlertDescription::close_notify), "close_notify");
  EXPECT_EQ(alert_name(AlertDescription{48}), "unknown_ca");
  EXPECT_EQ(alert_name(AlertDescription{255}), "");
}

TEST(TlsVersion, DraftsOfTls13AreTls13) {
  for (const std::uint16_t wire : std::initializer_list<std::uint16_t>{0x7F12, 0x7F1C, 0x7E02, 0xFB1A, 0x0304})
    EXPECT_EQ(normalise_version(wire), TlsVersion::tls1_3);
  EXPECT_EQ(normalise_version(0x0303), TlsVersion::tls1_2);
  EXPECT_EQ(normalise_version(0xFEFD), TlsVersion::dtls1_2);
}

}  // namespace
}  // namespace sealtrace
