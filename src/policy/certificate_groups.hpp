// Rules that compare certificates with each other: keys that two holders have, servers that must share one, rolls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/certificate_use.hpp"
#include "policy/certificate_rule.hpp"

namespace sealtrace {

/// ComparedUse is what such a rule needs of a use.
struct ComparedUse {
  std::uint32_t use = 0;   ///< index into the uses
  std::uint32_t leaf = 0;  ///< index into the certificates
  std::string key_sha256;  ///< of SubjectPublicKeyInfo
  std::string subject;
  std::optional<Timestamp> not_before;
  std::optional<Timestamp> not_after;
};

/// GroupAnswer is about the uses of one group: met when `what` is empty.
struct GroupAnswer {
  std::vector<std::uint32_t> uses;  ///< indexes into the uses: whose certificates are compared
  std::string what;
};

/// compare_certificates answers `rule` (shared_key, same certificate, same key, roll) on the uses that it applies to. Groups with nothing
/// to compare give no answer.
std::vector<GroupAnswer> compare_certificates(const CertificateRule& rule, const std::vector<CertificateUse>& uses,
                                              const std::vector<ComparedUse>& compared, Timestamp now);

}  // namespace sealtrace
