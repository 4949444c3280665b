#include "proto/tls_ssl2.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kCipherKindBytes = 3;

}  // namespace

Parsed<Ssl2RecordHeader> parse_ssl2_record_header(Bytes bytes) {
  ParseScope scope;
  ByteReader record{bytes, scope};
  Ssl2RecordHeader header;
  const std::uint16_t first = record.u16("record_length");
  if ((first & 0x8000) != 0) {
    header.header_bytes = 2;
    header.length = first & 0x7FFF;
  } else {
    header.header_bytes = 3;
    header.length = first & 0x3FFF;  // 0x4000 is the security escape
    header.padding = record.u8("padding");
  }
  record.require(header.length > header.padding, "record_length");
  return scope.finish(header);
}

Parsed<ClientHello> parse_ssl2_client_hello(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  ClientHello hello;
  hello.legacy_version = reader.u16("version");
  const std::uint16_t cipher_spec_length = reader.u16("cipher_spec_length");
  const std::uint16_t session_id_length = reader.u16("session_id_length");
  const std::uint16_t challenge_length = reader.u16("challenge_length");
  reader.require(cipher_spec_length > 0 && cipher_spec_length % kCipherKindBytes == 0, "cipher_spec_length");
  reader.require(session_id_length <= 32, "session_id_length");
  reader.require(challenge_length >= 8 && challenge_length <= 32, "challenge_length");
  hello.cipher_kinds = reader.bytes(cipher_spec_length, "cipher_specs");
  hello.session_id = reader.bytes(session_id_length, "session_id");
  hello.random = reader.bytes(challenge_length, "challenge");
  reader.finished("challenge");
  return scope.finish(hello);
}

Parsed<Ssl2ServerHello> parse_ssl2_server_hello(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  Ssl2ServerHello hello;
  const std::uint8_t session_id_hit = reader.u8("session_id_hit");
  reader.require(session_id_hit <= 1, "session_id_hit");
  hello.session_id_hit = session_id_hit == 1;
  hello.certificate_type = reader.u8("certificate_type");
  hello.server_version = reader.u16("server_version");
  reader.require(hello.server_version == 0x0002, "server_version");
  const std::uint16_t certificate_length = reader.u16("certificate_length");
  const std::uint16_t cipher_specs_length = reader.u16("cipher_specs_length");
  const std::uint16_t connection_id_length = reader.u16("connection_id_length");
  reader.require(cipher_specs_length % kCipherKindBytes == 0, "cipher_specs_length");
  hello.certificate = reader.bytes(certificate_length, "certificate");
  hello.cipher_kinds = reader.bytes(cipher_specs_length, "cipher_specs");
  hello.connection_id = reader.bytes(connection_id_length, "connection_id");
  reader.finished("connection_id");
  return scope.finish(hello);
}

}  // namespace sealtrace
