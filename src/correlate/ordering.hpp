// The order of an audit's flows: the same for any number of workers.
#pragma once

#include <vector>

#include "model/flow_profile.hpp"

namespace sealtrace {

/// number_flows sorts `flows` by start time, first capture and frame, and endpoints, and numbers them from 1.
void number_flows(std::vector<FlowProfile>& flows);

}  // namespace sealtrace
