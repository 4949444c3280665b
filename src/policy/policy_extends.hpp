// A pack that takes another's parts (docs/policy.md, section "A pack that extends another").
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "policy/policy_loader.hpp"
#include "yaml/yaml_node.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxExtendedPacks = 2;  ///< below a pack: more, and nobody finds where a row is written

/// pack_tree gives the tree of a pack's text: the one that was made when the program was built, where it is the text of one of `packs`.
/// Otherwise it is that of parse_yaml.
std::optional<YamlNode> pack_tree(std::string_view text, std::span<const EmbeddedPolicy> packs, YamlProblems& problems);

/// resolve_extends gives the tree of a pack together with what it takes from the pack of `packs` that its key `extends` names: documents
/// and role groups by key, rules by reason, rows by id, each of which the pack replaces as a whole where it states it itself.
/// What is taken stands, for messages, in the line of `extends`. A tree without that key comes back as it is.
YamlNode resolve_extends(YamlNode pack, std::span<const EmbeddedPolicy> packs, YamlProblems& problems);

/// resolve_extended_cases does so for a file of cases: it takes the cases of the pack that it names, and replaces them by name.
YamlNode resolve_extended_cases(YamlNode cases, std::span<const EmbeddedPolicy> packs, YamlProblems& problems);

}  // namespace sealtrace
