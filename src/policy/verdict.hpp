// The last step: rows from legs, one word for the audit, one exit code.
#pragma once

#include <string>
#include <vector>

#include "model/audit.hpp"
#include "policy/judge.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

/// RoleHolder is an entry of the topology that has roles; a network stands for many.
struct RoleHolder {
  RoleSet roles;
  bool many = false;
};
std::vector<RoleHolder> role_holders(const Topology& topology);

/// row_expected says whether two different holders are the ends of one of the row's legs, or the options name the row.
bool row_expected(const PolicyRow& row, const std::vector<RoleHolder>& holders, const JudgeOptions& options);

/// judge_rows makes the rows of the result from its legs and findings. `expected` is parallel to the policy's rows.
void judge_rows(AuditResult& result, const Policy& policy, const std::vector<bool>& expected);

/// ExitState is what the exit code depends on; the booleans are independent, the code's precedence is not.
struct ExitState {
  bool internal_error = false;
  bool configuration_error = false;
  bool nothing_readable = false;  ///< no input could be read, or the capture failed
  bool violation = false;         ///< fail or accepted risk at or above --fail-on; with --strict any, or an incomplete expected row
  bool minor_violation = false;   ///< fail or accepted risk below --fail-on
  bool incomplete = false;        ///< an expected row is inconclusive or not observed
  bool partly_unreadable = false;
};

/// exit_code gives the contract's code: 70, 2, 4, 1, 3, 0, the first that applies.
int exit_code(const ExitState& state);

/// exit_state reads the state from a judged result.
ExitState exit_state(const AuditResult& result, const JudgeOptions& options);

/// overall_verdict is pass (something was decided and nothing is open), fail or incomplete.
std::string overall_verdict(const AuditResult& result, const ExitState& state);

}  // namespace sealtrace
