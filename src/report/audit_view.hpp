// AuditView: look-ups in a result model that never leave its vectors, and the counts that every format states alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit.hpp"

namespace sealtrace {

/// element is the element of `items` at `index`, or nullptr: an index that points nowhere means "none".
template <typename Item>
const Item* element(const std::vector<Item>& items, std::size_t index) {
  return index < items.size() ? &items[index] : nullptr;
}

/// capture_name is the name of a capture as given on the command line, "?" for an unknown one.
std::string_view capture_name(const AuditResult& audit, CaptureId capture);

/// asset_name is the name of an asset, "?" for none.
std::string_view asset_name(const AuditResult& audit, std::uint32_t asset);

/// flow_id is how records name a flow: "f12".
std::string flow_id(FlowId flow);

/// kStatuses and kSeverities are the order in which counts are printed.
inline constexpr Status kStatuses[] = {Status::pass,         Status::fail,           Status::accepted_risk, Status::waived,
                                       Status::inconclusive, Status::not_applicable, Status::not_observed};
inline constexpr Severity kSeverities[] = {Severity::critical, Severity::high, Severity::medium, Severity::low};

/// AuditCounts are the sums of an audit.
struct AuditCounts {
  std::uint64_t num_frames = 0;
  std::uint64_t captured_bytes = 0;
  std::uint64_t num_flows = 0;
  std::uint64_t num_tls_flows = 0;          ///< flows in which a TLS or DTLS session was recognised
  std::uint64_t num_established_flows = 0;  ///< of them, handshakes that completed
  std::map<Status, std::uint64_t> legs;
  std::map<Status, std::uint64_t> rows;
  std::map<Status, std::uint64_t> findings;
  std::map<Severity, std::uint64_t> finding_severities;
  std::uint64_t num_open_expected_rows = 0;  ///< expected and inconclusive or not observed
};

AuditCounts count_audit(const AuditResult& audit);

/// of_certificates_alone tells the result of an inventory from that of an audit of packets.
bool of_certificates_alone(const AuditResult& audit);

/// count_of is the count of one status, 0 when absent.
std::uint64_t count_of(const std::map<Status, std::uint64_t>& counts, Status status);

/// TimeSpan is the first and the last time stamp of all captures; absent without any.
struct TimeSpan {
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
};
TimeSpan audited_span(const AuditResult& audit);

}  // namespace sealtrace
