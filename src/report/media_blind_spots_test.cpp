#include "report/media_blind_spots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

/// Scene is an audit of media between assets, with or without signalling of their ends.
class Scene {
 public:
  FlowProfile& media(std::string_view from, std::string_view to, TrafficClass traffic_class = TrafficClass::audio_video_media) {
    FlowProfile& flow = add(from, to, traffic_class);
    flow.transport = Transport::udp;
    flow.application->media.emplace_back();
    return flow;
  }
  FlowProfile& sip(std::string_view from, std::string_view to) {
    FlowProfile& flow = add(from, to, TrafficClass::client_to_server);
    flow.application->sip.emplace();
    return flow;
  }
  FlowProfile& tls(std::string_view from, std::string_view to) {
    FlowProfile& flow = add(from, to, TrafficClass::client_to_server);
    flow.application.reset();
    flow.tls = std::make_unique<TlsProfile>();
    return flow;
  }
  std::vector<BlindSpot> spots() const {
    std::vector<BlindSpot> spots;
    add_media_blind_spots(audit, spots);
    return spots;
  }

  AuditResult audit;

 private:
  FlowProfile& add(std::string_view from, std::string_view to, TrafficClass traffic_class) {
    FlowProfile& flow = audit.flows.emplace_back();
    flow.application = std::make_unique<ApplicationProfile>();
    flow.initiator = party(from);
    flow.responder = party(to);
    audit.judged.push_back({.classification = {.traffic_class = traffic_class, .basis = "topology"}, .results = {}});
    return flow;
  }
  Party party(std::string_view address) {
    const auto known = std::ranges::find(audit.assets, address, &Asset::name);
    const auto index = static_cast<std::uint32_t>(known - audit.assets.begin());
    if (known == audit.assets.end())
      audit.assets.push_back({.kind = AssetKind::address, .name = std::string{address}, .roles = {}, .zone = {}, .domain = {}});
    return {.endpoint = {.address = *IpAddress::parse(address), .port = 5060}, .asset = index};
  }
};

TEST(MediaBlindSpots, MediaThatSignallingAnnouncedIsNone) {
  Scene scene;
  scene.media("10.0.0.1", "10.0.0.2").application->media.front().declared.emplace();
  scene.sip("10.0.0.1", "10.0.0.2");
  EXPECT_TRUE(scene.spots().empty());
  EXPECT_TRUE(Scene{}.spots().empty());
}

TEST(MediaBlindSpots, SayWhereTheSignallingMayBe) {
  Scene scene;
  scene.media("10.0.0.1", "10.0.0.9");
  EXPECT_EQ(scene.spots().at(0).kind, "media_signalling_not_seen");
  scene.sip("10.0.0.1", "10.0.0.5");
  EXPECT_EQ(scene.spots().at(0).kind, "media_signalling_not_linked");
  scene.tls("10.0.0.9", "10.0.0.5");
  ASSERT_EQ(scene.spots().size(), 1U);
  EXPECT_EQ(scene.spots().at(0).kind, "media_signalling_encrypted");
  EXPECT_NE(scene.spots().at(0).cure.find("--keylog"), std::string::npos);
}

TEST(MediaBlindSpots, TlsThatWasOpenedOrOnlyImitatedHidesNothing) {
  Scene scene;
  scene.media("10.0.0.1", "10.0.0.9");
  scene.tls("10.0.0.1", "10.0.0.5").inside_protocols = {"http"};
  scene.tls("10.0.0.1", "10.0.0.6").tls->pseudo = true;
  scene.tls("10.0.0.1", "10.0.0.7").transport = Transport::udp;  // DTLS keys media, it carries no SIP
  scene.tls("10.0.0.3", "10.0.0.4");                             // of others
  EXPECT_EQ(scene.spots().at(0).kind, "media_signalling_not_seen");
}

TEST(MediaBlindSpots, AreOnePerPlaceAndNameEachLegOnce) {
  Scene scene;
  for (int i = 0; i < 3; ++i) scene.media("10.0.0.1", "10.0.0.2");
  for (const char* to : {"10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"}) scene.media("10.0.0.1", to, TrafficClass::conferencing_media);
  ASSERT_EQ(scene.spots().size(), 1U);
  const BlindSpot spot = scene.spots().front();
  EXPECT_EQ(spot.count, 7U);
  EXPECT_TRUE(
      spot.what.starts_with("7 flows with media of which no offer or answer was read: 10.0.0.1 ↔ 10.0.0.2 (audio-video-media), "
                            "10.0.0.1 ↔ 10.0.0.3 (conferencing-media), "))
      << spot.what;
  EXPECT_NE(spot.what.find(" and 1 more."), std::string::npos) << spot.what;
  EXPECT_TRUE(spot.rows.empty()) << "no row is left open by it";
}

}  // namespace
}  // namespace sealtrace
