#include "app/assemble.hpp"

#include <algorithm>

#include "app/staple_examination.hpp"
#include "correlate/media_control.hpp"
#include "correlate/media_keys.hpp"
#include "correlate/media_links.hpp"
#include "correlate/ordering.hpp"
#include "correlate/resumption.hpp"
#include "correlate/stripped_upgrades.hpp"
#include "crypto/certificate_fields.hpp"
#include "model/prefetch.hpp"
#include "policy/certificate_uses.hpp"
#include "policy/judge_certificates.hpp"
#include "policy/pool_leaves.hpp"
#include "policy/propose.hpp"
#include "topology/asset_resolver.hpp"

namespace sealtrace {
namespace {

/// see notes one appearance of a certificate.
void see(CertificateSummary& certificate, const FlowProfile& flow, const TimedEvidence& where, bool as_server, bool as_leaf) {
  (as_server ? certificate.seen_as_server : certificate.seen_as_client) = true;
  certificate.seen_as_leaf = certificate.seen_as_leaf || as_leaf;
  ++certificate.num_flows;
  const Timestamp time = where.known() ? where.time : flow.start;
  if (!certificate.first_seen || time < *certificate.first_seen) {
    certificate.first_seen = time;
    certificate.first_evidence = where;
  }
  certificate.last_seen = std::max(certificate.last_seen.value_or(time), time);
}

/// list_certificates lists the certificates in the order of their SHA-256, so that the order in which workers met them does not show, and
/// names them by their places in the list from now on.
std::vector<CertificateSummary> list_certificates(const CertificateStore& store, std::vector<FlowProfile>& flows) {
  const std::vector<CertificateId> order = store.sorted_ids();
  std::vector<std::uint32_t> places(order.size());  // by the store's ids
  for (std::uint32_t place = 0; place < order.size(); ++place) places[value(order[place])] = place;
  std::vector<CertificateSummary> certificates(order.size());
  for (std::uint32_t number = 0; number < order.size(); ++number) {  // in the order in which they lie in memory
    const CertificateId id{number};
    CertificateSummary& certificate = certificates[places[number]];
    certificate.sha256 = upper_hex(store.sha256(id));
    certificate.der_bytes = store.der_bytes(id);
    const Bytes der = store.der(id);
    if (der.empty()) {
      certificate.fields = [] {
        CertificateFields fields;
        fields.error = "not kept: the certificate budget is spent";
        return fields;
      };
    } else {
      certificate.fields = [der] { return read_certificate(der); };
      certificate.names = [der] { return read_certificate_names(der); };
      certificate.not_after = read_not_after(der);
    }
  }
  for (FlowProfile& flow : flows) {
    if (!flow.tls) continue;
    const auto see_chain = [&](std::vector<CertificateId>& chain, const TimedEvidence& where, bool as_server) {
      for (std::size_t i = 0; i < chain.size(); ++i) {
        if (value(chain[i]) >= places.size()) continue;
        chain[i] = CertificateId{places[value(chain[i])]};
        see(certificates[value(chain[i])], flow, where, as_server, i == 0);
      }
    };
    see_chain(flow.tls->server_chain, flow.tls->frames.server_certificate, true);
    see_chain(flow.tls->client_chain, flow.tls->frames.client_certificate, false);
  }
  return certificates;
}

/// last_time is the end of what was captured: an audit whose own time is not known is made then.
Timestamp last_time(const std::vector<CaptureSummary>& captures) {
  Timestamp last{};
  for (const CaptureSummary& capture : captures) last = std::max(last, capture.last_time.value_or(last));
  return last;
}

void note_budgets(AuditResult& result, const PipelineResult& collected, const SeenOctets& seen) {
  const auto note = [&](const char* budget, std::uint64_t count) {
    if (count != 0) result.budgets_exceeded[budget] += count;
  };
  note("flows_evicted", collected.flow_counters.evicted_flows);
  note("flow_records", collected.forgotten_flows);
  note("stream_buffers", collected.flow_counters.holes_given_up);
  note("facts_per_flow", collected.flow_counters.dropped_facts);
  note("media_samples", collected.flow_counters.refused_media_samples);
  note("certificates", seen.certificates.num_dropped());
  note("stapled_responses", seen.staples == nullptr ? 0 : seen.staples->num_dropped());
  if (result.secrets) note("key_log_lines", result.secrets->over_budget);
}

/// resolve_ends finds out whose the ends of the flows are.
void resolve_ends(AuditResult& result, const Topology& topology) {
  constexpr std::size_t kAhead = 16;
  std::vector<FlowProfile>& flows = result.flows;
  AssetResolver resolver{topology, 2 * flows.size()};
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (i + kAhead < flows.size()) prefetch(&flows[i + kAhead].initiator, 2 * sizeof(Party));  // the other end lies behind it
    flows[i].initiator.asset = resolver.resolve(flows[i].initiator.endpoint.address);
    flows[i].responder.asset = resolver.resolve(flows[i].responder.endpoint.address);
  }
  result.assets = resolver.take_assets();
}

/// prove_media says of each source what handshakes and keys prove.
void prove_media(AuditResult& result, const MediaLinks& links, const Secrets& secrets) {
  link_media_handshakes(result.flows);
  if (secrets.ignored) return;
  std::vector<std::string> names;
  names.reserve(result.captures.size());
  for (const CaptureSummary& capture : result.captures) names.push_back(capture.name);
  const std::uint64_t num_left = verify_media(result.flows, [&](const FlowProfile& flow, const MediaSource& source) {
    std::vector<MediaKeyCandidate> keys = given_media_keys(secrets.srtp_keys, names, flow, source);
    add_signalled_media_keys(keys, links.keys_of(flow.id, source.sender), source);
    add_exported_media_keys(keys, flow, source);
    return keys;
  });
  if (num_left != 0) result.budgets_exceeded["media_keys"] = num_left;
}

}  // namespace

