#include "correlate/media_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "crypto/identifier_digests.hpp"
#include "crypto/srtp_key_derivation.hpp"

namespace sealtrace {
namespace {

constexpr std::uint32_t kSsrc = 0xCAFEBABE;

SrtpMasterKey key_of(SrtpSuite suite, std::uint8_t seed) {
  const SrtpSuiteTraits& needs = traits(suite);
  std::vector<std::uint8_t> octets(std::size_t{needs.key_bytes} + needs.salt_bytes);
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(seed + 7 * i);
  SrtpMasterKey key;
  key.suite = suite;
  key.key_and_salt = SecretOctets{octets};
  return key;
}

/// hmac_sha1 is RFC 2104 for a key that is shorter than a block.
auto hmac_sha1(std::span<const std::uint8_t> key, std::span<const std::uint8_t> covered) {
  constexpr std::size_t kBlockBytes = 64;
  std::vector<std::uint8_t> inner(kBlockBytes, 0x36);
  std::vector<std::uint8_t> outer(kBlockBytes, 0x5C);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] ^= key[i];
    outer[i] ^= key[i];
  }
  inner.insert(inner.end(), covered.begin(), covered.end());
  const auto digest = sha1(inner);
  outer.insert(outer.end(), digest.begin(), digest.end());
  return sha1(outer);
}

/// packet_of makes an SRTP packet; what it encrypts does not matter to HMAC.
MediaSample packet_of(const SrtpMasterKey& key, std::uint16_t sequence_number, std::uint32_t roll_over_counter) {
  std::vector<std::uint8_t> packet{
      0x80, 0, static_cast<std::uint8_t>(sequence_number >> 8), static_cast<std::uint8_t>(sequence_number), 0, 0, 0, 1};
  for (int shift = 24; shift >= 0; shift -= 8) packet.push_back(static_cast<std::uint8_t>(kSsrc >> shift));
  for (std::uint8_t i = 0; i < 40; ++i) packet.push_back(static_cast<std::uint8_t>(i * 31 + sequence_number));
  std::vector<std::uint8_t> covered = packet;
  for (int shift = 24; shift >= 0; shift -= 8) covered.push_back(static_cast<std::uint8_t>(roll_over_counter >> shift));
  const SrtpSessionKeys keys = derive_session_keys(key, SrtpStream::rtp, 0);
  const auto digest = hmac_sha1(keys.authentication.octets(), covered);
  packet.insert(packet.end(), digest.begin(), digest.begin() + traits(key.suite).tag_bytes);
  return {.packet = packet, .header_bytes = 12, .sequence_number = sequence_number, .frame = FrameNumber{sequence_number}, .time = {}};
}

/// tried gives what comes of trying `keys` on packets of one source.
MediaKeyTrial tried(std::vector<MediaSample> samples, const std::vector<SrtpMasterKey>& keys, MediaKeyBudget budget = {},
                    bool joined_late = true) {
  std::vector<FlowProfile> flows(1);
  flows[0].application = std::make_unique<ApplicationProfile>();
  MediaSource& source = flows[0].application->media.emplace_back();
  source.rtp.ssrc = kSsrc;
  source.rtp.samples = std::move(samples);
  verify_media(
      flows,
      [&](const FlowProfile&, const MediaSource&) {
        std::vector<MediaKeyCandidate> found;
        for (const SrtpMasterKey& key : keys)
          found.push_back({.key = &key, .source = MediaKeySource::signalling, .joined_late = joined_late});
        return found;
      },
      budget);
  return source.keys ? *source.keys : MediaKeyTrial{};
}

TEST(MediaKeys, the_key_that_made_the_tag_is_found_among_others) {
  const SrtpMasterKey right = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 1);
  const SrtpMasterKey wrong = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 2);
  const MediaKeyTrial trial = tried({packet_of(right, 100, 0), packet_of(right, 102, 0)}, {wrong, right});
  EXPECT_TRUE(trial.holds());
  EXPECT_EQ(trial.num_keys, 2U);
  EXPECT_EQ(trial.num_verified, 2);
  EXPECT_EQ(trial.roll_over_counter, 0U);
  EXPECT_EQ(trial.source, MediaKeySource::signalling);
  EXPECT_TRUE(trial.encrypts);
  EXPECT_EQ(value(trial.verified.frame), 100U);
}

