#include "crypto/certificate_fields.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/certificate_reference.hpp"
#include "crypto/digest.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

/// Builder makes a certificate by OpenSSL, signed by its own key.
class Builder {
 public:
  explicit Builder(EVP_PKEY* key) : key_{key}, certificate_{X509_new()} {
    X509_set_version(certificate_.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 0x1234);
    ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate_.get()), "20260102030405Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate_.get()), "99991231235959Z");
    X509_set_pubkey(certificate_.get(), key);
  }
  Builder& attribute(const char* type, int string_type, std::string_view value) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate_.get()), type, string_type, as_bytes(value).data(),
                               static_cast<int>(value.size()), -1, 0);
    return *this;
  }
  Builder& extension(int nid, const char* value) {
    const Owned<X509_EXTENSION, X509_EXTENSION_free> made{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value)};
    EXPECT_NE(made, nullptr) << value;
    X509_add_ext(certificate_.get(), made.get(), -1);
    return *this;
  }
  Builder& extension_octets(int nid, const Octets& octets) {
    const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value{ASN1_OCTET_STRING_new()};
    ASN1_OCTET_STRING_set(value.get(), octets.data(), static_cast<int>(octets.size()));
    const Owned<X509_EXTENSION, X509_EXTENSION_free> made{X509_EXTENSION_create_by_NID(nullptr, nid, 0, value.get())};
    X509_add_ext(certificate_.get(), made.get(), -1);
    return *this;
  }
  Builder& serial(const char* hex) {
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, hex);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate_.get()));
    BN_free(number);
    return *this;
  }
  Octets der() {
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
    const bool digests_itself = EVP_PKEY_get_id(key_) == EVP_PKEY_ED25519;
    EXPECT_GT(X509_sign(certificate_.get(), key_, digests_itself ? nullptr : EVP_sha256()), 0);
    return octets();
  }
  Octets der_signed(int rsa_padding, const EVP_MD* hash) {
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* signing = nullptr;
    EXPECT_EQ(EVP_DigestSignInit(context.get(), &signing, hash, nullptr, key_), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(signing, rsa_padding), 1);
    EXPECT_GT(X509_sign_ctx(certificate_.get(), context.get()), 0);
    return octets();
  }

 private:
  Octets octets() {
    Octets octets(static_cast<std::size_t>(i2d_X509(certificate_.get(), nullptr)));
    unsigned char* at = octets.data();
    i2d_X509(certificate_.get(), &at);
    return octets;
  }

  EVP_PKEY* key_;
  Owned<X509, X509_free> certificate_;
};

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
Key ec_key(const char* curve) { return Key{EVP_EC_gen(curve)}; }

Octets everyday_certificate(EVP_PKEY* key) {
  return Builder{key}
      .attribute("C", MBSTRING_ASC, "SE")
      .attribute("O", MBSTRING_ASC, "Contoso, Ltd. + \"Sons\"")
      .attribute("CN", MBSTRING_UTF8, "fe01.contoso.com")
      .extension(NID_subject_alt_name,
                 "DNS:fe01.contoso.com,DNS:sip.contoso.com,IP:10.0.1.11,IP:2001:db8::1,email:a@b.example,URI:sip:fe01,RID:1.2.3.4")
      .extension(NID_key_usage, "digitalSignature,keyEncipherment")
      .extension(NID_ext_key_usage, "serverAuth,clientAuth,1.3.6.1.4.1.311.99.1")
      .extension(NID_basic_constraints, "CA:FALSE")
      .extension(NID_crl_distribution_points, "URI:http://crl.contoso.com/a.crl,URI:ldap:///CN=crl")
      .der();
}

