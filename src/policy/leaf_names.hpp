// LeafNames: the names in leaf certificates, read once each.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/audit.hpp"

namespace sealtrace {

/// kMaxCertificateNames bounds the names of one certificate; kMaxNamedLeaves the certificates that are read for their names: reading one
/// costs microseconds, and an estate has fewer servers than that.
inline constexpr std::size_t kMaxCertificateNames = 16;
inline constexpr std::size_t kMaxNamedLeaves = 4096;

/// LeafNames borrows the audit. What it gives stays valid as long as it lives.
class LeafNames {
 public:
  explicit LeafNames(const AuditResult& audit) : audit_{audit} {}

  /// of gives the names of a chain's leaf: the subject's CN first, then DNS names. Empty without a leaf, and beyond the bound.
  std::span<const std::string> of(const std::vector<CertificateId>& chain);

 private:
  const AuditResult& audit_;
  boost::unordered_flat_map<CertificateId, std::vector<std::string>> names_;  ///< numbers are ours, not the network's
};

}  // namespace sealtrace
