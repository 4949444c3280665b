// SSL 2.0 as far as a stream shows it in the clear (draft-hickman-netscape-ssl), and the hello of its form that later versions
// take (RFC 5246 appendix E.2).
#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/tls_handshake.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

enum class Ssl2MessageType : std::uint8_t {
  error = 0,
  client_hello = 1,
  client_master_key = 2,
  client_finished = 3,
  server_hello = 4,
  server_verify = 5,
  server_finished = 6,
  request_certificate = 7,
  client_certificate = 8,
};

/// Ssl2RecordHeader is two octets (high bit set) or three (with padding) before a record's data.
struct Ssl2RecordHeader {
  std::uint8_t header_bytes = 0;
  std::uint16_t length = 0;  ///< of the data, padding included
  std::uint8_t padding = 0;
};

/// parse_ssl2_record_header needs two or three octets (need_more below that). Fails as malformed for an empty record.
Parsed<Ssl2RecordHeader> parse_ssl2_record_header(Bytes bytes);

/// parse_ssl2_client_hello reads a CLIENT-HELLO after its message type, whole. Suites of TLS stand in `cipher_kinds` with a leading
/// zero octet; `cipher_suites` is empty.
Parsed<ClientHello> parse_ssl2_client_hello(Bytes body);

/// Ssl2ServerHello borrows from the message. `certificate` is DER when `certificate_type` is 1, empty when the session id hit.
struct Ssl2ServerHello {
  bool session_id_hit = false;
  std::uint8_t certificate_type = 0;
  std::uint16_t server_version = 0;
  Bytes certificate;
  Bytes cipher_kinds;  ///< three octets each
  Bytes connection_id;
};

/// parse_ssl2_server_hello reads a SERVER-HELLO after its message type, whole.
Parsed<Ssl2ServerHello> parse_ssl2_server_hello(Bytes body);

}  // namespace sealtrace
