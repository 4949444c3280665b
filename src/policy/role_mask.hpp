// RoleMask: a set of roles that constexpr tables can hold; the operators of RoleSet are not constexpr in C++20's library.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "model/roles.hpp"

namespace sealtrace {

using RoleMask = std::uint64_t;
static_assert(kRoleNames.size() <= 64);

/// roles gives the mask of a list of roles.
constexpr RoleMask roles(std::initializer_list<Role> list) {
  RoleMask mask = 0;
  for (const Role role : list) mask |= RoleMask{1} << static_cast<unsigned>(role);
  return mask;
}

}  // namespace sealtrace
