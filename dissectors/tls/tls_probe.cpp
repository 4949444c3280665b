#include "dissectors/tls/tls_probe.hpp"

#include <algorithm>
#include <memory>

#include "dissectors/tls/tls_session.hpp"
#include "proto/tls_handshake.hpp"
#include "proto/tls_record.hpp"
#include "proto/tls_ssl2.hpp"

namespace sealtrace {
namespace {

std::unique_ptr<Session> open_tls(const Services& services) { return std::make_unique<TlsSession>(services); }

/// legacy_version of hellos: SSL 3.0 to TLS 1.3, and the drafts that put their own number there.
bool is_hello_version(std::uint16_t version) { return (version >= 0x0300 && version <= 0x0304) || is_tls13_draft(version); }

/// probe_ssl2 reads the fixed part of a CLIENT-HELLO or SERVER-HELLO: the lengths in it must add up to the record's.
Recognition probe_ssl2(Bytes bytes) {
  constexpr std::size_t kFixedBytes = 11;
  const std::uint8_t type = bytes.size() > 2 ? bytes[2] : static_cast<std::uint8_t>(Ssl2MessageType::client_hello);
  const bool client = type == static_cast<std::uint8_t>(Ssl2MessageType::client_hello);
  if (!client && type != static_cast<std::uint8_t>(Ssl2MessageType::server_hello)) return Recognition::no;
  ParseScope scope;
  ByteReader reader{bytes.first(std::min(bytes.size(), client ? kFixedBytes : kFixedBytes + 2)), scope};
  const std::size_t record_length = reader.u16("record_length") & 0x7FFFU;
  reader.skip(1, "msg_type");
  if (!client) {
    reader.require(reader.u8("session_id_hit") <= 1, "session_id_hit");
    reader.require(reader.u8("certificate_type") <= 1, "certificate_type");
  }
  const std::uint16_t version = reader.u16("version");
  reader.require(version == 0x0002 || (client && is_hello_version(version)), "version");
  std::size_t lengths = 0;
  for (int i = 0; i < 3; ++i) lengths += reader.u16("length");
  reader.require(lengths > 0 && record_length == (client ? 9 : 11) + lengths, "length");
  if (scope.ok()) return Recognition::yes;
  return scope.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
}

/// begins_hello reads type, length and version of a message at the start of a handshake record. A sender may cut its hello into records
/// shorter than that: then the type has to do, and only where a stream begins.
Recognition begins_hello(const RecordHeader& record, Bytes fragment, bool at_start) {
  constexpr std::size_t kHelloBytes = 6;
  constexpr std::uint32_t kMinHelloBytes = 2 + 32 + 1 + 2;  // of the drafts' ServerHello, which has the fewest fields
  const bool whole = record.length >= kHelloBytes;
  if (record.length == 0 || (!whole && !at_start)) return Recognition::no;
  ParseScope scope;
  ByteReader reader{fragment.first(std::min<std::size_t>(fragment.size(), record.length)), scope};
  const HandshakeType type{reader.u8("msg_type")};
  reader.require(type == HandshakeType::client_hello || type == HandshakeType::server_hello, "msg_type");
  if (whole) {
    const std::uint32_t length = reader.u24("length");
    reader.require(length >= kMinHelloBytes && length <= kMaxHandshakeMessageBytes, "length");
    reader.require(is_hello_version(reader.u16("legacy_version")), "legacy_version");
  }
  if (scope.ok()) return Recognition::yes;
  return scope.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
}

/// fits_content looks at what a fragment's type says of its content.
bool fits_content(const RecordHeader& record, Bytes fragment) {
  switch (record.type) {
    case ContentType::change_cipher_spec: return record.length == 1 && (fragment.empty() || fragment[0] == 1);
    case ContentType::alert: return record.length == 2 ? fragment.empty() || fragment[0] == 1 || fragment[0] == 2 : record.length > 16;
    case ContentType::handshake: return record.length >= 4;
    case ContentType::application_data: return true;
    case ContentType::heartbeat: return record.length >= 3;
  }
  return false;
}

/// probe_records takes a stream that does not begin with a hello: a whole record, or a header and another where it ends.
Recognition probe_records(Bytes bytes) {
  constexpr std::size_t kMinProtectedBytes = 16;
  // The flow layer holds about this much back for a decision: a longer record must be told by its header.
  constexpr std::size_t kMaxWaitBytes = 1000;
  const auto first = parse_record_header(bytes);
  if (!first) return first.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
  const Bytes rest = bytes.subspan(kRecordHeaderBytes);
  if (first->length == 0 || !fits_content(*first, rest)) return Recognition::no;
  const bool is_data = first->type == ContentType::application_data && first->length >= kMinProtectedBytes &&
                       first->legacy_record_version != static_cast<std::uint16_t>(TlsVersion::tls1_3);
  if (rest.size() < first->length) {
    if (first->length <= kMaxWaitBytes) return Recognition::need_more;
    return is_data ? Recognition::yes : Recognition::no;
  }
  const Bytes next = rest.subspan(first->length);
  const auto second = parse_record_header(next);
  if (!second && second.error().code != ParseErrorCode::need_more) return Recognition::no;
  if (!second) return is_data ? Recognition::yes : Recognition::need_more;
  const bool fits =
      second->legacy_record_version == first->legacy_record_version && fits_content(*second, next.subspan(kRecordHeaderBytes));
  return fits ? Recognition::yes : Recognition::no;
}

}  // namespace

Recognition probe_tls(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  const Bytes bytes = input.bytes;
  if (bytes.empty()) return Recognition::need_more;
  if ((bytes[0] & 0x80) != 0) return probe_ssl2(bytes);
  if (!is_assigned(ContentType{bytes[0]})) return Recognition::no;
  if (bytes.size() > 1 && bytes[1] != 0x03) return Recognition::no;
  const auto record = parse_record_header(bytes);
  if (!record) return record.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
  if (record->type == ContentType::handshake) {
    const Recognition hello = begins_hello(*record, bytes.subspan(kRecordHeaderBytes), input.at_start);
    if (hello != Recognition::no || !input.at_start) return hello;
  }
  return input.at_start ? probe_records(bytes) : Recognition::no;
}

const Dissector kTlsDissector{.name = "tls", .probe = probe_tls, .open = open_tls};

}  // namespace sealtrace
