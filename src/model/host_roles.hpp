// host_roles: what a topology says each host is, pools included.
#pragma once

#include <vector>

#include "model/topology.hpp"

namespace sealtrace {

/// host_roles gives the roles of each host of `topology.hosts`, in their order: its own, and the role of every pool that lists it as a
/// member or that it is named after (a pool's virtual address). Roles that only one of its addresses has are not among them.
std::vector<RoleSet> host_roles(const Topology& topology);

}  // namespace sealtrace
