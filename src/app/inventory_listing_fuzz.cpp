// Whatever the text: a list is read or refused, and what was read names certificates by whole hex digits, or serial number and issuer.
#include <cstdlib>

#include "app/inventory_listing.hpp"
#include "app/text_encoding.hpp"
#include "wire/bytes.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = utf8_text(as_text(Bytes{data, size}));
  for (const CertificateListing& listing : {parse_certificate_csv(text, "fuzz"), parse_certificate_json(text, "fuzz")}) {
    if (listing.entries.empty() && listing.error.empty()) std::abort();
    for (const ListedCertificate& entry : listing.entries) {
      if (entry.thumbprint.empty() || entry.thumbprint.find_first_not_of("0123456789ABCDEF") != std::string::npos) std::abort();
    }
  }
  const CertificateListing words = parse_certificate_text(text, "fuzz");
  if (words.entries.empty() != !words.error.empty()) std::abort();
  for (const ListedCertificate& entry : words.entries) {
    if (!entry.thumbprint.empty() && entry.thumbprint.size() != 40) std::abort();
    if (entry.thumbprint.empty() && (entry.fields.serial.empty() || entry.fields.issuer.empty())) std::abort();
  }
  return 0;
}
