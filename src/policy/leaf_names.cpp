#include "policy/leaf_names.hpp"

#include <algorithm>
#include <string_view>

#include "model/ascii.hpp"

namespace sealtrace {
namespace {

/// common_name finds the CN of an RFC 2253 name; what escapes stand in it is left as it is, for no host name has any.
std::string_view common_name(std::string_view subject) {
  for (std::size_t at = 0; at < subject.size();) {
    const std::size_t comma = std::min(subject.find(',', at), subject.size());
    const std::string_view part = subject.substr(at, comma - at);
    if (part.starts_with("CN=")) return part.substr(3);
    at = comma + 1;
  }
  return {};
}

std::vector<std::string> names_in(const CertificateFields& fields) {
  std::vector<std::string> names;
  const std::string_view subject = common_name(fields.subject);
  if (!subject.empty()) names.emplace_back(subject);
  for (std::size_t i = 0; i < std::min(fields.dns_names.size(), kMaxCertificateNames); ++i) {
    if (!same_word(fields.dns_names[i], subject)) names.push_back(fields.dns_names[i]);
  }
  return names;
}

}  // namespace

std::span<const std::string> LeafNames::of(const std::vector<CertificateId>& chain) {
  if (chain.empty() || value(chain.front()) >= audit_.certificates.size()) return {};
  const CertificateId leaf = chain.front();
  const auto known = names_.find(leaf);
  if (known != names_.end()) return known->second;
  const CertificateSummary& certificate = audit_.certificates[value(leaf)];
  if (names_.size() == kMaxNamedLeaves || !certificate.fields) return {};
  return names_.emplace(leaf, names_in(certificate.names ? certificate.names() : certificate.fields())).first->second;
}

}  // namespace sealtrace
