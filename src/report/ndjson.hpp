// NDJSON: one record a line, the form that scripts read (docs/records.md).
#pragma once

#include "model/audit.hpp"
#include "report/options.hpp"

namespace sealtrace {

/// kSchemaVersion grows by a minor number when a key is added, by a major one when a meaning changes.
inline constexpr std::string_view kSchemaVersion = "1.0";

/// write_ndjson gives `sink` the records audit, capture, certificate, flow, leg, finding, row, summary, in this order.
void write_ndjson(const AuditResult& audit, const ReportOptions& options, const Sink& sink);

}  // namespace sealtrace
