// The result model of an audit: what every report format prints, from captures to the table's rows. Layers are kept apart:
// facts fold into profiles, profiles are judged on legs, legs make rows (docs/evidence.md).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/calls.hpp"
#include "model/certificate_use.hpp"
#include "model/evidence.hpp"
#include "model/few.hpp"
#include "model/flow_profile.hpp"
#include "model/ids.hpp"
#include "model/lazy.hpp"
#include "model/roles.hpp"
#include "model/stapled_status.hpp"
#include "model/topology.hpp"

namespace sealtrace {

/// Status of a result, a leg or a row (docs/evidence.md).
enum class Status : std::uint8_t { pass, waived, accepted_risk, inconclusive, fail, not_applicable, not_observed };

constexpr std::string_view to_string(Status status) {
  switch (status) {
    case Status::pass: return "pass";
    case Status::waived: return "waived";
    case Status::accepted_risk: return "accepted_risk";
    case Status::inconclusive: return "inconclusive";
    case Status::fail: return "fail";
    case Status::not_applicable: return "not_applicable";
    case Status::not_observed: return "not_observed";
  }
  return "unknown";
}

/// badness orders the judged statuses, worst highest: fail, inconclusive, accepted_risk, waived, pass; exempt ones are 0.
constexpr int badness(Status status) {
  switch (status) {
    case Status::fail: return 5;
    case Status::inconclusive: return 4;
    case Status::accepted_risk: return 3;
    case Status::waived: return 2;
    case Status::pass: return 1;
    case Status::not_applicable:
    case Status::not_observed: return 0;
  }
  return 0;
}

enum class Severity : std::uint8_t { low, medium, high, critical };

constexpr std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::low: return "low";
    case Severity::medium: return "medium";
    case Severity::high: return "high";
    case Severity::critical: return "critical";
  }
  return "unknown";
}

/// CaptureDamage counts what of a capture could not be used, by reason (a stable lower_snake_case word), in frames.
using CaptureDamage = std::map<std::string, std::uint64_t>;

/// CaptureSummary is one capture file or interface as it was read. Optional numbers are absent where the format does not carry them.
struct CaptureSummary {
  std::string name;         ///< as given on the command line
  std::string sha256;       ///< of the file's bytes as stored, upper-case hex; empty for streams and interfaces
  std::string format;       ///< pcap, pcapng, netmon, live; empty when unreadable
  std::string compression;  ///< gzip, zstd, lz4 or empty
  std::vector<std::string> link_types;
  std::vector<std::string> interfaces;  ///< names that the capture states, in order, at most 64; untrusted text
  std::uint64_t frames = 0;             ///< frames numbered, filtered ones included
  std::uint64_t frames_filtered = 0;    ///< of them, left out by the capture filter
  std::uint64_t bytes = 0;              ///< captured octets of frames
  std::optional<Timestamp> first_time;
  std::optional<Timestamp> last_time;
  std::uint32_t snaplen = 0;  ///< the smallest one stated, 0 when none
  std::optional<std::uint64_t> dropped_by_kernel;
  std::optional<std::uint64_t> dropped_by_interface;
  std::uint64_t num_interfaces = 0;
  std::uint64_t num_secrets_blocks = 0;
  bool complete = true;     ///< false: the file ends inside a block or a record
  std::string error;        ///< why reading stopped; empty when it did not
  bool unreadable = false;  ///< nothing could be read at all
  CaptureDamage damage;
};

/// CertificateFields are what one certificate says; empty text for absent fields. Names are RFC 2253 text.
struct CertificateFields {
  std::uint32_t version = 0;  ///< 1 to 3 as people count; 0 when not read
  std::string subject;
  std::string issuer;
  bool self_issued = false;               ///< subject and issuer are the same octets
  std::vector<std::string> common_names;  ///< of the subject, in the certificate's order
  std::string serial;                     ///< upper-case hex
  std::optional<Timestamp> not_before;
  std::optional<Timestamp> not_after;
  std::string public_key_algorithm;  ///< RSA, EC, DSA, Ed25519...
  std::uint32_t public_key_bits = 0;
  std::string curve;
  std::string public_exponent;         ///< of RSA, upper-case hex
  std::string signature_algorithm;     ///< OpenSSL's long name of the OID
  std::string signature_hash;          ///< sha256...; of RSASSA-PSS from its parameters; empty where the algorithm names none
  std::vector<std::string> dns_names;  ///< subjectAltName
  std::vector<std::string> ip_addresses;
  std::vector<std::string> other_names;         ///< "email:...", "uri:..."
  std::vector<std::string> extended_key_usage;  ///< short names or OIDs
  std::vector<std::string> key_usage;
  std::vector<std::string> crl_distribution_points;
  std::vector<std::string> authority_information_access;  ///< "ocsp:...", "ca-issuers:..."
  std::vector<std::string> policies;                      ///< OIDs, or names that OpenSSL knows
  std::string subject_key_identifier;                     ///< upper-case hex
  std::string authority_key_identifier;                   ///< upper-case hex
  std::optional<bool> certificate_authority;
  std::optional<std::uint32_t> path_length;  ///< basicConstraints
  std::optional<std::uint32_t> num_scts;     ///< embedded signed certificate timestamps (RFC 6962 section 3.3)
  std::string public_key_sha256;             ///< of SubjectPublicKeyInfo, upper-case hex
  std::string error;                         ///< what could not be read; the other fields are then as far as they could be
};