TEST(MediaKeys, keys_that_fit_no_packet_are_said_not_to) {
  const SrtpMasterKey right = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 1);
  const SrtpMasterKey wrong = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 2);
  const MediaKeyTrial trial = tried({packet_of(right, 100, 0)}, {wrong});
  EXPECT_FALSE(trial.holds());
  EXPECT_EQ(trial.num_keys, 1U);
  EXPECT_EQ(trial.num_samples, 1);
}

TEST(MediaKeys, a_stream_that_was_joined_late_is_found_by_its_roll_over_counter) {
  const SrtpMasterKey key = key_of(SrtpSuite::aes_256_cm_hmac_sha1_80, 1);
  for (const std::uint32_t counter : {1U, 2U, 77U, kMaxRollOvers - 1}) {
    const MediaKeyTrial trial = tried({packet_of(key, 100, counter), packet_of(key, 300, counter)}, {key});
    EXPECT_TRUE(trial.holds()) << counter;
    EXPECT_EQ(trial.roll_over_counter, counter);
    EXPECT_EQ(trial.num_verified, 2);
  }
  EXPECT_FALSE(tried({packet_of(key, 100, kMaxRollOvers)}, {key}).holds());
  EXPECT_FALSE(tried({packet_of(key, 100, 77)}, {key}, {.searched_tags = 40}).holds()) << "the budget ends before";
  EXPECT_FALSE(tried({packet_of(key, 100, 77)}, {key}, {}, false).holds()) << "a stream seen from its beginning has no such counter";
}

TEST(MediaKeys, a_packet_behind_the_wrap_and_one_of_a_later_run_are_found_near_the_first) {
  const SrtpMasterKey key = key_of(SrtpSuite::aes_cm_128_hmac_sha1_32, 1);
  EXPECT_EQ(tried({packet_of(key, 65535, 0), packet_of(key, 0, 1)}, {key}).num_verified, 2);
  EXPECT_EQ(tried({packet_of(key, 3, 5), packet_of(key, 65530, 4)}, {key}).num_verified, 2);
  EXPECT_EQ(tried({packet_of(key, 1, 0), packet_of(key, 2, 0), packet_of(key, 3, 9)}, {key}).num_verified, 3);
}

TEST(MediaKeys, a_short_tag_proves_by_two_packets_only) {
  const SrtpMasterKey key = key_of(SrtpSuite::aes_cm_128_hmac_sha1_32, 1);
  const SrtpMasterKey other = key_of(SrtpSuite::aes_cm_128_hmac_sha1_32, 2);
  EXPECT_FALSE(tried({packet_of(key, 100, 0)}, {key}).holds());
  EXPECT_FALSE(tried({packet_of(key, 100, 0), packet_of(other, 101, 0)}, {key}).holds());
  EXPECT_TRUE(tried({packet_of(key, 100, 0), packet_of(key, 101, 0)}, {key}).holds());
}

TEST(MediaKeys, what_does_not_encrypt_is_said_to) {
  const SrtpMasterKey null = key_of(SrtpSuite::null_hmac_sha1_80, 1);
  EXPECT_FALSE(tried({packet_of(null, 100, 0)}, {null}).encrypts);
  SrtpMasterKey agreed = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 1);
  const MediaSample sample = packet_of(agreed, 100, 0);
  agreed.unencrypted_srtp = true;
  const MediaKeyTrial trial = tried({sample}, {agreed});
  EXPECT_TRUE(trial.holds());
  EXPECT_FALSE(trial.encrypts);
}

TEST(MediaKeys, a_session_without_tags_is_counted_and_verifies_nothing) {
  SrtpMasterKey key = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 1);
  const MediaSample sample = packet_of(key, 100, 0);
  key.unauthenticated_srtp = true;
  const MediaKeyTrial trial = tried({sample}, {key});
  EXPECT_FALSE(trial.holds());
  EXPECT_EQ(trial.num_without_tag, 1U);
}

