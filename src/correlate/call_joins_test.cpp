#include "correlate/call_joins.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

using std::chrono::seconds;

/// kMark stands for a Session-ID, an icid-value or an o= line.
constexpr OpaqueHash kMark{77};

Endpoint at(std::string_view address, std::uint16_t port) { return {.address = *IpAddress::parse(address), .port = port}; }

/// Scene is calls through an agent at 10.0.0.2, each begun by one INVITE.
class Scene {
 public:
  Described& invite(std::string_view from, std::string_view to, std::int64_t second, const Endpoint& media = at("10.0.0.1", 4000)) {
    Described& described = described_.emplace_back();
    SessionDescribed& session = described.seen.session;
    session.request = true;
    session.method = SipMethod::invite;
    session.media.emplace_back().endpoint = media;
    session.media.back().has_address = true;
    described.hop = {at(from, 5060), at(to, 5060)};
    described.flow = FlowId{described_.size()};
    described.seen.where = TimedEvidence{Evidence{.frame = FrameNumber{10 * described_.size()}}, Timestamp{seconds{second}}};
    return described;
  }
  CallJoins join() {
    std::vector<MediaAgreement> agreements;
    for (std::size_t i = 0; i < described_.size(); ++i) {
      agreements.emplace_back().offer = &described_[i];
      agreements.back().call = static_cast<std::uint32_t>(i + 1);
    }
    return join_calls(agreements);
  }

 private:
  std::deque<Described> described_;
};

TEST(CallJoins, TheCallersSessionIdJoinsWhatAnAgentContinues) {
  Scene scene;
  scene.invite("10.0.0.1", "10.0.0.2", 1).seen.session.session_id = kMark;
  scene.invite("10.0.0.2", "10.0.0.3", 2, at("10.0.0.2", 6000)).seen.session.session_id = kMark;
  scene.invite("10.0.0.3", "10.0.0.4", 3, at("10.0.0.3", 8000)).seen.session.session_id = kMark;
  const CallJoins joins = scene.join();
  ASSERT_EQ(joins.size(), 2U);
  const CallJoin& second = joins.at(2);
  EXPECT_EQ(second.basis, CallJoinBasis::session_id);
  EXPECT_EQ(second.there.frame, FrameNumber{10});
  EXPECT_EQ(second.here.frame, FrameNumber{20});
  EXPECT_EQ(second.here_flow, FlowId{2});
  EXPECT_EQ(joins.at(3).call, 1U) << "the call that the chain began with";
  EXPECT_EQ(joins.at(3).there.frame, FrameNumber{20}) << "and the one that it continues";
  EXPECT_EQ(first_call(joins, 3), 1U);
  EXPECT_EQ(first_call(joins, 1), 1U);
  EXPECT_EQ(stream_of(joins, 3), 1U) << "each agent sends on what it got";
}

TEST(CallJoins, TwoCallersWithOneSessionIdHaveStreamsOfTheirOwn) {
  Scene scene;
  scene.invite("10.0.0.1", "10.0.0.2", 1).seen.session.session_id = kMark;
  scene.invite("10.0.0.7", "10.0.0.8", 2, at("10.0.0.7", 4000)).seen.session.session_id = kMark;
  scene.invite("10.0.0.9", "10.0.0.3", 3, at("10.0.0.7", 4000)).seen.session.session_id = kMark;
  const CallJoins joins = scene.join();
  EXPECT_EQ(first_call(joins, 2), 1U);
  EXPECT_EQ(stream_of(joins, 2), 2U) << "nobody who got the first INVITE sent the second, and its media is elsewhere";
  EXPECT_EQ(stream_of(joins, 3), 2U) << "its media is where that of the second call is";
}

TEST(CallJoins, AChargingVectorDoesToo) {
  Scene scene;
  scene.invite("10.0.0.1", "10.0.0.2", 1).seen.session.charging_id = kMark;
  scene.invite("10.0.0.2", "10.0.0.3", 2, at("10.0.0.2", 6000)).seen.session.charging_id = kMark;
  ASSERT_TRUE(scene.join().contains(2));
  EXPECT_EQ(scene.join().at(2).basis, CallJoinBasis::charging_id);
}

TEST(CallJoins, ADescriptionJoinsOnlyWhereItsAddressesWerePassedOnToo) {
  Scene passed;
  passed.invite("10.0.0.1", "10.0.0.2", 1).seen.session.origin = kMark;
  passed.invite("10.0.0.2", "10.0.0.3", 2).seen.session.origin = kMark;
  ASSERT_TRUE(passed.join().contains(2));
  EXPECT_EQ(passed.join().at(2).basis, CallJoinBasis::session_description);

  Scene anchored;  // an o= line of zeros is nobody's own
  anchored.invite("10.0.0.1", "10.0.0.2", 1).seen.session.origin = kMark;
  anchored.invite("10.0.0.2", "10.0.0.3", 2, at("10.0.0.2", 6000)).seen.session.origin = kMark;
  EXPECT_TRUE(anchored.join().empty());

  Scene on_hold;  // port 0 receives nothing
  on_hold.invite("10.0.0.1", "10.0.0.2", 1, at("10.0.0.1", 0)).seen.session.origin = kMark;
  on_hold.invite("10.0.0.2", "10.0.0.3", 2, at("10.0.0.1", 0)).seen.session.origin = kMark;
  EXPECT_TRUE(on_hold.join().empty());
}

TEST(CallJoins, NothingIsJoinedWithoutProof) {
  struct Case {
    const char* name;
    void (*change)(Described& first, Described& second);
  };
  const Case cases[] = {
      {"no mark", [](Described& first, Described& second) { first.seen.session.session_id = second.seen.session.session_id = {}; }},
      {"another mark", [](Described&, Described& second) { second.seen.session.session_id = OpaqueHash{78}; }},
      {"the same sender, as a focus that calls its participants",
       [](Described& first, Described& second) { second.hop[0] = first.hop[0]; }},
      {"minutes later", [](Described&, Described& second) { second.seen.where.time += seconds{600}; }},
      {"no INVITE that begins a dialog", [](Described&, Described& second) { second.seen.session.to_tag = OpaqueHash{5}; }},
      {"an answer", [](Described&, Described& second) { second.seen.session.request = false; }},
  };
  for (const Case& c : cases) {
    Scene scene;
    Described& first = scene.invite("10.0.0.1", "10.0.0.2", 1);
    Described& second = scene.invite("10.0.0.2", "10.0.0.3", 2);
    first.seen.session.session_id = second.seen.session.session_id = kMark;
    c.change(first, second);
    EXPECT_TRUE(scene.join().empty()) << c.name;
  }
}

}  // namespace
}  // namespace sealtrace
