// Inventory: what an administrator says which server has which certificate: files, folders, and lists of Get-CsCertificate.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"
#include "model/certificate_use.hpp"
#include "model/topology.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxInventoryFileBytes = std::size_t{512} << 20;  ///< 200 000 certificates in PEM
inline constexpr std::size_t kMaxInventoryFiles = 200'000;                     ///< of all folders given

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
