#include "policy/fips.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "policy/judge_media.hpp"

namespace sealtrace {
namespace {

/// kMinDhBits: SP 800-131A revision 2, key agreement by Diffie-Hellman.
constexpr std::uint16_t kMinDhBits = 2048;

/// suite_in_fips: AES with SHA-1 or SHA-2 is what SP 800-52 revision 2 section 3.3.1 leaves of TLS. 3DES is disallowed since 2024 (SP
/// 800-131A revision 2 section 2).
bool suite_in_fips(CipherSuite code) {
  const CipherSuiteInfo* suite = find_cipher_suite(code);
  return suite != nullptr && suite->name.find("AES") != std::string_view::npos && suite->name.find("MD5") == std::string_view::npos;
}

/// group_in_fips: the NIST curves from P-224 and the groups of RFC 7919 (SP 800-56A revision 3 appendix D). ML-KEM is younger than the last
/// module of FIPS 140-2; beside a NIST curve it does no harm, since that carries the approval (SP 800-56C revision 2 section 2).
bool group_in_fips(NamedGroup group) {
  constexpr std::array kApproved{0x0015, 0x0017, 0x0018, 0x0019, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0x11EB, 0x11ED};
  return std::ranges::find(kApproved, static_cast<int>(group)) != kApproved.end();
}

/// signature_in_fips: RSA (both paddings) and ECDSA on a NIST curve, with SHA-2 (SP 800-131A revision 2 section 3). EdDSA is of FIPS 186-5,
/// which modules validated under 140-2 do not have; DSA makes no new signatures (FIPS 186-5).
bool signature_in_fips(SignatureScheme scheme) {
  const auto number = static_cast<std::uint16_t>(scheme);
  const unsigned first = number >> 8;
  const unsigned second = number & 0xFFU;
  constexpr unsigned kIntrinsic = 0x08;  // RSASSA-PSS and EdDSA of TLS 1.3
  if (first == kIntrinsic) return (second >= 0x04 && second <= 0x06) || (second >= 0x09 && second <= 0x0B);
  constexpr unsigned kSha224 = 3, kSha512 = 6, kRsa = 1, kEcdsa = 3;  // RFC 5246 section 7.4.1.4.1
  return first >= kSha224 && first <= kSha512 && (second == kRsa || second == kEcdsa);
}

bool srtp_suite_in_fips(SrtpSuite suite) {
  constexpr std::array<SrtpSuite, 8> kApproved{SrtpSuite::aes_cm_128_hmac_sha1_80, SrtpSuite::aes_cm_128_hmac_sha1_32,
                                               SrtpSuite::aes_192_cm_hmac_sha1_80, SrtpSuite::aes_192_cm_hmac_sha1_32,
                                               SrtpSuite::aes_256_cm_hmac_sha1_80, SrtpSuite::aes_256_cm_hmac_sha1_32,
                                               SrtpSuite::aead_aes_128_gcm,        SrtpSuite::aead_aes_256_gcm};
  return std::ranges::find(kApproved, suite) != kApproved.end();
}

/// chose_suite says that a handshake or signalling chose a suite, be it one that is not known here.
bool chose_suite(const MediaSource& source) { return source.handshake || (source.declared && !source.declared->suite.empty()); }

}  // namespace

std::vector<Reason> tls_outside_fips(const TlsProfile& tls) {
  std::vector<Reason> reasons;
  if (!suite_in_fips(tls.cipher_suite)) reasons.push_back(Reason::suite_not_fips);
  const bool group = tls.group == NamedGroup{} || group_in_fips(tls.group);
  const bool prime = tls.dh_prime_bits == 0 || tls.dh_prime_bits >= kMinDhBits;
  if (!group || !prime) reasons.push_back(Reason::group_not_fips);
  const auto approved = [](SignatureScheme scheme) { return scheme == SignatureScheme{} || signature_in_fips(scheme); };
  if (!approved(tls.server_signature) || !approved(tls.client_signature)) reasons.push_back(Reason::signature_not_fips);
  return reasons;
}

MediaFips media_fips(const FlowProfile& flow) {
  if (!flow.application) return MediaFips::none;
  MediaFips answer = MediaFips::none;
  for (const MediaSource& source : flow.application->media) {
    if (source.assertion({}).state != MediaState::srtp) continue;
    const std::optional<SrtpSuite> suite = srtp_suite_of(source);
    const bool known = suite || chose_suite(source);
    if (known && !(suite && srtp_suite_in_fips(*suite))) return MediaFips::outside;
    if (!known) {
      answer = MediaFips::not_known;
    } else if (answer == MediaFips::none) {
      answer = MediaFips::within;
    }
  }
  return answer;
}

}  // namespace sealtrace
