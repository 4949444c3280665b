// What was audited, and the verdict: the two ends of the text report.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/humanise.hpp"
#include "report/text_sections.hpp"
#include "report/time_text.hpp"

namespace sealtrace {

namespace {

/// kMaxCapturesListed keeps the table of captures on one screen; the records list all.
constexpr std::size_t kMaxCapturesListed = 20;
/// kNoteIndent leaves room for a whole SHA-256 at the least width.
constexpr std::size_t kNoteIndent = 4;

/// kWorstFirst is the order in which a reader wants counts.
constexpr std::array kWorstFirst{Status::fail,         Status::inconclusive,   Status::accepted_risk, Status::waived,
                                 Status::not_observed, Status::not_applicable, Status::pass};

/// span_text is "2026-01-05 09:00:00 to 09:42:13 UTC (42 min 13 s)"; the second date is left out where it is the first.
std::string span_text(const TimeSpan& span) {
  if (!span.first || !span.last) return "no frames";
  const std::string first = clock_text(*span.first);
  std::string last = clock_text(*span.last);
  if (first.substr(0, 10) == last.substr(0, 10)) last.erase(0, 11);
  return fmt::format("{} to {} UTC ({})", first, last, human_duration(*span.last - *span.first));
}

std::string with_hash(std::string_view name, std::string_view sha256) {
  return sha256.empty() ? std::string{name} : fmt::format("{}, SHA-256 {}", name, sha256);
}

Span loss_of(const CaptureSummary& capture) {
  if (capture.unreadable) return {"unreadable", Style::bad};
  if (!capture.error.empty()) return {"reading stopped", Style::open};
  if (!capture.complete) return {"file cut short", Style::open};
  const std::uint64_t num_dropped = capture.dropped_by_kernel.value_or(0) + capture.dropped_by_interface.value_or(0);
  if (num_dropped != 0) return {with_separators(num_dropped) + " dropped", Style::open};
  if (!capture.damage.empty()) return {"partly damaged", Style::open};
  if (capture.dropped_by_kernel || capture.dropped_by_interface) return {"none", Style::plain};
  return {"not stated", Style::faint};
}

std::string format_of(const CaptureSummary& capture) {
  return capture.compression.empty() ? capture.format : fmt::format("{}, {}", capture.format, capture.compression);
}

std::string capture_note(const CaptureSummary& capture) {
  std::vector<std::string> parts;
  if (!capture.sha256.empty()) parts.push_back("SHA-256 " + capture.sha256);
  if (capture.frames_filtered != 0) parts.push_back(counted(capture.frames_filtered, "frame") + " left out by the capture filter");
  if (capture.num_secrets_blocks != 0)
    parts.push_back("carries " + counted(capture.num_secrets_blocks, "block") + " of decryption secrets");
  return fmt::format("{}", fmt::join(parts, "; "));
}

void write_captures(TextPage& page, const AuditResult& audit) {
  std::vector<TableRow> rows;
  for (std::size_t i = 0; i < std::min(audit.captures.size(), kMaxCapturesListed); ++i) {
    const CaptureSummary& capture = audit.captures[i];
    const std::string duration = capture.first_time && capture.last_time ? human_duration(*capture.last_time - *capture.first_time) : "";
    rows.push_back({.cells = {{capture.name, Style::strong},
                              {format_of(capture)},
                              {fmt::format("{}", fmt::join(capture.link_types, ", "))},
                              {with_separators(capture.frames)},
                              {human_bytes(capture.bytes)},
                              {duration},
                              loss_of(capture)},
                    .note = capture_note(capture)});
  }
  if (rows.empty()) return;
  page.blank();
  page.table({{.title = "Capture", .min_columns = 12, .shrinks = true},
              {.title = "Format", .min_columns = 8, .shrinks = true},
              {.title = "Link", .min_columns = 8, .shrinks = true},
              {.title = "Frames", .right_aligned = true},
              {.title = "Size", .right_aligned = true},
              {.title = "Time", .right_aligned = true},
              {.title = "Loss", .min_columns = 8, .shrinks = true}},
             rows, kNoteIndent);
  if (audit.captures.size() > kMaxCapturesListed) {
    page.paragraph(fmt::format("and {} more: the records list every capture", with_separators(audit.captures.size() - kMaxCapturesListed)));
  }
}

std::string_view exit_code_meaning(int exit_code) {
  switch (exit_code) {
    case 0: return "no finding at or above the threshold, and every expected row is decided";
    case 1: return "at least one failure or accepted risk at or above the threshold";
    case 2: return "usage, policy, topology or waiver error: nothing was judged";
    case 3: return "an expected row is open, findings below the threshold remain, or part of the input could not be read";
    case 4: return "no input could be read, or the capture failed";
    case 70: return "internal error";
    default: return "not a defined exit code";
  }
}

/// shown_rows counts the rows that say something of this deployment: expected or observed; of an inventory, the rules about certificates.
std::map<Status, std::uint64_t> shown_rows(const AuditResult& audit) {
  const bool rules = of_certificates_alone(audit);
  std::map<Status, std::uint64_t> counts;
  for (const RowVerdict& row : audit.rows) {
    if (row.of_certificates != rules || row.status == Status::not_applicable || (row.status == Status::not_observed && !row.expected))
      continue;
    ++counts[row.status];
  }
  return counts;
}

}  // namespace

Status overall_status(const AuditResult& audit) {
  if (audit.overall == "fail") return Status::fail;
  if (audit.overall != "pass") return Status::inconclusive;
  const bool anything_expected = std::ranges::any_of(audit.rows, &RowVerdict::expected);
  const bool anything_open = std::ranges::any_of(audit.rows, [](const RowVerdict& row) { return row.status == Status::inconclusive; });
  return anything_expected && !anything_open ? Status::pass : Status::inconclusive;
}

std::string_view overall_word(const AuditResult& audit) {
  const Status status = overall_status(audit);
  if (status == Status::pass) return "COMPLIANT";
  if (status == Status::fail) return "NOT COMPLIANT";
  return audit.overall == "pass" ? "NO FAILURE SEEN" : "INCOMPLETE";
}

std::string status_counts(const std::map<Status, std::uint64_t>& counts) {
  std::string text;
  for (const Status status : kWorstFirst) {
    const std::uint64_t count = count_of(counts, status);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_separators(count), as_words(to_string(status)));
  }
  return text;
}

