// The JSON summary: one indented document with everything but the flows and certificates.
#pragma once

#include "model/audit.hpp"
#include "report/options.hpp"

namespace sealtrace {

/// write_json_summary gives `sink` one JSON object: audit, captures, rows, legs, findings, summary, each as in its record.
void write_json_summary(const AuditResult& audit, const ReportOptions& options, const Sink& sink);

}  // namespace sealtrace