TEST(GivenMediaKeys, are_for_the_captures_and_streams_they_name) {
  struct Case {
    std::string_view capture;
    std::optional<std::uint32_t> ssrc;
    bool found;
  };
  const Case cases[] = {
      {"", {}, true},          {"b.pcap", {}, true},    {"calls/b.pcap", {}, true}, {"/data/calls/b.pcap", {}, true},
      {"s/b.pcap", {}, false}, {"x/b.pcap", {}, false}, {"a.pcap", {}, false},      {"c.pcap", {}, true},
      {"", kSsrc, true},       {"", 1U, false},         {"b.pcap", kSsrc, true},    {"old/calls/c.pcap", {}, true},
  };
  const std::vector<std::string> captures{"calls/a.pcap", "/data/calls/b.pcap", "calls/c.pcap"};
  FlowProfile flow;
  flow.first_capture = CaptureId{1};
  flow.last_capture = CaptureId{2};
  MediaSource source;
  source.rtp.ssrc = kSsrc;
  for (const Case& c : cases) {
    const std::vector<GivenSrtpKey> given{
        {.capture = std::string{c.capture}, .ssrc = c.ssrc, .key = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 1)}};
    EXPECT_EQ(given_media_keys(given, captures, flow, source).size(), c.found ? 1U : 0U) << c.capture;
  }
}

/// Call is a flow with a DTLS handshake that ended at second 10, and a source that began at `media_at`.
struct Call {
  explicit Call(int media_at = 11) {
    flows.resize(1);
    FlowProfile& flow = flows[0];
    flow.transport = Transport::udp;
    flow.tls = std::make_unique<TlsProfile>();
    flow.tls->dtls = flow.tls->established = true;
    flow.tls->version = TlsVersion::dtls1_2;
    flow.tls->cipher_suite = CipherSuite{0xC02B};
    flow.tls->use_srtp = 0x0001;
    flow.tls->frames.client_finished = {Evidence{.frame = FrameNumber{8}}, at(10)};
    flow.tls->frames.server_finished = {Evidence{.frame = FrameNumber{9}}, at(10)};
    flow.application = std::make_unique<ApplicationProfile>();
    flow.application->media.emplace_back().first = {Evidence{.frame = FrameNumber{12}}, at(media_at)};
  }
  static Timestamp at(int second) { return Timestamp{std::chrono::seconds{second}}; }
  TlsProfile& tls() { return *flows[0].tls; }
  MediaAssertion assertion() {
    link_media_handshakes(flows);
    return flows[0].application->media[0].assertion({});
  }

  std::vector<FlowProfile> flows;
};

TEST(ExportedMediaKeys, ThatMakeNoTagRefuteTheHandshake) {
  Call call;
  EXPECT_EQ(call.assertion().state, MediaState::srtp);
  MediaSource& source = call.flows[0].application->media[0];
  source.declared.emplace().agreement = Agreement::srtp;
  source.declared->keying = MediaKeying::dtls;
  source.declared->answer = Evidence{.frame = FrameNumber{7}};
  source.keys = MediaKeyTrial{.num_keys = 1, .num_exported = 1, .num_samples = 2, .verified = {}};
  EXPECT_EQ(call.assertion().state, MediaState::undecided) << "somebody else's packets";
  source.keys->num_samples = 0;
  EXPECT_EQ(call.assertion().state, MediaState::srtp) << "none were tried";
}

TEST(MediaHandshakes, ALossThatMayHideALaterHandshakeProvesNothing) {
  Call call;
  call.tls().handshake_damaged = true;
  EXPECT_EQ(call.assertion().state, MediaState::undecided);
}

