#include "correlate/fingerprint_match.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sealtrace {
namespace {

TEST(FingerprintMatch, ComparesOnlyWhatHasADigest) {
  const std::array<std::uint8_t, 3> der{1, 2, 3};
  CertificateStore store{1};
  const CertificateId id = store.intern(der);
  const Sha256 own = store.sha256(id);
  const SdpFingerprint same{.algorithm = "sha-256", .octets = {own.begin(), own.end()}};
  const SdpFingerprint another{.algorithm = "sha-256", .octets = std::vector<std::uint8_t>(32, 0xAA)};
  const SdpFingerprint older{.algorithm = "sha-1", .octets = std::vector<std::uint8_t>(20, 0xAA)};
  const struct {
    std::string_view name;
    CertificateId certificate;
    std::vector<SdpFingerprint> fingerprints;
    FingerprintMatch match;
  } kCases[] = {
      {"its own", id, {same}, FingerprintMatch::same},
      {"one of several", id, {another, same}, FingerprintMatch::same},
      {"another's", id, {another}, FingerprintMatch::different},
      {"another function's", id, {older}, FingerprintMatch::not_compared},
      {"a certificate that the store had no room for", kNoCertificate, {another}, FingerprintMatch::not_compared},
  };
  for (const auto& row : kCases) EXPECT_EQ(match_fingerprints(store, row.certificate, row.fingerprints), row.match) << row.name;
}

}  // namespace
}  // namespace sealtrace
