// Findings with their evidence, worst first.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "report/humanise.hpp"
#include "report/text_sections.hpp"
#include "report/time_text.hpp"

namespace sealtrace {

namespace {

/// kMaxFindingsInFull, kMaxLegsNamed and kMaxEvidence keep the report readable; the records have the rest.
constexpr std::size_t kMaxFindingsInFull = 50;
constexpr std::size_t kMaxLegsNamed = 5;
constexpr std::size_t kMaxEvidence = 3;

std::string severity_word(Severity severity) {
  std::string word{to_string(severity)};
  std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  return word;
}

std::string leg_text(const AuditResult& audit, const Leg& leg) { return fmt::format("{}: {}", leg.id(), leg_ends(audit, leg)); }

/// label_once gives `label` the first time and nothing after.
class LabelOnce {
 public:
  explicit LabelOnce(std::string_view label) : label_{label} {}
  std::string_view operator()() { return std::exchange(label_, std::string_view{}); }

 private:
  std::string_view label_;
};

/// write_legs_of says where it is, what was asked for, and what was seen; `row` is the finding's, or null.
void write_legs_of(TextPage& page, const AuditResult& audit, const Finding& finding, const RowVerdict* row) {
  LabelOnce label{finding.legs.size() == 1 ? "Leg" : "Legs"};
  std::string all_seen;
  for (std::size_t i = 0; i < std::min(finding.legs.size(), kMaxLegsNamed); ++i) {
    const Leg* leg = element(audit.legs, finding.legs[i]);
    if (leg == nullptr) continue;
    page.labelled(label(), leg_text(audit, *leg), Style::strong);
    if (all_seen.empty()) all_seen = leg->protection;
  }
  if (finding.legs.size() > kMaxLegsNamed)
    page.labelled(" ", fmt::format("and {} more legs", with_separators(finding.legs.size() - kMaxLegsNamed)));
  if (row != nullptr) page.labelled("Required", row->required);
  page.labelled("Seen", finding.message);
  if (row == nullptr || !row->of_certificates) page.labelled("Leg in all", all_seen);
}

void write_evidence_of(TextPage& page, const AuditResult& audit, const Finding& finding) {
  for (std::size_t i = 0; i < std::min(finding.evidence.size(), kMaxEvidence); ++i) {
    const FindingEvidence& evidence = finding.evidence[i];
    page.labelled("Evidence", fmt::format("{} frame {}, {}: {}", capture_name(audit, evidence.where.capture), value(evidence.where.frame),
                                          rfc3339(evidence.time), evidence.what));
    page.labelled("Wireshark", evidence.display_filter, Style::strong);
  }
  if (finding.evidence.size() > kMaxEvidence) {
    page.labelled(" ", fmt::format("and {} more in the records", with_separators(finding.evidence.size() - kMaxEvidence)));
  }
}

void write_finding(TextPage& page, const AuditResult& audit, const Finding& finding) {
  page.blank();
  page.paragraph(fmt::format("{} {} · {}", status_sign(finding.status), severity_word(finding.severity), finding.title), 0,
                 status_style(finding.status));
  const auto row = std::ranges::find_if(
      audit.rows, [&](const RowVerdict& candidate) { return candidate.id == finding.rule && candidate.policy == finding.policy; });
  std::string source;
  if (row != audit.rows.end() && !row->document.empty()) {
    source = fmt::format(" — {}{}{}", row->document, row->clause.empty() ? "" : ", ", row->clause);
  }
  page.labelled("Finding", fmt::format("{}, {}, {}", finding.id, as_words(to_string(finding.status)), as_words(finding.reason)));
  page.labelled("Rule", std::string{finding.rule} + source);
  if (audit.policies.size() > 1) page.labelled("Policy", audit.policies[finding.policy].name);
  write_legs_of(page, audit, finding, row == audit.rows.end() ? nullptr : &*row);
  if (finding.num_flows != 0)
    page.labelled("Flows", fmt::format("{}, {} to {} UTC", counted(finding.num_flows, "flow"), clock_text(finding.first_seen),
                                       clock_text(finding.last_seen)));
  write_evidence_of(page, audit, finding);
  page.labelled("Why", finding.why);
  page.labelled("Remedy", finding.remedy);
  page.labelled("Verify", finding.verify);
  page.labelled("Waiver", finding.waiver);
}

std::string severity_counts(const AuditCounts& counts) {
  std::string text;
  for (const Severity severity : kSeverities) {
    const auto found = counts.finding_severities.find(severity);
    if (found == counts.finding_severities.end()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_separators(found->second), to_string(severity));
  }
  return text;
}

}  // namespace

void write_findings_section(TextPage& page, const AuditResult& audit, const AuditCounts& counts) {
  if (audit.findings.empty()) {
    page.heading("FINDINGS");
    return page.paragraph("None.");
  }
  page.heading(fmt::format("FINDINGS ({})", with_separators(audit.findings.size())),
               fmt::format("{}; {}; worst first", status_counts(counts.findings), severity_counts(counts)));
  for (std::size_t i = 0; i < std::min(audit.findings.size(), kMaxFindingsInFull); ++i) write_finding(page, audit, audit.findings[i]);
  if (audit.findings.size() > kMaxFindingsInFull) {
    page.blank();
    page.paragraph(fmt::format("and {} more, none worse than these: the records (-o FILE.ndjson) list every finding",
                               with_separators(audit.findings.size() - kMaxFindingsInFull)));
  }
}

}  // namespace sealtrace
