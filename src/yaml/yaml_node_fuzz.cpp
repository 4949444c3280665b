// Any text is either a bounded tree whose every place lies in the text, or at least one problem.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "yaml/yaml_node.hpp"

using namespace sealtrace;

namespace {

/// check walks a tree and counts its values.
std::size_t check(const YamlNode& node, std::size_t depth, std::uint32_t num_lines) {
  if (depth > kMaxYamlDepth || node.where.line > num_lines) std::abort();
  if (node.kind != YamlKind::sequence && !node.items.empty()) std::abort();
  if (node.kind != YamlKind::map && !node.entries.empty()) std::abort();
  std::size_t num_nodes = 1;
  for (const YamlNode& item : node.items) num_nodes += check(item, depth + 1, num_lines);
  for (const YamlEntry& entry : node.entries) {
    const auto same = [&](const YamlEntry& other) { return other.key == entry.key; };
    if (node.entries.size() < 100 && std::ranges::count_if(node.entries, same) != 1) std::abort();
    num_nodes += check(entry.value, depth + 1, num_lines);
  }
  return num_nodes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto num_lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 2);
  YamlProblems problems;
  const std::optional<YamlNode> root = parse_yaml(text, problems);
  if (root.has_value() != problems.empty()) std::abort();
  if (root && check(*root, 0, num_lines) > kMaxYamlNodes) std::abort();
  for (const YamlProblem& problem : problems.sorted()) {
    if (problem.message.empty() || problem.where.line > num_lines) std::abort();
  }
  return 0;
}
