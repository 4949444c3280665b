// Lists of certificates that administrators export: Get-CsCertificate's, and certificates in the words of certutil and OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"
#include "model/certificate_use.hpp"

namespace sealtrace {

/// ListedCertificate is one entry of a list (Get-CsCertificate's, or certificates in words): a certificate named by its thumbprint, or its
/// serial number and issuer, and what the entry says about it.
struct ListedCertificate {
  std::string server;  ///< FQDN in lower case; empty where the list does not say
  CertificateUsage usage = CertificateUsage::unknown;
  std::string thumbprint;    ///< SHA-1, upper-case hex
  CertificateFields fields;  ///< subject, issuer, serial, dates, names: `version` stays 0
  std::optional<Timestamp> effective;
  std::string source;   ///< "certificates.csv:3"
  std::string remarks;  ///< template, provider, what becomes of its private key
};

/// parse_certificate_csv reads Export-Csv's output, parse_certificate_json ConvertTo-Json's. `name` is for messages. An answer without
/// entries and with an error is no such list.
struct CertificateListing {
  std::vector<ListedCertificate> entries;
  std::string error;
  bool contradicts_itself = false;  ///< it is such a list, and says a thing twice: nothing of it is believed
};
CertificateListing parse_certificate_csv(std::string_view text, std::string_view name);
CertificateListing parse_certificate_json(std::string_view text, std::string_view name);
/// parse_certificate_text reads the words of `certutil -store`, `certutil -dump` and `openssl x509 -text`. Certutil's are read in any
/// language, by their order and form; of what is named in words only, the English and German forms.
CertificateListing parse_certificate_text(std::string_view text, std::string_view name);

}  // namespace sealtrace
