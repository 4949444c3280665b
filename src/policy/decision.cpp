#include "policy/decision.hpp"

namespace sealtrace {

Conditions conditions_of(const Asset& client, const Asset& server, const LegClass& leg, const TopologySettings& settings) {
  const std::string external = Asset{}.zone;
  Conditions conditions;
  const auto set = [&](Condition condition, bool holds) { conditions.set(static_cast<std::size_t>(condition), holds); };
  set(Condition::always, true);
  set(Condition::internal_im_tcp, settings.internal_im_tcp == "tolerated" && client.zone != external && server.zone != external);
  set(Condition::trunk_tls, leg.trunk_tls);
  set(Condition::trusted_application, client.has(Role::trusted_application) || server.has(Role::trusted_application));
  return conditions;
}

Decision decide(const PolicyRow& row, Reason reason, const Conditions& conditions) {
  Decision decision{.status = info(reason).status, .severity = Severity::low, .because = {}, .texts = &row.texts};
  if (decision.status != Status::fail) return decision;
  decision.severity = row.severity;
  for (const PolicyException& exception : row.exceptions) {
    if (exception.reason != reason || !conditions.test(static_cast<std::size_t>(exception.when))) continue;
    decision.status = exception.status.value_or(decision.status);
    decision.severity = exception.severity.value_or(decision.severity);
    decision.because = exception.because;
    if (!exception.texts.why.empty()) decision.texts = &exception.texts;
    break;
  }
  return decision;
}

std::optional<Decision> decide_flag(const Policy& policy, Reason reason) {
  const TlsRule* rule = policy.find_tls_rule(reason);
  if (rule == nullptr || !rule->status) return std::nullopt;
  return Decision{.status = *rule->status, .severity = rule->severity, .because = rule->because, .texts = &rule->texts};
}

}  // namespace sealtrace
