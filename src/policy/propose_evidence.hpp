// From one flow to what it tells of the roles of its two ends, and of hosts that it names.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "model/audit.hpp"
#include "model/evidence.hpp"
#include "model/ip_address.hpp"
#include "policy/leaf_names.hpp"
#include "policy/role_mask.hpp"

namespace sealtrace {

/// RoleHint is one piece of evidence. Text is kept in parts, borrowed from the audit and from tables, until it is printed:
/// "`lead` `port` \"`detail`\", `tail`".
struct RoleHint {
  RoleMask role = 0;
  ProposalStrength strength{};
  std::string_view lead{};
  std::uint16_t port = 0;     ///< 0: none
  std::string_view detail{};  ///< from the wire; empty: none
  std::string_view tail{};
  Evidence where;

  [[nodiscard]] bool says_the_same(const RoleHint& other) const {
    return role == other.role && port == other.port && lead == other.lead && detail == other.detail && tail == other.tail;
  }
};

using PartyHintSink = std::function<void(const Party&, const RoleHint&)>;

/// hints_of_flow gives what the flow tells of the roles of its own ends, in a fixed order.
void hints_of_flow(LeafNames& leaves, const FlowProfile& flow, const PartyHintSink& sink);

/// hint_of_name gives what a host name tells of the host; `role` is 0 where it tells nothing.
RoleHint hint_of_name(std::string_view name, std::string_view lead, const Evidence& where);

/// frame_of gives the frame that shows the flow speak a protocol: its first clear message of that name, else its first payload.
Evidence frame_of(const FlowProfile& flow, std::string_view protocol);

}  // namespace sealtrace
