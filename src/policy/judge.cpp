#include "policy/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/fetched.hpp"
#include "model/prefetch.hpp"
#include "policy/classify.hpp"
#include "policy/decision.hpp"
#include "policy/finding_order.hpp"
#include "policy/finding_writer.hpp"
#include "policy/judge_flow.hpp"
#include "policy/judge_media.hpp"
#include "policy/leg_table.hpp"
#include "policy/verdict.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

/// Ends are who talks to whom as legs see it: turned round where a flow joined mid-stream was counted the wrong way.
struct Ends {
  std::uint32_t client = kNoAsset;
  std::uint32_t server = kNoAsset;
  std::uint16_t server_port = 0;
};

Ends ends_of(const Party& client, const Party& server) {
  return {.client = client.asset, .server = server.asset, .server_port = server.endpoint.port};
}

/// Relation is what the roles of two ends say of flows between them on one port.
struct Relation {
  LegClass by_roles;
  Conditions conditions;
};

/// find_alike gives of each asset the first one that no relation tells from it: addresses that nothing is known of, which are most assets
/// of a large audit, differ in their zone alone.
std::vector<std::uint32_t> find_alike(const std::vector<Asset>& assets) {
  std::vector<std::uint32_t> alike;
  alike.reserve(assets.size());
  std::map<std::string_view, std::uint32_t> first_in_zone;
  for (std::uint32_t i = 0; i < assets.size(); ++i) {
    const Asset& asset = assets[i];
    const bool unknown = asset.kind == AssetKind::address && asset.roles.none() && asset.domain.empty() && !asset.hides_sources;
    alike.push_back(unknown ? first_in_zone.try_emplace(asset.zone, i).first->second : i);
  }
  return alike;
}

class Judge {
 public:
  Judge(AuditResult& result, const Policy& policy, const Topology& topology, const JudgeOptions& options)
      : result_{result},
        policy_{policy},
        topology_{topology},
        options_{options},
        suites_{policy.find_flag_rule(Reason::srtp_suite_not_listed)},
        trunks_{topology},
        legs_{result.assets, result.legs, result.flows.size()},
        alike_{find_alike(result.assets)} {
    const std::vector<RoleHolder> holders = role_holders(topology);
    for (const PolicyRow& row : policy.rows) expected_.push_back(row_expected(row, holders, options));
  }

  void run() {
    result_.judged.clear();
    result_.judged.reserve(result_.flows.size());
    result_.findings.clear();
    visit_fetched<FetchAlso{.tls = true, .media = true, .clear = true, .sip = true}>(
        std::span{std::as_const(result_.flows)}, [&](const FlowProfile& flow) { judge_one(flow, result_.judged.emplace_back()); });
    finish();
    judge_rows(result_, policy_, expected_);
    const ExitState state = exit_state(result_, options_);
    result_.overall = overall_verdict(result_, state);
    result_.exit_code = exit_code(state);
  }

 private:
  void judge_one(const FlowProfile& flow, JudgedFlow& judged);
  void judge_on_leg(const FlowProfile& flow, const LegClass& leg_class, const Conditions& conditions, std::uint32_t index,
                    JudgedFlow& judged);
  /// relation_of classifies two ends as if they talked over `as`.
  Relation relation_of(const Ends& ends, Transport as);
  /// turn_where_better turns the ends of a flow round where nothing shows which of them is the server, and only the other way round the two
  /// have a class.
  void turn_where_better(const FlowProfile& flow, Transport as, Ends& ends);
  void add_result(const FlowProfile& flow, const PolicyRow& row, std::uint32_t leg, Reason reason, const Decision& decision,
                  JudgedFlow& judged);
  std::uint32_t note_finding(const FlowProfile& flow, const PolicyRow& row, std::uint32_t leg, Reason reason, const Decision& decision);
  void finish();

  [[nodiscard]] const Asset& asset(std::uint32_t index) const {
    static const Asset kNobody;
    return index < result_.assets.size() ? result_.assets[index] : kNobody;
  }

  AuditResult& result_;
  const Policy& policy_;
  const Topology& topology_;
  const JudgeOptions& options_;
  const FlagRule* suites_;  ///< the rule that lists the SRTP suites; null: none
  TrunkIndex trunks_;
  LegTable legs_;
  std::vector<bool> expected_;              ///< parallel to the policy's rows
  std::vector<std::size_t> with_findings_;  ///< ascending indexes of judged flows; the one in the making is the last
  std::bitset<kNumReasons> open_;           ///< inconclusive results' reasons, whose cures are noted
  std::vector<std::uint32_t> alike_;        ///< of each asset (find_alike)
  boost::unordered_flat_map<LegKey, Relation, LegKeyHash> relations_;
};

