// Roles that the traffic itself suggests for addresses without one: what an auditor without a topology file starts from. Proposals are
// printed and nothing else: no verdict knows of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/audit.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxProposals = 1'000;       ///< of one audit, servers first: beyond it nobody reads on
inline constexpr std::size_t kMaxRolesOfAddress = 8;      ///< proposals for one address: a host that seems to be more is a proxy or a scan
inline constexpr std::size_t kMaxProposalReasons = 3;     ///< of one proposal, the strongest
inline constexpr std::size_t kMaxReasonsCounted = 16;     ///< of one proposal, `num_reasons` ends there
inline constexpr std::size_t kMaxReasonDetailBytes = 96;  ///< of a name or product from the wire that a reason quotes

/// Proposals are sorted: servers before clients, then by address, the strongest first. `num_left_out` did not fit the limits.
struct Proposals {
  std::vector<RoleProposal> list;
  std::uint64_t num_left_out = 0;
};

/// propose_roles reads flows, certificates and assets of the result, whose parties name assets. One proposal per address and role; roles
/// that contradict each other stand side by side. Evidence that several roles explain (a port) goes to the narrower proposals of the same
/// address that explain it too and are as sure, else it is a proposal with alternatives.
Proposals propose_roles(const AuditResult& result);

}  // namespace sealtrace