/// CertificateSummary is one distinct certificate of the audit. `fields` reads the certificate when called: kept for every
/// certificate, its text would be the greater part of a large audit's memory.
struct CertificateSummary {
  std::string sha256;  ///< of the DER, upper-case hex
  std::string sha1;    ///< likewise, of one of which only a list speaks: Windows' thumbprint
  std::uint32_t der_bytes = 0;
  std::function<CertificateFields()> fields;
  std::function<CertificateFields()> names;  ///< of them only the subject and the subjectAltName, for less; null: `fields` has them
  std::optional<Timestamp> not_after;        ///< as in `fields`
  bool seen_as_server = false;
  bool seen_as_client = false;
  bool seen_as_leaf = false;
  std::uint64_t num_flows = 0;
  std::optional<Timestamp> first_seen;
  std::optional<Timestamp> last_seen;
  Evidence first_evidence;
  std::vector<std::string> sources;     ///< of an inventory: the files and uses that name it, the first few
  std::vector<std::string> holders;     ///< known hosts and partners that showed it as their own, the first few
  std::string chain;                    ///< of a leaf that was checked: what became of its chain, in words
  std::vector<std::uint32_t> findings;  ///< index into AuditResult::findings
};

/// PoolLeaf is the leaf that a member of a pool has for a usage for which the pool's members differ.
struct PoolLeaf {
  std::string pool;
  CertificateUsage usage = CertificateUsage::unknown;
  std::string member;
  std::uint32_t certificate = 0;  ///< index into AuditResult::certificates
  std::string source;             ///< of an inventory: the file or line that lists it
  Evidence first_evidence;        ///< of the wire
};

/// Result is one requirement judged on one flow.
struct Result {
  std::string_view rule;     ///< id of the row; owned by the policy, which outlives the audit's result
  std::uint32_t policy = 0;  ///< index into AuditResult::policies
  Status status = Status::not_applicable;
  Severity severity = Severity::low;
  NotObservableCause cause{};          ///< where it is open because client authentication is not known: why that is so
  std::string_view reason;             ///< stable lower_snake_case code, static
  std::uint32_t finding = 0xFFFFFFFF;  ///< index into AuditResult::findings
};

/// Classification says which class of traffic a flow is, how that is known, and its leg.
struct Classification {
  TrafficClass traffic_class = TrafficClass::unknown;
  std::uint32_t leg = 0xFFFFFFFF;  ///< index into AuditResult::legs
  std::string_view basis;          ///< topology, proposed, content
};

struct JudgedFlow {
  Classification classification;
  OneOrMore<Result> results;  ///< most flows are judged once
};

/// Coverage says how much of a leg or row could be judged.
struct Coverage {
  std::uint64_t num_flows = 0;
  std::uint64_t num_decided = 0;    ///< pass, fail, accepted_risk, waived
  std::uint64_t num_undecided = 0;  ///< inconclusive
  std::uint64_t num_exempt = 0;     ///< probes, aborted handshakes, clear by design
  std::uint64_t missing_bytes = 0;
};

struct Leg {
  std::uint32_t policy = 0;  ///< that judged it: index into AuditResult::policies
  std::uint32_t number = 0;  ///< from 1, in the order of first appearance
  std::uint32_t client_asset = kNoAsset;
  std::uint32_t server_asset = kNoAsset;
  std::uint16_t server_port = 0;
  TrafficClass traffic_class = TrafficClass::unknown;
  Transport transport = Transport::tcp;
  Status status = Status::not_applicable;
  std::string protection;              ///< what was seen, in words: "TLS 1.2 with client certificate"
  std::string_view required;           ///< what the policy demands, in words; static
  SeldomMany<std::uint32_t> findings;  ///< index into AuditResult::findings
  Timestamp first_seen{};
  Timestamp last_seen{};
  Coverage coverage;

  [[nodiscard]] std::string id() const { return "l" + std::to_string(number); }
};

/// FindingEvidence is one frame that shows a finding, and how to look at it.
struct FindingEvidence {
  Evidence where;
  Timestamp time{};
  std::string what;
  std::string display_filter;  ///< Wireshark's language
};

