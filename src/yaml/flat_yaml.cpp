#include "yaml/flat_yaml.hpp"

#include <cstddef>
#include <utility>

namespace sealtrace {
namespace {

void add_scalar(FlatYamlTree& flat, YamlMark where, std::string_view text) {
  flat.nodes.push_back(
      {.kind = YamlKind::scalar, .line = where.line, .column = where.column, .size = static_cast<std::uint32_t>(text.size())});
  flat.texts += text;
}

void add(FlatYamlTree& flat, const YamlNode& node) {
  if (node.kind == YamlKind::scalar) return add_scalar(flat, node.where, node.text);
  const std::size_t size = node.items.size() + node.entries.size();
  flat.nodes.push_back({.kind = node.kind, .line = node.where.line, .column = node.where.column, .size = static_cast<std::uint32_t>(size)});
  for (const YamlNode& item : node.items) add(flat, item);
  for (const YamlEntry& entry : node.entries) {
    add_scalar(flat, entry.where, entry.key);
    add(flat, entry.value);
  }
}

YamlNode take(FlatYaml& flat) {
  const FlatYamlNode& next = flat.nodes.front();
  flat.nodes = flat.nodes.subspan(1);
  YamlNode node;
  node.kind = next.kind;
  node.where = {.line = next.line, .column = next.column};
  switch (next.kind) {
    case YamlKind::null: break;
    case YamlKind::scalar:
      node.text = flat.texts.substr(0, next.size);
      flat.texts.remove_prefix(next.size);
      break;
    case YamlKind::sequence:
      node.items.reserve(next.size);
      for (std::uint32_t i = 0; i < next.size; ++i) node.items.push_back(take(flat));
      break;
    case YamlKind::map:
      node.entries.reserve(next.size);
      for (std::uint32_t i = 0; i < next.size; ++i) {
        YamlNode key = take(flat);
        node.entries.push_back({.key = std::move(key.text), .where = key.where, .value = take(flat)});
      }
      break;
  }
  return node;
}

}  // namespace

FlatYamlTree flatten(const YamlNode& root) {
  FlatYamlTree flat;
  add(flat, root);
  return flat;
}

YamlNode unflatten(const FlatYaml& flat) {
  FlatYaml left = flat;
  return take(left);
}

}  // namespace sealtrace
