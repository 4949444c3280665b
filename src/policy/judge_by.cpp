#include "policy/judge_by.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "policy/finding_order.hpp"
#include "policy/leg_table.hpp"

namespace sealtrace {
namespace {

/// Verdicts is what one policy says, taken out of a result.
struct Verdicts {
  std::vector<JudgedFlow> judged;
  std::vector<Leg> legs;
  std::vector<Finding> findings;
  std::vector<RowVerdict> rows;
  std::string overall;
  int exit_code = 0;
};

Verdicts take_verdicts(AuditResult& result) {
  return {.judged = std::move(result.judged),
          .legs = std::move(result.legs),
          .findings = std::move(result.findings),
          .rows = std::move(result.rows),
          .overall = std::move(result.overall),
          .exit_code = result.exit_code};
}

/// shift moves an index by what stands before.
void shift(std::uint32_t& index, std::size_t by) {
  if (index != kNoIndex) index += static_cast<std::uint32_t>(by);
}

/// named_by makes a finding's id that of a policy: findings of two policies about one leg are two.
std::string named_by(std::string_view policy, const std::string& id) {
  std::uint32_t hash = static_cast<std::uint32_t>(std::stoul(id.substr(2), nullptr, 16));
  for (const char c : policy) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x01000193U;  // FNV-1a
  return fmt::format("F-{:08x}", hash);
}

void append(AuditResult& result, Verdicts more, std::uint32_t policy, std::string_view name) {
  const std::size_t num_legs = result.legs.size();
  const std::size_t num_findings = result.findings.size();
  for (Leg& leg : more.legs) {
    leg.policy = policy;
    leg.number = static_cast<std::uint32_t>(result.legs.size() + 1);
    for (std::uint32_t& finding : leg.findings) shift(finding, num_findings);
    result.legs.push_back(std::move(leg));
  }
  for (Finding& finding : more.findings) {
    finding.policy = policy;
    finding.id = named_by(name, finding.id);
    for (std::uint32_t& leg : finding.legs) shift(leg, num_legs);
    result.findings.push_back(std::move(finding));
  }
  for (RowVerdict& row : more.rows) {
    row.policy = policy;
    shift(row.worst_finding, num_findings);
    result.rows.push_back(std::move(row));
  }
  result.judged.resize(more.judged.size());
  for (std::size_t i = 0; i < more.judged.size(); ++i) {
    if (policy == 0) result.judged[i].classification = more.judged[i].classification;
    for (Result& answer : more.judged[i].results) {
      answer.policy = policy;
      shift(answer.finding, num_findings);
      result.judged[i].results.push_back(answer);
    }
  }
}

/// worse orders exit codes by the contract's precedence: a finding, something open, nothing.
int worse(int one, int other) {
  constexpr std::array kWorstFirst{1, 3, 0};
  return *std::ranges::find_if(kWorstFirst, [&](int code) { return code == one || code == other; });
}

std::string_view worse_overall(std::string_view one, std::string_view other) {
  for (const std::string_view overall : {"fail", "incomplete"}) {
    if (one == overall || other == overall) return overall;
  }
  return "pass";
}

}  // namespace

void judge_by(AuditResult& result, std::span<const Policy> policies, const std::function<void(const Policy&)>& judge_one) {
  if (policies.size() == 1) return judge_one(policies.front());
  std::vector<Verdicts> verdicts;
  for (const Policy& policy : policies) {
    judge_one(policy);
    verdicts.push_back(take_verdicts(result));
  }
  result.judged.clear();
  result.legs.clear();
  result.findings.clear();
  result.rows.clear();
  result.overall = "pass";
  result.exit_code = 0;
  for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
    result.overall = worse_overall(result.overall, verdicts[i].overall);
    result.exit_code = worse(result.exit_code, verdicts[i].exit_code);
    append(result, std::move(verdicts[i]), i, policies[i].name);
  }
  make_ids_distinct(result.findings);
}

std::string find_row_unknown_to_all(std::span<const Policy> policies, const std::vector<std::string>& rows) {
  for (const std::string& row : rows) {
    const bool known = std::ranges::any_of(policies, [&](const Policy& policy) { return policy.find_row(row) != nullptr; });
    if (!known) return find_unknown_row(policies.front(), {row});
  }
  return {};
}

}  // namespace sealtrace
