// The members of each record, shared by NDJSON and the JSON summary. Each function writes into an object that is open; the keys are
// described in docs/records.md and docs/schema/record.schema.json. The result model holds no secret: of tickets, session
// ids and keys it knows hashes at most, and of those nothing is written here.
#pragma once

#include "model/audit.hpp"
#include "report/json_writer.hpp"
#include "report/options.hpp"

namespace sealtrace {

/// write_policy_member names the policy whose leg, finding, row or result it is, where several judged.
void write_policy_member(JsonWriter& json, const AuditResult& audit, std::uint32_t policy);

void write_audit_members(JsonWriter& json, const AuditResult& audit);
void write_capture_members(JsonWriter& json, const CaptureSummary& capture);
void write_certificate_members(JsonWriter& json, const AuditResult& audit, const CertificateSummary& certificate);
void write_leg_members(JsonWriter& json, const AuditResult& audit, const Leg& leg);
void write_finding_members(JsonWriter& json, const AuditResult& audit, const Finding& finding);
void write_row_members(JsonWriter& json, const AuditResult& audit, const RowVerdict& row);
void write_summary_members(JsonWriter& json, const AuditResult& audit);

/// write_flow_members writes flow number `index`.
void write_flow_members(JsonWriter& json, const AuditResult& audit, std::size_t index, const Hashers& hashers);
/// write_application_members writes what stands under a flow's `application`, or under its `inside`; write_media its `media`. The flow has
/// the ApplicationProfile.
void write_application_members(JsonWriter& json, const AuditResult& audit, const FlowProfile& flow, const ApplicationProfile& application);
void write_media(JsonWriter& json, const FlowProfile& flow);
/// write_tls_members writes what stands under a flow's `tls`.
void write_tls_members(JsonWriter& json, const AuditResult& audit, const FlowProfile& flow, const Hashers& hashers);

}  // namespace sealtrace
