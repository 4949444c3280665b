// SRTP: the suites that signalling and DTLS name, and a master key as either gives it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/secret_octets.hpp"

namespace sealtrace {

/// SrtpSuite is a crypto suite of SDP (RFC 4568 section 6.2, RFC 6188, RFC 7714) or a DTLS-SRTP protection profile (RFC 5764 section
/// 4.1.2). The table kSrtpSuites is in this order.
enum class SrtpSuite : std::uint8_t {
  aes_cm_128_hmac_sha1_80,
  aes_cm_128_hmac_sha1_32,
  f8_128_hmac_sha1_80,
  aes_192_cm_hmac_sha1_80,
  aes_192_cm_hmac_sha1_32,
  aes_256_cm_hmac_sha1_80,
  aes_256_cm_hmac_sha1_32,
  aead_aes_128_gcm,
  aead_aes_256_gcm,
  null_hmac_sha1_80,
  null_hmac_sha1_32,
};

/// SrtpSuiteTraits are what a suite fixes. Lengths are in octets; `rtcp_tag` differs from `tag` where RTCP keeps the long one.
struct SrtpSuiteTraits {
  std::string_view name;  ///< as SDP spells it; profiles without a name there: as IANA does
  std::uint8_t key_bytes = 0;
  std::uint8_t salt_bytes = 0;
  std::uint8_t tag_bytes = 0;
  std::uint8_t rtcp_tag_bytes = 0;
  std::uint16_t dtls_profile = 0;  ///< 0: none
  bool encrypts = true;
};

inline constexpr std::array<SrtpSuiteTraits, 11> kSrtpSuites{{
    {"AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10, 0x0001, true},
    {"AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10, 0x0002, true},
    {"F8_128_HMAC_SHA1_80", 16, 14, 10, 10, 0, true},
    {"AES_192_CM_HMAC_SHA1_80", 24, 14, 10, 10, 0, true},
    {"AES_192_CM_HMAC_SHA1_32", 24, 14, 4, 10, 0, true},
    {"AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 10, 0, true},
    {"AES_256_CM_HMAC_SHA1_32", 32, 14, 4, 10, 0, true},
    {"AEAD_AES_128_GCM", 16, 12, 16, 16, 0x0007, true},
    {"AEAD_AES_256_GCM", 32, 12, 16, 16, 0x0008, true},
    {"SRTP_NULL_HMAC_SHA1_80", 16, 14, 10, 10, 0x0005, false},
    {"SRTP_NULL_HMAC_SHA1_32", 16, 14, 4, 10, 0x0006, false},
}};

constexpr const SrtpSuiteTraits& traits(SrtpSuite suite) { return kSrtpSuites[static_cast<std::size_t>(suite)]; }

/// find_srtp_suite finds the suite of a name as the table spells it.
constexpr std::optional<SrtpSuite> find_srtp_suite(std::string_view name) {
  for (std::size_t i = 0; i < kSrtpSuites.size(); ++i) {
    if (kSrtpSuites[i].name == name) return SrtpSuite{static_cast<std::uint8_t>(i)};
  }
  return std::nullopt;
}

/// srtp_suite_of_profile finds the suite of a DTLS-SRTP protection profile; nullopt for one that is not known.
constexpr std::optional<SrtpSuite> srtp_suite_of_profile(std::uint16_t profile) {
  for (std::size_t i = 0; i < kSrtpSuites.size(); ++i) {
    if (profile != 0 && kSrtpSuites[i].dtls_profile == profile) return SrtpSuite{static_cast<std::uint8_t>(i)};
  }
  return std::nullopt;
}

/// SrtpMasterKey is a master key, salt and how they are used (RFC 4568 sections 6.1 and 6.3). `key_and_salt` has the suite's lengths.
struct SrtpMasterKey {
  SrtpSuite suite{};
  SecretOctets key_and_salt;
  SecretOctets mki;                              ///< the Master Key Identifier that packets carry before the tag; empty: none
  std::uint8_t key_derivation_rate_log2 = 0xFF;  ///< 0xFF: keys are derived once
  bool unencrypted_srtp = false;
  bool unencrypted_srtcp = false;
  bool unauthenticated_srtp = false;
};

/// GivenSrtpKey is a key that the user has, for streams of captures whose path ends in `capture` (empty: of all) and of one SSRC (none:
/// any).
struct GivenSrtpKey {
  std::string capture = {};
  std::optional<std::uint32_t> ssrc = {};
  SrtpMasterKey key = {};
};

}  // namespace sealtrace
