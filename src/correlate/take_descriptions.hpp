// The session descriptions of an audit, out of its flows and in their order.
#pragma once

#include <vector>

#include "correlate/offer_answer.hpp"
#include "model/flow_profile.hpp"

namespace sealtrace {

/// take_descriptions takes them out of the flows, sorted by time. They are large: where they lie is sorted, and each is moved once.
std::vector<Described> take_descriptions(std::vector<FlowProfile>& flows);

}  // namespace sealtrace
