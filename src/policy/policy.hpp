// Policy: a pack of rows, each with its authority, its requirement and its words. Packs are data (docs/policy.md); what a requirement
// means is judge_flow.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"
#include "model/roles.hpp"
#include "model/srtp.hpp"
#include "model/tls_numbers.hpp"
#include "policy/certificate_rule.hpp"
#include "policy/policy_texts.hpp"
#include "policy/reason.hpp"

namespace sealtrace {

/// Requirement is what a row demands of its legs.
enum class Requirement : std::uint8_t {
  mtls,           ///< TLS whose client proved the key of a certificate
  tls,            ///< TLS
  https,          ///< TLS around HTTP; what is inside is not seen
  srtp,           ///< SRTP: by signalling and packets (judge_media.hpp)
  reported,       ///< nothing: listed, so that a reader sees it was considered
  clear,          ///< nothing: clear by design
  not_supported,  ///< the product has no such leg: what is in clear there fails, the rest is open
  classify,       ///< of traffic that belongs to no other row: that it can be classified, and that its TLS protects at all
};
inline constexpr std::array<std::string_view, 8> kRequirementNames{
    "mtls", "tls", "https", "srtp", "reported", "clear-by-design", "not-supported", "classify"};
constexpr std::string_view to_string(Requirement requirement) { return kRequirementNames[static_cast<std::size_t>(requirement)]; }
/// in_words is a requirement as reports print it.
std::string_view in_words(Requirement requirement);

/// Condition is when an exception holds.
enum class Condition : std::uint8_t {
  always,
  internal_im_tcp,         ///< both ends lie inside, and the topology's settings tolerate TCP there
  trunk_tls,               ///< the topology's trunk between the two states transport tls
  trusted_application,     ///< one end is a trusted application
  crosses_zones,           ///< the two ends lie in different zones
  um_not_secured,          ///< the topology's settings say that the dial plan of Unified Messaging asks for no protection
  xmpp_tls_optional,       ///< one end is an XMPP partner with whom TLS is optional
  xmpp_tls_not_supported,  ///< one end is an XMPP partner with whom TLS is not supported
  mediation_server,        ///< one end is a Mediation Server or a survivable branch appliance, which has one
  trunk_srtp_required,     ///< the topology's trunk between the two states srtp_mode required
  encryption_supported,    ///< the topology's settings state encryption_level supported: clients may fall back to clear media
};
inline constexpr std::array<std::string_view, 11> kConditionNames{"always",
                                                                  "internal-im-tcp-tolerated",
                                                                  "trunk-transport-tls",
                                                                  "trusted-application",
                                                                  "crosses-zones",
                                                                  "um-not-secured",
                                                                  "xmpp-tls-optional",
                                                                  "xmpp-tls-not-supported",
                                                                  "mediation-server",
                                                                  "trunk-srtp-required",
                                                                  "encryption-level-supported"};

/// PolicyException overrides how severe a reason is, or turns a fail into an accepted risk (never into a pass). The first whose reason
/// and condition fit counts.
struct PolicyException {
  Reason reason{};
  Condition when = Condition::always;
  std::optional<Status> status;  ///< fail or accepted_risk
  std::optional<Severity> severity;
  std::string because;  ///< the document's ground
  PolicyTexts texts;
};

/// ExpectedLeg makes a row expected when the topology has one holder of a role in `client` and another of one in `server`.
struct ExpectedLeg {
  RoleSet client;
  RoleSet server;
};

struct PolicyRow {
  std::string id;
  std::string title;
  std::vector<TrafficClass> classes;  ///< whose legs the row judges
  Requirement requirement{};
  PolicySource source;
  Severity severity = Severity::high;  ///< of a fail, unless an exception says otherwise
  bool accept_strong_inference = false;
  bool upgrade_in_place = false;         ///< TLS may begin after clear octets (STARTTLS)
  bool accept_inferred_media = false;    ///< media that looks encrypted satisfies the row
  bool accept_other_protection = false;  ///< encryption by another protocol satisfies the row
  std::vector<CipherSuite> suites;       ///< all that a session of TLS 1.2 or older may use; empty: the row names none
  std::vector<TrafficClass> carried_by;  ///< classes inside whose legs this row's traffic travels
  std::vector<PolicyException> exceptions;
  std::vector<ExpectedLeg> expected_when;
  PolicyTexts texts;
  std::string disabled;  ///< why the row is not judged; empty: it is
  std::uint32_t line = 0;
};

/// FlagRule decides about what a flow shows besides its row's requirement: a version or a kind of suite that a completed handshake
/// chose, a credential in clear, a broken promise, an SRTP suite. `status` is fail or accepted_risk; absent: the policy allows it, and says
/// why.
struct FlagRule {
  Reason reason{};
  std::optional<Status> status;
  Severity severity = Severity::low;
  std::vector<SrtpSuite> srtp_suites;  ///< of srtp_suite_not_listed: the suites that it lists
  std::string because;
  PolicyTexts texts;
};

/// Policy is one pack. Results point into its strings: it must stay where it is as long as they are used.
struct Policy {
  static constexpr std::uint8_t kNoRow = 0xFF;

  std::string name;
  std::string title;
  std::string edition;
  std::string extends;  ///< the pack from which the parts come that this one does not state; empty: none
  std::vector<FlagRule> flag_rules;
  std::vector<PolicyRow> rows;
  std::vector<CertificateRule> certificate_rules;
  std::array<std::uint8_t, kTrafficClassNames.size()> row_of_class{};  ///< index into rows, or kNoRow

  [[nodiscard]] const PolicyRow* row_for(TrafficClass traffic_class) const {
    const std::uint8_t index = row_of_class[static_cast<std::size_t>(traffic_class)];
    return index == kNoRow ? nullptr : &rows[index];
  }
  [[nodiscard]] const PolicyRow* find_row(std::string_view id) const;
  [[nodiscard]] const FlagRule* find_flag_rule(Reason reason) const;
  [[nodiscard]] const CertificateRule* find_certificate_rule(std::string_view id) const;
};

}  // namespace sealtrace
