#include "correlate/ordering.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace sealtrace {

void number_flows(std::vector<FlowProfile>& flows) {
  // Frames carry one flow each but for tunnels that repeat them: then addresses decide, so that no tie depends on the worker.
  std::ranges::sort(flows, {}, [](const FlowProfile& flow) {
    return std::tuple{flow.start,        flow.first_capture,      flow.first_frame,
                      flow.transport,    flow.initiator.endpoint, flow.responder.endpoint,
                      flow.last_capture, flow.last_frame};
  });
  std::uint64_t number = 0;
  for (FlowProfile& flow : flows) flow.id = FlowId{++number};
}

}  // namespace sealtrace
