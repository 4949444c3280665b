// The order of findings, and ids that differ.
#pragma once

#include <cstdint>
#include <vector>

#include "model/audit.hpp"

namespace sealtrace {

/// order_findings puts what is wrong before what is accepted and what is open, worst first, then by `tie`, then as they were. It gives the
/// new place of each.
std::vector<std::uint32_t> order_findings(std::vector<Finding>& findings, std::uint32_t (*tie)(const Finding&));

/// make_ids_distinct counts an id on that is taken already, the same way in every run: 32 bits may collide.
void make_ids_distinct(std::vector<Finding>& findings);

}  // namespace sealtrace
