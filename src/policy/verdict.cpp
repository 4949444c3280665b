#include "policy/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "model/host_roles.hpp"

namespace sealtrace {
namespace {

RoleSet role_of(const TopologyPartner& partner) {
  const Role role = partner.kind == "xmpp"     ? Role::xmpp_partner
                    : partner.kind == "public" ? Role::public_provider
                                               : Role::federated_partner;
  RoleSet roles;
  roles.set(static_cast<std::size_t>(role));
  return roles;
}

bool can_exist(const ExpectedLeg& leg, const std::vector<RoleHolder>& holders) {
  std::size_t num_clients = 0;
  std::size_t num_servers = 0;
  std::size_t num_ends = 0;
  for (const RoleHolder& holder : holders) {
    const bool client = (holder.roles & leg.client).any();
    const bool server = (holder.roles & leg.server).any();
    num_clients += client ? 1 : 0;
    num_servers += server ? 1 : 0;
    if (client || server) num_ends += holder.many ? 2 : 1;
  }
  return num_clients > 0 && num_servers > 0 && num_ends > 1;
}

void add(Coverage& sum, const Coverage& part) {
  sum.num_flows += part.num_flows;
  sum.num_decided += part.num_decided;
  sum.num_undecided += part.num_undecided;
  sum.num_exempt += part.num_exempt;
  sum.missing_bytes += part.missing_bytes;
}

/// carry_over opens a row without legs of its own where legs were seen that its traffic travels inside: that it was there, and so that it
/// was protected, nobody saw.
void carry_over(RowVerdict& verdict, const PolicyRow& row, const AuditResult& result) {
  if (row.carried_by.empty()) return;
  std::uint64_t num_carriers = 0;
  bool all_pass = true;
  for (const Leg& leg : result.legs) {
    if (badness(leg.status) == 0 || std::ranges::find(row.carried_by, leg.traffic_class) == row.carried_by.end()) continue;
    ++num_carriers;
    all_pass = all_pass && leg.status == Status::pass;
  }
  if (num_carriers == 0) return;
  verdict.status = Status::inconclusive;
  verdict.note = fmt::format("travels inside {} {} of other rows, {}; what they carry is not seen", num_carriers,
                             num_carriers == 1 ? "leg" : "legs", all_pass ? "which pass" : "not all of which pass");
}

/// finish_row turns the worst leg into the row's status, and says why where that leaves it open.
void finish_row(RowVerdict& verdict, const PolicyRow& row, const AuditResult& result) {
  if (!row.disabled.empty()) {
    verdict.status = Status::not_applicable;
    verdict.note = "disabled: " + row.disabled;
    return;
  }
  const bool only_exempt = verdict.status == Status::not_applicable && verdict.num_legs.size() == 1;
  if (only_exempt && row.requirement != Requirement::clear && row.requirement != Requirement::reported) {
    verdict.status = Status::not_observed;
    verdict.note = "only probes, handshakes that were given up, and what sets up media without sending any";
  }
  if (verdict.status == Status::not_observed) carry_over(verdict, row, result);
}

bool is_violation(Status status) { return status == Status::fail || status == Status::accepted_risk; }

}  // namespace

std::vector<RoleHolder> role_holders(const Topology& topology) {
  std::vector<RoleHolder> holders;
  const std::vector<RoleSet> roles = host_roles(topology);
  for (std::size_t i = 0; i < topology.hosts.size(); ++i) {
    RoleSet all = roles[i];
    for (const HostAddress& address : topology.hosts[i].addresses) all |= address.roles;
    holders.push_back({.roles = all});
  }
  for (const TopologyNetwork& network : topology.networks) holders.push_back({.roles = network.roles, .many = true});
  for (const TopologyPartner& partner : topology.partners) holders.push_back({.roles = role_of(partner)});
  return holders;
}

bool row_expected(const PolicyRow& row, const std::vector<RoleHolder>& holders, const JudgeOptions& options) {
  if (std::ranges::find(options.required_rows, row.id) != options.required_rows.end()) return true;
  if (!row.disabled.empty()) return false;
  return std::ranges::any_of(row.expected_when, [&](const ExpectedLeg& leg) { return can_exist(leg, holders); });
}

void judge_rows(AuditResult& result, const Policy& policy, const std::vector<bool>& expected) {
  result.rows.clear();
  for (std::size_t i = 0; i < policy.rows.size(); ++i) {
    const PolicyRow& row = policy.rows[i];
    RowVerdict verdict;
    verdict.id = row.id;
    verdict.title = row.title;
    verdict.required = std::string{in_words(row.requirement)};
    verdict.expected = expected[i];
    verdict.document = row.source.edition.empty() ? row.source.document : fmt::format("{} ({})", row.source.document, row.source.edition);
    verdict.clause = row.source.clause;
    result.rows.push_back(std::move(verdict));
  }
  for (const Leg& leg : result.legs) {
    const PolicyRow* row = policy.row_for(leg.traffic_class);
    if (row == nullptr) continue;
    RowVerdict& verdict = result.rows[static_cast<std::size_t>(row - policy.rows.data())];
    ++verdict.num_legs[leg.status];
    add(verdict.coverage, leg.coverage);
    const bool first = verdict.status == Status::not_observed;
    if (first || badness(leg.status) > badness(verdict.status)) verdict.status = leg.status;
    for (const std::uint32_t finding : leg.findings) verdict.worst_finding = std::min(verdict.worst_finding, finding);  // worst first
  }
  for (std::size_t i = 0; i < policy.rows.size(); ++i) finish_row(result.rows[i], policy.rows[i], result);
}

int exit_code(const ExitState& state) {
  if (state.internal_error) return 70;
  if (state.configuration_error) return 2;
  if (state.nothing_readable) return 4;
  if (state.violation) return 1;
  if (state.incomplete || state.minor_violation || state.partly_unreadable) return 3;
  return 0;
}

ExitState exit_state(const AuditResult& result, const JudgeOptions& options) {
  ExitState state;
  const auto readable = [](const CaptureSummary& capture) { return !capture.unreadable; };
  const auto whole = [](const CaptureSummary& capture) {
    const bool headers_read = !capture.damage.contains("malformed") && !capture.damage.contains("headers_cut_by_snaplen");
    return !capture.unreadable && capture.complete && capture.error.empty() && headers_read;
  };
  state.nothing_readable = !result.captures.empty() && std::ranges::none_of(result.captures, readable);
  state.partly_unreadable = !std::ranges::all_of(result.captures, whole);
  for (const JudgedFlow& flow : result.judged) {
    for (const Result& answer : flow.results) {
      if (!is_violation(answer.status)) continue;
      (answer.severity >= options.fail_on || options.strict ? state.violation : state.minor_violation) = true;
    }
  }
  for (const RowVerdict& row : result.rows) {
    if (row.expected && (row.status == Status::inconclusive || row.status == Status::not_observed)) state.incomplete = true;
  }
  if (options.strict && state.incomplete) state.violation = true;
  return state;
}

std::string overall_verdict(const AuditResult& result, const ExitState& state) {
  const auto row_is = [&](Status status) {
    return std::ranges::any_of(result.rows, [&](const RowVerdict& row) { return row.status == status; });
  };
  if (state.violation || row_is(Status::fail)) return "fail";
  const bool decided = row_is(Status::pass) || row_is(Status::accepted_risk) || row_is(Status::waived);
  return decided && !state.incomplete && !state.partly_unreadable && !state.nothing_readable ? "pass" : "incomplete";
}

}  // namespace sealtrace
