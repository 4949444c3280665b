#include "report/text.hpp"

#include "report/text_sections.hpp"

namespace sealtrace {

void write_text(const AuditResult& audit, const ReportOptions& options, const Sink& sink) {
  const AuditCounts counts = count_audit(audit);
  TextPage page{options, sink};
  write_header_section(page, audit, counts);
  const bool without_packets = of_certificates_alone(audit);
  if (!without_packets) write_rows_section(page, audit);
  write_certificate_rules_section(page, audit);
  write_findings_section(page, audit, counts);
  if (!without_packets) {
    write_legs_section(page, audit);
    write_calls_section(page, audit);
    write_blind_spots_section(page, audit);
  }
  write_certificates_section(page, audit);
  write_pool_leaves_section(page, audit);
  write_proposals_section(page, audit);
  if (options.sign_off) write_sign_off_section(page);
  write_verdict_section(page, audit, counts);
}

}  // namespace sealtrace
