// Whatever the octets: text is UTF-8 without control characters, and where OpenSSL's full decoder and read_certificate both accept a
// certificate they say the same.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "crypto/certificate_fields.hpp"
#include "crypto/certificate_reference.hpp"

using namespace sealtrace;

namespace {

void require_fit(const std::string& text) {
  if (escaped_text(as_bytes(text)) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes der{data, size};
  const CertificateFields fields = read_certificate(der);
  for (const std::string* text :
       {&fields.subject, &fields.issuer, &fields.serial, &fields.public_key_algorithm, &fields.curve, &fields.signature_algorithm,
        &fields.signature_hash, &fields.public_exponent, &fields.subject_key_identifier, &fields.authority_key_identifier, &fields.error}) {
    require_fit(*text);
  }
  for (const auto* list : {&fields.dns_names, &fields.ip_addresses, &fields.other_names, &fields.extended_key_usage, &fields.key_usage,
                           &fields.crl_distribution_points, &fields.common_names, &fields.authority_information_access, &fields.policies}) {
    for (const std::string& text : *list) require_fit(text);
  }
  if (!fields.error.empty()) return 0;
  const auto certificate = reference::decode(der);
  if (certificate == nullptr) return 0;
  const std::string difference = reference::difference(certificate.get(), fields);
  if (difference.empty()) return 0;
  std::fprintf(stderr, "differs in %s\n", difference.c_str());
  std::abort();
}
