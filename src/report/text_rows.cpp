// The traffic-protection table: the page a reviewer signs.
#include <fmt/format.h>

#include "report/humanise.hpp"
#include "report/text_sections.hpp"

namespace sealtrace {

namespace {

/// absent is true for a row that nobody expects and no traffic touched: it is named below the table.
bool absent(const RowVerdict& row) { return row.of_certificates || (row.status == Status::not_observed && !row.expected); }

std::string coverage_text(const Coverage& coverage) {
  if (coverage.num_flows == 0) return "–";
  const std::uint64_t num_judged = coverage.num_decided + coverage.num_undecided;
  std::string text =
      num_judged == 0 ? "none judged" : fmt::format("{} of {}", with_separators(coverage.num_decided), with_separators(num_judged));
  if (coverage.num_exempt != 0) text += fmt::format(", {} exempt", with_separators(coverage.num_exempt));
  return text;
}

TableRow table_row(const AuditResult& audit, const RowVerdict& row) {
  std::string note = row.note;
  if (const Finding* worst = element(audit.findings, row.worst_finding)) {
    note += fmt::format("{}{}, {}: {}", note.empty() ? "" : "; ", worst->id, to_string(worst->severity), worst->title);
  }
  const std::string legs = status_counts(row.num_legs);
  return {.cells = {{status_text(row.status), status_style(row.status)},
                    {row.title, Style::strong},
                    {row.required.empty() ? "–" : row.required},
                    {legs.empty() ? "–" : legs},
                    {coverage_text(row.coverage)}},
          .note = std::move(note)};
}

/// write_absent_rows names rows that are neither expected nor observed, those with the same note together.
void write_absent_rows(TextPage& page, const AuditResult& audit, std::uint32_t policy) {
  std::map<std::string, std::string> titles_by_note;
  for (const RowVerdict& row : audit.rows) {
    if (row.policy != policy || row.of_certificates || !absent(row)) continue;
    std::string& titles = titles_by_note[row.note];
    titles += (titles.empty() ? "" : "; ") + row.title;
  }
  if (!titles_by_note.empty()) page.blank();
  for (const auto& [note, titles] : titles_by_note) {
    page.paragraph(fmt::format("{} Not expected here and not observed{}: {}.", status_sign(Status::not_observed),
                               note.empty() ? "" : fmt::format(" ({})", note), titles),
                   2, Style::faint);
  }
}

/// settled is true for a rule about certificates that needs no line of its own.
bool settled(const RowVerdict& row) {
  return row.status == Status::pass || row.status == Status::not_applicable || (row.status == Status::not_observed && !row.expected);
}

void write_rows_of(TextPage& page, const AuditResult& audit, std::uint32_t policy) {
  std::vector<TableRow> rows;
  for (const RowVerdict& row : audit.rows) {
    if (row.policy == policy && !absent(row)) rows.push_back(table_row(audit, row));
  }
  if (rows.empty()) {
    page.paragraph("No row of the policy is expected in this deployment, and no traffic of one was observed.");
  } else {
    page.table({{.title = "Status"},
                {.title = "Traffic", .min_columns = 22, .shrinks = true},
                {.title = "Required", .min_columns = 10, .shrinks = true},
                {.title = "Legs", .min_columns = 12, .shrinks = true},
                {.title = "Flows decided", .min_columns = 10, .shrinks = true}},
               rows);
  }
  write_absent_rows(page, audit, policy);
}

}  // namespace

void write_certificate_rules_section(TextPage& page, const AuditResult& audit) {
  std::vector<TableRow> rows;
  std::map<Status, std::uint64_t> num_settled;
  std::uint64_t num_judged = 0;
  for (const RowVerdict& row : audit.rows) {
    if (!row.of_certificates) continue;
    for (const auto& [status, count] : row.num_certificates) num_judged += count;
    if (settled(row)) {
      ++num_settled[row.status];
      if (row.note.empty() || row.status == Status::not_applicable) continue;
    }
    std::string note = row.note;
    if (const Finding* worst = element(audit.findings, row.worst_finding)) {
      note += fmt::format("{}{}, {}: {}", note.empty() ? "" : "; ", worst->id, to_string(worst->severity), worst->title);
    }
    rows.push_back({.cells = {{status_text(row.status), status_style(row.status)},
                              {row.title, Style::strong},
                              {row.required},
                              {row.num_certificates.empty() ? "–" : status_counts(row.num_certificates)}},
                    .note = std::move(note)});
  }
  if (num_judged == 0) return;
  page.heading("CERTIFICATE RULES", "of servers and partners that the topology names; what passes is counted below");
  if (!rows.empty()) {
    page.table({{.title = "Status"},
                {.title = "Rule", .min_columns = 22, .shrinks = true},
                {.title = "Required", .min_columns = 10, .shrinks = true},
                {.title = "Certificates", .min_columns = 10, .shrinks = true}},
               rows);
    page.blank();
  }
  page.paragraph(
      fmt::format("{} Rules that pass: {}; about nothing that was seen: {}; allowed by the policy: {}.", status_sign(Status::pass),
                  num_settled[Status::pass], num_settled[Status::not_observed], num_settled[Status::not_applicable]),
      2, Style::faint);
}

void write_rows_section(TextPage& page, const AuditResult& audit) {
  page.heading("TRAFFIC PROTECTION", "each row is the worst of its legs");
  if (audit.policies.size() < 2) return write_rows_of(page, audit, 0);
  for (std::uint32_t policy = 0; policy < audit.policies.size(); ++policy) {
    if (policy != 0) page.blank();
    page.paragraph("by " + audit.policies[policy].name, 0, Style::strong);
    write_rows_of(page, audit, policy);
  }
}

}  // namespace sealtrace
