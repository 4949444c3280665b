#include "correlate/media_control.hpp"

#include <map>
#include <utility>

namespace sealtrace {
namespace {

using Ends = std::pair<Endpoint, Endpoint>;

/// ends_of gives the two ends, the lower one first, with `less` taken off their ports.
Ends ends_of(const FlowProfile& flow, std::uint16_t less) {
  Ends ends{flow.initiator.endpoint, flow.responder.endpoint};
  ends.first.port = static_cast<std::uint16_t>(ends.first.port - less);
  ends.second.port = static_cast<std::uint16_t>(ends.second.port - less);
  if (ends.second < ends.first) std::swap(ends.first, ends.second);
  return ends;
}

/// keyed says that a handshake keyed this side's control packets: those in clear are of before it, or of after its end.
bool keyed(const FlowProfile& control, const RtcpSeen& rtcp) {
  return control.tls && control.tls->dtls && control.tls->established && rtcp.num_opaque != 0;
}

/// show notes of every source of the media that control packets of its side are in clear.
void show(const FlowProfile& control, FlowProfile& media) {
  for (const Side side : {Side::initiator, Side::responder}) {
    const OptionalBoxed<RtcpSeen>& rtcp = control.application->rtcp[index(side)];
    if (!rtcp || rtcp->kind != RtcpKind::rtcp || keyed(control, *rtcp)) continue;
    Endpoint sender = control.party(side).endpoint;
    --sender.port;
    for (MediaSource& source : media.application->media) {
      if (source.clear_control || media.party(source.sender).endpoint != sender) continue;
      source.clear_control = ClearControl{.flow = control.id, .first = control.application->rtcp_first[index(side)]};
    }
  }
}

}  // namespace

void link_control(std::vector<FlowProfile>& flows) {
  std::map<Ends, std::vector<FlowProfile*>> media_between;
  for (FlowProfile& flow : flows) {
    if (!flow.application || flow.application->media.empty()) continue;
    media_between[ends_of(flow, 0)].push_back(&flow);
    for (const MediaSource& source : flow.application->media) {
      if (!source.clear_control || source.clear_control->flow == flow.id) continue;
      flows[value(source.clear_control->flow) - 1].application->control_of = flow.id;
    }
  }
  for (FlowProfile& control : flows) {
    const bool at_odd_ports = control.initiator.endpoint.port % 2 == 1 && control.responder.endpoint.port % 2 == 1;
    if (!at_odd_ports || !control.application || !control.application->has_control() || !control.application->media.empty()) continue;
    const auto found = media_between.find(ends_of(control, 1));
    if (found == media_between.end()) continue;
    for (FlowProfile* const media : found->second) {
      if (control.start > media->end || media->start > control.end) continue;
      if (control.application->control_of == FlowId{}) control.application->control_of = media->id;
      show(control, *media);
    }
  }
}

}  // namespace sealtrace