struct Finding {
  std::uint32_t policy = 0;  ///< of whose rule it is
  std::string id;            ///< "F-" and eight hex digits: a hash of rule, leg and subject
  std::string_view rule;
  Status status = Status::fail;
  Severity severity = Severity::high;
  std::string_view reason;
  std::string title;
  std::string message;
  std::string why;
  std::string remedy;
  std::string verify;  ///< a command that shows the finding's absence
  std::vector<std::uint32_t> legs;
  std::vector<FindingEvidence> evidence;
  std::uint64_t num_flows = 0;  ///< flows that show it, of which `evidence` names the first few
  Timestamp first_seen{};
  Timestamp last_seen{};
  std::string waiver;
};

struct RowVerdict {
  std::uint32_t policy = 0;  ///< whose row it is
  std::string id;
  std::string title;
  std::string required;
  bool expected = false;
  Status status = Status::not_observed;
  std::string note;  ///< why it is open or disabled; empty otherwise
  std::map<Status, std::uint64_t> num_legs;
  bool of_certificates = false;                      ///< a rule about certificates: it has no legs
  std::map<Status, std::uint64_t> num_certificates;  ///< judged uses of certificates by status
  Coverage coverage;
  std::uint32_t worst_finding = 0xFFFFFFFF;
  std::string document;
  std::string clause;
};

/// ProposalStrength is how far a reason carries. `strong`: a product names itself, or the protocol is spoken by this role alone;
/// `probable`: the port and the protocol are this role's; `possible`: a name or a port that others have too.
enum class ProposalStrength : std::uint8_t { possible, probable, strong };

constexpr std::string_view to_string(ProposalStrength strength) {
  switch (strength) {
    case ProposalStrength::possible: return "possible";
    case ProposalStrength::probable: return "probable";
    case ProposalStrength::strong: return "strong";
  }
  return "unknown";
}

/// ProposalReason is one piece of evidence in words, and the frame that shows it first.
struct ProposalReason {
  std::string what;
  ProposalStrength strength{};
  Evidence where;
};

/// RoleProposal is a role that the traffic itself suggests for an address without one. It is never applied: no verdict knows of it.
struct RoleProposal {
  std::string address;
  std::string name;  ///< of the host, from DNS answers, certificates or server names; empty when not known
  std::string role;  ///< a role's name, or several that the evidence does not tell apart: "front-end or director"
  ProposalStrength strength{};
  std::vector<ProposalReason> reasons;  ///< strongest first, the first few of `num_reasons`
  std::uint64_t num_reasons = 0;        ///< different ones, counted to sixteen
};

/// SecretsSummary counts the TLS secrets that an audit was given, in ClientHellos that have some; never what they are.
struct SecretsSummary {
  std::uint64_t num_hellos = 0;
  std::uint64_t num_used = 0;       ///< of them, seen in the traffic
  std::uint64_t ignored_lines = 0;  ///< of key logs: no line of one, or of a label that is not known
  std::uint64_t over_budget = 0;    ///< lines that found no room
};

struct PolicyReference {
  std::string name;
  std::string sha256;
};

/// AuditResult is everything an audit has to say. Indexes point into its own vectors. Several policies judge the same flows: legs, findings
/// and rows are then those of each policy in turn, and a flow's class names the leg of the first. `certificates` is indexed by
/// CertificateId.
struct AuditResult {
  std::string tool_version;
  std::vector<std::string> command;
  std::vector<PolicyReference> policies;
  std::string topology_name;
  std::string topology_sha256;
  std::optional<Timestamp> started;  ///< wall clock; absent in reproducible output
  std::vector<CaptureSummary> captures;
  std::vector<CertificateSummary> certificates;
  std::vector<PoolLeaf> pool_leaves;                 ///< by pool, usage and member
  std::map<StapleKey, Lazy<StapledStatus>> staples;  ///< what the OCSP responses of the flows say
  std::vector<Asset> assets;
  std::vector<FlowProfile> flows;  ///< sorted by first frame; FlowId is the index + 1
  std::vector<JudgedFlow> judged;  ///< parallel to `flows`
  std::vector<Leg> legs;
  std::vector<Finding> findings;  ///< worst first
  std::vector<RowVerdict> rows;
  std::vector<RoleProposal> proposals;
  std::vector<Call> calls;  ///< by number
  std::uint64_t duplicate_frames = 0;
  std::optional<SecretsSummary> secrets;                  ///< absent when there were none
  std::map<std::string, std::uint64_t> budgets_exceeded;  ///< by budget name: how often
  std::map<std::string_view, std::string_view> cures;     ///< by the reason of an inconclusive result: how to decide it; both static
  std::string overall;                                    ///< pass, fail, incomplete
  int exit_code = 0;
};

}  // namespace sealtrace
