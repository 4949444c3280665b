// OCSP responses (RFC 6960) that servers staple to their chains, held against the certificate that they should be about. By OpenSSL, off
// the packet path.
#pragma once

#include <memory>
#include <vector>

#include "crypto/trust_store.hpp"
#include "model/stapled_status.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxOcspResponseBytes bounds what is given to OpenSSL, and with it the number of answers: a response holds a few certificates at most.
inline constexpr std::size_t kMaxOcspResponseBytes = std::size_t{1} << 20;

/// OcspChecker reads responses. A response and an issuer's certificate come with many certificates: each is parsed once.
class OcspChecker {
 public:
  /// `anchors` outlive the checker.
  explicit OcspChecker(std::vector<const CertificateList*> anchors);
  OcspChecker(const OcspChecker&) = delete;
  OcspChecker& operator=(const OcspChecker&) = delete;
  ~OcspChecker();

  /// check reads `response` and looks for its answer about `certificate`; of several the worst. Its issuer is `issuer` (what was sent
  /// behind it; empty: nothing), else one of the anchors: without it the signature is not checked, and of the issuer only the hashes' form.
  /// Nor is the signature where no answer has the certificate's serial number. Dates are read and not judged. The octets of responses and
  /// issuers stay where they are while the checker lives.
  StapledStatus check(Bytes response, Bytes certificate, Bytes issuer);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace sealtrace
