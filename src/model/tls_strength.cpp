#include "model/tls_strength.hpp"

#include <algorithm>
#include <string_view>

namespace sealtrace {

std::optional<bool> forward_secret(const TlsProfile& tls) {
  const CipherTraits traits = cipher_traits(tls.cipher_suite);
  if (!traits.known || tls.version == TlsVersion::none || tls.version == TlsVersion::ssl2) return std::nullopt;
  const bool without_key_share = tls.resumption == Resumption::pre_shared_key && tls.group == NamedGroup{};
  return traits.forward_secret && !without_key_share;
}

bool is_post_quantum(NamedGroup group) {
  const std::string_view name = group_name(group);
  return name.find("MLKEM") != std::string_view::npos || name.find("Kyber") != std::string_view::npos;
}

bool is_small_curve(NamedGroup group) {
  constexpr auto kSect163k1 = 1, kSect193r2 = 5, kSecp160k1 = 15, kSecp192r1 = 19;
  const auto number = static_cast<std::uint16_t>(group);
  return (number >= kSect163k1 && number <= kSect193r2) || (number >= kSecp160k1 && number <= kSecp192r1);
}

bool signs_with_sha1(SignatureScheme scheme) {
  constexpr unsigned kMd5 = 1, kSha1 = 2, kLastOldSignature = 3;  // hash above signature, of rsa, dsa or ecdsa
  const auto number = static_cast<std::uint16_t>(scheme);
  const unsigned hash = number >> 8U, signature = number & 0xFFU;
  return (hash == kMd5 || hash == kSha1) && signature != 0 && signature <= kLastOldSignature;
}

bool chosen_below_offer(const TlsProfile& tls) {
  const auto offered = [&](TlsVersion version) {
    return std::ranges::find(tls.supported_versions, static_cast<std::uint16_t>(version)) != tls.supported_versions.end();
  };
  const bool offered_1_3 = offered(TlsVersion::tls1_3) || offered(TlsVersion::dtls1_3);
  const bool offered_1_2 = offered_1_3 || offered(TlsVersion::tls1_2) || offered(TlsVersion::dtls1_2);
  const bool is_1_2 = tls.version == TlsVersion::tls1_2 || tls.version == TlsVersion::dtls1_2;
  switch (tls.downgrade_sentinel) {
    case DowngradeSentinel::to_tls1_2: return is_1_2 && offered_1_3;
    case DowngradeSentinel::to_tls1_1_or_below: return !is_1_2 && !is_1_3(tls.version) && offered_1_2;
    case DowngradeSentinel::none: return false;
  }
  return false;
}

}  // namespace sealtrace
