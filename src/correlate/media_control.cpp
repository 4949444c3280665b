#include "correlate/media_control.hpp"

#include <span>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/fetched.hpp"
#include "model/seeded_hash.hpp"

namespace sealtrace {
namespace {

using Ends = std::pair<Endpoint, Endpoint>;

struct EndsHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(const Ends& ends) const { return hash(hash(ends.first), hash(ends.second)); }
};

/// ends_of gives the two ends, the lower one first, with `less` taken off their ports.
Ends ends_of(const FlowProfile& flow, std::uint16_t less) {
  Ends ends{flow.initiator.endpoint, flow.responder.endpoint};
  ends.first.port = static_cast<std::uint16_t>(ends.first.port - less);
  ends.second.port = static_cast<std::uint16_t>(ends.second.port - less);
  if (ends.second < ends.first) std::swap(ends.first, ends.second);
  return ends;
}

/// show notes of every source of the media that control packets of its side are in clear; their port is `above` that of the media.
void show(const FlowProfile& control, FlowProfile& media, std::uint16_t above) {
  for (const Side side : {Side::initiator, Side::responder}) {
    const std::optional<TimedEvidence> clear = control.control_in_clear(side);
    if (!clear) continue;
    Endpoint sender = control.party(side).endpoint;
    sender.port = static_cast<std::uint16_t>(sender.port - above);
    for (MediaSource& source : media.application->media) {
      if (source.clear_control || media.party(source.sender).endpoint != sender) continue;
      source.clear_control = ClearControl{.flow = control.id, .shown = *clear};
    }
  }
}

}  // namespace

void link_control(std::vector<FlowProfile>& flows) {
  boost::unordered_flat_map<Ends, std::vector<FlowProfile*>, EndsHash> controls;  // by the ends that their media have
  std::vector<FlowProfile*> media;
  visit_fetched<FetchAlso{.media = true}>(std::span{flows}, [&](FlowProfile& flow) {
    if (!flow.application) return;
    if (flow.application->media.empty()) {
      const bool at_odd_ports = flow.initiator.endpoint.port % 2 == 1 && flow.responder.endpoint.port % 2 == 1;
      if (at_odd_ports && flow.application->has_control()) controls[ends_of(flow, 1)].push_back(&flow);
      return;
    }
    media.push_back(&flow);
    for (const MediaSource& source : flow.application->media) {
      if (!source.clear_control || source.clear_control->flow == flow.id) continue;
      flows[value(source.clear_control->flow) - 1].application->control_of = flow.id;
    }
    show(flow, flow, 0);
  });
  if (controls.empty()) return;
  for (FlowProfile* const flow : media) {
    const auto found = controls.find(ends_of(*flow, 0));
    if (found == controls.end()) continue;
    for (FlowProfile* const control : found->second) {
      if (control->start > flow->end || flow->start > control->end) continue;
      if (control->application->control_of == FlowId{}) control->application->control_of = flow->id;
      show(*control, *flow, 1);
    }
  }
}

}  // namespace sealtrace
