// A certificate of DTLS-SRTP against the fingerprints that signalling gave (RFC 5763 section 5, RFC 8122).
#pragma once

#include <cstdint>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "model/media_description.hpp"

namespace sealtrace {

enum class FingerprintMatch : std::uint8_t { not_compared, same, different };

/// match_fingerprints compares a certificate with `fingerprints`. One that is the certificate's is enough (RFC 8122 section 5.1). Only
/// SHA-256 is computed; without one the others are not compared.
FingerprintMatch match_fingerprints(const CertificateStore& certificates, CertificateId certificate,
                                    const std::vector<SdpFingerprint>& fingerprints);

}  // namespace sealtrace
