// Which media the control packets (RTCP) on ports of their own are about.
#pragma once

#include <vector>

#include "model/flow_profile.hpp"

namespace sealtrace {

/// link_control finds, for each flow in which nothing but RTCP passes, the flow of its media: the one that signalling named
/// (MediaSource::clear_control, so call it after link_media), else one between the same addresses at the same time, each port one below
/// (RFC 3550 section 11). It sets `control_of` there, and `clear_control` of the media's sources where packets there, or beside the media
/// itself (RFC 5761), are in clear (FlowProfile::control_in_clear).
void link_control(std::vector<FlowProfile>& flows);

}  // namespace sealtrace