std::string leg_ends(const AuditResult& audit, const Leg& leg) {
  const std::string port =
      leg.server_port == 0 ? std::string{"any"} : fmt::format("{}", leg.server_port);  // 0: media has no port of its own
  return fmt::format("{} → {}:{}{}", asset_name(audit, leg.client_asset), asset_name(audit, leg.server_asset), port,
                     leg.transport == Transport::tcp ? "" : fmt::format("/{}", to_string(leg.transport)));
}

void write_header_section(TextPage& page, const AuditResult& audit, const AuditCounts& counts) {
  page.ends({fmt::format("sealtrace {} — traffic protection audit", audit.tool_version), Style::strong},
            {fmt::format("{} {}", status_sign(overall_status(audit)), overall_word(audit)), status_style(overall_status(audit))});
  page.rule("═");
  page.labelled("Deployment", audit.topology_name.empty() && audit.topology_sha256.empty()
                                  ? "no topology given: roles are known only where the traffic itself proves them"
                                  : with_hash(audit.topology_name.empty() ? "unnamed" : audit.topology_name, audit.topology_sha256));
  for (const PolicyReference& policy : audit.policies) page.labelled("Policy", with_hash(policy.name, policy.sha256));
  if (of_certificates_alone(audit)) {
    page.labelled("Inventory", counted(audit.certificates.size(), "certificate"));
  } else {
    page.labelled("Captured", fmt::format("{}, {}, {}, {}", counted(audit.captures.size(), "capture"), counted(counts.num_frames, "frame"),
                                          human_bytes(counts.captured_bytes), span_text(audited_span(audit))));
    page.labelled("Traffic", fmt::format("{}, {} judged; {}, {} of them completed", counted(counts.num_flows, "flow"),
                                         counted(audit.legs.size(), "leg"), counted(counts.num_tls_flows, "TLS session"),
                                         with_separators(counts.num_established_flows)));
    if (audit.secrets) {
      page.labelled("Secrets", fmt::format("of {}, {} of them seen; {} not understood", counted(audit.secrets->num_hellos, "TLS handshake"),
                                           with_separators(audit.secrets->num_used), counted(audit.secrets->ignored_lines, "line")));
    }
  }
  if (audit.started) page.labelled("Report", "written " + clock_text(*audit.started) + " UTC");
  page.labelled("Command", fmt::format("{}", fmt::join(audit.command, " ")));
  write_captures(page, audit);
}

void write_sign_off_section(TextPage& page) {
  page.heading("SIGN-OFF");
  for (const std::string_view who : {"Prepared", "Reviewed", "Accepted"}) {
    page.blank();
    page.labelled(who, "name ______________________  date ____________  signature ______________");
  }
  page.blank();
  page.labelled("Conditions", "______________________________________________________________");
}

void write_verdict_section(TextPage& page, const AuditResult& audit, const AuditCounts& counts) {
  page.blank();
  page.rule("═");
  const Status status = overall_status(audit);
  const std::string rows = status_counts(shown_rows(audit));
  const std::string open =
      counts.num_open_expected_rows == 0 ? "" : fmt::format("; {} left open", counted(counts.num_open_expected_rows, "expected row"));
  page.paragraph(fmt::format("{} {} — {}: {}{}", status_sign(status), overall_word(audit),
                             of_certificates_alone(audit) ? "rules about certificates" : "rows",
                             rows.empty() ? "none expected or observed" : rows, open),
                 0, status_style(status));
  if (std::ranges::none_of(audit.rows, &RowVerdict::expected))
    page.paragraph("No row is expected: without a topology (--topology, or --require ROW) nothing says what this deployment must have.", 0);
  page.paragraph(fmt::format("Exit code {}: {}.", audit.exit_code, exit_code_meaning(audit.exit_code)), 0);
}

}  // namespace sealtrace
