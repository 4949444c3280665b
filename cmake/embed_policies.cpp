// Writes a C++ source that holds every policies/NAME.yaml with its cases, so that the program needs no file at run time, and the tree of
// each pack, so that none is scanned whenever the program starts.
//   embed_policies FOLDER OUTPUT
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yaml/flat_yaml.hpp"

namespace {

using namespace sealtrace;

template <typename Made>
Made or_end(std::optional<Made> made, const YamlProblems& problems, const std::filesystem::path& path) {
  for (const YamlProblem& problem : problems.sorted()) fmt::print(stderr, "{}\n", to_text(problem, path.string()));
  if (!made) std::exit(1);
  return std::move(*made);
}

std::string text_of(const std::filesystem::path& path) {
  YamlProblems problems;
  std::optional<std::string> text = read_text_file(path, problems);
  return or_end(std::move(text), problems, path);
}

FlatYamlTree tree_of(const std::filesystem::path& path, std::string_view text) {
  YamlProblems problems;
  std::optional<YamlNode> root = parse_yaml(text, problems);
  return flatten(or_end(std::move(root), problems, path));
}

/// literal makes a raw string of a text, which must not have its delimiter. It states its length: clang does not count so far at compile
/// time.
std::string literal(std::string_view text) {
  if (text.contains(")YAML\"")) std::exit(1);
  return fmt::format("R\"YAML({})YAML\"sv", text);
}

std::vector<std::filesystem::path> packs_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> packs;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".yaml" && entry.path().stem().extension() != ".cases") packs.push_back(entry.path());
  }
  std::ranges::sort(packs);
  return packs;
}

constexpr std::string_view kBegin = R"(// Generated from policies/*.yaml by cmake/embed_policies.cpp.
#include <array>
#include <string_view>

#include "policy/policy_loader.hpp"

#pragma GCC diagnostic ignored "-Woverlength-strings"  // the packs are longer than every compiler must take; these two take them

namespace sealtrace {
namespace {

using namespace std::string_view_literals;

)";
constexpr std::string_view kEnd = R"(});

}  // namespace

std::span<const EmbeddedPolicy> embedded_policies() { return kPolicies; }

}  // namespace sealtrace
)";

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::string trees;
  std::string table;
  std::size_t number = 0;
  for (const std::filesystem::path& pack : packs_in(argv[1])) {
    const std::string text = text_of(pack);
    const FlatYamlTree tree = tree_of(pack, text);
    const std::filesystem::path cases = std::filesystem::path{pack}.replace_extension(".cases.yaml");
    fmt::format_to(std::back_inserter(trees), "constexpr std::array<FlatYamlNode, {}> kNodes{}{{{{\n", tree.nodes.size(), number);
    for (const FlatYamlNode& node : tree.nodes) {
      fmt::format_to(std::back_inserter(trees), "    {{YamlKind{{{}}}, {}, {}, {}}},\n", static_cast<unsigned>(node.kind), node.line,
                     node.column, node.size);
    }
    trees += "}};\n\n";
    fmt::format_to(std::back_inserter(table), "    {{\"{}\", {}, {}, {{kNodes{}, {}}}}},\n", pack.stem().string(), literal(text),
                   literal(std::filesystem::exists(cases) ? text_of(cases) : std::string{}), number, literal(tree.texts));
    ++number;
  }
  std::ofstream out{argv[2]};
  out << kBegin << trees << "constexpr auto kPolicies = std::to_array<EmbeddedPolicy>({\n" << table << kEnd;
  out.close();
  return out ? 0 : 1;
}
