#include "correlate/media_links.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

using std::chrono::seconds;

Endpoint at(std::string_view address, std::uint16_t port) { return {.address = *IpAddress::parse(address), .port = port}; }

SecretOctets key_of(std::uint8_t seed) { return SecretOctets{std::vector<std::uint8_t>(30, seed)}; }

/// Line makes an m= line. `key` 0: none.
MediaDescription line(MediaProto proto, const Endpoint& where, std::uint8_t key = 0, std::uint32_t tag = 1) {
  MediaDescription media;
  media.kind = MediaKind::audio;
  media.proto = proto;
  media.protocol = std::string{to_string(proto)};
  media.endpoint = where;
  media.rtcp = {.address = where.address, .port = static_cast<std::uint16_t>(where.port + 1U)};
  media.has_address = true;
  media.payload_types.set(0);
  if (key == 0) return media;
  SdpCrypto crypto;
  crypto.tag = tag;
  crypto.suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  crypto.suite_name = "AES_CM_128_HMAC_SHA1_80";
  SrtpMasterKey master;
  master.suite = *crypto.suite;
  master.key_and_salt = key_of(key);
  crypto.keys.push_back(master);
  media.cryptos.push_back(crypto);
  return media;
}

const Endpoint kAlice = at("10.0.0.1", 4000);
const Endpoint kBob = at("10.0.0.2", 6000);

/// Scene is an audit in the making: one hop of signalling from Alice to Bob, and their media.
class Scene {
 public:
  FlowProfile& sip(std::string_view from = "10.0.0.1", std::string_view to = "10.0.0.2") {
    FlowProfile& flow = add(at(from, 5060), at(to, 5060));
    flow.application->sip.emplace();
    return flow;
  }
  FlowProfile& media(const Endpoint& from, const Endpoint& to, Timestamp start = Timestamp{seconds{10}}) {
    FlowProfile& flow = add(from, to);
    flow.start = start;
    flow.end = start + seconds{60};
    for (const Side side : {Side::initiator, Side::responder}) {
      MediaSource& source = flow.application->media.emplace_back();
      source.sender = side;
      source.rtp.num_payload_types = 1;
      source.first = TimedEvidence{Evidence{.frame = FrameNumber{50}}, start};
    }
    return flow;
  }
  /// says puts a description into the last flow of signalling.
  void says(FlowId flow, Side sender, SipMethod method, std::uint16_t status, std::vector<MediaDescription> lines, std::uint32_t cseq = 1,
            std::uint64_t call = 1, std::uint64_t to_tag = 7) {
    SeenDescription seen;
    seen.session.call_id = OpaqueHash{call};
    seen.session.to_tag = OpaqueHash{to_tag};
    seen.session.cseq = cseq;
    seen.session.method = method;
    seen.session.request = status == 0;
    seen.session.status = status;
    seen.session.media = std::move(lines);
    seen.sender = sender;
    seen.where = TimedEvidence{Evidence{.frame = FrameNumber{++clock_}}, Timestamp{seconds{clock_}}};
    flows[value(flow) - 1].application->sip->descriptions.push_back(std::move(seen));
  }
  void invite(MediaDescription offer, std::uint32_t cseq = 1) {
    says(FlowId{1}, Side::initiator, SipMethod::invite, 0, {std::move(offer)}, cseq);
  }
  void ok(MediaDescription answer, std::uint32_t cseq = 1) {
    says(FlowId{1}, Side::responder, SipMethod::invite, 200, {std::move(answer)}, cseq);
  }

  const DeclaredMedia& declared(FlowId flow, Side side) {
    const auto& declared = flows[value(flow) - 1].application->media[index(side)].declared;
    static const DeclaredMedia kNone;
    EXPECT_TRUE(declared.has_value());
    return declared ? *declared : kNone;
  }

  std::vector<FlowProfile> flows;

 private:
  FlowProfile& add(const Endpoint& from, const Endpoint& to) {
    FlowProfile& flow = flows.emplace_back();
    flow.id = FlowId{flows.size()};
    flow.transport = Transport::udp;
    flow.initiator.endpoint = from;
    flow.responder.endpoint = to;
    flow.application = std::make_unique<ApplicationProfile>();
    return flow;
  }
  std::uint64_t clock_ = 0;
};