TEST(ReadCertificate, ListsTheFieldsOfAnEverydayCertificate) {
  const Key key = ec_key("P-384");
  const Octets der = everyday_certificate(key.get());
  const CertificateFields fields = read_certificate(der);
  EXPECT_EQ(fields.error, "");
  EXPECT_EQ(fields.subject, R"(CN=fe01.contoso.com,O=Contoso\, Ltd. \+ \"Sons\",C=SE)");
  EXPECT_EQ(fields.issuer, fields.subject);
  EXPECT_EQ(fields.serial, "1234");
  EXPECT_EQ(fields.not_before, Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2} + std::chrono::hours{3} +
                                         std::chrono::minutes{4} + std::chrono::seconds{5}});
  EXPECT_EQ(fields.not_after, std::chrono::floor<std::chrono::seconds>(Timestamp::max())) << "no well-defined expiration";
  EXPECT_EQ(fields.public_key_algorithm, "EC");
  EXPECT_EQ(fields.public_key_bits, 384U);
  EXPECT_EQ(fields.curve, "secp384r1");
  EXPECT_EQ(fields.signature_algorithm, "ecdsa-with-SHA256");
  EXPECT_EQ(fields.dns_names, (std::vector<std::string>{"fe01.contoso.com", "sip.contoso.com"}));
  EXPECT_EQ(fields.ip_addresses, (std::vector<std::string>{"10.0.1.11", "2001:db8::1"}));
  EXPECT_EQ(fields.other_names, (std::vector<std::string>{"email:a@b.example", "uri:sip:fe01", "rid:1.2.3.4"}));
  EXPECT_EQ(fields.key_usage, (std::vector<std::string>{"digitalSignature", "keyEncipherment"}));
  EXPECT_EQ(fields.extended_key_usage, (std::vector<std::string>{"serverAuth", "clientAuth", "1.3.6.1.4.1.311.99.1"}));
  EXPECT_EQ(fields.crl_distribution_points, (std::vector<std::string>{"http://crl.contoso.com/a.crl", "ldap:///CN=crl"}));
  EXPECT_EQ(fields.certificate_authority, false);
  EXPECT_EQ(fields.version, 3U);
  EXPECT_TRUE(fields.self_issued);
  EXPECT_EQ(fields.common_names, (std::vector<std::string>{"fe01.contoso.com"}));
  EXPECT_EQ(fields.signature_hash, "sha256");
  EXPECT_EQ(fields.public_exponent, "");
  EXPECT_EQ(fields.path_length, std::nullopt);
  EXPECT_EQ(fields.num_scts, std::nullopt);
  EXPECT_EQ(reference::difference(reference::decode(der).get(), fields), "");
}

TEST(ReadCertificate, NamesAreThoseOfTheWholeReading) {
  const Key key = ec_key("P-384");
  const Octets der = everyday_certificate(key.get());
  const CertificateFields fields = read_certificate(der);
  const CertificateFields names = read_certificate_names(der);
  EXPECT_EQ(names.subject, fields.subject);
  EXPECT_EQ(names.dns_names, fields.dns_names);
  EXPECT_EQ(names.issuer, "");
  EXPECT_TRUE(names.key_usage.empty());
}

TEST(ReadCertificate, ListsWhatAnIssuingCaSays) {
  const Key key{EVP_RSA_gen(2048)};
  const CertificateFields fields = read_certificate(
      Builder{key.get()}
          .attribute("CN", MBSTRING_ASC, "first")
          .attribute("CN", MBSTRING_UTF8, "second \xC3\xAB")
          .extension(NID_basic_constraints, "critical,CA:TRUE,pathlen:1")
          .extension(NID_info_access, "OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.cer,1.2.3.4;DNS:x")
          // SEQUENCE OF PolicyInformation: 2.23.140.1.2.1, 1.2.3
          .extension_octets(NID_certificate_policies, {0x30, 0x10, 0x30, 0x08, 0x06, 0x06, 0x67, 0x81, 0x0C, 0x01, 0x02, 0x01,  //
                                                       0x30, 0x04, 0x06, 0x02, 0x2A, 0x03})
          .extension(NID_subject_key_identifier, "0102FE")
          .extension_octets(NID_ct_precert_scts, {0x04, 0x0B, 0, 9, 0, 2, 1, 2, 0, 3, 1, 2, 3})
          .der());
  EXPECT_EQ(fields.error, "");
  EXPECT_EQ(fields.common_names, (std::vector<std::string>{"first", "second \xC3\xAB"}));
  EXPECT_EQ(fields.public_exponent, "010001");
  EXPECT_EQ(fields.certificate_authority, true);
  EXPECT_EQ(fields.path_length, 1U);
  EXPECT_EQ(fields.authority_information_access,
            (std::vector<std::string>{"ocsp:http://ocsp.example/", "ca-issuers:http://ca.example/ca.cer", "1.2.3.4:no URI"}));
  EXPECT_EQ(fields.policies, (std::vector<std::string>{"2.23.140.1.2.1", "1.2.3"}));
  EXPECT_EQ(fields.subject_key_identifier, "0102FE");
  EXPECT_EQ(fields.num_scts, 2U);
}

