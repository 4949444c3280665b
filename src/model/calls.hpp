// Call: one Call-ID as it was seen, hop by hop.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/application_profile.hpp"
#include "model/evidence.hpp"
#include "model/ids.hpp"

namespace sealtrace {

/// CallLeg is one hop of a call: one flow of signalling, and what was agreed on it in the end.
struct CallLeg {
  FlowId signalling{};
  bool readable = false;  ///< the signalling is in clear, or in TLS that protects nothing
  Agreement agreement{};
  MediaKeying keying{};
  std::string protocol;  ///< of the last answer, else the last offer
  bool fell_back = false;
  bool key_readable = false;
  TimedEvidence offer;
  TimedEvidence answer;
  std::vector<FlowId> media;  ///< flows that carried it, ascending
};

/// Call is one Call-ID. A back-to-back agent begins another one.
struct Call {
  std::uint32_t number = 0;  ///< from 1, in the order of their first descriptions
  Timestamp start{};
  std::vector<CallLeg> legs;  ///< in the order of their first descriptions: nearest to the caller first
};

}  // namespace sealtrace
