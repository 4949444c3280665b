#include "proto/tls_ahead.hpp"

#include "proto/tls_record.hpp"

namespace sealtrace {

TlsAhead tls_ahead(Bytes octets) {
  if (octets.empty()) return TlsAhead::need_more;
  if (octets[0] != static_cast<std::uint8_t>(ContentType::handshake)) return TlsAhead::no;
  if (octets.size() > 1 && octets[1] != 0x03) return TlsAhead::no;
  const auto record = parse_record_header(octets);
  if (!record) return record.error().code == ParseErrorCode::need_more ? TlsAhead::need_more : TlsAhead::no;
  return octets.size() > kRecordHeaderBytes + record->length ? TlsAhead::more_records : TlsAhead::first_record;
}

}  // namespace sealtrace