TEST(ReadCertificate, TellsRsassaPssAndItsHashApart) {
  const Key key{EVP_RSA_gen(2048)};
  const struct {
    int padding;
    const EVP_MD* hash;
    std::string_view algorithm;
    std::string_view name;
  } cases[] = {{RSA_PKCS1_PADDING, EVP_sha256(), "sha256WithRSAEncryption", "sha256"},
               {RSA_PKCS1_PADDING, EVP_md5(), "md5WithRSAEncryption", "md5"},
               {RSA_PKCS1_PSS_PADDING, EVP_sha1(), "rsassaPss", "sha1"},
               {RSA_PKCS1_PSS_PADDING, EVP_sha384(), "rsassaPss", "sha384"}};
  for (const auto& c : cases) {
    const CertificateFields fields = read_certificate(Builder{key.get()}.attribute("CN", MBSTRING_ASC, "a").der_signed(c.padding, c.hash));
    EXPECT_EQ(fields.error, "") << c.algorithm;
    EXPECT_EQ(fields.signature_algorithm, c.algorithm);
    EXPECT_EQ(fields.signature_hash, c.name);
  }
}

TEST(ReadCertificate, NamesKeysOfEveryKind) {
  const struct {
    Key key;
    std::string_view algorithm;
    std::uint32_t bits;
    std::string_view curve;
  } cases[] = {
      {Key{EVP_RSA_gen(1024)}, "RSA", 1024, ""},     {ec_key("P-256"), "EC", 256, "secp256r1"},
      {ec_key("P-521"), "EC", 521, "secp521r1"},     {ec_key("brainpoolP384r1"), "EC", 384, "brainpoolP384r1"},
      {ec_key("secp256k1"), "EC", 256, "secp256k1"}, {Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}, "Ed25519", 256, ""},
  };
  for (const auto& c : cases) {
    const CertificateFields fields = read_certificate(Builder{c.key.get()}.attribute("CN", MBSTRING_ASC, "a").der());
    EXPECT_EQ(fields.error, "") << c.algorithm;
    EXPECT_EQ(fields.public_key_algorithm, c.algorithm);
    EXPECT_EQ(fields.public_key_bits, c.bits) << c.algorithm << c.curve;
    EXPECT_EQ(fields.curve, c.curve);
  }
}

TEST(ReadCertificate, WritesNamesAsOpensslDoes) {
  const Key key = ec_key("P-256");
  const struct {
    std::string_view name;
    int type;
    std::string_view value;
  } cases[] = {
      {"plain", V_ASN1_PRINTABLESTRING, "Contoso"},
      {"UTF-8", V_ASN1_UTF8STRING, "Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x94\x92"},
      {"special characters", V_ASN1_UTF8STRING, R"(a,b+c"d\e<f>g;h=i)"},
      {"a number sign in front", V_ASN1_UTF8STRING, "#1"},
      {"blanks at both ends", V_ASN1_UTF8STRING, " a b "},
      {"Latin-1 in a T61String", V_ASN1_T61STRING, "Malm\xF6"},
      {"UTF-16 in a BMPString", V_ASN1_BMPSTRING, std::string_view{"\x00Z\x00o\x00\xEB", 6}},
      {"a NUL inside", V_ASN1_UTF8STRING, std::string_view{"good.example\0.evil.example", 26}},
      {"a line feed and an escape", V_ASN1_UTF8STRING, "a\nb\x1B[31m"},
      {"empty", V_ASN1_UTF8STRING, ""},
  };
  for (const auto& c : cases) {
    const Octets der = Builder{key.get()}
                           .attribute("O", c.type, c.value)
                           .attribute("CN", V_ASN1_UTF8STRING, "x")
                           .attribute("dnQualifier", c.type, "q")
                           .der();
    const CertificateFields fields = read_certificate(der);
    const auto certificate = reference::decode(der);
    ASSERT_NE(certificate, nullptr) << c.name;
    EXPECT_EQ(reference::difference(certificate.get(), fields), "") << c.name << ": " << fields.subject;
    const Octets plain = Builder{key.get()}.attribute("O", c.type, c.value).attribute("CN", V_ASN1_UTF8STRING, "x").der();
    EXPECT_EQ(reference::difference(reference::decode(plain).get(), read_certificate(plain)), "") << c.name;
  }
}

TEST(ReadCertificate, SpellsSerialsAsSignedHex) {
  const Key key = ec_key("P-256");
  for (const char* hex : {"00", "7F", "80", "FF00", "0123456789ABCDEF0123456789ABCDEF01234567", "-01", "-80", "-0100"}) {
    const Octets der = Builder{key.get()}.serial(hex).attribute("CN", MBSTRING_ASC, "a").der();
    EXPECT_EQ(reference::difference(reference::decode(der).get(), read_certificate(der)), "") << hex;
  }
}

