#include "correlate/media_control.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

Endpoint at(std::string_view address, std::uint16_t port) { return {.address = *IpAddress::parse(address), .port = port}; }

/// Scene is media between ports 4000 and 6000, and what else is added.
class Scene {
 public:
  Scene() {
    FlowProfile& media = add(at("10.0.0.1", 4000), at("10.0.0.2", 6000));
    for (const Side side : {Side::initiator, Side::responder}) media.application->media.emplace_back().sender = side;
  }
  FlowProfile& add(const Endpoint& from, const Endpoint& to) {
    FlowProfile& flow = flows.emplace_back();
    flow.id = FlowId{flows.size()};
    flow.initiator.endpoint = from;
    flow.responder.endpoint = to;
    flow.end = Timestamp{std::chrono::seconds{60}};
    flow.application = std::make_unique<ApplicationProfile>();
    return flow;
  }
  FlowProfile& control(const Endpoint& from, const Endpoint& to, RtcpKind kind = RtcpKind::rtcp) {
    FlowProfile& flow = add(from, to);
    flow.application->rtcp[0] = SeenControl{{.num_packets = 1, .kind = kind}, Evidence{.frame = FrameNumber{9}}};
    return flow;
  }
  FlowId control_of(std::size_t flow) {
    link_control(flows);
    return flows[flow].application->control_of;
  }
  [[nodiscard]] const OptionalBoxed<ClearControl>& shown(Side sender) const {
    return flows[0].application->media[index(sender)].clear_control;
  }

  std::vector<FlowProfile> flows;
};

TEST(MediaControl, ItsPortsAreOneAboveThoseOfTheMediaWhoeverBegan) {
  Scene scene;
  scene.control(at("10.0.0.2", 6001), at("10.0.0.1", 4001));
  EXPECT_EQ(scene.control_of(1), FlowId{1});
  EXPECT_FALSE(scene.shown(Side::initiator));
  ASSERT_TRUE(scene.shown(Side::responder));
  EXPECT_EQ(scene.shown(Side::responder)->flow, FlowId{2});
  EXPECT_EQ(scene.shown(Side::responder)->shown.frame, FrameNumber{9});
}

TEST(MediaControl, SrtcpIsNotInClear) {
  Scene scene;
  scene.control(at("10.0.0.1", 4001), at("10.0.0.2", 6001), RtcpKind::srtcp);
  EXPECT_EQ(scene.control_of(1), FlowId{1});
  EXPECT_FALSE(scene.shown(Side::initiator));
}

TEST(MediaControl, WhatIsClearBeforeTheHandshakeThatKeysItIsNotItsWayAndWhatIsClearBehindItIs) {
  for (const int amid : {2, 4}) {
    Scene scene;
    FlowProfile& control = scene.control(at("10.0.0.1", 4001), at("10.0.0.2", 6001));
    control.application->rtcp[0]->num_opaque = 5;
    control.application->rtcp[0]->amid_frame = FrameNumber{11};
    control.application->rtcp[0]->amid_time = Timestamp{std::chrono::seconds{amid}};
    control.tls = std::make_unique<TlsProfile>();
    control.tls->dtls = control.tls->established = true;
    control.tls->frames.client_finished.time = Timestamp{std::chrono::seconds{2}};
    control.tls->frames.server_finished.time = Timestamp{std::chrono::seconds{3}};
    EXPECT_EQ(scene.control_of(1), FlowId{1});
    const OptionalBoxed<ClearControl>& shown = scene.shown(Side::initiator);
    EXPECT_EQ(shown ? shown->shown.frame : FrameNumber{}, amid == 4 ? FrameNumber{11} : FrameNumber{});
  }
}

TEST(MediaControl, InClearBesideItsMediaOnTheSamePortsItShows) {
  Scene scene;
  scene.flows[0].application->rtcp[1] = SeenControl{{.num_packets = 1, .kind = RtcpKind::rtcp}, Evidence{.frame = FrameNumber{9}}};
  link_control(scene.flows);
  EXPECT_FALSE(scene.shown(Side::initiator));
  ASSERT_TRUE(scene.shown(Side::responder));
  EXPECT_EQ(scene.shown(Side::responder)->flow, scene.flows[0].id);
  EXPECT_EQ(scene.flows[0].application->control_of, FlowId{});
}

TEST(MediaControl, OtherPortsHostsAndTimesAreOfOtherMedia) {
  Scene scene;
  scene.control(at("10.0.0.1", 4003), at("10.0.0.2", 6001));
  scene.control(at("10.0.0.1", 4001), at("10.0.0.3", 6001));
  scene.control(at("10.0.0.1", 4001), at("10.0.0.2", 6001)).start = Timestamp{std::chrono::seconds{61}};
  scene.flows[3].end = scene.flows[3].start;
  for (std::size_t i = 1; i < scene.flows.size(); ++i) EXPECT_EQ(scene.control_of(i), FlowId{}) << i;
}

TEST(MediaControl, WhatSignallingNamedNeedsNoPorts) {
  Scene scene;
  scene.control(at("10.0.0.1", 5555), at("10.0.0.2", 7777));
  scene.flows[0].application->media[0].clear_control = ClearControl{.flow = FlowId{2}, .shown = {}};
  EXPECT_EQ(scene.control_of(1), FlowId{1});
}

}  // namespace
}  // namespace sealtrace
