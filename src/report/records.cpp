#include "report/records.hpp"

#include <span>

#include "report/audit_view.hpp"
#include "report/blind_spots.hpp"
#include "report/time_text.hpp"

namespace sealtrace {

namespace {

void time_member(JsonWriter& json, JsonKey name, const std::optional<Timestamp>& time) {
  if (time) json.member(name, rfc3339(*time));
}

void count_members(JsonWriter& json, JsonKey name, const std::map<std::string, std::uint64_t>& counts) {
  json.begin_object(name);
  for (const auto& [word, count] : counts) {
    json.key_text(word);
    json.value(count);
  }
  json.end_object();
}

/// status_members states the count of every status, zeros too.
void status_members(JsonWriter& json, const std::map<Status, std::uint64_t>& counts) {
  for (const Status status : kStatuses) {
    json.key_text(to_string(status));
    json.value(count_of(counts, status));
  }
}

void write_coverage(JsonWriter& json, const Coverage& coverage) {
  json.begin_object("coverage");
  json.member("flows", coverage.num_flows);
  json.member("decided", coverage.num_decided);
  json.member("undecided", coverage.num_undecided);
  json.member("exempt", coverage.num_exempt);
  json.member("missing_bytes", coverage.missing_bytes);
  json.end_object();
}

void write_finding_ids(JsonWriter& json, const AuditResult& audit, std::span<const std::uint32_t> findings) {
  json.begin_array("findings");
  for (const std::uint32_t index : findings) {
    if (const Finding* finding = element(audit.findings, index)) json.value(finding->id);
  }
  json.end_array();
}

void write_evidence(JsonWriter& json, const AuditResult& audit, const FindingEvidence& evidence) {
  json.begin_object();
  json.member("capture", capture_name(audit, evidence.where.capture));
  json.member("frame", value(evidence.where.frame));
  json.member("time", rfc3339(evidence.time));
  json.member("what", evidence.what);
  json.member_if_known("display_filter", evidence.display_filter);
  json.end_object();
}

void write_x509(JsonWriter& json, const CertificateFields& fields) {
  const auto name = [&](JsonKey key, const std::string& distinguished_name) {
    if (distinguished_name.empty()) return;
    json.begin_object(key);
    json.member("distinguished_name", distinguished_name);
    json.end_object();
  };
  json.begin_object("x509");
  if (fields.version != 0) json.member("version_number", std::to_string(fields.version));
  name("subject", fields.subject);
  name("issuer", fields.issuer);
  json.member_if_known("serial_number", fields.serial);
  time_member(json, "not_before", fields.not_before);
  time_member(json, "not_after", fields.not_after);
  json.member_if_known("public_key_algorithm", fields.public_key_algorithm);
  if (fields.public_key_bits != 0) json.member("public_key_size", fields.public_key_bits);
  json.member_if_known("public_key_curve", fields.curve);
  json.member_if_known("public_key_exponent", fields.public_exponent);
  json.member_if_known("public_key_sha256", fields.public_key_sha256);
  json.member_if_known("signature_algorithm", fields.signature_algorithm);
  json.member_if_known("signature_hash", fields.signature_hash);
  json.begin_array("alternative_names");
  for (const auto* names : {&fields.dns_names, &fields.ip_addresses, &fields.other_names}) {
    for (const std::string& alternative : *names) json.value(alternative);
  }
  json.end_array();
  json.text_array("extended_key_usage", fields.extended_key_usage);
  json.text_array("key_usage", fields.key_usage);
  json.text_array("crl_distribution_points", fields.crl_distribution_points);
  json.text_array("authority_information_access", fields.authority_information_access);
  json.text_array("policies", fields.policies);
  json.member_if_known("subject_key_identifier", fields.subject_key_identifier);
  json.member_if_known("authority_key_identifier", fields.authority_key_identifier);
  if (fields.certificate_authority) json.member("certificate_authority", *fields.certificate_authority);
  if (fields.path_length) json.member("path_length", *fields.path_length);
  if (fields.num_scts) json.member("signed_certificate_timestamps", *fields.num_scts);
  json.member_if_known("error", fields.error);
  json.end_object();
}

void write_blind_spots(JsonWriter& json, const AuditResult& audit) {
  json.begin_array("not_seen");
  for (const BlindSpot& spot : find_blind_spots(audit)) {
    json.begin_object();
    json.member("kind", spot.kind);
    json.member_if_known("subject", spot.subject);
    json.member("count", spot.count);
    json.member("what", spot.what);
    json.member_if_known("cure", spot.cure);
    json.text_array("rows", spot.rows);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_audit_members(JsonWriter& json, const AuditResult& audit) {
  json.begin_object("tool");
  json.member("name", "sealtrace");
  json.member("version", audit.tool_version);
  json.end_object();
  json.text_array("command", audit.command);
  json.begin_array("policies");
  for (const PolicyReference& policy : audit.policies) {
    json.begin_object();
    json.member("name", policy.name);
    json.member_if_known("sha256", policy.sha256);
    json.end_object();
  }
  json.end_array();
  if (!audit.topology_name.empty() || !audit.topology_sha256.empty()) {
    json.begin_object("topology");
    json.member_if_known("name", audit.topology_name);
    json.member_if_known("sha256", audit.topology_sha256);
    json.end_object();
  }
  time_member(json, "started", audit.started);
}

void write_capture_members(JsonWriter& json, const CaptureSummary& capture) {
  json.member("file", capture.name);
  json.member_if_known("sha256", capture.sha256);
  json.member_if_known("format", capture.format);
  json.member_if_known("compression", capture.compression);
  json.text_array("link_types", capture.link_types);
  json.text_array("interface_names", capture.interfaces);
  json.member("frames", capture.frames);
  json.member("frames_filtered", capture.frames_filtered);
  json.member("bytes", capture.bytes);
  time_member(json, "first_time", capture.first_time);
  time_member(json, "last_time", capture.last_time);
  if (capture.snaplen != 0) json.member("snaplen", capture.snaplen);
  json.member("interfaces", capture.num_interfaces);
  json.member("secrets_blocks", capture.num_secrets_blocks);
  json.begin_object("drops");
  if (capture.dropped_by_kernel) json.member("kernel", *capture.dropped_by_kernel);
  if (capture.dropped_by_interface) json.member("interface", *capture.dropped_by_interface);
  json.end_object();
  count_members(json, "damage", capture.damage);
  json.member("complete", capture.complete);
  json.member("unreadable", capture.unreadable);
  json.member_if_known("error", capture.error);
}

void write_certificate_members(JsonWriter& json, const AuditResult& audit, const CertificateSummary& certificate) {
  json.member_if_known("sha256", certificate.sha256);
  json.member_if_known("sha1", certificate.sha1);
  json.member("der_bytes", certificate.der_bytes);
  write_x509(json, certificate.fields());
  json.member("seen_as_server", certificate.seen_as_server);
  json.member("seen_as_client", certificate.seen_as_client);
  json.member("seen_as_leaf", certificate.seen_as_leaf);
  json.member("flows", certificate.num_flows);
  time_member(json, "first_seen", certificate.first_seen);
  time_member(json, "last_seen", certificate.last_seen);
  if (certificate.first_evidence.known()) {
    json.begin_object("evidence");
    json.member("capture", capture_name(audit, certificate.first_evidence.capture));
    json.member("frame", value(certificate.first_evidence.frame));
    json.end_object();
  }
  if (!certificate.sources.empty()) json.text_array("sources", certificate.sources);
  if (!certificate.holders.empty()) json.text_array("holders", certificate.holders);
  json.member_if_known("chain", certificate.chain);
  write_finding_ids(json, audit, certificate.findings);
}

void write_policy_member(JsonWriter& json, const AuditResult& audit, std::uint32_t policy) {
  if (audit.policies.size() > 1 && policy < audit.policies.size()) json.member("policy", audit.policies[policy].name);
}

void write_leg_members(JsonWriter& json, const AuditResult& audit, const Leg& leg) {
  json.member("id", leg.id());
  json.member("class", to_string(leg.traffic_class));
  json.member("client", asset_name(audit, leg.client_asset));
  json.member("server", asset_name(audit, leg.server_asset));
  json.member("port", leg.server_port);
  json.member("transport", to_string(leg.transport));
  json.member("flows", leg.coverage.num_flows);
  json.member("status", to_string(leg.status));
  json.member_if_known("protection", leg.protection);
  json.member_if_known("required", leg.required);
  write_finding_ids(json, audit, leg.findings);
  json.member("first_seen", rfc3339(leg.first_seen));
  json.member("last_seen", rfc3339(leg.last_seen));
  write_coverage(json, leg.coverage);
  write_policy_member(json, audit, leg.policy);
}

void write_finding_members(JsonWriter& json, const AuditResult& audit, const Finding& finding) {
  json.member("id", finding.id);
  json.member("rule", finding.rule);
  json.member("status", to_string(finding.status));
  json.member("severity", to_string(finding.severity));
  json.member("reason", finding.reason);
  json.member("title", finding.title);
  json.member("message", finding.message);
  json.member_if_known("why", finding.why);
  json.member_if_known("remedy", finding.remedy);
  json.member_if_known("verify", finding.verify);
  json.begin_array("legs");
  for (const std::uint32_t index : finding.legs) {
    if (const Leg* leg = element(audit.legs, index)) json.value(leg->id());
  }
  json.end_array();
  json.member("flows", finding.num_flows);
  json.begin_array("evidence");
  for (const FindingEvidence& evidence : finding.evidence) write_evidence(json, audit, evidence);
  json.end_array();
  json.member("first_seen", rfc3339(finding.first_seen));
  json.member("last_seen", rfc3339(finding.last_seen));
  json.member_if_known("waiver", finding.waiver);
  write_policy_member(json, audit, finding.policy);
}

void write_row_members(JsonWriter& json, const AuditResult& audit, const RowVerdict& row) {
  json.member("id", row.id);
  json.member("title", row.title);
  json.member_if_known("required", row.required);
  json.member("expected", row.expected);
  json.member("status", to_string(row.status));
  json.member_if_known("note", row.note);
  json.begin_object("legs");
  status_members(json, row.num_legs);
  json.end_object();
  if (row.of_certificates) {
    json.begin_object("certificates");
    status_members(json, row.num_certificates);
    json.end_object();
  }
  write_coverage(json, row.coverage);
  if (const Finding* finding = element(audit.findings, row.worst_finding)) json.member("worst_finding", finding->id);
  if (!row.document.empty() || !row.clause.empty()) {
    json.begin_object("source");
    json.member_if_known("document", row.document);
    json.member_if_known("clause", row.clause);
    json.end_object();
  }
  write_policy_member(json, audit, row.policy);
}

void write_summary_members(JsonWriter& json, const AuditResult& audit) {
  const AuditCounts counts = count_audit(audit);
  json.member("overall", audit.overall);
  json.member("exit_code", audit.exit_code);
  json.begin_object("flows");
  json.member("total", counts.num_flows);
  json.member("tls", counts.num_tls_flows);
  json.member("tls_established", counts.num_established_flows);
  json.end_object();
  json.begin_object("legs");
  json.member("total", audit.legs.size());
  status_members(json, counts.legs);
  json.end_object();
  json.begin_object("rows");
  json.member("total", audit.rows.size());
  status_members(json, counts.rows);
  json.member("expected_open", counts.num_open_expected_rows);
  json.end_object();
  json.begin_object("findings");
  json.member("total", audit.findings.size());
  json.begin_object("by_status");
  for (const auto& [status, count] : counts.findings) {
    json.key_text(to_string(status));
    json.value(count);
  }
  json.end_object();
  json.begin_object("by_severity");
  for (const Severity severity : kSeverities) {
    const auto found = counts.finding_severities.find(severity);
    json.key_text(to_string(severity));
    json.value(found != counts.finding_severities.end() ? found->second : 0);
  }
  json.end_object();
  json.end_object();
  json.member("captures", audit.captures.size());
  json.member("frames", counts.num_frames);
  json.member("certificates", audit.certificates.size());
  json.member("duplicate_frames", audit.duplicate_frames);
  if (audit.secrets) {
    json.begin_object("secrets");
    json.member("hellos", audit.secrets->num_hellos);
    json.member("used", audit.secrets->num_used);
    json.member("ignored_lines", audit.secrets->ignored_lines);
    json.end_object();
  }
  count_members(json, "budgets_exceeded", audit.budgets_exceeded);
  write_blind_spots(json, audit);
  json.begin_array("proposals");
  for (const RoleProposal& proposal : audit.proposals) {
    json.begin_object();
    json.member("address", proposal.address);
    json.member_if_known("name", proposal.name);
    json.member("role", proposal.role);
    json.member("strength", to_string(proposal.strength));
    json.begin_array("reasons");
    for (const ProposalReason& reason : proposal.reasons) {
      json.begin_object();
      json.member("what", reason.what);
      json.member("strength", to_string(reason.strength));
      if (reason.where.known()) {
        json.member("capture", capture_name(audit, reason.where.capture));
        json.member("frame", value(reason.where.frame));
      }
      json.end_object();
    }
    json.end_array();
    json.member("num_reasons", proposal.num_reasons);
    json.end_object();
  }
  json.end_array();
}

}  // namespace sealtrace
