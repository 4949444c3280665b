// YamlMap: reads a map whose keys are all known beforehand. Everything wrong becomes a problem with its place, and reading goes on.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "yaml/yaml_node.hpp"

namespace sealtrace {

/// YamlMap borrows the node. Its getters give nullopt (or an empty span) where the key is absent or its value is wrong; the latter is
/// a problem, the former only with a `required_` getter.
class YamlMap {
 public:
  /// YamlMap reports a node that is no map, and every key that is not in `keys`, with the nearest one that is. `what` names the map.
  YamlMap(const YamlNode& node, std::string_view what, std::initializer_list<std::string_view> keys, YamlProblems& problems);

  [[nodiscard]] YamlMark where() const { return node_->where; }
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  [[nodiscard]] const YamlNode* required(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> required_text(std::string_view key) const;
  /// flag reads `true` or `false`; YAML 1.1's yes, no, on and off are refused, not guessed.
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const;
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key, std::uint64_t lowest, std::uint64_t highest) const;
  /// choice gives the index of the value among `names`.
  [[nodiscard]] std::optional<std::size_t> choice(std::string_view key, std::span<const std::string_view> names) const;
  [[nodiscard]] std::span<const YamlNode> items(std::string_view key) const;
  [[nodiscard]] std::span<const YamlEntry> entries(std::string_view key) const;

 private:
  const YamlNode* node_;
  std::string_view what_;
  YamlProblems* problems_;
};

/// scalar_text gives a scalar's text; nullopt with a problem for anything else, and for an empty one.
std::optional<std::string> scalar_text(const YamlNode& node, std::string_view what, YamlProblems& problems);

}  // namespace sealtrace
