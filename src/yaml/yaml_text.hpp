// Text helpers of the strict YAML reader: what may stand in a file, how messages quote it, and "did you mean".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "yaml/yaml_node.hpp"

namespace sealtrace {

/// find_foreign_text gives the first place that is not UTF-8 or a control character other than tab, LF and CR.
std::optional<YamlProblem> find_foreign_text(std::string_view text);

/// find_control_character says what is wrong with a scalar after its escapes were resolved; nullptr when nothing is.
const char* find_control_character(std::string_view text);

/// in_quotes puts untrusted text into a message: between quotes, shortened, without line breaks.
std::string in_quotes(std::string_view text);

/// nearest gives the candidate that `name` is most likely a misspelling of, among the first thousand; empty when none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

/// unknown_name words "unknown WHAT 'name'; did you mean 'nearest'?", or lists the candidates when none is near.
std::string unknown_name(std::string_view what, std::string_view name, std::span<const std::string_view> candidates);

/// add_unknown_name adds unknown_name as a problem; a file of nothing but wrong names costs no more than the problems that are kept.
void add_unknown_name(YamlProblems& problems, YamlMark where, std::string_view what, std::string_view name,
                      std::span<const std::string_view> candidates);

}  // namespace sealtrace
