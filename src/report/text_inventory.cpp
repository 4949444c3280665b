// The lists behind the verdict: legs, what could not be seen, certificates.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "report/blind_spots.hpp"
#include "report/humanise.hpp"
#include "report/text_sections.hpp"
#include "report/time_text.hpp"

namespace sealtrace {

namespace {

/// How much of each list is printed; the records have the rest.
constexpr std::size_t kMaxLegsListed = 60;
constexpr std::size_t kMaxBlindSpots = 60;
constexpr std::size_t kMaxCertificatesListed = 40;
constexpr std::size_t kMaxPoolLeavesListed = 60;
/// kShortHashDigits tells the certificates of one audit apart.
constexpr std::size_t kShortHashDigits = 12;

std::vector<const Leg*> worst_legs(const AuditResult& audit) {
  std::vector<const Leg*> legs;
  legs.reserve(audit.legs.size());
  for (const Leg& leg : audit.legs) legs.push_back(&leg);
  const std::size_t listed = std::min(legs.size(), kMaxLegsListed);
  const auto end = legs.begin() + static_cast<std::ptrdiff_t>(listed);
  std::ranges::partial_sort(legs, end, {}, [](const Leg* leg) { return std::pair{-badness(leg->status), leg}; });  // equal ones as they are
  legs.resize(listed);
  return legs;
}

/// common_name is the CN of an RFC 2253 name, else the whole name.
std::string common_name(std::string_view distinguished_name) {
  std::size_t start = distinguished_name.find("CN=");
  while (start != std::string_view::npos && start != 0 && distinguished_name[start - 1] != ',')
    start = distinguished_name.find("CN=", start + 1);
  if (start == std::string_view::npos) return std::string{distinguished_name};
  std::size_t end = start + 3;
  while (end < distinguished_name.size() && (distinguished_name[end] != ',' || distinguished_name[end - 1] == '\\')) ++end;
  return std::string{distinguished_name.substr(start + 3, end - start - 3)};
}

std::string key_text(const CertificateFields& fields) {
  if (fields.public_key_algorithm.empty()) return "–";
  if (!fields.curve.empty()) return fmt::format("{} {}", fields.public_key_algorithm, fields.curve);
  return fields.public_key_bits == 0 ? fields.public_key_algorithm
                                     : fmt::format("{} {}", fields.public_key_algorithm, fields.public_key_bits);
}

std::string seen_as(const CertificateSummary& certificate) {
  if (!certificate.seen_as_leaf) return certificate.sources.empty() ? "issuer" : "listed";
  if (certificate.seen_as_server && certificate.seen_as_client) return "both sides";
  if (certificate.seen_as_client) return "client";
  return certificate.seen_as_server ? "server" : "–";
}

/// validity_text says when a certificate ends, and whether it was used outside its time.
Span validity_text(const CertificateSummary& certificate, const CertificateFields& fields) {
  if (!fields.not_after) return {"–"};
  const std::string until = day_text(*fields.not_after);
  if (certificate.last_seen && *certificate.last_seen > *fields.not_after) return {until + " EXPIRED when used", Style::bad};
  if (certificate.first_seen && fields.not_before && *certificate.first_seen < *fields.not_before) {
    return {fmt::format("{}, NOT YET valid when used", until), Style::bad};
  }
  return {until};
}

TableRow certificate_row(const CertificateSummary& certificate) {
  const CertificateFields fields = certificate.fields();
  const std::string subject = fields.subject.empty() && !fields.dns_names.empty() ? fields.dns_names.front() : common_name(fields.subject);
  const bool self_issued = !fields.subject.empty() && fields.subject == fields.issuer;
  return {.cells = {{subject.empty() ? "(no subject)" : subject, Style::strong},
                    {self_issued ? "itself" : common_name(fields.issuer)},
                    validity_text(certificate, fields),
                    {key_text(fields)},
                    {seen_as(certificate)},
                    {with_separators(certificate.num_flows)},
                    {certificate.sha256.substr(0, kShortHashDigits), Style::faint}},
          .note = fields.error.empty() ? "" : "could not be read whole: " + fields.error};
}

/// first_place is where a leaf was first seen, or the file that lists it, by its last part: the folders before it name the server.
std::string first_place(const AuditResult& audit, const PoolLeaf& leaf) {
  if (!leaf.source.empty()) return leaf.source.substr(leaf.source.rfind('/') + 1);
  if (!leaf.first_evidence.known()) return "–";
  const std::string frame = fmt::format("frame {}", value(leaf.first_evidence.frame));
  return audit.captures.size() > 1 ? fmt::format("{} {}", capture_name(audit, leaf.first_evidence.capture), frame) : frame;
}

TableRow pool_leaf_row(const AuditResult& audit, const PoolLeaf& leaf) {
  const CertificateSummary& certificate = audit.certificates[leaf.certificate];
  const CertificateFields fields = certificate.fields();
  return {.cells = {{leaf.member, Style::strong},
                    {fields.subject.empty() ? "(no subject)" : common_name(fields.subject)},
                    {key_text(fields)},
                    validity_text(certificate, fields),
                    {first_place(audit, leaf)},
                    {certificate.sha256.empty() ? "listed only" : certificate.sha256.substr(0, kShortHashDigits), Style::faint}},
          .note = {}};
}

}  // namespace

void say_more(TextPage& page, std::size_t total, std::size_t listed, std::string_view what) {
  if (total > listed)
    page.paragraph(fmt::format("and {} more: the records (-o FILE.ndjson) list every {}", with_separators(total - listed), what));
}

void write_legs_section(TextPage& page, const AuditResult& audit) {
  if (audit.legs.empty()) return;
  std::map<Status, std::uint64_t> by_status;
  for (const Leg& leg : audit.legs) ++by_status[leg.status];
  page.heading(fmt::format("LEGS ({})", with_separators(audit.legs.size())), status_counts(by_status));
  std::vector<TableRow> rows;
  for (const Leg* leg : worst_legs(audit)) {
    rows.push_back({.cells = {{leg->id()},
                              {status_text(leg->status), status_style(leg->status)},
                              {leg_ends(audit, *leg)},
                              {std::string{to_string(leg->traffic_class)}},
                              {leg->protection.empty() ? "–" : leg->protection},
                              {with_separators(leg->coverage.num_flows)}},
                    .note = audit.policies.size() > 1 ? "by " + audit.policies[leg->policy].name : ""});
  }
  page.table({{.title = "Leg"},
              {.title = "Status"},
              {.title = "Client → server", .min_columns = 22, .shrinks = true},
              {.title = "Class", .min_columns = 11, .shrinks = true},
              {.title = "Protection seen", .min_columns = 12, .shrinks = true},
              {.title = "Flows", .right_aligned = true}},
             rows);
  say_more(page, audit.legs.size(), kMaxLegsListed, "leg");
}

void write_blind_spots_section(TextPage& page, const AuditResult& audit) {
  page.heading("WHAT COULD NOT BE SEEN", "and what would lift it");
  const std::vector<BlindSpot> spots = find_blind_spots(audit);
  if (spots.empty()) page.paragraph("Nothing known to be missing.");
  for (std::size_t i = 0; i < std::min(spots.size(), kMaxBlindSpots); ++i) {
    const BlindSpot& spot = spots[i];
    std::string text = spot.what + ".";
    if (!spot.rows.empty()) text += fmt::format(" Leaves open: {}.", fmt::join(spot.rows, ", "));
    if (!spot.cure.empty())
      text += fmt::format(" To lift it: {}.", spot.cure.ends_with('.') ? spot.cure.substr(0, spot.cure.size() - 1) : spot.cure);
    page.item(text);
  }
  say_more(page, spots.size(), kMaxBlindSpots, "one");
  if (audit.duplicate_frames != 0) {
    page.item(fmt::format("{} recognised as copies (a span port that mirrors both sides) and counted once.",
                          counted(audit.duplicate_frames, "frame")));
  }
  page.item(
      "Passive only: what a server would also accept is not tested, and of revocation only what stapled OCSP responses say is known.");
}

void write_certificates_section(TextPage& page, const AuditResult& audit) {
  if (audit.certificates.empty()) return;
  page.heading(fmt::format("CERTIFICATES SEEN ({})", with_separators(audit.certificates.size())),
               "soonest to end first; all fields are in the records");
  std::vector<const CertificateSummary*> certificates;
  certificates.reserve(audit.certificates.size());
  for (const CertificateSummary& certificate : audit.certificates) certificates.push_back(&certificate);
  const std::size_t listed = std::min(certificates.size(), kMaxCertificatesListed);
  std::ranges::partial_sort(certificates, certificates.begin() + static_cast<std::ptrdiff_t>(listed), {},
                            [](const CertificateSummary* certificate) {
                              return std::tuple{!certificate->seen_as_leaf, certificate->not_after.value_or(Timestamp::max()), certificate};
                            });
  std::vector<TableRow> rows;
  for (std::size_t i = 0; i < listed; ++i) rows.push_back(certificate_row(*certificates[i]));
  page.table({{.title = "Subject", .min_columns = 14, .shrinks = true},
              {.title = "Issuer", .min_columns = 10, .shrinks = true},
              {.title = "Valid until", .min_columns = 10, .shrinks = true},
              {.title = "Key", .min_columns = 8, .shrinks = true},
              {.title = "Seen as", .min_columns = 6, .shrinks = true},
              {.title = "Flows", .right_aligned = true},
              {.title = "SHA-256"}},
             rows);
  say_more(page, certificates.size(), kMaxCertificatesListed, "certificate");
}

void write_pool_leaves_section(TextPage& page, const AuditResult& audit) {
  if (audit.pool_leaves.empty()) return;
  page.heading("DIFFERENT CERTIFICATES WITHIN A POOL", "no finding by itself");
  const std::size_t listed = std::min(audit.pool_leaves.size(), kMaxPoolLeavesListed);
  for (std::size_t i = 0; i < listed;) {
    const PoolLeaf& first = audit.pool_leaves[i];
    page.paragraph(fmt::format("{}, {}", first.pool, to_string(first.usage)));
    std::vector<TableRow> rows;
    for (; i < listed && audit.pool_leaves[i].pool == first.pool && audit.pool_leaves[i].usage == first.usage; ++i)
      rows.push_back(pool_leaf_row(audit, audit.pool_leaves[i]));
    page.table({{.title = "Member", .min_columns = 12, .shrinks = true},
                {.title = "Subject", .min_columns = 10, .shrinks = true},
                {.title = "Key", .min_columns = 8, .shrinks = true},
                {.title = "Valid until", .min_columns = 10, .shrinks = true},
                {.title = "First", .min_columns = 8, .shrinks = true},
                {.title = "SHA-256"}},
               rows);
  }
  if (audit.pool_leaves.size() > listed) {
    page.paragraph(fmt::format("and {} more: the records (-o FILE.ndjson) name the holders of every certificate",
                               with_separators(audit.pool_leaves.size() - listed)));
  }
}

}  // namespace sealtrace
