// Words and evidence of findings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/audit.hpp"
#include "policy/decision.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxFindingEvidence = 8;  ///< frames of one finding; more prove no more

/// FindingSubject is what a finding is about. All of it is borrowed for the call.
struct FindingSubject {
  const PolicyRow& row;
  const Decision& decision;
  Reason reason{};
  const Leg& leg;
  std::string_view basis;  ///< of the leg's class
  std::string_view client;
  std::string_view server;
};

/// write_finding makes a finding about a leg, without evidence. Its id is a hash of rule, leg and reason: the same in every audit.
Finding write_finding(const FindingSubject& subject, const FlowProfile& flow);

/// add_evidence adds the frames of `flow` that show `reason` on a leg of `traffic_class`, as far as there is room.
void add_evidence(Finding& finding, const FlowProfile& flow, TrafficClass traffic_class, Reason reason);

}  // namespace sealtrace