/// carried_classes are the classes of what was read inside a signalling flow, in clear or with secrets, besides its own.
std::vector<TrafficClass> carried_classes(TrafficClass own, const FlowProfile& flow) {
  std::vector<TrafficClass> classes;
  const ApplicationProfile* const application = flow.tls ? flow.inside.get() : flow.application.get();
  if (application == nullptr || !application->sip || own == TrafficClass::unknown) return classes;
  const SipProfile& sip = *application->sip;
  if (sip.instant_message.known() || sip.presence.known()) classes.push_back(TrafficClass::im_presence);
  if (sip.desktop_sharing.known() && own != TrafficClass::desktop_sharing_signalling) {
    classes.push_back(TrafficClass::desktop_sharing_signalling);
  }
  return classes;
}

/// is_media_over_tcp tells media in frames of RFC 4571 outside TLS, and nothing else but the checks of ICE that share the frames (RFC
/// 6544): the documents name its legs as those of datagrams.
bool is_media_over_tcp(const FlowProfile& flow) {
  if (flow.transport != Transport::tcp || flow.tls || !flow.application || flow.unrecognised) return false;
  if (flow.application->stun && flow.application->stun->relay) return false;
  const auto is_media = [](std::string_view protocol) { return protocol == "rtp" || protocol == "rtcp" || protocol == "stun"; };
  const auto is_framed = [](const MediaSource& source) { return source.rtp.framed && !source.rtp.relayed; };
  return std::ranges::all_of(flow.protocols, is_media) && std::ranges::any_of(flow.application->media, is_framed);
}

Relation Judge::relation_of(const Ends& ends, Transport as) {
  const auto alike = [this](std::uint32_t index) { return index < alike_.size() ? alike_[index] : index; };
  LegKey key{.client = alike(ends.client), .server = alike(ends.server), .rest = static_cast<std::uint32_t>(as) << 16};
  const Asset& client = asset(key.client);
  const Asset& server = asset(key.server);
  if (client.roles.any() || server.roles.any()) key.rest |= ends.server_port;  // without a role, no port says anything
  const auto [place, fresh] = relations_.try_emplace(key);
  Relation& relation = place->second;
  if (fresh) {
    relation.by_roles = classify_roles(client, server, ends.server_port, as, trunks_);
    relation.conditions = conditions_of(client, server, relation.by_roles, topology_);
  }
  return relation;
}

void Judge::turn_where_better(const FlowProfile& flow, Transport as, Ends& ends) {
  const bool turn_allowed = !flow.start_seen && !(flow.tls && (flow.tls->client_hello_seen || flow.tls->server_hello_seen));
  if (!turn_allowed || relation_of(ends, as).by_roles.traffic_class != TrafficClass::unknown) return;
  const Ends turned = ends_of(flow.responder, flow.initiator);
  if (relation_of(turned, as).by_roles.traffic_class != TrafficClass::unknown) ends = turned;
}

void Judge::judge_one(const FlowProfile& flow, JudgedFlow& judged) {
  Ends ends = ends_of(flow.initiator, flow.responder);
  turn_where_better(flow, flow.transport, ends);
  Relation relation = relation_of(ends, flow.transport);
  if (relation.by_roles.traffic_class == TrafficClass::unknown && is_media_over_tcp(flow)) {
    turn_where_better(flow, Transport::udp, ends);
    relation = relation_of(ends, Transport::udp);
  }
  const LegClass leg_class = classify_content(relation.by_roles, ends.server_port, flow);
  if (leg_class.traffic_class == TrafficClass::unknown && flow.payload_bytes == 0) return;  // a probe of who knows what: no leg
  const std::uint32_t index = legs_.find_or_add(leg_class, ends.client, ends.server, ends.server_port, flow.transport);
  judged.classification = {.traffic_class = leg_class.traffic_class, .leg = index, .basis = leg_class.basis};
  judge_on_leg(flow, leg_class, relation.conditions, index, judged);
  for (const TrafficClass carried : carried_classes(leg_class.traffic_class, flow)) {
    const LegClass inside{.traffic_class = carried, .basis = "content"};
    const std::uint32_t other = legs_.find_or_add(inside, ends.client, ends.server, ends.server_port, flow.transport);
    judge_on_leg(flow, inside, relation.conditions, other, judged);
  }
}

