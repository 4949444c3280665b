#include "policy/policy.hpp"

#include <algorithm>

namespace sealtrace {

std::string_view in_words(Requirement requirement) {
  switch (requirement) {
    case Requirement::mtls: return "MTLS";
    case Requirement::tls: return "TLS";
    case Requirement::https: return "HTTPS";
    case Requirement::srtp: return "SRTP";
    case Requirement::reported: return "nothing (reported)";
    case Requirement::clear: return "nothing (clear by design)";
    case Requirement::not_supported: return "nothing (no leg of this product)";
    case Requirement::classify: return "classification";
  }
  return "unknown";
}

const PolicyRow* Policy::find_row(std::string_view id) const {
  const auto found = std::ranges::find(rows, id, &PolicyRow::id);
  return found == rows.end() ? nullptr : &*found;
}

const FlagRule* Policy::find_flag_rule(Reason reason) const {
  const auto found = std::ranges::find(flag_rules, reason, &FlagRule::reason);
  return found == flag_rules.end() ? nullptr : &*found;
}

const CertificateRule* Policy::find_certificate_rule(std::string_view id) const {
  const auto found = std::ranges::find(certificate_rules, id, &CertificateRule::id);
  return found == certificate_rules.end() ? nullptr : &*found;
}

}  // namespace sealtrace
