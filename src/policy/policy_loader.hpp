// Reading a policy pack (docs/policy.md).
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.hpp"
#include "yaml/flat_yaml.hpp"

namespace sealtrace {

/// PolicyProblem is one thing wrong with a pack or its cases; `line` counts from 1, 0 is the file as a whole.
struct PolicyProblem {
  std::uint32_t line = 0;
  std::string message;
};

/// PolicyError says that a pack cannot be used; what() has one "file:line:column: message" a line.
class PolicyError : public std::runtime_error {
 public:
  PolicyError(const std::string& text, std::vector<PolicyProblem> problems) : std::runtime_error{text}, problems_{std::move(problems)} {}
  [[nodiscard]] const std::vector<PolicyProblem>& problems() const { return problems_; }

 private:
  std::vector<PolicyProblem> problems_;
};

/// throw_policy_error makes a PolicyError of what is wrong with `source`.
[[noreturn]] void throw_policy_error(const YamlProblems& problems, std::string_view source);

/// EmbeddedPolicy is a pack that the program carries: the text of policies/NAME.yaml and of its cases, and the tree that the text was read
/// to be when the program was built. Without nodes: it is to be read.
struct EmbeddedPolicy {
  std::string_view name;
  std::string_view text;
  std::string_view cases;
  FlatYaml tree{};
};
std::span<const EmbeddedPolicy> embedded_policies();

/// PolicyText is a pack before it is read: `source` names it in messages.
struct PolicyText {
  std::string source;
  std::string text;
};

/// read_policy_text finds a pack: the name of an embedded one, or a path. Throws PolicyError when it is neither.
PolicyText read_policy_text(const std::string& name_or_path);

/// parse_policy reads the text of a pack, which may extend one of `packs`. Throws PolicyError with every problem found.
Policy parse_policy(std::string_view text, std::string_view source, std::span<const EmbeddedPolicy> packs = embedded_policies());

/// text_judged_by gives the text of a pack and behind it those of the packs that it extends: all that its verdicts follow from.
std::string text_judged_by(const Policy& policy, std::string_view text, std::span<const EmbeddedPolicy> packs = embedded_policies());

/// load_policy is parse_policy of read_policy_text.
Policy load_policy(const std::string& name_or_path);

}  // namespace sealtrace