MediaDescription mikey_line(const Endpoint& where, SdpMikey mikey) {
  MediaDescription media = line(MediaProto::rtp_savp, where);
  media.mikey = mikey;
  return media;
}

TEST(MediaLinks, MikeyIsAgreedAndItsKeyNotKnown) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  scene.invite(mikey_line(kAlice, {.method = MikeyMethod::pre_shared_key}));
  scene.ok(mikey_line(kBob, {.method = MikeyMethod::pre_shared_key}));
  const MediaLinks links = link_media(scene.flows, nullptr);
  const DeclaredMedia& declared = scene.declared(FlowId{2}, Side::initiator);
  EXPECT_EQ(declared.agreement, Agreement::srtp);
  EXPECT_EQ(declared.keying, MediaKeying::mikey);
  EXPECT_EQ(declared.mikey, MikeyMethod::pre_shared_key);
  EXPECT_FALSE(declared.key_readable);
  EXPECT_EQ(scene.flows[1].application->media[0].assertion({}).state, MediaState::undecided) << "no answer proves what MIKEY keyed";
  EXPECT_FALSE(links.calls[0].legs[0].key_readable);
}

TEST(MediaLinks, AMikeyKeyThatNothingEncryptsIsReadableForBothDirections) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  scene.invite(mikey_line(kAlice, {.method = MikeyMethod::pre_shared_key, .key_in_clear = true}));
  scene.ok(mikey_line(kBob, {.method = MikeyMethod::pre_shared_key}));
  const MediaLinks links = link_media(scene.flows, nullptr);
  for (const Side side : {Side::initiator, Side::responder}) {
    EXPECT_TRUE(scene.declared(FlowId{2}, side).key_readable);
    EXPECT_EQ(scene.declared(FlowId{2}, side).key.frame, FrameNumber{1}) << "the offer carries it";
  }
  EXPECT_TRUE(links.calls[0].legs[0].key_readable);
}

TEST(MediaLinks, AMikeyPolicyWithoutEncryptionIsClearMedia) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  scene.invite(mikey_line(kAlice, {.method = MikeyMethod::pre_shared_key, .unencrypted_srtp = true}));
  scene.ok(mikey_line(kBob, {.method = MikeyMethod::pre_shared_key}));
  link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, Agreement::clear);
  EXPECT_TRUE(scene.declared(FlowId{2}, Side::initiator).unencrypted_srtp);
}

TEST(MediaLinks, AKeyThatAnAgentHandsOnInAnotherCallIsNotUsedTwice) {
  for (const bool joined : {true, false}) {
    Scene scene;
    scene.sip("10.0.0.1", "10.0.0.9");
    scene.sip("10.0.0.9", "10.0.0.2");
    scene.media(at("10.0.0.9", 7000), kBob);
    const MediaDescription anchored = line(MediaProto::rtp_savp, at("10.0.0.9", 7000), 1);
    scene.says(FlowId{1}, Side::initiator, SipMethod::invite, 0, {line(MediaProto::rtp_savp, kAlice, 1)}, 1, 1, 0);
    scene.says(FlowId{2}, Side::initiator, SipMethod::invite, 0, {anchored}, 1, 2, 0);
    scene.says(FlowId{2}, Side::responder, SipMethod::invite, 200, {line(MediaProto::rtp_savp, kBob, 2)}, 1, 2);
    scene.says(FlowId{1}, Side::responder, SipMethod::invite, 200, {line(MediaProto::rtp_savp, at("10.0.0.9", 7002), 3)}, 1, 1);
    for (FlowProfile& flow : scene.flows) {
      if (!joined || !flow.application->sip) continue;
      for (SeenDescription& seen : flow.application->sip->descriptions) seen.session.session_id = OpaqueHash{99};
    }
    const MediaLinks links = link_media(scene.flows, nullptr);
    EXPECT_EQ(links.calls[1].continues.has_value(), joined);
    const DeclaredMedia& declared = scene.declared(FlowId{3}, Side::initiator);
    EXPECT_EQ(declared.key_reused, !joined);
    EXPECT_EQ(declared.first_call, joined ? 1U : 0U);
    EXPECT_EQ(declared.joined_by, joined ? CallJoinBasis::session_id : CallJoinBasis::none);
  }
}

