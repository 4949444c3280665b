// The text report: what an auditor reads in a terminal and a reviewer signs.
#pragma once

#include "model/audit.hpp"
#include "report/options.hpp"

namespace sealtrace {

/// write_text gives `sink` the report: what was audited, the traffic-protection table, findings with evidence, legs, what could
/// not be seen and why, certificates, role proposals, and the verdict in one line. Long lists are cut, and say so.
void write_text(const AuditResult& audit, const ReportOptions& options, const Sink& sink);

}  // namespace sealtrace
