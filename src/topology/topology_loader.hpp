// Reading a topology file (docs/topology.md). Strict: every key is known, every reference names something.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/topology.hpp"

namespace sealtrace {

enum class ProblemSeverity : std::uint8_t { warning, error };

/// TopologyProblem is one thing wrong with a topology; `line` counts from 1, 0 is the file as a whole. `text` is ready to print.
struct TopologyProblem {
  std::uint32_t line = 0;
  ProblemSeverity severity = ProblemSeverity::error;
  std::string message;
};

/// TopologyError says that a file is no topology; what() has one "file:line:column: message" a line, as problems() has.
class TopologyError : public std::runtime_error {
 public:
  TopologyError(const std::string& text, std::vector<TopologyProblem> problems)
      : std::runtime_error{text}, problems_{std::move(problems)} {}
  [[nodiscard]] const std::vector<TopologyProblem>& problems() const { return problems_; }

 private:
  std::vector<TopologyProblem> problems_;
};

/// parse_topology reads the text of a topology file; `source` names it in messages. Names are lower-cased. `sha256` stays empty: whoever
/// holds the text may add it. Throws TopologyError with every problem found.
Topology parse_topology(std::string_view text, std::string_view source);

/// load_topology reads a file as parse_topology does. Throws TopologyError also when it cannot be read.
Topology load_topology(const std::filesystem::path& path);

}  // namespace sealtrace