AuditResult assemble(PipelineResult collected, std::vector<CaptureSummary> captures, const SeenOctets& seen, const Judgement& judgement,
                     const Secrets& secrets, AuditResult base, bool last) {
  const CertificateStore& certificates = seen.certificates;
  AuditResult result = std::move(base);
  result.captures = std::move(captures);
  for (std::size_t i = 0; i < std::min(result.captures.size(), collected.damage.size()); ++i) {
    for (const auto& [reason, count] : collected.damage[i]) result.captures[i].damage[reason] += count;
  }
  note_budgets(result, collected, seen);
  result.duplicate_frames = collected.flow_counters.duplicate_frames;
  result.topology_name = judgement.topology.name;
  result.topology_sha256 = judgement.topology.sha256;
  result.flows = std::move(collected.flows);
  number_flows(result.flows);
  link_resumptions(result.flows);
  if (const std::uint64_t num_left_out = link_stripped_upgrades(result.flows)) result.budgets_exceeded["upgrade_servers"] = num_left_out;
  MediaLinks links = last ? link_media(result.flows, &certificates) : MediaLinks{};
  result.calls = std::move(links.calls);
  prove_media(result, links, secrets);
  link_control(result.flows);
  resolve_ends(result, judgement.topology);
  result.certificates = list_certificates(certificates, result.flows);
  const std::vector<CertificateId> order = certificates.sorted_ids();
  const auto octets = [&](std::uint32_t index) { return certificates.der(order[index]); };
  if (seen.staples != nullptr) list_staples(result, *seen.staples, octets, judgement.trust);
  judge_by(result, judgement.policies, [&](const Policy& policy) {
    judge(result, policy, judgement.topology, judgement.options);
    const std::vector<CertificateUse> uses = certificate_uses(result, judgement.topology);
    result.pool_leaves = pool_leaves(uses);
    judge_certificates(result, policy, judgement.topology, judgement.options, uses,
                       examine_certificates(uses, result.certificates.size(), octets, judgement.trust),
                       result.started.value_or(last_time(result.captures)));
  });
  Proposals proposals = propose_roles(result);
  result.proposals = std::move(proposals.list);
  if (proposals.num_left_out != 0) result.budgets_exceeded["proposed_roles"] = proposals.num_left_out;
  return result;
}

std::vector<FlowProfile> disassemble(AuditResult result, const CertificateStore& certificates) {
  const std::vector<CertificateId> order = certificates.sorted_ids();
  for (FlowProfile& flow : result.flows) {
    if (!flow.tls) continue;
    for (std::vector<CertificateId>* chain : {&flow.tls->server_chain, &flow.tls->client_chain}) {
      for (CertificateId& id : *chain) {
        if (value(id) < order.size()) id = order[value(id)];
      }
    }
  }
  return std::move(result.flows);
}

}  // namespace sealtrace
