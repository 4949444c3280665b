#include "correlate/ordering.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

namespace sealtrace {

void number_flows(std::vector<FlowProfile>& flows) {
  // Frames carry one flow each but for tunnels that repeat them: then addresses decide, so that no tie depends on the worker.
  const auto place = [](const FlowProfile& flow) {
    return std::tie(flow.start, flow.first_capture, flow.first_frame, flow.transport, flow.initiator.endpoint, flow.responder.endpoint,
                    flow.last_capture, flow.last_frame);
  };
  // Profiles are large: their numbers are sorted, and each is moved once.
  std::vector<std::uint32_t> order(flows.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t at) { return place(flows[at]); });
  for (std::uint32_t start = 0; start < order.size(); ++start) {
    FlowProfile first = std::move(flows[start]);
    std::uint32_t at = start;
    while (order[at] != start) {  // follow the cycle that `start` is on
      const std::uint32_t from = std::exchange(order[at], at);
      flows[at] = std::move(flows[from]);
      at = from;
    }
    order[at] = at;
    flows[at] = std::move(first);
  }
  std::uint64_t number = 0;
  for (FlowProfile& flow : flows) flow.id = FlowId{++number};
}

}  // namespace sealtrace
