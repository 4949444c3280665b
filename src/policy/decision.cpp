#include "policy/decision.hpp"

#include <algorithm>

#include "policy/reason_texts.hpp"

namespace sealtrace {
namespace {

/// xmpp_partner_of gives the topology's entry of the XMPP partner that one of the two is.
const TopologyPartner* xmpp_partner_of(const Asset& client, const Asset& server, const Topology& topology) {
  const auto found = std::ranges::find_if(topology.partners, [&](const TopologyPartner& partner) {
    return partner.kind == "xmpp" && (partner.domain == client.domain || partner.domain == server.domain);
  });
  return found == topology.partners.end() ? nullptr : &*found;
}

}  // namespace

Conditions conditions_of(const Asset& client, const Asset& server, const LegClass& leg, const Topology& topology) {
  const TopologySettings& settings = topology.settings;
  const std::string external = Asset{}.zone;
  Conditions conditions;
  const auto set = [&](Condition condition, bool holds) { conditions.set(static_cast<std::size_t>(condition), holds); };
  set(Condition::always, true);
  set(Condition::internal_im_tcp, settings.internal_im_tcp == "tolerated" && client.zone != external && server.zone != external);
  set(Condition::trunk_tls, leg.trunk_tls);
  set(Condition::trusted_application, client.has(Role::trusted_application) || server.has(Role::trusted_application));
  set(Condition::crosses_zones, client.zone != server.zone);
  set(Condition::um_not_secured, settings.um_security == "unsecured");
  const TopologyPartner* partner = xmpp_partner_of(client, server, topology);
  set(Condition::xmpp_tls_optional, partner != nullptr && partner->xmpp_tls == "optional");
  set(Condition::xmpp_tls_not_supported, partner != nullptr && partner->xmpp_tls == "not-supported");
  const auto has_mediation = [](const Asset& asset) { return asset.has(Role::mediation_server) || asset.has(Role::survivable_branch); };
  set(Condition::mediation_server, has_mediation(client) || has_mediation(server));
  set(Condition::trunk_srtp_required, leg.trunk_srtp);
  set(Condition::encryption_supported, settings.encryption_level == "supported");
  return conditions;
}

Decision decide(const PolicyRow& row, Reason reason, const Conditions& conditions) {
  Decision decision{.status = info(reason).status, .severity = Severity::low, .because = {}, .texts = reason_texts(reason)};
  if (decision.texts == nullptr) decision.texts = &row.texts;
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
  const FlagRule* rule = policy.find_flag_rule(reason);
  if (rule == nullptr || !rule->status) return std::nullopt;
  return Decision{.status = *rule->status, .severity = rule->severity, .because = rule->because, .texts = &rule->texts};
}

}  // namespace sealtrace
