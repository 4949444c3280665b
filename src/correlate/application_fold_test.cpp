#include "correlate/application_fold.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sealtrace {
namespace {

Fact fact_at(Side sender, std::uint64_t frame) {
  return {.body = ProtocolRecognised{"sip"}, .sender = sender, .time = {}, .evidence = {.capture = {}, .frame = FrameNumber{frame}}};
}

SipMessage request(SipMethod method, std::uint8_t num_vias, std::string user_agent = {}) {
  SipMessage message;
  message.request = true;
  message.method = method;
  message.product = std::move(user_agent);
  message.num_vias = num_vias;
  return message;
}

void add(ApplicationProfile& profile, SipMessage message, Side sender, std::uint64_t frame) {
  Fact fact = fact_at(sender, frame);
  fact.body = std::move(message);
  add_application_fact(profile, fact);
}

TEST(ApplicationFold, ARequestWithOneViaIsItsSendersOwn) {
  ApplicationProfile profile;
  add(profile, request(SipMethod::registration, 1, "UCCAPI/15.0"), Side::responder, 4);
  const SipSide& side = profile.sip->sides[index(Side::responder)];
  EXPECT_EQ(value(side.registration.where().frame), 4U);
  EXPECT_FALSE(side.forwarded.known());
  EXPECT_FALSE(side.forwarded_registration.known());
  ASSERT_EQ(side.products.size(), 1U);
  EXPECT_EQ(side.products[0].name, "UCCAPI/15.0");
  EXPECT_TRUE(side.products[0].own);
  EXPECT_EQ(value(side.products[0].first.frame), 4U);
  EXPECT_TRUE(profile.sip->sides[index(Side::initiator)].products.empty());
}

TEST(ApplicationFold, ARequestWithMoreOrNoViasTellsNothingOfItsSendersProduct) {
  ApplicationProfile profile;
  add(profile, request(SipMethod::registration, 0, "UCCAPI/15.0"), Side::initiator, 3);
  EXPECT_FALSE(profile.sip->sides[0].forwarded.known());
  add(profile, request(SipMethod::registration, 2, "UCCAPI/15.0"), Side::initiator, 4);
  const SipSide& side = profile.sip->sides[0];
  EXPECT_FALSE(side.registration.known());
  EXPECT_EQ(value(side.forwarded.where().frame), 4U);
  EXPECT_EQ(value(side.forwarded_registration.where().frame), 4U);
  EXPECT_TRUE(side.products.empty());
}

TEST(ApplicationFold, TheServerOfAResponseNeedNotBeItsSender) {
  ApplicationProfile profile;
  SipMessage response;
  response.status = 200;
  response.method = SipMethod::registration;
  response.num_vias = 1;
  response.product = "RTC/5.0";
  add(profile, response, Side::responder, 6);
  add(profile, response, Side::responder, 8);
  const SipSide& side = profile.sip->sides[index(Side::responder)];
  ASSERT_EQ(side.products.size(), 1U);
  EXPECT_FALSE(side.products[0].own);
  EXPECT_FALSE(side.registration.known());
  EXPECT_FALSE(profile.sip->registration.known());
}

TEST(ApplicationFold, ProductsOfASideAreBounded) {
  ApplicationProfile profile;
  for (int i = 0; i < 100; ++i) add(profile, request(SipMethod::options, 1, "Product/" + std::to_string(i)), Side::initiator, 4);
  EXPECT_EQ(profile.sip->sides[0].products.size(), kMaxSipProducts);
  EXPECT_EQ(profile.sip->sides[0].products[0].name, "Product/0");
}

void add_media(ApplicationProfile& profile, FactBody body, std::uint64_t frame, std::uint32_t channel = 0) {
  Fact fact = fact_at(Side::initiator, frame);
  fact.body = std::move(body);
  fact.channel = channel;
  add_application_fact(profile, fact);
}

TEST(ApplicationFold, AStreamThatWasEverInClearIsThat) {
  ApplicationProfile profile;
  add_media(profile, MediaVerdict{.ssrc = 7, .protection = MediaProtection::encrypted_unidentified, .since_frame = FrameNumber{2}}, 14);
  add_media(profile, MediaVerdict{.ssrc = 7, .protection = MediaProtection::clear, .since_frame = FrameNumber{90}}, 92);
  add_media(profile, MediaVerdict{.ssrc = 7, .protection = MediaProtection::encrypted_unidentified, .since_frame = FrameNumber{200}}, 214);
  ASSERT_EQ(profile.media.size(), 1U);
  EXPECT_EQ(value(profile.media[0].first.frame), 2U) << "until it is summed up";
  add_media(profile, RtpSourceSeen{.ssrc = 7, .num_packets = 400}, 1);
  ASSERT_EQ(profile.media.size(), 1U);
  EXPECT_EQ(profile.media[0].rtp.num_packets, 400U);
  EXPECT_EQ(value(profile.media[0].first.frame), 1U);
  EXPECT_EQ(profile.media[0].decisions.size(), 3U);
  EXPECT_EQ(value(profile.media[0].decisive()->decided.frame), 92U);
}

TEST(ApplicationFold, AStreamIsToldByItsConversationAndItsLife) {
  ApplicationProfile profile;
  for (const std::uint32_t channel : {1U, 2U}) {
    add_media(profile, MediaVerdict{.ssrc = 7, .protection = MediaProtection::clear}, 3 + channel, channel);
  }
  add_media(profile, RtpSourceSeen{.ssrc = 7, .num_packets = 4}, 1, 1);
  add_media(profile, RtpSourceSeen{.ssrc = 7, .num_packets = 5}, 2, 2);
  add_media(profile, RtpSourceSeen{.ssrc = 7, .num_packets = 6}, 80, 1);
  ASSERT_EQ(profile.media.size(), 3U);
  EXPECT_EQ(profile.media[0].rtp.num_packets, 4U);
  EXPECT_EQ(profile.media[1].rtp.num_packets, 5U);
  EXPECT_NE(profile.media[1].decisive(), nullptr);
  EXPECT_EQ(profile.media[2].decisive(), nullptr) << "the source was let go and came again";
}

}  // namespace
}  // namespace sealtrace
