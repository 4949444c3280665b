#include "report/audit_view.hpp"

#include <algorithm>

namespace sealtrace {

std::string_view capture_name(const AuditResult& audit, CaptureId capture) {
  const CaptureSummary* found = element(audit.captures, value(capture));
  return found != nullptr ? std::string_view{found->name} : "?";
}

std::string_view asset_name(const AuditResult& audit, std::uint32_t asset) {
  const Asset* found = element(audit.assets, asset);
  return found != nullptr ? std::string_view{found->name} : "?";
}

std::string flow_id(FlowId flow) { return "f" + std::to_string(value(flow)); }

AuditCounts count_audit(const AuditResult& audit) {
  AuditCounts counts;
  for (const CaptureSummary& capture : audit.captures) {
    counts.num_frames += capture.frames;
    counts.captured_bytes += capture.bytes;
  }
  counts.num_flows = audit.flows.size();
  for (const FlowProfile& flow : audit.flows) {
    if (!flow.tls || flow.tls->pseudo) continue;
    ++counts.num_tls_flows;
    if (flow.tls->established) ++counts.num_established_flows;
  }
  for (const Leg& leg : audit.legs) ++counts.legs[leg.status];
  for (const Finding& finding : audit.findings) {
    ++counts.findings[finding.status];
    ++counts.finding_severities[finding.severity];
  }
  for (const RowVerdict& row : audit.rows) {
    ++counts.rows[row.status];
    if (row.expected && (row.status == Status::inconclusive || row.status == Status::not_observed)) ++counts.num_open_expected_rows;
  }
  return counts;
}

std::uint64_t count_of(const std::map<Status, std::uint64_t>& counts, Status status) {
  const auto found = counts.find(status);
  return found != counts.end() ? found->second : 0;
}

TimeSpan audited_span(const AuditResult& audit) {
  TimeSpan span;
  for (const CaptureSummary& capture : audit.captures) {
    if (capture.first_time && (!span.first || *capture.first_time < *span.first)) span.first = capture.first_time;
    if (capture.last_time && (!span.last || *capture.last_time > *span.last)) span.last = capture.last_time;
  }
  return span;
}

bool of_certificates_alone(const AuditResult& audit) {
  return audit.captures.empty() && audit.flows.empty() && std::ranges::any_of(audit.rows, &RowVerdict::of_certificates);
}

}  // namespace sealtrace
