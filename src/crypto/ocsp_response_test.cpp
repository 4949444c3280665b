#include "crypto/ocsp_response.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets file(const std::filesystem::path& path) {
  std::ifstream stream{std::filesystem::path{SEALTRACE_SOURCE_DIR} / "src/crypto" / path, std::ios::binary};
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>{stream}, {}};
}

Octets response(const std::string& name) { return file(std::filesystem::path{"testdata/ocsp"} / (name + ".der")); }
const Octets& leaf() {
  static const Octets octets = file("testdata/ocsp/leaf.der");
  return octets;
}
const Octets& issuer() {
  static const Octets octets = file("testdata/ocsp/issuer.der");
  return octets;
}
StapledStatus checked(const Octets& octets) { return OcspChecker{{}}.check(octets, leaf(), issuer()); }

struct Case {
  const char* name;
  const char* response;
  CertificateStatus status;
  bool about;
  StapleSignature signature;
};

// The responses were made by `openssl ocsp`; which certificate signed is in the name. Those with two answers are spliced of two
// responses, so nobody signed them.
TEST(OcspResponse, SaysWhoAnsweredAndWhat) {
  const std::vector<Case> cases{
      {"good_delegated", "successful", CertificateStatus::good, true, StapleSignature::valid},
      {"good_by_ca", "successful", CertificateStatus::good, true, StapleSignature::valid},
      {"revoked", "successful", CertificateStatus::revoked, true, StapleSignature::valid},
      {"other_certificate", "successful", CertificateStatus::none, false, StapleSignature::not_checked},
      {"by_nobody", "successful", CertificateStatus::good, true, StapleSignature::invalid},
      {"by_other_ca", "successful", CertificateStatus::good, true, StapleSignature::invalid},
      {"good_and_revoked", "successful", CertificateStatus::revoked, true, StapleSignature::invalid},
      {"revoked_and_good", "successful", CertificateStatus::revoked, true, StapleSignature::invalid},
      {"try_later", "tryLater", CertificateStatus::none, false, StapleSignature::not_checked},
  };
  for (const Case& each : cases) {
    const StapledStatus status = checked(response(each.name));
    EXPECT_EQ(status.response, each.response) << each.name;
    EXPECT_EQ(status.status, each.status) << each.name;
    EXPECT_EQ(status.about_certificate, each.about) << each.name;
    EXPECT_EQ(status.signature, each.signature) << each.name << ": " << status.detail;
    EXPECT_EQ(status.this_update.has_value(), each.about) << each.name;
  }
}

TEST(OcspResponse, ARevocationHasItsTimeAndReason) {
  const StapledStatus status = checked(response("revoked"));
  EXPECT_EQ(status.revocation_reason, "keyCompromise");
  ASSERT_TRUE(status.revoked_at);
  EXPECT_EQ(*status.revoked_at, Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}});
  EXPECT_TRUE(status.responder.starts_with("key ")) << status.responder;
  EXPECT_EQ(checked(response("good_delegated")).responder, "O=Lab,CN=Responder");
}

TEST(OcspResponse, WithoutTheIssuerTheSignatureIsNotChecked) {
  const StapledStatus status = OcspChecker{{}}.check(response("revoked"), leaf(), {});
  EXPECT_EQ(status.status, CertificateStatus::revoked);
  EXPECT_EQ(status.signature, StapleSignature::not_checked);
  EXPECT_FALSE(status.detail.empty());
}

TEST(OcspResponse, TheIssuerMayComeFromAStore) {
  CertificateList store;
  ASSERT_TRUE(store.add_der(issuer()));
  EXPECT_EQ(OcspChecker{{&store}}.check(response("revoked"), leaf(), {}).signature, StapleSignature::valid);
}

TEST(OcspResponse, AResponseThatWasReadIsHeldAgainstEachCertificate) {
  OcspChecker checker{{}};
  const Octets revoked = response("revoked");
  EXPECT_EQ(checker.check(revoked, leaf(), issuer()).status, CertificateStatus::revoked);
  EXPECT_EQ(checker.check(revoked, issuer(), {}).detail, "it is about another certificate");
  EXPECT_EQ(checker.check(revoked, leaf(), issuer()).signature, StapleSignature::valid);
}

TEST(OcspResponse, NoChangedOctetIsBelieved) {
  const Octets whole = response("revoked");
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    Octets changed = whole;
    changed[at] ^= 0x01;
    const StapledStatus status = checked(changed);
    const bool believed = status.about_certificate && status.signature == StapleSignature::valid;
    EXPECT_TRUE(!believed || status.status == CertificateStatus::revoked) << "octet " << at;
  }
}

TEST(OcspResponse, ACutResponseCannotBeRead) {
  const Octets whole = response("good_delegated");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const StapledStatus status = checked({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    EXPECT_TRUE(status.response.empty()) << length;
    EXPECT_EQ(status.status, CertificateStatus::none) << length;
  }
}

}  // namespace
}  // namespace sealtrace