TEST(ExportedMediaKeys, are_tried_on_the_streams_of_their_sender_and_channel) {
  const SrtpMasterKey right = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 1);
  struct Case {
    std::string_view name;
    ExportedSrtpKey exported;
    std::uint32_t num_keys = 0;
    bool holds = false;
    bool readable = false;
  };
  const CipherSuite good{0xC02B};
  const Case cases[] = {
      {"its own", {.key = right, .cipher_suite = good, .sender = Side::responder, .channel = 4}, 1, true},
      {"of the other end", {.key = right, .cipher_suite = good, .sender = Side::initiator, .channel = 4}, 0, false},
      {"with another peer behind the relay", {.key = right, .cipher_suite = good, .sender = Side::responder, .channel = 5}, 0, false},
      {"of wrong secrets",
       {.key = key_of(SrtpSuite::aes_cm_128_hmac_sha1_80, 2), .cipher_suite = good, .sender = Side::responder, .channel = 4},
       1,
       false},
      {"of a handshake with anybody",
       {.key = right, .cipher_suite = CipherSuite{0xC018}, .sender = Side::responder, .channel = 4},
       1,
       true,
       true},
  };
  for (const Case& c : cases) {
    Call call;
    call.tls().srtp_keys.push_back(c.exported);
    call.tls().established = false;  // the tags alone prove
    MediaSource& source = call.flows[0].application->media[0];
    source.sender = Side::responder;
    source.channel = 4;
    source.rtp.ssrc = kSsrc;
    source.rtp.samples = {packet_of(right, 100, 0), packet_of(right, 102, 0)};
    verify_media(call.flows, [](const FlowProfile& flow, const MediaSource& of) {
      std::vector<MediaKeyCandidate> keys;
      add_exported_media_keys(keys, flow, of);
      return keys;
    });
    const MediaKeyTrial trial = source.keys ? *source.keys : MediaKeyTrial{};
    EXPECT_EQ(trial.num_keys, c.num_keys) << c.name;
    EXPECT_EQ(trial.holds(), c.holds) << c.name;
    EXPECT_EQ(trial.readable, c.readable) << c.name;
    EXPECT_EQ(source.assertion({}).basis == Basis::key_verified, c.holds) << c.name;
    EXPECT_EQ(trial.source == MediaKeySource::dtls, c.holds) << c.name;
  }
}

TEST(MediaHandshakes, a_stream_behind_a_completed_handshake_is_srtp) {
  const MediaAssertion found = Call{}.assertion();
  EXPECT_EQ(found.state, MediaState::srtp);
  EXPECT_EQ(found.basis, Basis::decoded);
}

TEST(MediaHandshakes, what_does_not_key_a_stream_proves_nothing) {
  struct Case {
    std::string_view name;
    void (*change)(Call& call);
  };
  const Case cases[] = {
      {"the handshake did not complete", [](Call& call) { call.tls().established = false; }},
      {"no profile was chosen", [](Call& call) { call.tls().use_srtp.reset(); }},
      {"the profile is not known", [](Call& call) { call.tls().use_srtp = 0x7777; }},
      {"the suite does not encrypt", [](Call& call) { call.tls().cipher_suite = CipherSuite{0xC006}; }},
      {"the suite authenticates nobody", [](Call& call) { call.tls().cipher_suite = CipherSuite{0xC018}; }},
      {"the stream began before it", [](Call& call) { call = Call{9}; }},
      {"it was with another peer behind the relay", [](Call& call) { call.tls().channel = 5; }},
  };
  for (const Case& c : cases) {
    Call call;
    c.change(call);
    EXPECT_EQ(call.assertion().state, MediaState::undecided) << c.name;
  }
}

TEST(MediaHandshakes, a_profile_that_does_not_encrypt_is_srtp_in_clear) {
  Call call;
  call.tls().use_srtp = 0x0005;
  const MediaAssertion found = call.assertion();
  EXPECT_EQ(found.state, MediaState::srtp_null);
  EXPECT_EQ(found.basis, Basis::decoded);
}

TEST(MediaAssertion, a_payload_proved_clear_is_that_whatever_was_agreed) {
  Call call;
  MediaSource& source = call.flows[0].application->media[0];
  source.decisions.push_back({.verdict = {.protection = MediaProtection::clear}, .decided = {}});
  EXPECT_EQ(call.assertion().state, MediaState::clear);
  source.keys = MediaKeyTrial{.num_keys = 1, .num_samples = 1, .num_verified = 1, .verified = {}};
  const MediaAssertion verified = call.assertion();
  EXPECT_EQ(verified.state, MediaState::srtp_null) << "authenticated, and not encrypted";
  EXPECT_EQ(verified.basis, Basis::key_verified);
}

TEST(MediaAssertion, statistics_alone_never_say_srtp) {
  MediaSource source;
  EXPECT_EQ(source.assertion({}).state, MediaState::undecided);
  source.decisions.push_back({.verdict = {.protection = MediaProtection::encrypted_unidentified}, .decided = {}});
  EXPECT_EQ(source.assertion({}).state, MediaState::encrypted_unidentified);
  EXPECT_EQ(source.assertion({}).basis, Basis::inferred);
  source.keys = MediaKeyTrial{.num_keys = 3, .num_samples = 2, .verified = {}};
  EXPECT_EQ(source.assertion({}).state, MediaState::encrypted_unidentified) << "keys that do not fit change nothing";
}

}  // namespace
}  // namespace sealtrace
