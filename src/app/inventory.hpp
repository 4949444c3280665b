// Inventory: what an administrator says which server has which certificate: files, folders, and lists of Get-CsCertificate.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"
#include "model/certificate_use.hpp"
#include "model/topology.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxInventoryFileBytes = std::size_t{512} << 20;  ///< 200 000 certificates in PEM
inline constexpr std::size_t kMaxInventoryFiles = 200'000;                     ///< of all folders given

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

/// Inventory is what was read: certificates by number, and who has them for what.
struct Inventory {
  std::vector<std::vector<std::uint8_t>> certificates;  ///< DER; empty for one of which only a list speaks
  std::map<std::uint32_t, CertificateFields> listed;    ///< by its number: what the list says of it
  std::vector<std::string> thumbprints;                 ///< parallel: SHA-1 of one of which only a list speaks
  std::vector<std::vector<std::string>> named_in;       ///< parallel: where words name it that do not say what it is used for
  std::vector<CertificateUse> uses;
  std::vector<std::string> problems;  ///< a line each: files that could not be read, usages without a certificate
  std::vector<std::string> notes;     ///< a line each: what is odd without being wrong
  std::size_t num_files = 0;          ///< that could be read
};

/// read_inventory reads files and folders in the order of their names. Who has a certificate is told by the nearest folder, or the file,
/// that is named after a host of the topology; for what, by the file's name (default.pem, access-edge-external.pem...). Certificates of
/// nobody are kept and have no use. Who lies behind another in a file as its issuer is of its chain.
Inventory read_inventory(const std::vector<std::string>& paths, const Topology& topology, std::string_view password);

/// usages_named reads usages off a name: those of Get-CsCertificate with or without hyphens, several joined by '+', and `external` for the
/// three outer ones of an Edge Server. Empty when a word is none.
std::vector<CertificateUsage> usages_named(std::string_view name);

}  // namespace sealtrace
