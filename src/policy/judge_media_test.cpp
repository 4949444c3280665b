#include "policy/judge_media.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "policy/judge.hpp"
#include "policy/policy_loader.hpp"

namespace sealtrace {
namespace {

constexpr std::uint32_t kMediation = 0;
constexpr std::uint32_t kGateway = 1;
constexpr std::array kListed{SrtpSuite::aes_cm_128_hmac_sha1_80};

/// srtp_source is a stream whose tags a key of the suite makes.
MediaSource srtp_source(SrtpSuite suite) {
  MediaSource source;
  source.keys =
      MediaKeyTrial{.num_keys = 1, .num_samples = 1, .num_verified = 1, .suite = suite, .verified = Evidence{.frame = FrameNumber{3}}};
  return source;
}

FlowProfile flow_of(MediaSource source, Transport transport = Transport::udp, std::uint16_t port = 20'010) {
  FlowProfile flow;
  flow.transport = transport;
  flow.start_seen = flow.initiator_seen = flow.responder_seen = true;
  flow.initiator.asset = kMediation;
  flow.initiator.endpoint = {.address = *IpAddress::parse("10.0.1.20"), .port = 55'000};
  flow.responder.asset = kGateway;
  flow.responder.endpoint = {.address = *IpAddress::parse("10.9.0.6"), .port = port};
  flow.payload_bytes = 5000;
  flow.protocols = {"rtp"};
  flow.application = std::make_unique<ApplicationProfile>();
  flow.application->media.push_back(std::move(source));
  return flow;
}

TEST(SrtpSuites, TheKeyThatHoldsIsAskedFirstThenTheHandshakeThenTheAnswer) {
  MediaSource source = srtp_source(SrtpSuite::aead_aes_256_gcm);
  source.handshake = MediaHandshake{.suite = SrtpSuite::aead_aes_128_gcm, .completed = Evidence{.frame = FrameNumber{2}}};
  source.declared.emplace();
  source.declared->agreement = Agreement::srtp;
  source.declared->keying = MediaKeying::sdes;
  source.declared->answer = Evidence{.frame = FrameNumber{1}};
  source.declared->crypto_suite = SrtpSuite::aes_256_cm_hmac_sha1_80;
  EXPECT_EQ(srtp_suite_of(source), SrtpSuite::aead_aes_256_gcm);
  source.keys.reset();
  EXPECT_EQ(srtp_suite_of(source), SrtpSuite::aead_aes_128_gcm);
  source.handshake.reset();
  EXPECT_EQ(srtp_suite_of(source), SrtpSuite::aes_256_cm_hmac_sha1_80);
  source.declared->answer = {};
  EXPECT_EQ(srtp_suite_of(source), std::nullopt) << "an offer alone chose nothing";
}

TEST(SrtpSuites, OnlyWhatEncryptsAndIsNotListedIsOutside) {
  EXPECT_FALSE(srtp_suite_outside(flow_of(srtp_source(SrtpSuite::aes_cm_128_hmac_sha1_80)), kListed));
  EXPECT_TRUE(srtp_suite_outside(flow_of(srtp_source(SrtpSuite::aead_aes_256_gcm)), kListed));
  MediaSource null = srtp_source(SrtpSuite::null_hmac_sha1_80);
  null.keys->encrypts = false;
  EXPECT_FALSE(srtp_suite_outside(flow_of(null), kListed)) << "no SRTP that encrypts: judged by itself";
  EXPECT_FALSE(srtp_suite_outside(flow_of(MediaSource{}), kListed));
  MediaSource short_tag = srtp_source(SrtpSuite::aes_cm_128_hmac_sha1_32);
  EXPECT_TRUE(srtp_suite_outside(flow_of(short_tag), kListed)) << "chosen by DTLS or given: nobody flags its tag";
  short_tag.declared.emplace();
  short_tag.declared->agreement = Agreement::srtp;
  short_tag.declared->short_tag = true;
  EXPECT_FALSE(srtp_suite_outside(flow_of(short_tag), kListed));
}

class JudgeMediaTest : public testing::Test {
 protected:
  JudgeMediaTest() {
    result.assets.resize(2);
    result.assets[kMediation] = {.kind = AssetKind::host, .name = "med01", .roles = {}, .zone = "internal", .domain = {}};
    result.assets[kMediation].roles.set(static_cast<std::size_t>(Role::mediation_server));
    result.assets[kGateway] = {.kind = AssetKind::host, .name = "gw2", .roles = {}, .zone = "internal", .domain = {}};
    result.assets[kGateway].roles.set(static_cast<std::size_t>(Role::pstn_gateway));
  }
  void run() { judge(result, policy, topology, {}); }

  Policy policy = load_policy("lync-2013");
  Topology topology;
  AuditResult result;
};

TEST_F(JudgeMediaTest, AFindingNamesTheSuiteThatIsNotListed) {
  result.flows.push_back(flow_of(srtp_source(SrtpSuite::aead_aes_256_gcm)));
  run();
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].reason, "srtp_suite_not_listed");
  EXPECT_EQ(result.findings[0].severity, Severity::low);
  EXPECT_NE(result.findings[0].message.find("Negotiated: AEAD_AES_256_GCM."), std::string::npos) << result.findings[0].message;
  EXPECT_EQ(result.exit_code, 3) << "below what fails an audit";
}

TEST_F(JudgeMediaTest, FramedMediaOfATrunkIsJudgedAsItsDatagramsAre) {
  MediaSource framed = srtp_source(SrtpSuite::aes_cm_128_hmac_sha1_80);
  framed.rtp.framed = true;
  result.flows.push_back(flow_of(framed, Transport::tcp));
  result.flows.back().protocols = {"stun", "rtp"};  // framed alike
  result.flows.push_back(flow_of(framed, Transport::udp));
  run();
  for (const JudgedFlow& judged : result.judged) {
    EXPECT_EQ(judged.classification.traffic_class, TrafficClass::mediation_gateway_media);
    ASSERT_EQ(judged.results.size(), 1U);
    EXPECT_EQ(judged.results[0].reason, "media_srtp");
  }
  EXPECT_NE(result.judged[0].classification.leg, result.judged[1].classification.leg) << "a leg has one transport";
}

TEST_F(JudgeMediaTest, WhatIsNotOnlyFramedMediaKeepsItsClass) {
  MediaSource framed = srtp_source(SrtpSuite::aes_cm_128_hmac_sha1_80);
  framed.rtp.framed = true;
  MediaSource bare = framed;
  bare.rtp.framed = false;
  result.flows.push_back(flow_of(bare, Transport::tcp));
  result.flows.push_back(flow_of(framed, Transport::tcp));
  result.flows.back().protocols = {"sip", "rtp"};
  result.flows.push_back(flow_of(framed, Transport::tcp));
  result.flows.back().unrecognised.emplace();
  result.flows.push_back(flow_of(framed, Transport::tcp));
  result.flows.back().application->stun.emplace().relay = true;
  result.flows.push_back(flow_of(framed, Transport::tcp, 5067));
  run();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(result.judged[i].classification.traffic_class, TrafficClass::unknown) << i;
  EXPECT_EQ(result.judged[4].classification.traffic_class, TrafficClass::mediation_gateway_signalling) << "the port is the leg's own";
}

}  // namespace
}  // namespace sealtrace
