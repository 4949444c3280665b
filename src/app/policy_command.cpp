#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/command.hpp"
#include "policy/policy_cases.hpp"
#include "policy/policy_loader.hpp"
#include "policy/policy_words.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

constexpr const char* kUsage =
    "usage: sealtrace policy list\n"
    "       sealtrace policy show NAME|FILE\n"
    "       sealtrace policy lint NAME|FILE\n"
    "       sealtrace policy test NAME|FILE [CASES]\n\n"
    "What the policies demand, in plain words; whether a pack is sound (docs/policy.md); whether its cases hold. The cases of a pack\n"
    "FILE.yaml are FILE.cases.yaml unless named.\n";

int list_policies() {
  for (const EmbeddedPolicy& embedded : embedded_policies()) {
    const Policy policy = parse_policy(embedded.text, embedded.name);
    fmt::print("{:<28}{}\n", policy.name, policy.title);
  }
  return kExitClean;
}

int show_policy(const std::string& name) {
  fmt::print("{}", describe_policy(load_policy(name)));
  return kExitClean;
}

int lint_policy_file(const std::string& name) {
  const std::vector<PolicyProblem> problems = lint_policy(load_policy(name));
  for (const PolicyProblem& problem : problems) fmt::print("{}:{}: {}\n", name, problem.line, problem.message);
  if (problems.empty()) fmt::print("{}: no problems\n", name);
  return problems.empty() ? kExitClean : kExitFindings;
}

/// read_cases finds the cases of a pack: in the file named, in the program for a pack that it carries, else beside the pack.
PolicyText read_cases(const std::string& pack, const std::string& cases) {
  const auto embedded = std::ranges::find(embedded_policies(), pack, &EmbeddedPolicy::name);
  if (cases.empty() && embedded != embedded_policies().end()) return {.source = pack + ".cases.yaml", .text = std::string{embedded->cases}};
  const std::filesystem::path path =
      cases.empty() ? std::filesystem::path{pack}.replace_extension(".cases.yaml") : std::filesystem::path{cases};
  std::ifstream file{path, std::ios::binary};
  if (!file) throw UsageError{fmt::format("{}: no cases could be read", path.string())};
  return {.source = path.string(), .text = {std::istreambuf_iterator<char>{file}, {}}};
}

int test_policy(const std::string& pack, const std::string& cases) {
  const Policy policy = load_policy(pack);
  const PolicyText text = read_cases(pack, cases);
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (PolicyCase& policy_case : parse_cases(text.text, text.source)) {
    const CaseOutcome outcome = run_case(std::move(policy_case), policy);
    ++(outcome.message.empty() ? passed : failed);
    if (!outcome.message.empty()) fmt::print("{}:{}: {}: {}\n", text.source, outcome.line, outcome.name, outcome.message);
  }
  fmt::print("{}: {} cases hold, {} do not\n", policy.name, passed, failed);
  return failed == 0 ? kExitClean : kExitFindings;
}

}  // namespace

int policy_command(const Arguments& arguments) {
  constexpr std::array<std::string_view, 4> kActions{"list", "show", "lint", "test"};
  if (std::ranges::any_of(arguments, [](const std::string& word) { return word == "--help" || word == "-h"; })) {
    fmt::print("{}", kUsage);
    return kExitClean;
  }
  if (arguments.empty()) throw UsageError{"policy takes list, show, lint or test; 'sealtrace policy --help' says more"};
  const std::string& action = arguments.front();
  if (action == "list" && arguments.size() == 1) return list_policies();
  if (std::ranges::find(kActions, action) == kActions.end()) throw UsageError{unknown_name("action", action, kActions)};
  if (arguments.size() < 2 || arguments.size() > (action == "test" ? 3U : 2U))
    throw UsageError{fmt::format("policy {} takes a policy's name or file", action)};
  if (action == "show") return show_policy(arguments[1]);
  if (action == "lint") return lint_policy_file(arguments[1]);
  return test_policy(arguments[1], arguments.size() == 3 ? arguments[2] : std::string{});
}

}  // namespace sealtrace
