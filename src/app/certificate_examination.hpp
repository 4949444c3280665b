// What rules about certificates need beyond the certificates' own words: chains held against the topology's trust stores, and keys held
// against each other. Once for each distinct chain, after the packets.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "crypto/trust_store.hpp"
#include "model/certificate_use.hpp"
#include "model/topology.hpp"

namespace sealtrace {

/// kMaxTrustFileBytes bounds one PEM file of a topology; Debian's bundle of all public roots has 220 KiB.
inline constexpr std::size_t kMaxTrustFileBytes = std::size_t{16} << 20;

/// TrustSettings are the stores of a topology as they were read. What could not be read is in `problems`, a line each, and its store is
/// as if it had not been given.
struct TrustSettings {
  CertificateList internal_ca;
  CertificateList public_ca;
  std::map<std::string, CertificateList> partner_ca;
  std::vector<std::string> problems;
};

/// read_trust reads the PEM files that the topology names, relative to the folder of its file.
TrustSettings read_trust(const Topology& topology, const std::filesystem::path& topology_file);

/// CertificateOctets gives the DER of a certificate by its index; empty when it was not kept.
using CertificateOctets = std::function<Bytes(std::uint32_t)>;

/// examine_certificates checks, on `num_threads`, the chain of each use, and the keys of all certificates that are the leaf of one.
/// `octets` is called by all of them.
CertificateExamination examine_certificates(const std::vector<CertificateUse>& uses, std::size_t num_certificates,
                                            const CertificateOctets& octets, const TrustSettings& trust, unsigned num_threads = 1);

}  // namespace sealtrace
