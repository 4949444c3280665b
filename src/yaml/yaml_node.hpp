// YamlNode: a YAML document as a tree in which every key and value knows its line. Strict: no anchors, aliases, tags,
// duplicate keys, second documents or control characters, and bounded, so that a hostile file costs no more than its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealtrace {

inline constexpr std::size_t kMaxYamlBytes = std::size_t{4} << 20;  ///< a topology of 20 000 hosts is about 2 MiB
inline constexpr std::size_t kMaxYamlDepth = 16;                    ///< levels; our formats need 6
inline constexpr std::size_t kMaxYamlNodes = 200'000;               ///< keys and values; about 30 MiB as a tree
inline constexpr std::size_t kMaxYamlProblems = 100;                ///< kept; a wrong file need not print more

/// YamlMark is a place in the text, both from 1; 0 is the text as a whole.
struct YamlMark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct YamlProblem {
  YamlMark where;
  std::string message;
};

/// to_text gives "source:line:column: message", the form editors and people can follow.
std::string to_text(const YamlProblem& problem, std::string_view source);

/// YamlProblems collects what is wrong with a file, up to kMaxYamlProblems, in the order it was found.
class YamlProblems {
 public:
  void add(YamlMark where, std::string message);
  [[nodiscard]] bool empty() const { return num_found_ == 0; }
  /// num_found counts all, those beyond the limit too.
  [[nodiscard]] std::size_t num_found() const { return num_found_; }
  /// full says that what is added from now on is counted but not kept.
  [[nodiscard]] bool full() const { return problems_.size() == kMaxYamlProblems; }
  /// sorted gives the problems in the order of the file.
  [[nodiscard]] std::vector<YamlProblem> sorted() const;

 private:
  std::vector<YamlProblem> problems_;
  std::size_t num_found_ = 0;
};

enum class YamlKind : std::uint8_t { null, scalar, sequence, map };

struct YamlEntry;

/// YamlNode is one value; which of `text`, `items` and `entries` counts is told by `kind`.
struct YamlNode {
  YamlKind kind = YamlKind::null;
  YamlMark where;
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;  ///< keys are distinct, in the order of the file
};

struct YamlEntry {
  std::string key;
  YamlMark where;
  YamlNode value;
};

/// parse_yaml reads one document. Adds to `problems` and gives nullopt when the text is not the YAML described above.
std::optional<YamlNode> parse_yaml(std::string_view text, YamlProblems& problems);

/// read_text_file gives a file's bytes; nullopt with a problem when it cannot be read or is larger than kMaxYamlBytes.
std::optional<std::string> read_text_file(const std::filesystem::path& path, YamlProblems& problems);

}  // namespace sealtrace
