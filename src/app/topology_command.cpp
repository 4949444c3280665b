#include <fmt/format.h>

#include <algorithm>

#include "app/command.hpp"
#include "topology/topology_lint.hpp"
#include "topology/topology_loader.hpp"

namespace sealtrace {
namespace {

constexpr const char* kUsage =
    "usage: sealtrace topology lint FILE...\n\n"
    "Checks topology files (docs/topology.md): exit code 1 for a file that is no topology or contradicts itself.\n";

/// lint prints what is doubtful in one file and says whether anything contradicts itself.
bool lint(const std::string& path) {
  std::vector<TopologyProblem> problems;
  try {
    problems = lint_topology(load_topology(path));
  } catch (const TopologyError& error) {
    fmt::print("{}\n", error.what());
    return true;
  }
  for (const TopologyProblem& problem : problems) {
    fmt::print("{}:{}: {}: {}\n", path, problem.line, problem.severity == ProblemSeverity::error ? "error" : "warning", problem.message);
  }
  if (problems.empty()) fmt::print("{}: no problems\n", path);
  return std::ranges::any_of(problems, [](const TopologyProblem& problem) { return problem.severity == ProblemSeverity::error; });
}

}  // namespace

int topology_command(const Arguments& arguments) {
  if (std::ranges::any_of(arguments, [](const std::string& word) { return word == "--help" || word == "-h"; })) {
    fmt::print("{}", kUsage);
    return kExitClean;
  }
  if (arguments.size() < 2 || arguments.front() != "lint") throw UsageError{"topology takes 'lint FILE...'"};
  bool contradicts = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) contradicts = lint(arguments[i]) || contradicts;
  return contradicts ? kExitFindings : kExitClean;
}

}  // namespace sealtrace
