// The flow record: written once per flow, so it makes no text that it does not write.
#include <fmt/format.h>

#include <bit>

#include "report/audit_view.hpp"
#include "report/community_id.hpp"
#include "report/records.hpp"
#include "report/time_text.hpp"

namespace sealtrace {

namespace {

std::string_view close_reason(CloseReason reason) {
  switch (reason) {
    case CloseReason::end_of_capture: return "end_of_capture";
    case CloseReason::tcp_close: return "tcp_close";
    case CloseReason::timed_out: return "timed_out";
    case CloseReason::reused: return "reused";
    case CloseReason::evicted: return "evicted";
  }
  return "unknown";
}

void write_flow_identity(JsonWriter& json, const AuditResult& audit, const FlowProfile& flow) {
  json.begin_object("flow");
  json.member("id", flow_id(flow.id));
  json.begin_object("frames");
  json.member("first", value(flow.first_frame));
  json.member("last", value(flow.last_frame));
  json.end_object();
  json.begin_array("captures");
  json.value(capture_name(audit, flow.first_capture));
  if (flow.last_capture != flow.first_capture) json.value(capture_name(audit, flow.last_capture));
  json.end_array();
  json.end_object();
  json.begin_object("event");
  TimeBuffer buffer;
  json.member("start", rfc3339_into(buffer, flow.start));
  json.member("end", rfc3339_into(buffer, flow.end));
  json.end_object();
}

void write_network(JsonWriter& json, const FlowProfile& flow, const Hashers& hashers) {
  json.begin_object("network");
  json.member("transport", to_string(flow.transport));
  json.member_if_known("community_id", community_id(flow.initiator.endpoint, flow.responder.endpoint, flow.transport, hashers));
  const Encapsulation& outer = flow.encapsulation;
  if (outer.num_vlans != 0) {
    json.begin_array("vlan");
    for (std::size_t i = 0; i < outer.num_vlans && i < outer.vlans.size(); ++i) json.value(outer.vlans[i]);
    json.end_array();
  }
  if (outer.num_tunnels != 0) {
    json.begin_array("tunnel");
    for (std::size_t i = 0; i < outer.num_tunnels && i < outer.tunnels.size(); ++i) json.value(to_string(outer.tunnels[i]));
    json.end_array();
  }
  json.end_object();
}

void write_party(JsonWriter& json, JsonKey name, const AuditResult& audit, const Party& party) {
  json.begin_object(name);
  json.member("ip", party.endpoint.address.to_string());
  json.member("port", party.endpoint.port);
  json.member("packets", party.packets);
  json.member("bytes", party.bytes);
  if (const Asset* asset = element(audit.assets, party.asset)) {
    if (asset->kind != AssetKind::address) json.member("name", asset->name);
    if (asset->roles.any()) {
      json.begin_array("roles");
      for (unsigned long long left = asset->roles.to_ullong(); left != 0; left &= left - 1) {
        json.value(kRoleNames[static_cast<std::size_t>(std::countr_zero(left))]);
      }
      json.end_array();
    }
  }
  json.end_object();
}

void write_observation(JsonWriter& json, const FlowProfile& flow) {
  json.begin_object("observation");
  json.member("start_seen", flow.start_seen);
  json.member("client_seen", flow.initiator_seen);
  json.member("server_seen", flow.responder_seen);
  json.member("missing_bytes", flow.missing_bytes);
  json.member("truncated", flow.truncated);
  json.member("conflicting", flow.conflicting);
  json.member("payload_bytes", flow.payload_bytes);
  json.member("duplicate_frames", flow.duplicate_frames);
  json.member("retransmitted_segments", flow.retransmitted_segments);
  json.member("closed", close_reason(flow.closed));
  if (!flow.budgets_exceeded.empty()) json.text_array("budgets_exceeded", flow.budgets_exceeded);
  json.end_object();
}

void write_judgement(JsonWriter& json, const AuditResult& audit, const JudgedFlow& judged) {
  json.begin_object("traffic");
  json.member("class", to_string(judged.classification.traffic_class));
  json.member_if_known("basis", judged.classification.basis);
  if (const Leg* leg = element(audit.legs, judged.classification.leg)) json.member("leg", leg->id());
  json.end_object();
  json.begin_array("results");
  for (const Result& result : judged.results) {
    json.begin_object();
    json.member("rule", result.rule);
    json.member("status", to_string(result.status));
    json.member("severity", to_string(result.severity));
    json.member_if_known("reason", result.reason);
    if (const Finding* finding = element(audit.findings, result.finding)) json.member("finding", finding->id);
    write_policy_member(json, audit, result.policy);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_flow_members(JsonWriter& json, const AuditResult& audit, std::size_t index, const Hashers& hashers) {
  const FlowProfile& flow = audit.flows[index];
  write_flow_identity(json, audit, flow);
  write_network(json, flow, hashers);
  write_party(json, "client", audit, flow.initiator);
  write_party(json, "server", audit, flow.responder);
  write_observation(json, flow);
  json.text_array("protocols", flow.protocols);
  if (flow.unrecognised && flow.protocols.empty()) {
    json.begin_object("unrecognised");
    json.member("entropy", fmt::format("{:.1f}", flow.unrecognised->entropy_bits()));
    json.member("printable", fmt::format("{:.2f}", flow.unrecognised->printable_share()));
    json.end_object();
  }
  if (flow.application) {
    json.begin_object("application");
    write_application_members(json, audit, flow, *flow.application);
    json.end_object();
    if (!flow.application->media.empty()) write_media(json, flow);
  }
  if (!flow.inside_protocols.empty() || flow.inside) {
    json.begin_object("inside");
    json.text_array("protocols", flow.inside_protocols);
    if (flow.inside) write_application_members(json, audit, flow, *flow.inside);
    json.end_object();
  }
  if (flow.tls) {
    json.begin_object("tls");
    write_tls_members(json, audit, flow, hashers);
    json.end_object();
  }
  if (const JudgedFlow* judged = element(audit.judged, index)) write_judgement(json, audit, *judged);
}

}  // namespace sealtrace