TEST(ReadCertificate, GivesTextThatIsFitForAReport) {
  EXPECT_EQ(escaped_text(as_bytes({"good.example\0.evil", 18})), "good.example\\x00.evil");
  EXPECT_EQ(escaped_text(as_bytes("caf\xC3\xA9 \xFF\xC0\x80")), "caf\xC3\xA9 \\xFF\\xC0\\x80");
  EXPECT_EQ(escaped_text(as_bytes("\xED\xA0\x80 \xF4\x90\x80\x80 \xC2\x85")), "\\xED\\xA0\\x80 \\xF4\\x90\\x80\\x80 \\xC2\\x85");
}

TEST(ReadCertificate, SaysWhatItCouldNotReadAndKeepsTheRest) {
  const Key key = ec_key("P-256");
  const Octets der = everyday_certificate(key.get());
  const CertificateFields whole = read_certificate(der);
  for (std::size_t length = 0; length < der.size(); ++length) {
    const CertificateFields cut = read_certificate(Bytes{der}.first(length));
    ASSERT_NE(cut.error, "") << length;
    EXPECT_TRUE(cut.subject.empty() || cut.subject == whole.subject) << length;
  }
  // With the lengths of the outer SEQUENCEs intact, a broken extension is named and nothing else is lost.
  Octets broken = der;
  const Octets dns_name{'f', 'e', '0', '1', '.', 'c', 'o', 'n', 't', 'o', 's', 'o', '.', 'c', 'o', 'm', 0x82};  // the next name's tag
  const auto at = std::search(broken.begin(), broken.end(), dns_name.begin(), dns_name.end());
  ASSERT_NE(at, broken.end());
  *(at + static_cast<std::ptrdiff_t>(dns_name.size())) = 0x7F;  // its length
  const CertificateFields fields = read_certificate(broken);
  EXPECT_EQ(fields.error, "unreadable: subjectAltName");
  EXPECT_EQ(fields.subject, whole.subject);
  EXPECT_EQ(fields.extended_key_usage, whole.extended_key_usage);
  EXPECT_EQ(fields.dns_names, (std::vector<std::string>{"fe01.contoso.com"}));
}

/// certificates_in finds what looks like a certificate in a file of any kind: a SEQUENCE in a SEQUENCE that begins with a version.
std::vector<Octets> certificates_in(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::string content(std::filesystem::file_size(path), '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  constexpr std::string_view kVersion = "\xA0\x03\x02\x01\x02";
  constexpr std::size_t kHeadersBytes = 8;  // of the two SEQUENCEs before the version
  std::vector<Octets> found;
  for (std::size_t at = content.find(kVersion); at != std::string::npos; at = content.find(kVersion, at + 1)) {
    if (at < kHeadersBytes) continue;
    const Bytes rest = as_bytes(std::string_view{content}.substr(at - kHeadersBytes));
    if (rest[0] != 0x30 || rest[1] != 0x82) continue;
    const std::size_t length = 4U + (std::size_t{rest[2]} << 8 | rest[3]);
    if (length <= rest.size()) found.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
  }
  return found;
}

TEST(ReadCertificate, AgreesWithOpensslOnTheCertificatesOfTheCorpus) {
  const std::filesystem::path corpus = std::filesystem::path{SEALTRACE_SOURCE_DIR} / ".." / "shared" / "corpus";
  if (!std::filesystem::exists(corpus)) GTEST_SKIP() << "no corpus beside the project";
  std::set<Sha256> seen;
  std::size_t num_read = 0;
  std::size_t num_refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{corpus}) {
    if (!entry.is_regular_file()) continue;
    for (const Octets& der : certificates_in(entry.path())) {
      if (!seen.insert(sha256(der)).second) continue;
      const CertificateFields fields = read_certificate(der);
      const auto certificate = reference::decode(der);
      if (certificate == nullptr) {  // packet headers lie inside
        ++num_refused;
        continue;
      }
      ++num_read;
      EXPECT_EQ(reference::difference(certificate.get(), fields), "") << entry.path() << " " << fields.subject;
    }
  }
  RecordProperty("compared", static_cast<int>(num_read));
  RecordProperty("refused", static_cast<int>(num_refused));
  EXPECT_GT(num_read, 50U);
}

}  // namespace
}  // namespace sealtrace