TEST(MediaLinks, WhatSecretsOpenedInsideTlsIsSignallingToo) {
  Scene scene;
  FlowProfile& sip = scene.sip();
  sip.tls = std::make_unique<TlsProfile>();
  sip.tls->established = true;
  sip.tls->cipher_suite = CipherSuite{0xC030};  // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
  scene.media(kAlice, kBob);
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  scene.flows[0].inside = std::move(scene.flows[0].application);
  const MediaLinks links = link_media(scene.flows, nullptr);
  const DeclaredMedia& declared = scene.declared(FlowId{2}, Side::initiator);
  EXPECT_EQ(declared.agreement, Agreement::srtp);
  EXPECT_FALSE(declared.key_readable) << "TLS protects it from everybody without the secrets";
  EXPECT_EQ(links.keys_of(FlowId{2}, Side::initiator).size(), 1U);
  EXPECT_FALSE(links.calls[0].legs[0].readable);
}

TEST(MediaLinks, ScaleSrtpIsNamed) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  MediaDescription offer = line(MediaProto::rtp_avp, kAlice, 1);
  offer.cryptos[0].scale = true;
  MediaDescription answer = line(MediaProto::rtp_savp, kBob, 2);
  answer.cryptos[0].scale = true;
  scene.invite(offer);
  scene.ok(answer);
  link_media(scene.flows, nullptr);
  EXPECT_TRUE(scene.declared(FlowId{2}, Side::initiator).scale);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).crypto_suite, SrtpSuite::aes_cm_128_hmac_sha1_80);
}

TEST(MediaLinks, AnAnswerDecidesAndGivesEachDirectionItsOwnKey) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  const MediaLinks links = link_media(scene.flows, nullptr);
  for (const Side side : {Side::initiator, Side::responder}) {
    const DeclaredMedia& declared = scene.declared(FlowId{2}, side);
    EXPECT_EQ(declared.agreement, Agreement::srtp);
    EXPECT_EQ(declared.keying, MediaKeying::sdes);
    EXPECT_TRUE(declared.key_readable);
    ASSERT_EQ(links.keys_of(FlowId{2}, side).size(), 1U);
    EXPECT_EQ(links.keys_of(FlowId{2}, side)[0].key.key_and_salt, key_of(side == Side::initiator ? 1 : 2));
  }
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).key.frame, FrameNumber{1});
  EXPECT_EQ(scene.declared(FlowId{2}, Side::responder).key.frame, FrameNumber{2});
  ASSERT_EQ(links.calls.size(), 1U);
  ASSERT_EQ(links.calls[0].legs.size(), 1U);
  EXPECT_EQ(links.calls[0].legs[0].media, std::vector{FlowId{2}});
  EXPECT_TRUE(scene.flows[0].application->sip->descriptions.empty()) << "keys stay nowhere else";
}

