// Vectors: the README of github.com/salesforce/ja3, and JA4.md and JA4S.md of github.com/FoxIO-LLC/ja4.
#include "report/fingerprints.hpp"

#include <gtest/gtest.h>

#include "report/test_digests.hpp"

namespace sealtrace {

namespace {

std::vector<CipherSuite> suites(std::initializer_list<int> codes) {
  std::vector<CipherSuite> list;
  for (const int code : codes) list.push_back(static_cast<CipherSuite>(code));
  return list;
}

TlsClientHello ja3_example() {
  TlsClientHello hello;
  hello.legacy_version = 0x0301;
  hello.cipher_suites = suites({47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4});
  hello.extensions = {0, 10, 11};
  hello.supported_groups = {NamedGroup{23}, NamedGroup{24}, NamedGroup{25}};
  hello.ec_point_formats = {0};
  return hello;
}

/// ja4_example is the hello of JA4.md: fifteen suites, sixteen extensions, each list with a GREASE value.
TlsClientHello ja4_example() {
  TlsClientHello hello;
  hello.legacy_version = 0x0303;
  hello.supported_versions = {0x7A7A, 0x0304, 0x0303};
  hello.cipher_suites = suites(
      {0x0A0A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035});
  hello.extensions = {0xDADA, 0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D,
                      0x0005, 0x0023, 0x0012, 0x002B, 0xFF01, 0x000B, 0x000A, 0x0015};
  for (const int scheme : {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601}) {
    hello.signature_algorithms.push_back(static_cast<SignatureScheme>(scheme));
  }
  hello.alpn = {"h2", "http/1.1"};
  return hello;
}

TEST(Ja3, is_the_readme_s_example) {
  EXPECT_EQ(ja3_text(ja3_example()), "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
  EXPECT_EQ(ja3(ja3_example(), test_hashers()), "ada70206e40642a3e4461f35503241d5");
}

TEST(Ja3, is_the_readme_s_example_without_extensions) {
  TlsClientHello hello;
  hello.legacy_version = 0x0301;
  hello.cipher_suites = suites({4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99});
  EXPECT_EQ(ja3_text(hello), "769,4-5-10-9-100-98-3-6-19-18-99,,,");
  EXPECT_EQ(ja3(hello, test_hashers()), "de350869b8c85de67a350c8d186f11e6");
}

TEST(Ja3, leaves_grease_out_of_every_list) {
  TlsClientHello hello = ja3_example();
  hello.cipher_suites.insert(hello.cipher_suites.begin(), static_cast<CipherSuite>(0x5A5A));
  hello.extensions.push_back(0xFAFA);
  hello.supported_groups.insert(hello.supported_groups.begin(), static_cast<NamedGroup>(0x0A0A));
  EXPECT_EQ(ja3_text(hello), ja3_text(ja3_example()));
}

TEST(Ja3s, joins_version_suite_and_extensions) {
  TlsServerHello hello;
  hello.legacy_version = 0x0301;
  hello.cipher_suite = CipherSuite{47};
  hello.extensions = {65281, 0, 11, 35, 5, 16};
  EXPECT_EQ(ja3s_text(hello), "769,47,65281-0-11-35-5-16");
  EXPECT_EQ(ja3s(hello, test_hashers()), "836ce314215654b5b1f85f97c73e506f");
}

TEST(Ja4, is_the_documentation_s_example) { EXPECT_EQ(ja4(ja4_example(), test_hashers()), "t13d1516h2_8daaf6152771_e5627efa2ab1"); }

TEST(Ja4, ends_without_an_underscore_when_there_are_no_signature_algorithms) {
  TlsClientHello hello = ja4_example();
  hello.signature_algorithms.clear();
  EXPECT_EQ(ja4(hello, test_hashers()), "t13d1516h2_8daaf6152771_6d807ffa2a79");
}

TEST(Ja4, has_zeros_for_empty_lists) {
  TlsClientHello hello;
  hello.legacy_version = 0x0301;
  EXPECT_EQ(ja4(hello, test_hashers()), "t10i000000_000000000000_000000000000");
}

TEST(Ja4, marks_dtls_and_takes_its_newest_version) {
  TlsClientHello hello;
  hello.form = TlsHelloForm::dtls;
  hello.legacy_version = 0xFEFD;
  EXPECT_TRUE(ja4(hello, test_hashers()).starts_with("dd2i"));
  hello.supported_versions = {0xFEFD, 0xFEFC};
  EXPECT_TRUE(ja4(hello, test_hashers()).starts_with("dd3i"));
}

TEST(Ja4, counts_to_ninety_nine) {
  TlsClientHello hello;
  hello.legacy_version = 0x0303;
  for (int code = 0; code < 120; ++code) hello.cipher_suites.push_back(static_cast<CipherSuite>(code));
  EXPECT_TRUE(ja4(hello, test_hashers()).starts_with("t12i9900"));
}

TEST(Ja4, shows_the_ends_of_the_first_protocol_as_the_documentation_does) {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {{"h2", "h2"},
                                                                        {"http/1.1", "h1"},
                                                                        {"x", "xx"},
                                                                        {"\xAB", "ab"},
                                                                        {"\xAB\xCD", "ad"},
                                                                        {"0\xAB", "3b"},
                                                                        {"01\xAB\xCD", "3d"},
                                                                        {"0\xAB\xCD"
                                                                         "1",
                                                                         "01"},
                                                                        {"", "00"}};
  for (const auto& [protocol, ends] : kVectors) {
    TlsClientHello hello;
    hello.legacy_version = 0x0303;
    hello.alpn = {std::string{protocol}};
    EXPECT_EQ(ja4(hello, test_hashers()).substr(8, 2), ends);
  }
}

TEST(Ja4s, is_the_documentation_s_example) {
  TlsServerHello hello;
  hello.legacy_version = 0x0303;
  hello.version = TlsVersion::tls1_2;
  hello.cipher_suite = CipherSuite{0xC030};
  hello.extensions = {0x0005, 0x0017, 0xFF01, 0x0000};
  EXPECT_EQ(ja4s(hello, TlsHelloForm::tls, test_hashers()), "t120400_c030_4e8089b08790");
}

TEST(Fingerprints, are_absent_without_a_hash_and_for_a_hello_in_ssl2_framing) {
  EXPECT_EQ(ja3(ja3_example(), {}), "");
  EXPECT_EQ(ja4(ja4_example(), {}), "");
  EXPECT_EQ(ja3s({}, {}), "");
  EXPECT_EQ(ja4s({}, TlsHelloForm::tls, {}), "");
  TlsClientHello hello = ja4_example();
  hello.form = TlsHelloForm::ssl2;
  EXPECT_EQ(ja3(hello, test_hashers()), "");
  EXPECT_EQ(ja4(hello, test_hashers()), "");
}

}  // namespace

}  // namespace sealtrace
