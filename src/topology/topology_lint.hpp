// What is doubtful in a topology that is well formed.
#pragma once

#include <vector>

#include "topology/topology_loader.hpp"

namespace sealtrace {

/// lint_topology gives what contradicts itself (errors) and what will have no effect or an unexpected one (warnings), by line. Messages
/// do not name the file.
std::vector<TopologyProblem> lint_topology(const Topology& topology);

}  // namespace sealtrace
