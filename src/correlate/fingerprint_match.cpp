#include "correlate/fingerprint_match.hpp"

#include <algorithm>

namespace sealtrace {

FingerprintMatch match_fingerprints(const CertificateStore& certificates, CertificateId certificate,
                                    const std::vector<SdpFingerprint>& fingerprints) {
  if (certificate == kNoCertificate) return FingerprintMatch::not_compared;
  const Sha256& own = certificates.sha256(certificate);
  FingerprintMatch match = FingerprintMatch::not_compared;
  for (const SdpFingerprint& fingerprint : fingerprints) {
    if (fingerprint.algorithm != "sha-256") continue;
    if (std::ranges::equal(fingerprint.octets, own)) return FingerprintMatch::same;
    match = FingerprintMatch::different;
  }
  return match;
}

}  // namespace sealtrace
