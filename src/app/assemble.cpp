#include "app/assemble.hpp"

#include <algorithm>

#include "correlate/media_links.hpp"
#include "correlate/ordering.hpp"
#include "correlate/resumption.hpp"
#include "crypto/certificate_fields.hpp"
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

/// rename_certificates numbers the certificates by SHA-256, so that the order in which workers met them does not show. Gives the
/// store's ids in that order.
std::vector<CertificateId> rename_certificates(std::vector<FlowProfile>& flows, const CertificateStore& store) {
  std::vector<CertificateId> order = store.sorted_ids();
  std::vector<CertificateId> renamed(order.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) renamed[value(order[place])] = CertificateId{place};
  for (FlowProfile& flow : flows) {
    if (!flow.tls) continue;
    for (std::vector<CertificateId>* chain : {&flow.tls->server_chain, &flow.tls->client_chain}) {
      for (CertificateId& id : *chain) {
        if (value(id) < renamed.size()) id = renamed[value(id)];
      }
    }
  }
  return order;
}

std::vector<CertificateSummary> list_certificates(const CertificateStore& store, const std::vector<CertificateId>& order,
                                                  const std::vector<FlowProfile>& flows) {
  std::vector<CertificateSummary> certificates(order.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    CertificateSummary& certificate = certificates[place];
    certificate.sha256 = upper_hex(store.sha256(order[place]));
    certificate.der_bytes = store.der_bytes(order[place]);
    const Bytes der = store.der(order[place]);
    if (der.empty()) {
      certificate.fields = [] {
        CertificateFields fields;
        fields.error = "not kept: the certificate budget is spent";
        return fields;
      };
    } else {
      certificate.fields = [der] { return read_certificate(der); };
      certificate.not_after = read_not_after(der);
    }
  }
  for (const FlowProfile& flow : flows) {
    if (!flow.tls) continue;
    const auto see_chain = [&](const std::vector<CertificateId>& chain, const TimedEvidence& where, bool as_server) {
      for (std::size_t i = 0; i < chain.size(); ++i) {
        if (value(chain[i]) < certificates.size()) see(certificates[value(chain[i])], flow, where, as_server, i == 0);
      }
    };
    see_chain(flow.tls->server_chain, flow.tls->frames.server_certificate, true);
    see_chain(flow.tls->client_chain, flow.tls->frames.client_certificate, false);
  }
  return certificates;
}

void note_budgets(AuditResult& result, const PipelineResult& collected, const CertificateStore& certificates) {
  const auto note = [&](const char* budget, std::uint64_t count) {
    if (count != 0) result.budgets_exceeded[budget] += count;
  };
  note("flows_evicted", collected.flow_counters.evicted_flows);
  note("flow_records", collected.forgotten_flows);
  note("stream_buffers", collected.flow_counters.holes_given_up);
  note("facts_per_flow", collected.flow_counters.dropped_facts);
  note("certificates", certificates.num_dropped());
}

}  // namespace

AuditResult assemble(PipelineResult collected, std::vector<CaptureSummary> captures, const CertificateStore& certificates,
                     const Judgement& judgement, AuditResult base) {
  AuditResult result = std::move(base);
  result.captures = std::move(captures);
  for (std::size_t i = 0; i < std::min(result.captures.size(), collected.damage.size()); ++i) {
    for (const auto& [reason, count] : collected.damage[i]) result.captures[i].damage[reason] += count;
  }
  note_budgets(result, collected, certificates);
  result.duplicate_frames = collected.flow_counters.duplicate_frames;
  result.topology_name = judgement.topology.name;
  result.topology_sha256 = judgement.topology.sha256;
  result.flows = std::move(collected.flows);
  number_flows(result.flows);
  link_resumptions(result.flows);
  result.calls = link_media(result.flows, &certificates).calls;
  AssetResolver resolver{judgement.topology};
  for (FlowProfile& flow : result.flows) {
    flow.initiator.asset = resolver.resolve(flow.initiator.endpoint.address);
    flow.responder.asset = resolver.resolve(flow.responder.endpoint.address);
  }
  result.assets = resolver.take_assets();
  const std::vector<CertificateId> order = rename_certificates(result.flows, certificates);
  result.certificates = list_certificates(certificates, order, result.flows);
  judge(result, judgement.policy, judgement.topology, judgement.options);
  Proposals proposals = propose_roles(result);
  result.proposals = std::move(proposals.list);
  if (proposals.num_left_out != 0) result.budgets_exceeded["proposed_roles"] = proposals.num_left_out;
  return result;
}

}  // namespace sealtrace
