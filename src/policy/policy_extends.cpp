#include "policy/policy_extends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yaml/yaml_map.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

/// Part is a part of a pack that is taken over, and the key by which its items are the same; empty: it is a map, and its own keys are.
struct Part {
  std::string_view key;
  std::string_view identity;
};
constexpr std::array kPackParts{Part{"documents", ""},   Part{"role_groups", ""}, Part{"tls", "reason"},     Part{"clear", "reason"},
                                Part{"media", "reason"}, Part{"rows", "id"},      Part{"certificates", "id"}};
constexpr std::array kCaseParts{Part{"cases", "name"}};

/// Kind is one of the two files of a pack: where it stands in the program, and its parts.
struct Kind {
  std::string_view EmbeddedPolicy::* text;
  std::span<const Part> parts;
};

YamlEntry* find_entry(YamlNode& map, std::string_view key) {
  const auto found = std::ranges::find(map.entries, key, &YamlEntry::key);
  return found == map.entries.end() ? nullptr : &*found;
}

std::string_view identity_of(const YamlNode& item, std::string_view key) {
  const auto found = std::ranges::find(item.entries, key, &YamlEntry::key);
  return found == item.entries.end() || found->value.kind != YamlKind::scalar ? std::string_view{} : std::string_view{found->value.text};
}

/// place_at moves a tree to one place: a mark of another file would name a line that has nothing to do with it.
void place_at(YamlNode& node, YamlMark where) {
  node.where = where;
  for (YamlNode& item : node.items) place_at(item, where);
  for (YamlEntry& entry : node.entries) {
    entry.where = where;
    place_at(entry.value, where);
  }
}

/// merge_items puts the pack's items in the places of those that they replace, and the others behind. An item that the pack states twice
/// stays there twice, and is reported as such by who reads it.
void merge_items(YamlNode& base, YamlNode& own, std::string_view identity) {
  std::vector<YamlNode> merged = std::move(base.items);
  std::vector<bool> replaced(merged.size(), false);
  for (YamlNode& item : own.items) {
    const std::string_view name = identity_of(item, identity);
    std::size_t place = 0;
    while (place < replaced.size() && (replaced[place] || name.empty() || identity_of(merged[place], identity) != name)) ++place;
    if (place < replaced.size()) {
      replaced[place] = true;
      merged[place] = std::move(item);
    } else {
      merged.push_back(std::move(item));
    }
  }
  own.items = std::move(merged);
}

void merge_entries(YamlNode& base, YamlNode& own) {
  std::vector<YamlEntry> merged = std::move(base.entries);
  for (YamlEntry& entry : own.entries) {
    const auto same = std::ranges::find(merged, entry.key, &YamlEntry::key);
    if (same == merged.end()) {
      merged.push_back(std::move(entry));
    } else {
      *same = std::move(entry);
    }
  }
  own.entries = std::move(merged);
}

void take_over(YamlNode& pack, YamlNode base, YamlMark where, std::span<const Part> parts) {
  place_at(base, where);
  for (const Part& part : parts) {
    YamlEntry* theirs = find_entry(base, part.key);
    if (theirs == nullptr) continue;
    YamlEntry* own = find_entry(pack, part.key);
    if (own == nullptr) {
      pack.entries.push_back(std::move(*theirs));
    } else if (own->value.kind == YamlKind::map && part.identity.empty()) {
      merge_entries(theirs->value, own->value);
    } else if (own->value.kind == YamlKind::sequence && !part.identity.empty()) {
      merge_items(theirs->value, own->value, part.identity);
    }  // else it is no such part, and its reader says so
  }
}

YamlNode resolve(YamlNode pack, const Kind& kind, std::span<const EmbeddedPolicy> packs, std::size_t may_extend, YamlProblems& problems) {
  const YamlEntry* extends = pack.kind == YamlKind::map ? find_entry(pack, "extends") : nullptr;
  if (extends == nullptr) return pack;
  const YamlMark where = extends->value.where;
  const std::optional<std::string> name = scalar_text(extends->value, "extends", problems);
  if (!name) return pack;
  if (may_extend == 0) {
    problems.add(where, fmt::format("{} lies under more than {} packs: extend the one below it", in_quotes(*name), kMaxExtendedPacks));
    return pack;
  }
  const auto found = std::ranges::find(packs, *name, &EmbeddedPolicy::name);
  if (found == packs.end()) {
    std::vector<std::string_view> names;
    for (const EmbeddedPolicy& known : packs) names.push_back(known.name);
    add_unknown_name(problems, where, "policy", *name, names);
    return pack;
  }
  YamlProblems wrong;
  std::optional<YamlNode> base = pack_tree((*found).*kind.text, packs, wrong);
  if (base) base = resolve(std::move(*base), kind, packs, may_extend - 1, wrong);
  if (!wrong.empty()) {
    problems.add(where, fmt::format("{} cannot be extended: {}", in_quotes(*name), wrong.sorted().front().message));
  } else if (base) {
    take_over(pack, std::move(*base), where, kind.parts);
  }
  return pack;
}

}  // namespace

std::optional<YamlNode> pack_tree(std::string_view text, std::span<const EmbeddedPolicy> packs, YamlProblems& problems) {
  const auto embedded = std::ranges::find(packs, text, &EmbeddedPolicy::text);
  if (embedded != packs.end() && !embedded->tree.nodes.empty()) return unflatten(embedded->tree);
  return parse_yaml(text, problems);
}

YamlNode resolve_extends(YamlNode pack, std::span<const EmbeddedPolicy> packs, YamlProblems& problems) {
  return resolve(std::move(pack), {.text = &EmbeddedPolicy::text, .parts = kPackParts}, packs, kMaxExtendedPacks, problems);
}

YamlNode resolve_extended_cases(YamlNode cases, std::span<const EmbeddedPolicy> packs, YamlProblems& problems) {
  return resolve(std::move(cases), {.text = &EmbeddedPolicy::cases, .parts = kCaseParts}, packs, kMaxExtendedPacks, problems);
}

}  // namespace sealtrace
