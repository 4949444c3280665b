// CertificateRule: one demand on certificates, as a pack states it (docs/policy.md, docs/certificates.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"
#include "model/certificate_use.hpp"
#include "policy/policy_texts.hpp"

namespace sealtrace {

/// CertificateCheck is what a rule looks at. Its name in packs and its code in records stand in certificate_rule.cpp.
enum class CertificateCheck : std::uint8_t {
  readable,
  server_eku,  ///< `values`: what else is enough: a purpose, or "absent"
  client_eku,  ///< likewise
  crl_distribution_point,
  signature_hash,  ///< `values`: the hashes allowed; of the leaf and of intermediates
  rsassa_pss,
  key_algorithm,      ///< `values`: allowed
  key_curve,          ///< `values`: allowed
  rsa_bits,           ///< `at_least`; of the leaf and of intermediates
  exponent_broken,    ///< 1 or even
  exponent_at_least,  ///< `at_least`
  roca,
  shared_prime,
  shared_key,  ///< with a certificate of another holder
  validity,    ///< at the time it was shown
  expiry,      ///< `at_least` days are left when audited
  chain,       ///< `values`: the stores, one of which must have the anchor: internal, public, partner
  intermediate_sent,
  root_not_sent,
  subject_in_san,
  subject_no_wildcard,
  san_no_wildcard,
  names,             ///< `values`: names and templates of names (policy/required_names.hpp)
  names_or_subject,  ///< likewise; the common name counts
  names_any,         ///< one of `values`, SIP URIs among them; the common name counts where there is no alternative name
  server_name,       ///< what clients asked for
  subject_sip_domain,
  pool_same_certificate,  ///< all hosts of the deployment that have the rule's roles
  pool_same_key,          ///< all hosts of a pool
  roll,                   ///< `at_least` hours between taking effect and the end of what it replaces
  staple_not_revoked,     ///< the stapled OCSP response does not say that it is revoked
  staple_usable,          ///< it is about the certificate, and signed by whom the issuer allows
  staple_current,         ///< it was valid when shown
};

struct CertificateCheckInfo {
  CertificateCheck check{};
  std::string_view name;      ///< in packs
  std::string_view code;      ///< the finding's reason
  std::string_view title;     ///< of a finding
  std::string_view required;  ///< in the table
  bool of_names = false;      ///< its `values` are names: several rules with this check add up
};
std::span<const CertificateCheckInfo> all_certificate_checks();
const CertificateCheckInfo& info(CertificateCheck check);

struct CertificateRule {
  std::string id;  ///< begins with "certificate-"
  std::string title;
  CertificateCheck check{};
  PolicySource source;
  std::optional<Status> status;  ///< fail or accepted_risk; absent: the pack allows it and says why
  Severity severity = Severity::medium;
  RoleSet roles;                         ///< whose certificates
  std::vector<CertificateUsage> usages;  ///< in which usage; empty: any
  RoleSet peers;                         ///< only when shown to one of them; empty: to anybody
  bool fips_mode_only = false;           ///< only where the topology states FIPS mode
  std::uint64_t at_least = 0;
  std::vector<std::string> values;
  std::string because;
  PolicyTexts texts;
  std::uint32_t line = 0;
};

}  // namespace sealtrace
