#include "correlate/ordering.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "model/prefetch.hpp"

namespace sealtrace {

void number_flows(std::vector<FlowProfile>& flows) {
  // Frames carry one flow each but for tunnels that repeat them: then addresses decide, so that no tie depends on the worker.
  const auto place = [](const FlowProfile& flow) {
    return std::tie(flow.first_capture, flow.first_frame, flow.transport, flow.initiator.endpoint, flow.responder.endpoint,
                    flow.last_capture, flow.last_frame);
  };
  // Profiles are large and lie anywhere: their starts are sorted, which are seldom the same, and each profile is moved once.
  struct Place {
    Timestamp start;
    std::uint32_t at = 0;
  };
  std::vector<Place> places;
  places.reserve(flows.size());
  for (const FlowProfile& flow : flows) places.push_back({.start = flow.start, .at = static_cast<std::uint32_t>(places.size())});
  std::ranges::sort(places, [&](const Place& one, const Place& other) {
    return one.start != other.start ? one.start < other.start : place(flows[one.at]) < place(flows[other.at]);
  });
  constexpr std::size_t kAhead = 4;
  for (std::uint32_t start = 0; start < places.size(); ++start) {
    if (places[start].at == start) continue;
    FlowProfile first = std::move(flows[start]);
    std::uint32_t at = start;
    std::uint32_t ahead = start;  // on the same cycle, some steps on: what is moved soon is asked for
    const auto step_ahead = [&] {
      ahead = places[ahead].at;
      prefetch(&flows[ahead], sizeof(FlowProfile));
    };
    for (std::size_t i = 0; i < kAhead; ++i) step_ahead();
    while (places[at].at != start) {  // follow the cycle that `start` is on
      step_ahead();
      const std::uint32_t from = std::exchange(places[at].at, at);
      flows[at] = std::move(flows[from]);
      at = from;
    }
    places[at].at = at;
    flows[at] = std::move(first);
  }
  std::uint64_t number = 0;
  for (FlowProfile& flow : flows) flow.id = FlowId{++number};
}

}  // namespace sealtrace
