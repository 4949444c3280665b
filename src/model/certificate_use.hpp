// CertificateUse: a certificate in somebody's hand: what a known host, partner or inventory shows as its own, with the chain it sends.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/evidence.hpp"
#include "model/ids.hpp"
#include "model/roles.hpp"
#include "model/stapled_status.hpp"

namespace sealtrace {

/// CertificateUsage is what a server has a certificate for, by the words of Get-CsCertificate, and what others have one for.
enum class CertificateUsage : std::uint8_t {
  standard,  ///< Default
  web_services_internal,
  web_services_external,
  oauth_token_issuer,
  access_edge_external,
  data_edge_external,
  audio_video_authentication,
  edge_internal,  ///< Internal
  xmpp_server,
  web_publishing,  ///< of a reverse proxy
  unknown,
};
inline constexpr std::array<std::string_view, 11> kCertificateUsageNames{"default",
                                                                         "web-services-internal",
                                                                         "web-services-external",
                                                                         "oauth-token-issuer",
                                                                         "access-edge-external",
                                                                         "data-edge-external",
                                                                         "audio-video-authentication",
                                                                         "edge-internal",
                                                                         "xmpp-server",
                                                                         "web-publishing",
                                                                         "unknown"};
constexpr std::string_view to_string(CertificateUsage usage) { return kCertificateUsageNames[static_cast<std::size_t>(usage)]; }

inline constexpr std::size_t kMaxNamesAsked = 8;  ///< server names kept of one use; a publishing proxy is asked for about as many

inline constexpr std::size_t kMaxStaplesOfUse = 16;  ///< distinct OCSP responses kept of one use: a server renews its own every few days

/// ShownStaple is an OCSP response that was sent with the chain, about the certificate at `place` in it.
struct ShownStaple {
  StapleId response{};
  std::uint8_t place = 0;
  Timestamp first_seen{};
  Timestamp last_seen{};
};

/// CertificateUse is one leaf with its chain, in one usage, on one side, of one holder.
struct CertificateUse {
  CertificateUsage usage = CertificateUsage::unknown;
  bool as_client = false;                ///< shown by the TLS client
  bool of_inventory = false;             ///< listed by an administrator, not seen
  std::string holder;                    ///< host or partner domain
  RoleSet roles;                         ///< of the holder, where it showed the certificate
  RoleSet peers;                         ///< of those it was shown to
  std::string pool;                      ///< FQDN of the holder's pool; empty: none
  std::string partner_domain;            ///< of a partner
  std::vector<std::uint32_t> chain;      ///< indexes into AuditResult::certificates, leaf first, as sent
  std::vector<ShownStaple> staples;      ///< in the order of their first sight, the first kMaxStaplesOfUse
  std::vector<std::string> names_asked;  ///< server names by which clients asked, the first kMaxNamesAsked
  std::vector<std::uint32_t> legs;       ///< indexes into AuditResult::legs
  std::string source;                    ///< of an inventory: the file or line that lists it
  std::optional<Timestamp> effective;    ///< of a roll: when the certificate takes over
  std::uint64_t num_flows = 0;
  Timestamp first_seen{};
  Timestamp last_seen{};
  TimedEvidence evidence;
};

/// staple_key names a response that was sent with `chain`, held against the certificate at `place` in it. `place` is one of the chain's.
inline StapleKey staple_key(StapleId response, std::uint8_t place, const std::vector<std::uint32_t>& chain) {
  const std::size_t issuer = std::size_t{place} + 1;
  return {.response = response, .certificate = chain[place], .issuer = issuer < chain.size() ? chain[issuer] : kNoStapleIssuer};
}

/// ChainState is what became of the attempt to build a chain from a leaf to a trust anchor; the dates are judged elsewhere.
enum class ChainState : std::uint8_t {
  not_checked,
  trusted,               ///< builds from what was sent to an anchor of one of the stores
  intermediate_missing,  ///< builds only with a certificate that was not sent with it
  not_trusted,           ///< ends in a self-signed certificate that is no anchor, or in an issuer that nobody has
  self_signed,           ///< the leaf itself is
  broken,                ///< a signature is wrong, or an issuer is no CA
};

/// StoreAnswer is what one store says of a chain. `absent`: no such store was given, or it could not be read.
enum class StoreAnswer : std::uint8_t { absent, no, yes };

/// ChainOutcome is the answer about one chain.
struct ChainOutcome {
  ChainState state = ChainState::not_checked;
  StoreAnswer internal_ca = StoreAnswer::absent;
  StoreAnswer public_ca = StoreAnswer::absent;
  StoreAnswer partner_ca = StoreAnswer::absent;
  bool root_sent = false;
  std::string detail;  ///< in words, of what is wrong
};

/// CertificateExamination is what looking at keys and signatures showed; `chains` is parallel to the uses, the rest goes by certificate.
struct CertificateExamination {
  std::vector<ChainOutcome> chains;
  std::vector<bool> roca;          ///< the modulus has the fingerprint of CVE-2017-15361
  std::vector<bool> shared_prime;  ///< the modulus has a factor in common with another key of the audit
};

}  // namespace sealtrace
