#include "proto/tls_record.hpp"

namespace sealtrace {

Parsed<RecordHeader> parse_record_header(Bytes bytes) {
  ParseScope scope;
  ByteReader record{bytes, scope};
  RecordHeader header;
  header.type = ContentType{record.u8("type")};
  record.require(is_assigned(header.type), "type");
  header.legacy_record_version = record.u16("legacy_record_version");
  record.require(header.legacy_record_version >= 0x0300 && header.legacy_record_version <= 0x0304, "legacy_record_version");
  header.length = record.u16("length");
  record.require(header.length <= kMaxCiphertextBytes, "length");
  return scope.finish(header);
}

Parsed<Alert> parse_alert(Bytes fragment) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{fragment, scope};
  Alert alert;
  alert.level = AlertLevel{reader.u8("level")};
  reader.require(alert.level == AlertLevel::warning || alert.level == AlertLevel::fatal, "level");
  alert.description = AlertDescription{reader.u8("description")};
  reader.finished("alert");
  return scope.finish(alert);
}

}  // namespace sealtrace
