// Call: one Call-ID as it was seen, hop by hop.
#pragma once

#include <cstdint>
#include <optional>
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

/// CallJoin says that a call continues an earlier one, and by which two messages that is known.
struct CallJoin {
  CallJoinBasis basis{};
  std::uint32_t call = 0;       ///< number of the call that the whole chain began with
  std::uint32_t stream_of = 0;  ///< the first call of the chain whose media this one may hand on, for each INVITE came from the host that
                                ///< had got the one before, or names the same places for its media; the call itself where neither holds
  TimedEvidence there;          ///< in the call that it continues
  FlowId there_flow{};
  TimedEvidence here;
  FlowId here_flow{};
};

/// Call is one Call-ID. A back-to-back agent begins another one: `continues` joins it to the first, where something proves it.
struct Call {
  std::uint32_t number = 0;  ///< from 1, in the order of their first descriptions
  Timestamp start{};
  std::optional<CallJoin> continues = {};
  std::vector<CallLeg> legs;  ///< in the order of their first descriptions: nearest to the caller first
};

}  // namespace sealtrace
