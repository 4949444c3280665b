// judge_flow: what one flow says about one requirement. Pure: the same row and flow give the same answer, always.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "model/flow_profile.hpp"
#include "policy/classify.hpp"
#include "policy/policy.hpp"
#include "policy/reason.hpp"

namespace sealtrace {

/// FlowVerdict is the answer, and what a completed handshake chose that a policy may flag besides.
struct FlowVerdict {
  Reason reason = Reason::role_unknown;
  std::array<Reason, 2> flags{};  ///< a version and a kind of suite
  std::uint8_t num_flags = 0;

  [[nodiscard]] std::span<const Reason> flagged() const { return std::span{flags}.first(num_flags); }
};

FlowVerdict judge_flow(const PolicyRow& row, const LegClass& leg, const FlowProfile& flow);

}  // namespace sealtrace