TEST(MediaLinks, WhatTheAnswerMakesOfTheOffer) {
  struct Case {
    std::string_view name;
    MediaDescription offer;
    MediaDescription answer;
    Agreement agreement;
    bool fell_back = false;
  };
  MediaDescription fingerprint = line(MediaProto::udp_tls_rtp_savp, kAlice);
  fingerprint.fingerprints = {{.algorithm = "sha-256", .octets = {1}}};
  MediaDescription fingerprint_answer = line(MediaProto::udp_tls_rtp_savp, kBob);
  fingerprint_answer.fingerprints = {{.algorithm = "sha-256", .octets = {2}}};
  MediaDescription unencrypted = line(MediaProto::rtp_savp, kAlice, 1);
  unencrypted.cryptos[0].unencrypted_srtp = true;
  const Case cases[] = {
      {"SAVP and SAVP", line(MediaProto::rtp_savp, kAlice, 1), line(MediaProto::rtp_savp, kBob, 2), Agreement::srtp},
      {"optional SRTP taken with SAVP", line(MediaProto::rtp_avp, kAlice, 1), line(MediaProto::rtp_savp, kBob, 2), Agreement::srtp},
      {"optional SRTP taken on AVP", line(MediaProto::rtp_avp, kAlice, 1), line(MediaProto::rtp_avp, kBob, 2), Agreement::srtp},
      {"optional SRTP left", line(MediaProto::rtp_avp, kAlice, 1), line(MediaProto::rtp_avp, kBob), Agreement::clear},
      {"clear and clear", line(MediaProto::rtp_avp, kAlice), line(MediaProto::rtp_avp, kBob), Agreement::clear},
      {"SAVP answered with AVP", line(MediaProto::rtp_savp, kAlice, 1), line(MediaProto::rtp_avp, kBob), Agreement::clear, true},
      {"a tag that was not offered", line(MediaProto::rtp_savp, kAlice, 1), line(MediaProto::rtp_savp, kBob, 2, 9), Agreement::unknown},
      {"SAVP without any key", line(MediaProto::rtp_savp, kAlice, 1), line(MediaProto::rtp_savp, kBob), Agreement::unknown},
      {"without encryption", unencrypted, line(MediaProto::rtp_savp, kBob, 2), Agreement::clear},
      {"fingerprints of both", fingerprint, fingerprint_answer, Agreement::srtp},
      {"a fingerprint of one", line(MediaProto::udp_tls_rtp_savp, kAlice), fingerprint_answer, Agreement::unknown},
  };
  for (const Case& c : cases) {
    Scene scene;
    scene.sip();
    scene.media(kAlice, kBob);
    scene.invite(c.offer);
    scene.ok(c.answer);
    link_media(scene.flows, nullptr);
    EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, c.agreement) << c.name;
    EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).fell_back, c.fell_back) << c.name;
  }
}

TEST(MediaLinks, AnOfferAloneDecidesNothingAndItsKeysAreCandidates) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  const MediaLinks links = link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, Agreement::unknown);
  EXPECT_EQ(links.keys_of(FlowId{2}, Side::initiator).size(), 1U);
  EXPECT_TRUE(links.keys_of(FlowId{2}, Side::responder).empty());
}

TEST(MediaLinks, ADelayedOfferIsAnsweredByTheAck) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  scene.says(FlowId{1}, Side::initiator, SipMethod::ack, 0, {line(MediaProto::rtp_savp, kAlice, 1)});
  const MediaLinks links = link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, Agreement::srtp);
  EXPECT_EQ(links.keys_of(FlowId{2}, Side::initiator)[0].key.key_and_salt, key_of(1));
}

TEST(MediaLinks, AResponseWhoseOfferWasNotSeenIsNoAnswer) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, Agreement::unknown);
}

TEST(MediaLinks, ALaterAnswerMayTakeSrtpAway) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob, Timestamp{seconds{2}});
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  scene.invite(line(MediaProto::rtp_avp, kAlice), 2);
  scene.ok(line(MediaProto::rtp_avp, kBob), 2);
  const MediaLinks links = link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, Agreement::clear);
  EXPECT_TRUE(scene.declared(FlowId{2}, Side::initiator).fell_back);
  EXPECT_EQ(links.keys_of(FlowId{2}, Side::initiator).size(), 1U) << "for what was sent before";
}

TEST(MediaLinks, AnAddressThatStunToldLeadsThroughNat) {
  Scene scene;
  scene.sip();
  const Endpoint inside = at("192.168.1.5", 7000);
  scene.media(inside, at("10.0.0.9", 9));  // to a relay that nobody signalled
  scene.flows[1].application->stun.emplace().addresses.push_back({.kind = TransportAddressKind::mapped, .endpoint = kAlice});
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  const MediaLinks links = link_media(scene.flows, nullptr);
  EXPECT_EQ(links.keys_of(FlowId{2}, Side::initiator)[0].key.key_and_salt, key_of(1));
  EXPECT_EQ(links.keys_of(FlowId{2}, Side::responder)[0].key.key_and_salt, key_of(2));
}

