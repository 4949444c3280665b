#include "dissectors/dtls/dtls_parse.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

/// kMaxProbeEpoch bounds the epochs that a datagram is recognised by: each renegotiation adds one, and no session has many.
constexpr std::uint16_t kMaxProbeEpoch = 255;
/// kMinProtectedBytes is the smallest protected fragment: an authentication tag (CCM_8) or a truncated MAC (RFC 6066 section 7).
constexpr std::uint16_t kMinProtectedBytes = 8;

/// hello_has_version looks at the version that a first fragment of a hello begins with.
bool hello_has_version(const DtlsHandshakeHeader& header, Bytes body) {
  ParseScope scope;
  ByteReader reader{body, scope};
  const std::uint16_t version = reader.u16("version");
  return header.fragment_offset != 0 || (scope.ok() && is_dtls_version(version));
}

bool is_hello(HandshakeType type) {
  return type == HandshakeType::client_hello || type == HandshakeType::server_hello || type == HandshakeType::hello_verify_request;
}

/// Content says how a record in the clear reads.
enum class Content : std::uint8_t { other, fits, hello };

Content handshake_content(Bytes fragment) {
  Content content = Content::other;
  while (!fragment.empty()) {
    const auto header = parse_dtls_handshake_header(fragment);
    if (!header || !is_assigned(header->msg_type)) return Content::other;
    const Bytes body = fragment.subspan(kDtlsHandshakeHeaderBytes);
    if (is_hello(header->msg_type)) {
      if (!hello_has_version(*header, body)) return Content::other;
      content = Content::hello;
    } else if (content == Content::other) {
      content = Content::fits;
    }
    if (header->fragment_length > body.size()) return content == Content::hello ? Content::hello : Content::other;
    fragment = body.subspan(header->fragment_length);
  }
  return content;
}

Content clear_content(const DtlsRecordHeader& header, Bytes fragment) {
  switch (header.type) {
    case ContentType::handshake: return handshake_content(fragment);
    case ContentType::alert: return header.length == 2 && parse_alert(fragment) ? Content::fits : Content::other;
    case ContentType::change_cipher_spec:
      // Old OpenSSL puts a message_seq behind the octet.
      return (header.length == 1 || header.length == 3) && !fragment.empty() && fragment[0] == 1 ? Content::fits : Content::other;
    case ContentType::application_data:
    case ContentType::heartbeat: return Content::other;
  }
  return Content::other;
}

}  // namespace

Parsed<DtlsRecordHeader> parse_dtls_record_header(Bytes bytes) {
  ParseScope scope;
  ByteReader record{bytes, scope};
  DtlsRecordHeader header;
  header.type = ContentType{record.u8("type")};
  record.require(is_assigned(header.type) || header.type == kTls12Cid || header.type == kAck, "type");
  header.legacy_record_version = record.u16("legacy_record_version");
  record.require(is_dtls_version(header.legacy_record_version), "legacy_record_version");
  header.epoch = record.u16("epoch");
  header.sequence_number = record.u48("sequence_number");
  if (header.type != kTls12Cid) header.length = record.u16("length");
  record.require(header.length <= kMaxCiphertextBytes, "length");
  return scope.finish(header);
}

Parsed<UnifiedHeader> parse_unified_header(Bytes bytes) {
  ParseScope scope;
  ByteReader record{bytes, scope};
  const std::uint8_t flags = record.u8("flags");
  record.require(is_unified(flags), "flags");
  const bool connection_id = (flags & 0x10) != 0;
  const bool long_sequence_number = (flags & 0x08) != 0;
  const bool has_length = (flags & 0x04) != 0;
  UnifiedHeader header;
  header.epoch_bits = flags & 0x03;
  if (connection_id) return scope.finish(header);
  record.skip(long_sequence_number ? 2 : 1, "encrypted_sequence_number");
  if (has_length) header.length = record.u16("length");
  header.header_bytes = record.offset();
  return scope.finish(header);
}

Parsed<DtlsHandshakeHeader> parse_dtls_handshake_header(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  DtlsHandshakeHeader header;
  header.msg_type = HandshakeType{reader.u8("msg_type")};
  header.length = reader.u24("length");
  header.message_seq = reader.u16("message_seq");
  header.fragment_offset = reader.u24("fragment_offset");
  header.fragment_length = reader.u24("fragment_length");
  reader.require(header.fragment_offset <= header.length && header.fragment_length <= header.length - header.fragment_offset,
                 "fragment_length");
  return scope.finish(header);
}

bool looks_like_dtls(Bytes datagram) {
  if (datagram.empty()) return false;
  bool first = true;
  while (!datagram.empty()) {
    const auto header = parse_dtls_record_header(datagram);
    if (!header || header->type == kTls12Cid) return false;
    const Bytes rest = datagram.subspan(kDtlsRecordHeaderBytes);
    const Bytes fragment = rest.first(std::min<std::size_t>(header->length, rest.size()));
    if (header->epoch == 0) {
      const Content content = clear_content(*header, fragment);
      if (content == Content::other) return false;
      if (content == Content::hello && first) return true;
    } else if (header->epoch > kMaxProbeEpoch || header->length < kMinProtectedBytes || header->type == kAck) {
      return false;
    }
    if (header->length > rest.size()) return false;
    datagram = rest.subspan(header->length);
    first = false;
  }
  return true;
}

}  // namespace sealtrace
