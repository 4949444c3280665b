// Blind spots: what an audit could not see, why, and what would lift it. Absence of evidence is never a pass, so every report
// states them beside its verdict.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"

namespace sealtrace {

/// BlindSpot is one reason for which something is not known.
struct BlindSpot {
  std::string kind;               ///< stable lower_snake_case word
  std::string subject;            ///< the row or capture concerned; empty for the whole audit
  std::uint64_t count = 0;        ///< how many flows, frames or octets, as `what` says
  std::string what;               ///< a sentence
  std::string cure;               ///< what would lift it; empty where nothing would
  std::vector<std::string> rows;  ///< ids of the rows it leaves open, in the policy's order
};

/// find_blind_spots collects them, those that leave rows open first.
std::vector<BlindSpot> find_blind_spots(const AuditResult& audit);

}  // namespace sealtrace