TEST(MediaLinks, ACandidateLeadsToAStream) {
  Scene scene;
  scene.sip();
  scene.media(at("10.0.0.8", 1), at("10.0.0.9", 2));
  MediaDescription answer = line(MediaProto::rtp_savp, kBob, 2);
  answer.candidates.push_back(at("10.0.0.9", 2));
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(answer);
  link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, Agreement::srtp);
}

TEST(MediaLinks, MediaThatNobodySignalledHasNoDeclaration) {
  Scene scene;
  scene.sip();
  scene.media(at("10.0.0.8", 1), at("10.0.0.9", 2));
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  link_media(scene.flows, nullptr);
  EXPECT_FALSE(scene.flows[1].application->media[0].declared);
}

TEST(MediaLinks, APortThatALaterCallTakesIsTheLaterCalls) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob, Timestamp{seconds{200}});
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  for (int i = 0; i < 100; ++i) scene.says(FlowId{1}, Side::initiator, SipMethod::message, 400, {});  // time passes
  scene.says(FlowId{1}, Side::initiator, SipMethod::invite, 0, {line(MediaProto::rtp_avp, kAlice)}, 1, 2);
  scene.says(FlowId{1}, Side::responder, SipMethod::invite, 200, {line(MediaProto::rtp_avp, kBob)}, 1, 2);
  link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).agreement, Agreement::clear);
  EXPECT_FALSE(scene.declared(FlowId{2}, Side::initiator).key_readable);
}

TEST(MediaLinks, AKeyThatIsUsedTwiceIsTold) {
  struct Case {
    std::string_view name;
    std::uint8_t alice;
    std::uint8_t bob;
    std::uint8_t later;  ///< Alice's key of another call, on another port
    bool reused;
  };
  for (const Case& c :
       {Case{"fresh keys", 1, 2, 3, false}, Case{"one key both ways", 1, 1, 3, true}, Case{"one key for two calls", 1, 2, 1, true}}) {
    Scene scene;
    scene.sip();
    scene.media(kAlice, kBob);
    scene.invite(line(MediaProto::rtp_savp, kAlice, c.alice));
    scene.ok(line(MediaProto::rtp_savp, kBob, c.bob));
    scene.says(FlowId{1}, Side::initiator, SipMethod::invite, 0, {line(MediaProto::rtp_savp, at("10.0.0.1", 4100), c.later)}, 1, 2);
    scene.says(FlowId{1}, Side::responder, SipMethod::invite, 200, {line(MediaProto::rtp_savp, at("10.0.0.2", 6100), 9)}, 1, 2);
    link_media(scene.flows, nullptr);
    EXPECT_EQ(scene.declared(FlowId{2}, Side::initiator).key_reused, c.reused) << c.name;
  }
}

TEST(MediaLinks, ClearControlPacketsOnTheirOwnPortAreFound) {
  Scene scene;
  scene.sip();
  scene.media(kAlice, kBob);
  FlowProfile& control = scene.media(at("10.0.0.1", 4001), at("10.0.0.2", 6001));
  control.application->media.clear();
  control.application->rtcp[0] = SeenControl{{.num_packets = 3, .kind = RtcpKind::rtcp}, {}};
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  link_media(scene.flows, nullptr);
  const auto shown = [&](Side sender) {
    const OptionalBoxed<ClearControl>& clear = scene.flows[1].application->media[index(sender)].clear_control;
    return clear ? clear->flow : FlowId{};
  };
  EXPECT_EQ(shown(Side::initiator), FlowId{3});
  EXPECT_EQ(shown(Side::responder), FlowId{});
}

