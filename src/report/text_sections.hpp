// The sections of the text report, in the order in which they are printed.
#pragma once

#include "model/audit.hpp"
#include "report/audit_view.hpp"
#include "report/text_page.hpp"

namespace sealtrace {

void write_header_section(TextPage& page, const AuditResult& audit, const AuditCounts& counts);
void write_rows_section(TextPage& page, const AuditResult& audit);
void write_certificate_rules_section(TextPage& page, const AuditResult& audit);
void write_findings_section(TextPage& page, const AuditResult& audit, const AuditCounts& counts);
void write_legs_section(TextPage& page, const AuditResult& audit);
/// write_calls_section lists the calls whose signalling was read; nothing without one.
void write_calls_section(TextPage& page, const AuditResult& audit);
void write_blind_spots_section(TextPage& page, const AuditResult& audit);
void write_certificates_section(TextPage& page, const AuditResult& audit);
/// write_pool_leaves_section puts the certificates side by side in which members of a pool differ; nothing where all agree.
void write_pool_leaves_section(TextPage& page, const AuditResult& audit);
void write_proposals_section(TextPage& page, const AuditResult& audit);
void write_sign_off_section(TextPage& page);
void write_verdict_section(TextPage& page, const AuditResult& audit, const AuditCounts& counts);

/// say_more states how much of a list was not printed, and where it is.
void say_more(TextPage& page, std::size_t total, std::size_t listed, std::string_view what);

/// overall_status is the status that colours and signs the overall result; overall_word names it for people. An audit that
/// passes although nothing was expected, or something seen stayed open, shows no failure; that is not compliance.
Status overall_status(const AuditResult& audit);
std::string_view overall_word(const AuditResult& audit);
/// leg_ends is "client → server:port"; TCP goes without saying.
std::string leg_ends(const AuditResult& audit, const Leg& leg);
/// status_counts is "2 fail, 1 inconclusive, 3 pass", worst first, zeros left out.
std::string status_counts(const std::map<Status, std::uint64_t>& counts);

}  // namespace sealtrace
