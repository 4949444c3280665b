#include "policy/judge_certificates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/host_roles.hpp"
#include "policy/certificate_checks.hpp"
#include "policy/certificate_groups.hpp"
#include "policy/finding_order.hpp"
#include "policy/stable_hash.hpp"

namespace sealtrace {
namespace {

constexpr std::uint32_t kNoIndex = 0xFFFFFFFF;
constexpr std::size_t kMaxHoldersOfCertificate = 16;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string filled(std::string text, const CertificateUse& use) {
  replace_all(text, "{server}", use.holder);
  replace_all(text, "{usage}", to_string(use.usage));
  return text;
}

/// compares tells the rules that look at several certificates at once.
bool compares(CertificateCheck check) {
  return check == CertificateCheck::shared_key || check == CertificateCheck::pool_same_certificate ||
         check == CertificateCheck::pool_same_key || check == CertificateCheck::roll;
}

class CertificateJudge {
 public:
  CertificateJudge(AuditResult& result, const Policy& policy, const Topology& topology, const JudgeOptions& options,
                   const std::vector<CertificateUse>& uses, const CertificateExamination& examination, Timestamp now)
      : result_{result}, policy_{policy}, topology_{topology}, options_{options}, uses_{uses}, examination_{examination}, now_{now} {}

  void run() {
    first_row_ = result_.rows.size();
    for (const CertificateRule& rule : policy_.certificate_rules) {
      if (!rule.fips_mode_only || topology_.settings.fips) rules_.push_back(&rule);
    }
    for (const CertificateRule* const rule : rules_) result_.rows.push_back(empty_row(*rule));
    for (std::uint32_t i = 0; i < uses_.size(); ++i) judge_use(i);
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (compares(rules_[i]->check)) judge_groups(*rules_[i], result_.rows[first_row_ + i]);
    }
    sort_findings();
    finish_rows();
    finish_verdict();
  }

 private:
  [[nodiscard]] RowVerdict empty_row(const CertificateRule& rule) const {
    RowVerdict row;
    row.id = rule.id;
    row.title = rule.title;
    row.required = std::string{info(rule.check).required};
    row.of_certificates = true;
    row.expected = std::ranges::find(options_.required_rows, rule.id) != options_.required_rows.end();
    row.document = rule.source.edition.empty() ? rule.source.document : fmt::format("{} ({})", rule.source.document, rule.source.edition);
    row.clause = rule.source.clause;
    if (!rule.status) {
      row.status = Status::not_applicable;
      row.note = "allowed: " + rule.because;
    }
    return row;
  }

  void judge_use(std::uint32_t index) {
    const CertificateUse& use = uses_[index];
    CertificateSummary& summary = result_.certificates[use.chain.front()];
    const CertificateFields leaf = summary.fields();
    std::vector<CertificateFields> issuers;
    for (std::size_t i = 1; i < use.chain.size(); ++i) {
      CertificateFields fields = result_.certificates[use.chain[i]].fields();
      if (!fields.self_issued) issuers.push_back(std::move(fields));
    }
    const std::uint32_t certificate = use.chain.front();
    const auto flagged = [&](const std::vector<bool>& flags) { return certificate < flags.size() && flags[certificate]; };
    const std::vector<StapleCase> staples = staples_of(use);
    const CertificateCase subject{.use = use,
                                  .leaf = leaf,
                                  .issuers = issuers,
                                  .chain = examination_.chains[index],
                                  .staples = staples,
                                  .topology = topology_,
                                  .roca = flagged(examination_.roca),
                                  .shared_prime = flagged(examination_.shared_prime),
                                  .now = now_};
    note_holder(summary, use);
    summary.chain = chain_words(subject.chain);
    if (leaf.error.empty()) {
      compared_.push_back({.use = index,
                           .leaf = certificate,
                           .key_sha256 = leaf.public_key_sha256,
                           .subject = leaf.subject,
                           .not_before = leaf.not_before,
                           .not_after = leaf.not_after});
    }
    std::set<CertificateCheck> broken;  // of two rules with one check the stricter one stands first
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const CertificateRule& rule = *rules_[i];
      if (!rule_applies(rule, use) || broken.contains(rule.check)) continue;
      CheckAnswer answer = check_certificate(rule, subject);
      RowVerdict& row = result_.rows[first_row_ + i];
      switch (answer.kind) {
        case CheckAnswer::Kind::exempt: break;
        case CheckAnswer::Kind::met: count(row, Status::pass, use); break;
        case CheckAnswer::Kind::open:
          ++num_open_[row.id];
          if (row.note.empty()) row.note = std::move(answer.what);
          break;
        case CheckAnswer::Kind::met_not:
          if (!info(rule.check).of_names) broken.insert(rule.check);
          count(row, *rule.status, use);
          note_finding(rule, row, {index}, certificate_words(use, leaf) + answer.what, leaf.subject);
          break;
      }
    }
  }

  [[nodiscard]] std::vector<StapleCase> staples_of(const CertificateUse& use) const {
    std::vector<StapleCase> cases;
    for (const ShownStaple& shown : use.staples) {
      const auto found = result_.staples.find(staple_key(shown.response, shown.place, use.chain));
      if (found != result_.staples.end()) cases.push_back({.shown = shown, .status = *found->second});
    }
    return cases;
  }

