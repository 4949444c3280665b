// Whatever the octets of a certificate, its issuer and a response: what is no successful response says nothing, and nothing is told of
// a certificate that the response is not about.
#include <cstdlib>
#include <vector>

#include "crypto/ocsp_response.hpp"
#include "wire/byte_reader.hpp"

using namespace sealtrace;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ParseScope scope;
  ByteReader reader{{data, size}, scope};
  const Bytes certificate = reader.block16("certificate").rest();
  const Bytes issuer = reader.block16("issuer").rest();
  const Bytes response = reader.rest();
  if (!scope.ok()) return 0;
  OcspChecker checker{{}};
  for (const Bytes sent : {issuer, Bytes{}}) {
    const StapledStatus status = checker.check(response, certificate, sent);
    const bool silent = status.status == CertificateStatus::none && status.signature == StapleSignature::not_checked;
    require(status.response == "successful" || silent);
    require(status.about_certificate == (status.status != CertificateStatus::none));
    require(status.about_certificate || !status.this_update);
    require(!sent.empty() || status.signature == StapleSignature::not_checked);
    require(status.signature == StapleSignature::valid || !status.response.empty() || !status.detail.empty());
  }
  return 0;
}
