#include <fmt/format.h>

#include "app/audit_options.hpp"
#include "app/audit_run.hpp"
#include "policy/policy_loader.hpp"
#include "policy/policy_words.hpp"

namespace sealtrace {
namespace po = boost::program_options;

int explain_command(const Arguments& arguments) {
  po::options_description described{"options"};
  described.add_options()("policy", po::value<std::string>()->value_name("NAME|FILE")->default_value(std::string{kDefaultPolicy}),
                          "whose rows are meant")("help,h", "this text");
  po::positional_options_description positional;
  positional.add("input", -1);
  const auto values = parse_options(arguments, "explain [OPTIONS] ROW|REASON...", described, positional);
  if (!values) return kExitClean;
  if (!values->contains("input")) throw UsageError{"explain needs the id of a row or the code of a reason, as a report prints them"};
  const Policy policy = load_policy((*values)["policy"].as<std::string>());
  for (const std::string& word : (*values)["input"].as<std::vector<std::string>>()) {
    const std::optional<std::string> text = explain(policy, word);
    if (!text) throw UsageError{explain_suggestion(policy, word)};
    fmt::print("{}", *text);
  }
  return kExitClean;
}

}  // namespace sealtrace
