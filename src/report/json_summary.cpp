#include "report/json_summary.hpp"

#include "report/json_writer.hpp"
#include "report/ndjson.hpp"
#include "report/records.hpp"

namespace sealtrace {

namespace {

/// write_list writes `items` as an array of objects, the members of each by `write_members`.
template <typename Items, typename WriteMembers>
void write_list(JsonWriter& json, JsonKey name, const Items& items, const WriteMembers& write_members) {
  json.begin_array(name);
  for (const auto& item : items) {
    json.begin_object();
    write_members(item);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_json_summary(const AuditResult& audit, const ReportOptions&, const Sink& sink) {
  TextBuffer text;
  JsonWriter json{text, 2};
  json.begin_object();
  json.member("schema_version", kSchemaVersion);
  json.begin_object("audit");
  write_audit_members(json, audit);
  json.end_object();
  write_list(json, "captures", audit.captures, [&](const CaptureSummary& capture) { write_capture_members(json, capture); });
  write_list(json, "rows", audit.rows, [&](const RowVerdict& row) { write_row_members(json, audit, row); });
  write_list(json, "legs", audit.legs, [&](const Leg& leg) { write_leg_members(json, audit, leg); });
  write_list(json, "findings", audit.findings, [&](const Finding& finding) { write_finding_members(json, audit, finding); });
  json.begin_object("summary");
  write_summary_members(json, audit);
  json.end_object();
  json.end_object();
  text.append('\n');
  sink(text.view());
}

}  // namespace sealtrace
