// A policy in plain words: for `policy show`, for the snapshot under review, and for `explain`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.hpp"
#include "policy/policy_loader.hpp"

namespace sealtrace {

/// describe_policy gives everything that decides a verdict, row by row. The same policy gives the same text.
std::string describe_policy(const Policy& policy);

/// explain gives the words of a row (by id) or a reason (by code); nullopt when `word` is neither.
std::optional<std::string> explain(const Policy& policy, std::string_view word);

/// explain_suggestion words the nearest row or reason to a word that explain does not know.
std::string explain_suggestion(const Policy& policy, std::string_view word);

/// lint_policy gives what is doubtful in a pack that is well formed: rows that judge nothing, exceptions that cannot hold, missing words.
std::vector<PolicyProblem> lint_policy(const Policy& policy);

}  // namespace sealtrace
