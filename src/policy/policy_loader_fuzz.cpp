// Any text is either a pack that can be linted, described and explained, or an error whose every problem names a line of the text.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "policy/policy_loader.hpp"
#include "policy/policy_words.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto num_lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 2);
  try {
    const Policy policy = parse_policy(text, "fuzz");
    for (const PolicyProblem& problem : lint_policy(policy)) {
      if (problem.line > num_lines || problem.message.empty()) std::abort();
    }
    const std::string words = describe_policy(policy);
    for (const PolicyRow& row : policy.rows) {
      if (!explain(policy, row.id) || words.find(row.title) == std::string::npos) std::abort();
      for (const TrafficClass traffic_class : row.classes) {
        if (policy.row_for(traffic_class) != &row) std::abort();
      }
    }
  } catch (const PolicyError& error) {
    if (error.problems().empty()) std::abort();
    for (const PolicyProblem& problem : error.problems()) {
      if (problem.message.empty() || problem.line > num_lines) std::abort();
    }
  }
  return 0;
}
