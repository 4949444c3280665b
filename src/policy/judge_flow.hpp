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

/// FlowVerdict is the answer, and what a policy may flag besides: a version, a kind of suite, credentials in clear, a broken promise.
struct FlowVerdict {
  Reason reason = Reason::role_unknown;
  std::array<Reason, 32> flags{};
  std::uint8_t num_flags = 0;

  void flag(Reason also) {
    if (num_flags < flags.size()) flags[num_flags++] = also;
  }
  [[nodiscard]] std::span<const Reason> flagged() const { return std::span{flags}.first(num_flags); }
};

/// is_of_client_auth tells the reasons that leave a leg open because client authentication is not known; its cause says why.
bool is_of_client_auth(Reason reason);

/// judge_flow judges one requirement on one flow of a leg. `fips`: the deployment states FIPS mode.
FlowVerdict judge_flow(const PolicyRow& row, const LegClass& leg, const FlowProfile& flow, bool fips = false);

}  // namespace sealtrace
