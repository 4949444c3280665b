#include "proto/sdp.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sealtrace {
namespace {

constexpr std::uint64_t kHashKey = 0x5EED;
constexpr std::string_view kKey30 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";  // octets 0 to 29

MediaDescription only(std::string_view lines) {
  SdpSession session = parse_sdp(lines, kHashKey);
  EXPECT_EQ(session.media.size(), 1U) << lines;
  return session.media.empty() ? MediaDescription{} : session.media.front();
}

Endpoint endpoint(std::string_view address, std::uint16_t port) { return {.address = *IpAddress::parse(address), .port = port}; }

TEST(Sdp, TheSessionLevelHoldsWhereTheMediaLevelSaysNothing) {
  const SdpSession session = parse_sdp(
      "v=0\r\nc=IN IP4 192.0.2.1\r\na=sendonly\r\na=fingerprint:SHA-256 AB:cd\r\n"
      "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
      "m=video 4002 RTP/SAVPF 99\r\nc=IN IP6 2001:db8::1\r\na=inactive\r\na=rtcp-mux\r\n",
      kHashKey);
  ASSERT_EQ(session.media.size(), 2U);
  const MediaDescription& audio = session.media[0];
  EXPECT_EQ(audio.kind, MediaKind::audio);
  EXPECT_EQ(audio.proto, MediaProto::rtp_avp);
  EXPECT_EQ(audio.endpoint, endpoint("192.0.2.1", 4000));
  EXPECT_EQ(audio.rtcp, endpoint("192.0.2.1", 4001));
  EXPECT_EQ(audio.direction, MediaDirection::sendonly);
  ASSERT_EQ(audio.fingerprints.size(), 1U);
  EXPECT_EQ(audio.fingerprints[0], (SdpFingerprint{.algorithm = "sha-256", .octets = {0xAB, 0xCD}}));
  EXPECT_TRUE(audio.telephone_event_types.test(101));
  EXPECT_TRUE(audio.payload_types.test(0) && audio.payload_types.test(101));
  const MediaDescription& video = session.media[1];
  EXPECT_EQ(video.proto, MediaProto::rtp_savpf);
  EXPECT_EQ(video.endpoint, endpoint("2001:db8::1", 4002));
  EXPECT_EQ(video.rtcp, endpoint("2001:db8::1", 4002));
  EXPECT_EQ(video.direction, MediaDirection::inactive);
}

TEST(Sdp, ACryptoLineGivesKeyLifetimeMkiAndParameters) {
  const SdpCrypto crypto = parse_sdp_crypto("1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string{kKey30} +
                                                "|2^31|1:4;inline:" + std::string{kKey30} + "|258:2 KDR=3 UNENCRYPTED_SRTCP",
                                            false);
  EXPECT_EQ(crypto.tag, 1U);
  EXPECT_EQ(crypto.suite, SrtpSuite::aes_cm_128_hmac_sha1_80);
  ASSERT_EQ(crypto.keys.size(), 2U);
  EXPECT_EQ(crypto.keys[0].key_and_salt.size(), 30U);
  EXPECT_EQ(crypto.keys[0].key_and_salt.octets()[29], 29);
  EXPECT_EQ(crypto.keys[0].mki, SecretOctets(std::array<std::uint8_t, 4>{0, 0, 0, 1}));
  EXPECT_EQ(crypto.keys[1].mki, SecretOctets(std::array<std::uint8_t, 2>{1, 2}));
  EXPECT_EQ(crypto.keys[0].key_derivation_rate_log2, 3);
  EXPECT_TRUE(crypto.unencrypted_srtcp);
  EXPECT_TRUE(crypto.keys[1].unencrypted_srtcp);
  EXPECT_FALSE(crypto.unencrypted_srtp);
}

TEST(Sdp, AKeyIsReadOnlyInTheLengthOfItsSuite) {
  struct Case {
    std::string_view name;
    std::string value;
    std::size_t num_keys;
  };
  const std::string key{kKey30};
  const Case cases[] = {
      {"30 octets for AES-128", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key, 1},
      {"the name in small letters", "1 aes_cm_128_hmac_sha1_32 inline:" + key, 1},
      {"28 octets for GCM, padded or not", "1 AEAD_AES_128_GCM inline:" + key.substr(0, 38) + "==", 1},
      {"28 octets without padding", "1 AEAD_AES_128_GCM inline:" + key.substr(0, 38), 1},
      {"too short", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key.substr(0, 36), 0},
      {"too long for any", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key + key + key, 0},
      {"not base64", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key.substr(0, 39) + "!", 0},
      {"no inline", "1 AES_CM_128_HMAC_SHA1_80 " + key, 0},
      {"a suite of nobody", "1 AES_CM_512 inline:" + key, 0},
      {"an MKI that does not fit its length", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "|256:1", 0},
      {"an MKI without a length", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "|1:", 0},
      {"nothing", "", 0},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_sdp_crypto(c.value, false).keys.size(), c.num_keys) << c.name;
}

TEST(Sdp, ScaleSrtpNamesASideFirst) {
  const MediaDescription media =
      only("m=audio 5 RTP/SAVP 0\na=cryptoscale:1 client AES_CM_128_HMAC_SHA1_80 inline:" + std::string{kKey30} + "|2^31|1:1\n");
  ASSERT_EQ(media.cryptos.size(), 1U);
  EXPECT_TRUE(media.cryptos[0].scale);
  EXPECT_EQ(media.cryptos[0].tag, 1U);
  EXPECT_EQ(media.cryptos[0].keys.size(), 1U);
}

TEST(Sdp, CandidatesOfBothKindsAreRead) {
  const MediaDescription media = only(
      "m=audio 5 RTP/AVP 0\na=candidate:1 1 UDP 2130706431 10.0.0.1 5000 typ host\n"
      "a=candidate:x/y 1 TCP-ACT 1684798975 10.0.0.2 5001 typ relay raddr 10.0.0.1 rport 5000\n"
      "a=candidate:user/+ 2 pass/+ UDP 0.830 10.0.0.3 50010\n"
      "a=candidate:1 1 UDP 2130706431 host.local 5000 typ host\n"
      "a=candidate:1 1 UDP 2130706431 10.0.0.1 70000 typ host\n"
      "a=candidate:1 1\n"
      "a=candidate:2 1 UDP 2130706431 10.0.0.1 5000 typ host\n");
  EXPECT_EQ(media.candidates, (std::vector{endpoint("10.0.0.1", 5000), endpoint("10.0.0.2", 5001), endpoint("10.0.0.3", 50010)}));
}

TEST(Sdp, ProtocolsAreKnownWhateverTheirCase) {
  EXPECT_EQ(media_proto("rtp/savp"), MediaProto::rtp_savp);
  EXPECT_EQ(media_proto("UDP/TLS/RTP/SAVPF"), MediaProto::udp_tls_rtp_savpf);
  EXPECT_EQ(media_proto("TCP/TLS/RTP/SAVP"), MediaProto::tcp_tls_rtp_savp);
  EXPECT_EQ(media_proto("TCP/RTP/AVP"), MediaProto::tcp_rtp_avp);
  EXPECT_EQ(media_proto("RTP/SAVPX"), MediaProto::other);
  EXPECT_TRUE(is_secure_profile(MediaProto::tcp_dtls_rtp_savp));
  EXPECT_FALSE(is_secure_profile(MediaProto::tcp_tls_rtp_avpf));
  EXPECT_TRUE(is_dtls_profile(MediaProto::udp_tls_rtp_savp));
  EXPECT_FALSE(is_dtls_profile(MediaProto::tcp_tls_rtp_savp));
}

TEST(Sdp, MarksOfProtectionAreRead) {
  struct Case {
    std::string_view line;
    bool (*shows)(const MediaDescription&);
  };
  const Case cases[] = {
      {"k=base64:AAAA", [](const MediaDescription& m) { return m.key_field; }},
      {"a=encryption:optional", [](const MediaDescription& m) { return m.encryption == EncryptionAttribute::optional; }},
      {"a=encryption:rejected", [](const MediaDescription& m) { return m.encryption == EncryptionAttribute::rejected; }},
      {"a=key-mgmt:mikey AQAAAAAAAAAAAA==",
       [](const MediaDescription& m) { return m.mikey && m.mikey->method == MikeyMethod::pre_shared_key; }},
      {"a=zrtp-hash:1.10 fe30", [](const MediaDescription& m) { return m.zrtp; }},
      {"a=label:applicationsharing-video", [](const MediaDescription& m) { return m.desktop_sharing; }},
      {"a=x-applicationsharing-role:sharer", [](const MediaDescription& m) { return m.desktop_sharing; }},
      {"a=rtcp:53020 IN IP4 192.0.2.9", [](const MediaDescription& m) { return m.rtcp == endpoint("192.0.2.9", 53020); }},
      {"a=tcap:1 RTP/SAVP\r\na=pcfg:1 t=1", [](const MediaDescription& m) { return m.secure_potential; }},
      {"a=acap:1 crypto:7 AES_CM_128_HMAC_SHA1_80 inline:AA",
       [](const MediaDescription& m) { return m.cryptos.size() == 1 && m.cryptos[0].tag == 7; }},
  };
  for (const Case& c : cases) {
    EXPECT_TRUE(c.shows(only("m=video 5000 RTP/AVP 0\r\n" + std::string{c.line} + "\r\n"))) << c.line;
    EXPECT_FALSE(c.shows(only("m=video 5000 RTP/AVP 0\r\n"))) << c.line;
  }
}

TEST(Sdp, BundledLinesAreMarked) {
  const SdpSession session = parse_sdp("a=group:BUNDLE a b\nm=audio 9 RTP/AVP 0\na=mid:a\nm=video 9 RTP/AVP 1\na=mid:c\n", kHashKey);
  EXPECT_TRUE(session.media[0].bundled);
  EXPECT_FALSE(session.media[1].bundled);
}

TEST(Sdp, BoundsAreKept) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "m=audio 5 RTP/AVP 0\na=crypto:1 X inline:AA\n";
  EXPECT_EQ(parse_sdp(text, kHashKey).media.size(), kMaxSdpMedia);
  EXPECT_TRUE(parse_sdp(text, kHashKey).left_out);
  EXPECT_EQ(parse_sdp(text, kHashKey).media.back().cryptos.size(), 1U);  // what belongs to a line beyond the bound is not the last one's
  text = "m=audio 5 RTP/AVP 0\n";
  for (int i = 0; i < 40; ++i) text += "a=crypto:1 X inline:AA\na=candidate:1 1 UDP 1 10.0.0." + std::to_string(i) + " 5000 typ host\n";
  EXPECT_EQ(parse_sdp(text, kHashKey).media[0].cryptos.size(), kMaxSdpCryptos);
  EXPECT_EQ(parse_sdp(text, kHashKey).media[0].candidates.size(), kMaxSdpCandidates);
  EXPECT_TRUE(parse_sdp(text, kHashKey).left_out);
}

TEST(Sdp, EveryCutIsReadWithoutMoreThanTheWhole) {
  const std::string text =
      "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string{kKey30} +
      "|2^20|1:4\r\na=candidate:1 1 UDP 1 10.0.0.1 5000 typ host\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const SdpSession session = parse_sdp(std::string_view{text}.substr(0, size), kHashKey);
    EXPECT_LE(session.media.size(), 1U);
    EXPECT_TRUE(session.media.empty() || session.media[0].cryptos.size() <= 1);
  }
}

}  // namespace
}  // namespace sealtrace
