// Flat YAML: a tree as a row of nodes and one text, so that what was read once, when the program was built, need not be scanned again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/yaml_node.hpp"

namespace sealtrace {

/// FlatYamlNode is one value; those inside it follow it. In a map, each entry is its key, as a scalar, and its value.
struct FlatYamlNode {
  YamlKind kind = YamlKind::null;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t size = 0;  ///< octets of a scalar, items of a sequence, entries of a map

  bool operator==(const FlatYamlNode&) const = default;
};

/// FlatYaml borrows a flat tree. `texts` are those of the scalars, one behind the other.
struct FlatYaml {
  std::span<const FlatYamlNode> nodes;
  std::string_view texts;
};

/// FlatYamlTree is one that owns its parts.
struct FlatYamlTree {
  std::vector<FlatYamlNode> nodes;
  std::string texts;
};

FlatYamlTree flatten(const YamlNode& root);

/// unflatten gives the tree again. `flat` must be what flatten made: it is not checked.
YamlNode unflatten(const FlatYaml& flat);

}  // namespace sealtrace
