// judge: from profiles to verdicts. Pure: flows, assets, policy, topology and options in; legs, findings and rows out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/audit.hpp"
#include "model/topology.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxFindings = 10'000;  ///< about 20 MiB; beyond it results keep their status but have no finding

/// JudgeOptions are the command line's. `required_rows` are ids of the policy (find_unknown_row checks them).
struct JudgeOptions {
  std::vector<std::string> required_rows;
  Severity fail_on = Severity::high;
  bool strict = false;
};

/// judge fills `judged`, `legs`, `findings`, `rows`, `overall` and `exit_code` of the result from its flows, whose parties
/// name assets of `result.assets`. The result points into the policy's strings. Judging again replaces what was there. Proposed
/// roles (policy/propose.hpp) are no part of it.
void judge(AuditResult& result, const Policy& policy, const Topology& topology, const JudgeOptions& options);

/// find_unknown_row gives a message about the first of `rows` that the policy does not have; empty when it has them all.
std::string find_unknown_row(const Policy& policy, const std::vector<std::string>& rows);

}  // namespace sealtrace
