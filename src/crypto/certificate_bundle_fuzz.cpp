// Whatever the octets: a bundle is read or refused, a certificate in it is read again without harm, and reading twice says the same.
#include <cstdlib>

#include "crypto/certificate_bundle.hpp"
#include "crypto/certificate_fields.hpp"
#include "crypto/rsa_examination.hpp"
#include "crypto/trust_store.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes file{data, size};
  const CertificateBundle bundle = read_bundle(file, "password");
  if (bundle.certificates.empty() && bundle.error.empty() && bundle.private_key != PrivateKeyState::none) std::abort();
  CertificateList anchors;
  std::vector<Bytes> sent;
  std::vector<Bytes> moduli;
  for (const std::vector<std::uint8_t>& der : bundle.certificates) {
    if (read_certificate(der).error != read_certificate(der).error) std::abort();
    has_roca_fingerprint(read_rsa_modulus(der));
    moduli.push_back(read_rsa_modulus(der));
    anchors.add_der(der);
    sent.push_back(der);
  }
  find_shared_primes(moduli);
  const ChainOutcome outcome = check_chain(sent, {.internal_ca = &anchors}, anchors);
  const bool trusted = outcome.state == ChainState::trusted || outcome.state == ChainState::intermediate_missing;
  if (trusted && outcome.internal_ca != StoreAnswer::yes) std::abort();
  return 0;
}
