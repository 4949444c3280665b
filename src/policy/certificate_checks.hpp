// check_certificate: one rule on one use of a certificate. Pure: no clock, no I/O, no cryptography.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/certificate_use.hpp"
#include "model/stapled_status.hpp"
#include "model/topology.hpp"
#include "policy/certificate_rule.hpp"

namespace sealtrace {

/// StapleCase is an OCSP response that was sent with the chain, and what it says. Both outlive the call.
struct StapleCase {
  const ShownStaple& shown;
  const StapledStatus& status;
};

/// CertificateCase is what a rule is asked about. All references outlive the call.
struct CertificateCase {
  const CertificateUse& use;
  const CertificateFields& leaf;
  const std::vector<CertificateFields>& issuers;  ///< the rest of what was sent, the self-issued ones left out
  const ChainOutcome& chain;
  const std::vector<StapleCase>& staples;
  const Topology& topology;
  bool roca = false;
  bool shared_prime = false;
  Timestamp now{};  ///< when the audit is made
};

/// CheckAnswer: `open` is what cannot be said with what was given; `exempt` is what the rule is not about. `what` says it in words for
/// `met_not` and `open`.
struct CheckAnswer {
  enum class Kind : std::uint8_t { exempt, met, met_not, open };
  Kind kind = Kind::exempt;
  std::string what;
};

/// rule_applies says whether the rule is about this use: roles, usage, peers.
bool rule_applies(const CertificateRule& rule, const CertificateUse& use);

/// check_certificate answers for every check but those that compare uses (shared_key, same certificate, same key, roll), which are exempt.
CheckAnswer check_certificate(const CertificateRule& rule, const CertificateCase& subject);

/// name_matches compares a DNS name with a SAN by RFC 6125 section 6.4: without regard to case; a wildcard is the whole leftmost label and
/// stands for one label.
bool name_matches(std::string_view presented, std::string_view name);

}  // namespace sealtrace