  void judge_groups(const CertificateRule& rule, RowVerdict& row) {
    for (const GroupAnswer& answer : compare_certificates(rule, uses_, compared_, now_)) {
      const CertificateUse& first = uses_[answer.uses.front()];
      count(row, answer.what.empty() ? Status::pass : *rule.status, first);
      if (answer.what.empty()) continue;
      std::string message = answer.what;
      for (std::size_t i = 0; i < std::min(answer.uses.size(), kMaxHoldersOfCertificate); ++i) {
        const CertificateUse& use = uses_[answer.uses[i]];
        fmt::format_to(std::back_inserter(message), "{} {} ({}): SHA-256 {:.12}…", i == 0 ? "." : ";", use.holder, to_string(use.usage),
                       result_.certificates[use.chain.front()].sha256);
      }
      note_finding(rule, row, answer.uses, std::move(message), first.pool);
    }
  }

  static void count(RowVerdict& row, Status status, const CertificateUse& use) {
    ++row.num_certificates[status];
    row.coverage.num_flows += use.num_flows;
    row.coverage.num_decided += use.num_flows;
    if (row.status == Status::not_observed || badness(status) > badness(row.status)) row.status = status;
  }

  static void note_holder(CertificateSummary& summary, const CertificateUse& use) {
    if (summary.holders.size() < kMaxHoldersOfCertificate && std::ranges::find(summary.holders, use.holder) == summary.holders.end())
      summary.holders.push_back(use.holder);
    if (!use.source.empty() && summary.sources.size() < kMaxHoldersOfCertificate &&
        std::ranges::find(summary.sources, use.source) == summary.sources.end())
      summary.sources.push_back(use.source);
  }

  static std::string chain_words(const ChainOutcome& chain) {
    if (chain.state == ChainState::not_checked) return {};
    if (chain.state != ChainState::trusted) return chain.detail;
    std::vector<std::string_view> stores;
    if (chain.internal_ca == StoreAnswer::yes) stores.emplace_back("internal_ca");
    if (chain.public_ca == StoreAnswer::yes) stores.emplace_back("public_ca");
    if (chain.partner_ca == StoreAnswer::yes) stores.emplace_back("partner_ca");
    return fmt::format("builds to {}", fmt::join(stores, ", "));
  }

  static std::string certificate_words(const CertificateUse& use, const CertificateFields& leaf) {
    const std::string from = use.of_inventory ? fmt::format("listed in {}", use.source)
                             : use.as_client  ? "shown as client"
                                              : "shown as server";
    return fmt::format("{}, {} certificate {}, {}: ", use.holder, to_string(use.usage),
                       leaf.subject.empty() ? std::string{"without subject"} : leaf.subject, from);
  }

  void note_finding(const CertificateRule& rule, RowVerdict& row, const std::vector<std::uint32_t>& uses, std::string message,
                    std::string_view subject) {
    const CertificateUse& use = uses_[uses.front()];
    const std::string identity = fmt::format("{}|{}|{}", rule.id, use.holder, subject);
    const auto [place, fresh] = finding_of_.try_emplace(identity, kNoIndex);
    if (fresh) {
      if (result_.findings.size() >= kMaxFindings) {
        ++result_.budgets_exceeded["findings"];
        return;
      }
      place->second = static_cast<std::uint32_t>(result_.findings.size());
      Finding finding;
      finding.id = fmt::format("F-{:08x}", stable_hash(identity));
      finding.rule = rule.id;
      finding.status = *rule.status;
      finding.severity = rule.severity;
      finding.reason = info(rule.check).code;
      finding.title = std::string{info(rule.check).title};
      finding.message = fmt::format("{}. Required: {} ({}, {}).", message, row.required, rule.source.document, rule.source.clause);
      if (!rule.because.empty()) finding.message += " " + rule.because;
      finding.why = filled(rule.texts.why, use);
      finding.remedy = filled(rule.texts.remedy, use);
      finding.verify = filled(rule.texts.verify, use);
      finding.first_seen = use.of_inventory ? now_ : use.first_seen;
      result_.findings.push_back(std::move(finding));
    }
    if (place->second == kNoIndex) return;
    Finding& finding = result_.findings[place->second];
    for (const std::uint32_t index : uses) {
      const CertificateUse& each = uses_[index];
      finding.num_flows += each.num_flows;
      finding.first_seen = std::min(finding.first_seen, each.of_inventory ? now_ : each.first_seen);
      finding.last_seen = std::max(finding.last_seen, each.of_inventory ? now_ : each.last_seen);
      for (const std::uint32_t leg : each.legs) {
        if (std::ranges::find(finding.legs, leg) == finding.legs.end()) finding.legs.push_back(leg);
      }
      add_evidence(finding, each);
      result_.certificates[each.chain.front()].findings.push_back(place->second);
    }
  }

