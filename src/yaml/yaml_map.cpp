#include "yaml/yaml_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

std::string_view kind_name(YamlKind kind) {
  switch (kind) {
    case YamlKind::null: return "nothing";
    case YamlKind::scalar: return "text";
    case YamlKind::sequence: return "a list";
    case YamlKind::map: return "a map";
  }
  return "something else";
}

}  // namespace

YamlMap::YamlMap(const YamlNode& node, std::string_view what, std::initializer_list<std::string_view> keys, YamlProblems& problems)
    : node_{&node}, what_{what}, problems_{&problems} {
  if (node.kind != YamlKind::map) {
    problems.add(node.where, fmt::format("expected a map ({}), found {}", what, kind_name(node.kind)));
    return;
  }
  const std::span<const std::string_view> known{keys.begin(), keys.size()};
  for (const YamlEntry& entry : node.entries) {
    if (std::ranges::find(known, entry.key) == known.end()) {
      add_unknown_name(problems, entry.where, fmt::format("key of {}", what), entry.key, known);
    }
  }
}

const YamlNode* YamlMap::find(std::string_view key) const {
  const auto entry = std::ranges::find(node_->entries, key, &YamlEntry::key);
  return entry == node_->entries.end() ? nullptr : &entry->value;
}

const YamlNode* YamlMap::required(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr && node_->kind == YamlKind::map) {
    problems_->add(node_->where, fmt::format("{} lacks '{}'", what_, key));
  }
  return value;
}

std::optional<std::string> YamlMap::text(std::string_view key) const {
  const YamlNode* value = find(key);
  return value == nullptr ? std::nullopt : scalar_text(*value, key, *problems_);
}

std::optional<std::string> YamlMap::required_text(std::string_view key) const {
  const YamlNode* value = required(key);
  return value == nullptr ? std::nullopt : scalar_text(*value, key, *problems_);
}

std::optional<bool> YamlMap::flag(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind == YamlKind::scalar && value->text == "true") return true;
  if (value->kind == YamlKind::scalar && value->text == "false") return false;
  problems_->add(value->where, fmt::format("'{}' must be true or false", key));
  return std::nullopt;
}

std::optional<std::uint64_t> YamlMap::number(std::string_view key, std::uint64_t lowest, std::uint64_t highest) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, error] = std::from_chars(value->text.data(), end, number);
  if (value->kind != YamlKind::scalar || value->text.empty() || error != std::errc{} || stop != end || number < lowest ||
      number > highest) {
    problems_->add(value->where, fmt::format("'{}' must be a number from {} to {}", key, lowest, highest));
    return std::nullopt;
  }
  return number;
}

std::optional<std::size_t> YamlMap::choice(std::string_view key, std::span<const std::string_view> names) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<std::string> name = scalar_text(*value, key, *problems_);
  if (!name) return std::nullopt;
  const auto found = std::ranges::find(names, *name);
  if (found == names.end()) {
    add_unknown_name(*problems_, value->where, key, *name, names);
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::span<const YamlNode> YamlMap::items(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != YamlKind::sequence) {
    problems_->add(value->where, fmt::format("'{}' must be a list, found {}", key, kind_name(value->kind)));
    return {};
  }
  return value->items;
}

std::span<const YamlEntry> YamlMap::entries(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != YamlKind::map) {
    problems_->add(value->where, fmt::format("'{}' must be a map, found {}", key, kind_name(value->kind)));
    return {};
  }
  return value->entries;
}

std::optional<std::string> scalar_text(const YamlNode& node, std::string_view what, YamlProblems& problems) {
  if (node.kind == YamlKind::scalar && !node.text.empty()) return node.text;
  problems.add(node.where,
               fmt::format("'{}' must be text, found {}", what, node.kind == YamlKind::scalar ? "nothing" : kind_name(node.kind)));
  return std::nullopt;
}

}  // namespace sealtrace
