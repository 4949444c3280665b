#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "app/inventory_listing.hpp"
#include "app/listing_words.hpp"
#include "app/text_encoding.hpp"

namespace sealtrace {
namespace {

std::string sample(const std::string& name) {
  std::ifstream stream{std::filesystem::path{SEALTRACE_SOURCE_DIR} / "src/app/corpus/inventory_listing_fuzz" / name, std::ios::binary};
  EXPECT_TRUE(stream.is_open()) << name;
  return {std::istreambuf_iterator<char>{stream}, {}};
}

CertificateListing read(const std::string& name) { return parse_certificate_text(utf8_text(sample(name)), name); }

Timestamp at(int year, unsigned month, unsigned day, int hour, int minute) {
  using namespace std::chrono;
  return Timestamp{sys_days{year_month_day{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}}}} + hours{hour} +
         minutes{minute};
}

/// rsa_words is what OpenSSL prints of a certificate in whose policy's notice `planted` stands behind a line end.
std::string rsa_words(const std::string& planted = {}) {
  return "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: 77 (0x4d)\n"
         "        Signature Algorithm: sha1WithRSAEncryption\n        Issuer: CN = CA\n        Validity\n"
         "            Not Before: Jan  1 00:00:00 2010 GMT\n            Not After : Jan  1 00:00:00 2012 GMT\n"
         "        Subject: CN = fe01.contoso.com\n        Subject Public Key Info:\n            Public Key Algorithm: rsaEncryption\n"
         "                RSA Public-Key: (1024 bit)\n                Modulus:\n                    00:a1:55:92\n"
         "                Exponent: 65537 (0x10001)\n        X509v3 extensions:\n            X509v3 Certificate Policies: \n"
         "                Policy: 1.2.3.4\n                  User Notice:\n                    Explicit Text: x\n" +
         planted + "\n    Signature Algorithm: sha1WithRSAEncryption\n         8b:e2:9d\n";
}

TEST(CertificateText, AStoreOfCertutilIsReadEntryByEntry) {
  for (const char* name : {"certutil.txt", "certutil16.txt"}) {
    const CertificateListing listing = read(name);
    ASSERT_EQ(listing.entries.size(), 2U) << name;
    const ListedCertificate& first = listing.entries[0];
    EXPECT_EQ(first.thumbprint, "63C6CE5FC512933179D3C0A5E94ECBA98092F93D");
    EXPECT_EQ(first.fields.serial, "110000001F4C4ECCC46FC8F93A00000000001F");
    EXPECT_EQ(first.fields.issuer, "CN=Contoso - Issuing CA, DC=contoso, DC=com");
    EXPECT_EQ(first.fields.common_names, std::vector<std::string>{"med01.contoso.com"});
    EXPECT_EQ(first.remarks, "template WebServer, provider Microsoft RSA SChannel Cryptographic Provider, private key not exportable");
    EXPECT_EQ(first.source, std::string{name} + ":3");
    // One date of the list has a day above twelve, so all are month first.
    EXPECT_EQ(first.fields.not_before, at(2023, 12, 8, 6, 16));
    EXPECT_EQ(first.fields.not_after, at(2024, 12, 27, 6, 16));
    const ListedCertificate& second = listing.entries[1];
    EXPECT_EQ(second.fields.serial, "0B");
    EXPECT_EQ(second.fields.subject, "");
    EXPECT_EQ(second.fields.not_after, at(2029, 1, 5, 18, 16));
    EXPECT_EQ(second.remarks, "no private key");
  }
}

TEST(CertificateText, TheLanguageOfWindowsDoesNotMatter) {
  const CertificateListing listing = read("certutil_fr.txt");
  ASSERT_EQ(listing.entries.size(), 1U);
  const ListedCertificate& entry = listing.entries[0];
  EXPECT_EQ(entry.thumbprint, "18F7C1FCC3090203FD5BAA2F861A754976C8DD25");
  EXPECT_EQ(entry.fields.serial, "4A19D2388C82591CA55D735F155DDCA3");
  EXPECT_EQ(entry.fields.issuer, "CN=CA, O=Contoso");
  EXPECT_EQ(entry.fields.subject, "CN=med01.contoso.com");
  EXPECT_EQ(entry.fields.not_after, at(2033, 1, 8, 1, 59));
}

TEST(CertificateText, TheVerboseFormHasNamesOverSeveralLinesAndOtherHashes) {
  const CertificateListing listing = read("dump.txt");
  ASSERT_EQ(listing.entries.size(), 1U);
  const ListedCertificate& entry = listing.entries[0];
  EXPECT_EQ(entry.thumbprint, "2F02901DCFF083ED3DBB6CB0A15BBFEE6002B1A8");
  EXPECT_EQ(entry.fields.serial, "3200000002");
  EXPECT_EQ(entry.fields.issuer, "CN=CA, O=Contoso");
  EXPECT_EQ(entry.fields.subject, "CN=fe01.contoso.com, OU=Lync");
  EXPECT_EQ(entry.fields.dns_names, (std::vector<std::string>{"fe01.contoso.com", "pool01.contoso.com"}));
  EXPECT_EQ(entry.fields.not_after, at(2026, 12, 8, 6, 16));
}

TEST(CertificateText, OpensslsWordsWithoutTheCertificateAreRead) {
  const CertificateListing listing = read("openssl.txt");
  ASSERT_EQ(listing.entries.size(), 1U);
  const ListedCertificate& entry = listing.entries[0];
  EXPECT_EQ(entry.thumbprint.size(), 40U);
  EXPECT_EQ(entry.fields.common_names, std::vector<std::string>{"med01.contoso.com"});
  EXPECT_EQ(entry.fields.dns_names, std::vector<std::string>{"med01.contoso.com"});
  EXPECT_EQ(entry.fields.not_before, at(2026, 1, 1, 0, 0));
  EXPECT_EQ(entry.fields.not_after, at(2036, 1, 1, 0, 0));
}

TEST(CertificateText, OpensslsWordsOfTheKeyAndTheSignatureAreRead) {
  const CertificateFields fields = read("openssl.txt").entries.at(0).fields;
  EXPECT_EQ(fields.public_key_algorithm, "EC");
  EXPECT_EQ(fields.public_key_bits, 256U);
  EXPECT_EQ(fields.curve, "secp256r1");
  EXPECT_EQ(fields.signature_hash, "sha256");
  const CertificateFields rsa = parse_certificate_text(rsa_words(), "rsa").entries.at(0).fields;
  EXPECT_EQ(rsa.public_key_algorithm, "RSA");
  EXPECT_EQ(rsa.public_key_bits, 1024U);
  EXPECT_EQ(rsa.public_exponent, "10001");
  EXPECT_EQ(rsa.signature_algorithm, "sha1WithRSAEncryption");
  EXPECT_EQ(rsa.signature_hash, "sha1");
  EXPECT_EQ(rsa.serial, "4D");
}

// OpenSSL prints the strings of extensions as they are, line ends and all.
TEST(CertificateText, LinesThatACertificateHoldsAreNotOpenssls) {
  const auto read_with = [](const std::string& planted) { return parse_certificate_text(rsa_words(planted), "planted"); };
  for (const char* planted : {
           "            Not After : Jan  1 00:00:00 2035 GMT\n",
           "            Not Before: Jan  1 00:00:00 2025 GMT\n",
           "        Subject: CN = fe01.contoso.com\n",
           "        Issuer: CN = CA\n",
           "        Serial Number: 78 (0x4e)\n",
           "        Signature Algorithm: sha256WithRSAEncryption\n",
           "        Subject Public Key Info:\n",
           "            Public Key Algorithm: id-ecPublicKey\n",
           "            X509v3 Subject Alternative Name: \n                DNS:a\n            X509v3 Subject Alternative Name: \n",
           "sha1 Fingerprint=C7:33:72:3B:04:28:15:02:6C:D1:B9:55:C1:48:8A:69:5F:12:86:AE\n",
           "    Signature Algorithm: x\nsha1 Fingerprint=C7:33:72:3B:04:28:15:02:6C:D1:B9:55:C1:48:8A:69:5F:12:86:AE\n",
           "    Signature Algorithm: x\nsha1 Fingerprint=C7:33:72:3B:04:28:15:02:6C:D1:B9:55:C1:48:8A:69:5F:12:86:AE\nCertificate:\n",
           "-----BEGIN CERTIFICATE-----\n",
       }) {
    const CertificateListing listing = read_with(planted);
    EXPECT_TRUE(listing.contradicts_itself) << planted;
    EXPECT_TRUE(listing.entries.empty()) << planted;
    EXPECT_NE(listing.error.find("not believed"), std::string::npos) << planted;
  }
  for (const char* planted : {
           "                DNS:fe01.contoso.com\n",
           "                Public-Key: (4096 bit)\n",
           "                    Not After : Jan  1 00:00:00 2035 GMT\n",
           "            X509v3 Subject Alternative Name: \n                DNS:fe01.contoso.com\n",
           "            X509v3 Issuer Alternative Name: \n                DNS:fe01.contoso.com\n",
       }) {
    const CertificateListing listing = read_with(planted);
    ASSERT_EQ(listing.entries.size(), 1U) << planted << listing.error;
    EXPECT_EQ(listing.entries[0].fields.dns_names, std::vector<std::string>{}) << planted;
    EXPECT_EQ(listing.entries[0].fields.public_key_bits, 1024U) << planted;
    EXPECT_EQ(listing.entries[0].fields.not_after, at(2012, 1, 1, 0, 0)) << planted;
  }
}

TEST(CertificateText, AFingerprintStandsBeforeOrBehindItsCertificate) {
  const std::string one = "SHA1 Fingerprint=" + std::string(40, '1') + "\n";
  const std::string two = "SHA1 Fingerprint=" + std::string(40, '2') + "\n";
  for (const std::string& text : {one + rsa_words() + two + rsa_words(), rsa_words() + one + rsa_words() + two}) {
    const CertificateListing listing = parse_certificate_text(text, "two");
    ASSERT_EQ(listing.entries.size(), 2U) << listing.error;
    EXPECT_EQ(listing.entries[0].thumbprint, std::string(40, '1'));
    EXPECT_EQ(listing.entries[1].thumbprint, std::string(40, '2'));
  }
}

TEST(CertificateText, CertutilsNamesAreThoseOfOneExtension) {
  std::string text = sample("dump.txt");
  const std::string names = "    2.5.29.17: Flags = 0, Length = 20";
  const std::size_t where = text.find(names);
  ASSERT_NE(where, std::string::npos);
  std::string other = text;
  other.replace(where, names.size(), "    2.5.29.18: Flags = 0, Length = 20");
  EXPECT_EQ(parse_certificate_text(other, "other").entries.at(0).fields.dns_names, std::vector<std::string>{});
  text.insert(where, names + "\n        DNS Name=sip.contoso.com\n");
  EXPECT_TRUE(parse_certificate_text(text, "twice").contradicts_itself);
}

TEST(CertificateText, OtherTextHasNoCertificate) {
  for (const char* text :
       {"", "nothing", "Serial Number: 01\n", "==== 1 ====\nVersion: 3\n", "Certificate:\n    Data:\n", "====\n====\n"}) {
    const CertificateListing listing = parse_certificate_text(text, "x");
    EXPECT_TRUE(listing.entries.empty()) << text;
    EXPECT_FALSE(listing.error.empty()) << text;
  }
}

TEST(ListingWords, DatesAreReadWhereDayAndMonthAreCertain) {
  EXPECT_EQ(time_of("12/8/2023 6:16 AM"), std::nullopt);
  EXPECT_EQ(time_of("12/8/2023 6:16 AM", DateOrder::month_first), at(2023, 12, 8, 6, 16));
  EXPECT_EQ(time_of("12/8/2023 6:16 AM", DateOrder::day_first), at(2023, 8, 12, 6, 16));
  EXPECT_EQ(time_of("25/12/2023 16:01"), at(2023, 12, 25, 16, 1));
  EXPECT_EQ(time_of("08.12.2023 20:07"), at(2023, 12, 8, 20, 7));
  EXPECT_EQ(time_of("2023/12/08 20:07"), at(2023, 12, 8, 20, 7));
  EXPECT_EQ(time_of("12/31/2023 6:16\u202FPM"), at(2023, 12, 31, 18, 16));
  EXPECT_EQ(time_of("31/31/2023 6:16"), std::nullopt);
}

TEST(ListingWords, NamesOfDifferentWritersAreEqual) {
  EXPECT_EQ(name_key("CN=CA, O=Contoso, C=US"), name_key("C = US, O = Contoso, CN = CA"));
  EXPECT_EQ(name_key("CN=CA,O=\"Contoso, Ltd\""), name_key("O=Contoso\\, Ltd,CN=CA"));
  EXPECT_NE(name_key("CN=CA"), name_key("CN=CB"));
}

}  // namespace
}  // namespace sealtrace