  static void add_evidence(Finding& finding, const CertificateUse& use) {
    constexpr std::size_t kMaxEvidence = 8;
    if (!use.evidence.known() || finding.evidence.size() >= kMaxEvidence) return;
    finding.evidence.push_back({.where = use.evidence,
                                .time = use.evidence.time == Timestamp{} ? use.first_seen : use.evidence.time,
                                .what = fmt::format("Certificate of {}", use.holder),
                                .display_filter = fmt::format("frame.number == {}", value(use.evidence.frame))});
  }

  /// sort_findings puts the new ones in their places among those of the legs, worst first, and follows every index.
  void sort_findings() {
    const std::vector<std::uint32_t> place = order_findings(result_.findings, [](const Finding&) { return 0U; });
    const auto follow = [&](std::uint32_t& index) {
      if (index < place.size()) index = place[index];
    };
    for (JudgedFlow& flow : result_.judged) {
      for (Result& answer : flow.results) follow(answer.finding);
    }
    for (Leg& leg : result_.legs) {
      for (std::uint32_t& index : leg.findings) follow(index);
      std::ranges::sort(leg.findings);
    }
    for (RowVerdict& row : result_.rows) follow(row.worst_finding);
    for (CertificateSummary& certificate : result_.certificates) {
      for (std::uint32_t& index : certificate.findings) follow(index);
      std::ranges::sort(certificate.findings);
      const auto [first, last] = std::ranges::unique(certificate.findings);
      certificate.findings.erase(first, last);
    }
    make_ids_distinct(result_.findings);
  }

  void finish_rows() {
    for (std::uint32_t i = 0; i < result_.findings.size(); ++i) {
      const auto row = std::find_if(result_.rows.begin() + static_cast<std::ptrdiff_t>(first_row_), result_.rows.end(),
                                    [&](const RowVerdict& each) { return each.id == result_.findings[i].rule; });
      if (row != result_.rows.end()) row->worst_finding = std::min(row->worst_finding, i);
    }
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      RowVerdict& row = result_.rows[first_row_ + i];
      const CertificateCheck check = rules_[i]->check;
      const auto open = num_open_.find(row.id);
      if (open != num_open_.end()) {
        row.note = fmt::format("{} not decided: {}", open->second, row.note);
        if (row.status == Status::not_observed) row.status = Status::inconclusive;
      }
      const bool of_pools = check == CertificateCheck::pool_same_certificate || check == CertificateCheck::pool_same_key;
      if (row.status == Status::not_observed && row.note.empty() && of_pools && num_hosts_with(rules_[i]->roles) > 1) {
        row.note = "not evidenced: the output of Get-CsCertificate of every server shows it (sealtrace certs)";
      }
    }
  }

  [[nodiscard]] std::size_t num_hosts_with(const RoleSet& roles) const {
    const std::vector<RoleSet> of_hosts = host_roles(topology_);
    std::size_t number = 0;
    for (std::size_t i = 0; i < of_hosts.size(); ++i) {
      RoleSet all = of_hosts[i];
      for (const HostAddress& address : topology_.hosts[i].addresses) all |= address.roles;
      if ((all & roles).any()) ++number;
    }
    return number;
  }

  void finish_verdict() {
    bool violation = false;
    bool minor = false;
    bool incomplete = false;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const CertificateRule& rule = *rules_[i];
      const RowVerdict& row = result_.rows[first_row_ + i];
      if (rule.status && row.num_certificates.contains(*rule.status)) {
        (rule.severity >= options_.fail_on || options_.strict ? violation : minor) = true;
      }
      incomplete = incomplete || (row.expected && (row.status == Status::inconclusive || row.status == Status::not_observed));
    }
    violation = violation || (incomplete && options_.strict);
    if (violation) result_.overall = "fail";
    if (incomplete && result_.overall == "pass") result_.overall = "incomplete";
    // Precedence 70, 2, 4, 1, 3, 0 (docs/cli.md); what judge left is one of 4, 1, 3 and 0.
    if (violation && (result_.exit_code == 0 || result_.exit_code == 3)) result_.exit_code = 1;
    if ((minor || incomplete) && result_.exit_code == 0) result_.exit_code = 3;
  }

  AuditResult& result_;
  const Policy& policy_;
  const Topology& topology_;
  const JudgeOptions& options_;
  const std::vector<CertificateUse>& uses_;
  const CertificateExamination& examination_;
  Timestamp now_;
  std::vector<const CertificateRule*> rules_;  ///< those in force, in the policy's order
  std::size_t first_row_ = 0;
  std::vector<ComparedUse> compared_;
  std::map<std::string, std::uint32_t> finding_of_;
  std::map<std::string, std::uint64_t> num_open_;
};

}  // namespace

void judge_certificates(AuditResult& result, const Policy& policy, const Topology& topology, const JudgeOptions& options,
                        const std::vector<CertificateUse>& uses, const CertificateExamination& examination, Timestamp now) {
  const bool required =
      std::ranges::any_of(options.required_rows, [&](const std::string& row) { return policy.find_certificate_rule(row) != nullptr; });
  if (uses.empty() && topology.hosts.empty() && !required) return;  // nobody's certificates are known as such
  CertificateJudge{result, policy, topology, options, uses, examination, now}.run();
}

}  // namespace sealtrace