TEST(MediaLinks, AnotherHopOfTheSameCallGivesTheKeyAway) {
  Scene scene;
  FlowProfile& protected_hop = scene.sip("10.0.0.1", "10.0.0.5");
  protected_hop.tls = std::make_unique<TlsProfile>();
  protected_hop.tls->established = true;
  protected_hop.tls->cipher_suite = CipherSuite{0xC030};
  scene.sip("10.0.0.5", "10.0.0.2");
  scene.media(kAlice, kBob);
  for (const FlowId hop : {FlowId{1}, FlowId{2}})
    scene.says(hop, Side::initiator, SipMethod::invite, 0, {line(MediaProto::rtp_savp, kAlice, 1)});
  for (const FlowId hop : {FlowId{2}, FlowId{1}})
    scene.says(hop, Side::responder, SipMethod::invite, 200, {line(MediaProto::rtp_savp, kBob, 2)});
  scene.flows[0].inside = std::move(scene.flows[0].application);
  const MediaLinks links = link_media(scene.flows, nullptr);
  EXPECT_EQ(scene.declared(FlowId{3}, Side::initiator).agreement, Agreement::srtp);
  EXPECT_TRUE(scene.declared(FlowId{3}, Side::initiator).key_readable);
  EXPECT_EQ(scene.declared(FlowId{3}, Side::initiator).key_flow, FlowId{2});
  EXPECT_FALSE(scene.declared(FlowId{3}, Side::initiator).key_reused);
  ASSERT_EQ(links.calls.size(), 1U);
  ASSERT_EQ(links.calls[0].legs.size(), 2U);
  EXPECT_FALSE(links.calls[0].legs[0].readable);
  EXPECT_TRUE(links.calls[0].legs[1].readable);
}

TEST(MediaLinks, AnotherCallThatAnAgentHandsTheKeyOnToGivesItAway) {
  Scene scene;
  FlowProfile& protected_hop = scene.sip("10.0.0.1", "10.0.0.5");
  protected_hop.tls = std::make_unique<TlsProfile>();
  protected_hop.tls->established = true;
  protected_hop.tls->cipher_suite = CipherSuite{0xC030};
  scene.sip("10.0.0.5", "10.0.0.2");
  scene.media(kAlice, at("10.0.0.5", 7000));
  scene.says(FlowId{1}, Side::initiator, SipMethod::invite, 0, {line(MediaProto::rtp_savp, kAlice, 1)}, 1, 1);
  scene.says(FlowId{1}, Side::responder, SipMethod::invite, 200, {line(MediaProto::rtp_savp, at("10.0.0.5", 7000), 2)}, 1, 1);
  scene.flows[0].inside = std::move(scene.flows[0].application);
  scene.says(FlowId{2}, Side::initiator, SipMethod::invite, 0, {line(MediaProto::rtp_savp, at("10.0.0.5", 7002), 1)}, 1, 2);
  const MediaLinks links = link_media(scene.flows, nullptr);
  const DeclaredMedia& sent = scene.declared(FlowId{3}, Side::initiator);
  EXPECT_TRUE(sent.key_readable);
  EXPECT_EQ(sent.key_flow, FlowId{2});
  EXPECT_FALSE(scene.declared(FlowId{3}, Side::responder).key_readable);
  ASSERT_EQ(links.keys_of(FlowId{3}, Side::initiator).size(), 1U);
  EXPECT_TRUE(links.keys_of(FlowId{3}, Side::initiator)[0].readable);
  EXPECT_FALSE(links.keys_of(FlowId{3}, Side::responder)[0].readable);
}

TEST(MediaLinks, AKeyReadBesideDtlsIsReadable) {
  Scene scene;
  FlowProfile& shared_ports = scene.sip();
  shared_ports.tls = std::make_unique<TlsProfile>();
  shared_ports.tls->dtls = shared_ports.tls->established = true;
  shared_ports.tls->cipher_suite = CipherSuite{0xC030};
  scene.media(kAlice, kBob);
  scene.invite(line(MediaProto::rtp_savp, kAlice, 1));
  scene.ok(line(MediaProto::rtp_savp, kBob, 2));
  link_media(scene.flows, nullptr);
  EXPECT_TRUE(scene.declared(FlowId{2}, Side::initiator).key_readable);
}

}  // namespace
}  // namespace sealtrace
