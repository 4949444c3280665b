#include "yaml/yaml_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace sealtrace {
namespace {

constexpr std::size_t kMaxQuotedBytes = 60;    // of untrusted text in one message
constexpr std::size_t kMaxCandidates = 1000;   // names compared with a misspelt one: a comparison takes microseconds
constexpr std::size_t kMaxComparedBytes = 48;  // longer names are not compared: no name of ours is that long

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

/// sequence_length gives the octets of the UTF-8 sequence at the start of `text`, 0 when there is none (RFC 3629 section 4).
std::size_t sequence_length(std::string_view text) {
  const std::uint8_t lead = octet(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(text[i]) & 0xC0) != 0x80) return 0;
  }
  const std::uint8_t second = octet(text[1]);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second > 0x9F;
  const bool beyond = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

/// edit_distance counts insertions, removals, replacements and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kMaxComparedBytes + 1>;
  Row before_last{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::optional<YamlProblem> find_foreign_text(std::string_view text) {
  YamlMark where{.line = 1, .column = 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text.substr(i));
    if (length == 0) return YamlProblem{.where = where, .message = "not UTF-8 text"};
    const char c = text[i];
    if ((octet(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || octet(c) == 0x7F) {
      return YamlProblem{.where = where, .message = fmt::format("control character 0x{:02X}", octet(c))};
    }
    i += length;
    where = c == '\n' ? YamlMark{.line = where.line + 1, .column = 1} : YamlMark{.line = where.line, .column = where.column + 1};
  }
  return std::nullopt;
}

const char* find_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool c1 = octet(text[i]) == 0xC2 && i + 1 < text.size() && octet(text[i + 1]) < 0xA0;  // U+0080 to U+009F
    if ((octet(text[i]) < 0x20 && text[i] != '\n' && text[i] != '\t') || octet(text[i]) == 0x7F || c1)
      return "control characters are not allowed in text";
  }
  return nullptr;
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, kMaxQuotedBytes)) out += octet(c) < 0x20 ? ' ' : c;
  if (text.size() > kMaxQuotedBytes) {
    while (out.size() > 1 && (octet(out.back()) & 0xC0) == 0x80) out.pop_back();  // do not end inside a UTF-8 sequence
    if (octet(out.back()) >= 0xC0) out.pop_back();
    out += "...";
  }
  return out + "'";
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.empty() || name.size() > kMaxComparedBytes) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates.first(std::min(candidates.size(), kMaxCandidates))) {
    if (candidate.size() > kMaxComparedBytes) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string unknown_name(std::string_view what, std::string_view name, std::span<const std::string_view> candidates) {
  if (const std::string_view best = nearest(name, candidates); !best.empty()) {
    return fmt::format("unknown {} {}; did you mean '{}'?", what, in_quotes(name), best);
  }
  constexpr std::size_t kMaxListed = 12;
  if (candidates.size() > kMaxListed) return fmt::format("unknown {} {}", what, in_quotes(name));
  return fmt::format("unknown {} {}; known: {}", what, in_quotes(name), fmt::join(candidates, ", "));
}

void add_unknown_name(YamlProblems& problems, YamlMark where, std::string_view what, std::string_view name,
                      std::span<const std::string_view> candidates) {
  problems.add(where, problems.full() ? std::string{} : unknown_name(what, name, candidates));
}

}  // namespace sealtrace
