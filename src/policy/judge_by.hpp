// judge_by: the same flows by several policies.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "policy/judge.hpp"

namespace sealtrace {

/// judge_by lets `judge_one` judge the result by each policy in turn: legs, findings and rows of all of them, in the policies' order; the
/// overall verdict and the exit code are the worst. A required row counts in the policies that have it. With several policies a finding's
/// id names its policy, too.
void judge_by(AuditResult& result, std::span<const Policy> policies, const std::function<void(const Policy&)>& judge_one);

/// find_row_unknown_to_all gives a message about the first of `rows` that none of the policies has; empty when each has one that does.
std::string find_row_unknown_to_all(std::span<const Policy> policies, const std::vector<std::string>& rows);

}  // namespace sealtrace
