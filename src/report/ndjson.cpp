#include "report/ndjson.hpp"

#include "report/json_writer.hpp"
#include "report/records.hpp"

namespace sealtrace {

namespace {

/// kPieceBytes is when records collected so far go to the sink: large enough for few calls, small enough for the cache.
constexpr std::size_t kPieceBytes = 64 * 1024;

/// RecordStream frames records and hands them on in pieces.
class RecordStream {
 public:
  explicit RecordStream(const Sink& sink) : sink_(sink) {}

  template <typename WriteMembers>
  void record(std::string_view kind, const WriteMembers& write_members) {
    JsonWriter json{buffer_};
    json.begin_object();
    json.member("record", kind);
    json.member("schema_version", kSchemaVersion);
    write_members(json);
    json.end_object();
    buffer_.append('\n');
    if (buffer_.size() >= kPieceBytes) flush();
  }

  void flush() {
    if (buffer_.size() != 0) sink_(buffer_.view());
    buffer_.clear();
  }

 private:
  const Sink& sink_;
  TextBuffer buffer_;
};

}  // namespace

void write_ndjson(const AuditResult& audit, const ReportOptions& options, const Sink& sink) {
  RecordStream records{sink};
  records.record("audit", [&](JsonWriter& json) { write_audit_members(json, audit); });
  for (const CaptureSummary& capture : audit.captures) {
    records.record("capture", [&](JsonWriter& json) { write_capture_members(json, capture); });
  }
  for (const CertificateSummary& certificate : audit.certificates) {
    records.record("certificate", [&](JsonWriter& json) { write_certificate_members(json, audit, certificate); });
  }
  for (std::size_t i = 0; i < audit.flows.size(); ++i) {
    records.record("flow", [&](JsonWriter& json) { write_flow_members(json, audit, i, options.hashers); });
  }
  for (const Leg& leg : audit.legs) {
    records.record("leg", [&](JsonWriter& json) { write_leg_members(json, audit, leg); });
  }
  for (const Finding& finding : audit.findings) {
    records.record("finding", [&](JsonWriter& json) { write_finding_members(json, audit, finding); });
  }
  for (const RowVerdict& row : audit.rows) {
    records.record("row", [&](JsonWriter& json) { write_row_members(json, audit, row); });
  }
  records.record("summary", [&](JsonWriter& json) { write_summary_members(json, audit); });
  records.flush();
}

}  // namespace sealtrace