void Judge::judge_on_leg(const FlowProfile& flow, const LegClass& leg_class, const Conditions& conditions, std::uint32_t index,
                         JudgedFlow& judged) {
  Leg& leg = legs_.leg(index);
  prefetch(&leg, sizeof leg);
  prefetch(&legs_.state(index), sizeof(LegState));
  const PolicyRow* row = policy_.row_for(leg_class.traffic_class);
  const FlowVerdict verdict = row == nullptr ? FlowVerdict{} : judge_flow(*row, leg_class, flow, topology_.settings.fips);

  Coverage& coverage = leg.coverage;
  if (coverage.num_flows == 0) leg.first_seen = flow.start;
  leg.first_seen = std::min(leg.first_seen, flow.start);
  leg.last_seen = std::max(leg.last_seen, flow.end);
  ++coverage.num_flows;
  coverage.missing_bytes += flow.missing_bytes;
  if (row == nullptr) {
    ++coverage.num_exempt;
    return;
  }
  leg.required = in_words(row->requirement);
  const std::size_t first_result = judged.results.size();
  legs_.state(index).seen.add(flow);
  add_result(flow, *row, index, verdict.reason, decide(*row, verdict.reason, conditions), judged);
  if (first_result == 0) {  // what a flow shows besides is said once, on its own leg
    const auto add_flag = [&](Reason flagged) {
      if (const std::optional<Decision> decision = decide_flag(policy_, flagged)) add_result(flow, *row, index, flagged, *decision, judged);
    };
    std::ranges::for_each(verdict.flagged(), add_flag);
    const bool lists_suites = suites_ != nullptr && row->disabled.empty();
    if (lists_suites && srtp_suite_outside(flow, suites_->srtp_suites)) add_flag(Reason::srtp_suite_not_listed);
  }
  Status worst = Status::not_applicable;
  for (std::size_t i = first_result; i < judged.results.size(); ++i) {
    if (badness(judged.results[i].status) > badness(worst)) worst = judged.results[i].status;
  }
  if (badness(worst) > badness(leg.status)) leg.status = worst;
  ++(badness(worst) == 0 ? coverage.num_exempt : worst == Status::inconclusive ? coverage.num_undecided : coverage.num_decided);
}

void Judge::add_result(const FlowProfile& flow, const PolicyRow& row, std::uint32_t leg, Reason reason, const Decision& decision,
                       JudgedFlow& judged) {
  Result answer{.rule = row.id, .status = decision.status, .severity = decision.severity, .reason = info(reason).code};
  const bool expected = expected_[static_cast<std::size_t>(&row - policy_.rows.data())];
  if (flow.tls && is_of_client_auth(reason)) answer.cause = flow.tls->client_auth.cause;
  if (decision.status == Status::inconclusive && !open_.test(static_cast<std::size_t>(reason))) {
    open_.set(static_cast<std::size_t>(reason));
    result_.cures.try_emplace(info(reason).code, info(reason).cure);
  }
  const bool reported = decision.status == Status::fail || decision.status == Status::accepted_risk;
  if (reported || (decision.status == Status::inconclusive && expected)) answer.finding = note_finding(flow, row, leg, reason, decision);
  const std::size_t index = result_.judged.size() - 1;
  if (answer.finding != kNoIndex && (with_findings_.empty() || with_findings_.back() != index)) with_findings_.push_back(index);
  judged.results.push_back(answer);
}

std::uint32_t Judge::note_finding(const FlowProfile& flow, const PolicyRow& row, std::uint32_t leg_index, Reason reason,
                                  const Decision& decision) {
  const Leg& leg = legs_.leg(leg_index);
  std::uint32_t& index = legs_.finding(leg_index, reason);
  if (index == kNoIndex) {
    if (result_.findings.size() >= kMaxFindings) {
      ++result_.budgets_exceeded["findings"];
      return kNoIndex;
    }
    index = static_cast<std::uint32_t>(result_.findings.size());
    const FindingSubject subject{.row = row,
                                 .decision = decision,
                                 .reason = reason,
                                 .leg = leg,
                                 .basis = legs_.state(leg_index).basis,
                                 .client = asset(leg.client_asset).name,
                                 .server = asset(leg.server_asset).name};
    result_.findings.push_back(write_finding(subject, flow));
    result_.findings.back().legs.push_back(leg_index);
    result_.findings.back().first_seen = flow.start;
  }
  Finding& finding = result_.findings[index];
  ++finding.num_flows;
  finding.first_seen = std::min(finding.first_seen, flow.start);
  finding.last_seen = std::max(finding.last_seen, flow.end);
  add_evidence(finding, flow, leg.traffic_class, reason);
  return index;
}

/// finish puts the findings in their order, and finishes the legs.
void Judge::finish() {
  const std::vector<std::uint32_t> place = order_findings(result_.findings, [](const Finding& finding) { return finding.legs.front(); });
  for (const std::size_t index : with_findings_) {
    for (Result& answer : result_.judged[index].results) {
      if (answer.finding != kNoIndex) answer.finding = place[answer.finding];
    }
  }
  legs_.finish(place);
  make_ids_distinct(result_.findings);
}

}  // namespace

void judge(AuditResult& result, const Policy& policy, const Topology& topology, const JudgeOptions& options) {
  Judge{result, policy, topology, options}.run();
}

std::string find_unknown_row(const Policy& policy, const std::vector<std::string>& rows) {
  std::vector<std::string_view> ids;
  for (const PolicyRow& row : policy.rows) ids.push_back(row.id);
  for (const CertificateRule& rule : policy.certificate_rules) ids.push_back(rule.id);
  for (const std::string& row : rows) {
    if (policy.find_row(row) == nullptr && policy.find_certificate_rule(row) == nullptr)
      return unknown_name(fmt::format("row of {}", policy.name), row, ids);
  }
  return {};
}

}  // namespace sealtrace
