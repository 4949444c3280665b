// OCSP responses (RFC 6960) that servers staple to their chains, held against the certificate that they should be about. By OpenSSL, off
// the packet path.
#pragma once

#include <span>

#include "crypto/trust_store.hpp"
#include "model/stapled_status.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxOcspResponseBytes bounds what is given to OpenSSL, and with it the number of answers: a response holds a few certificates at most.
inline constexpr std::size_t kMaxOcspResponseBytes = std::size_t{1} << 20;

/// check_ocsp_response reads `response` and looks for its answer about `certificate`; of several the worst. Its issuer is looked for in
/// `issuers` (what was sent behind it), then in `anchors`: without it the signature is not checked, and of the issuer only the hashes'
/// form. Dates are read and not judged.
StapledStatus check_ocsp_response(Bytes response, Bytes certificate, std::span<const Bytes> issuers,
                                  std::span<const CertificateList* const> anchors);

}  // namespace sealtrace
