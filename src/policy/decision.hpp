// Decision: what a policy makes of a reason on a leg.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "policy/classify.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

/// Conditions are those of a policy's exceptions that hold on a leg.
using Conditions = std::bitset<kConditionNames.size()>;

/// conditions_of tells which hold; the order of the ends does not matter.
Conditions conditions_of(const Asset& client, const Asset& server, const LegClass& leg, const Topology& topology);

/// Decision borrows the policy's words. `because` is the ground of an exception or a TLS rule, empty where the row's own demand decides.
struct Decision {
  Status status = Status::inconclusive;
  Severity severity = Severity::low;
  std::string_view because;
  const PolicyTexts* texts = nullptr;
};

/// decide gives a reason the status and severity that the row, its exceptions and the conditions make of it.
Decision decide(const PolicyRow& row, Reason reason, const Conditions& conditions);

/// decide_flag does so for a version or suite; nullopt where the policy allows it.
std::optional<Decision> decide_flag(const Policy& policy, Reason reason);

}  // namespace sealtrace
