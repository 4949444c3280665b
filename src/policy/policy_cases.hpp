// Cases of a policy: small flows with the verdict that its authors expect (docs/policy.md). `policy test` and a unit test run them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"
#include "model/topology.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

/// ExpectedVerdict is what a case expects of its one flow; an empty word expects nothing.
struct ExpectedVerdict {
  std::string traffic_class;
  std::string basis;
  std::string row;
  std::string status;  ///< the worst of the flow's results
  std::string reason;  ///< of the result with that status
  std::string severity;
};

struct PolicyCase {
  std::string name;
  std::uint32_t line = 0;
  std::vector<Asset> ends;  ///< client, server
  Topology topology;        ///< settings and trunks
  FlowProfile flow;
  ExpectedVerdict expected;
};

/// CaseOutcome is what running a case gave. `message` says what was expected and what was found; empty when they agree.
struct CaseOutcome {
  std::string name;
  std::uint32_t line = 0;
  std::string message;
  std::string row;     ///< that judged the flow
  std::string reason;  ///< found
};

/// parse_cases reads a file of cases. Throws PolicyError with every problem found.
std::vector<PolicyCase> parse_cases(std::string_view text, std::string_view source);

/// run_case judges the case's flow as an audit of one flow.
CaseOutcome run_case(PolicyCase policy_case, const Policy& policy);

}  // namespace sealtrace
