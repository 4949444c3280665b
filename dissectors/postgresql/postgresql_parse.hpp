// Messages of PostgreSQL's frontend/backend protocol 3 (PostgreSQL documentation, "Message Formats") as an observer reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// PostgresqlRequest is the code of a message that a client begins with; it has no type octet. `startup` stands for every 3.x.
enum class PostgresqlRequest : std::uint32_t {
  startup = 0x0003'0000,
  cancel = 80'877'102,
  ssl = 80'877'103,
  gss_encryption = 80'877'104,
};

struct PostgresqlOpening {
  PostgresqlRequest request{};
  std::uint32_t length = 0;  ///< of the message, in octets
};
/// kPostgresqlOpeningBytes: length and code.
inline constexpr std::size_t kPostgresqlOpeningBytes = 8;
/// kMaxPostgresqlStartupBytes is the server's own limit (MAX_STARTUP_PACKET_LENGTH).
inline constexpr std::uint32_t kMaxPostgresqlStartupBytes = 10'000;
/// parse_postgresql_opening reads the first eight octets. Fails as unsupported for a code that is not assigned, as malformed for a length
/// that the code does not allow.
Parsed<PostgresqlOpening> parse_postgresql_opening(Bytes stream);

/// PostgresqlHead is the head of every later message; `length` counts all of the message, its type octet too.
struct PostgresqlHead {
  char type = 0;
  std::uint64_t length = 0;
};
inline constexpr std::size_t kPostgresqlHeadBytes = 5;
/// parse_postgresql_head reads type and length. Fails as unsupported for a type that `from_server` (or its peer) does not send, as
/// malformed for a length below 4 or above 2^30.
Parsed<PostgresqlHead> parse_postgresql_head(Bytes stream, bool from_server);

/// PostgresqlAuthentication is what the server asks for, by the number in message 'R'; unknown values are kept.
enum class PostgresqlAuthentication : std::uint32_t {
  ok = 0,
  kerberos_v5 = 2,
  cleartext_password = 3,
  md5_password = 5,
  gss = 7,
  gss_continue = 8,
  sspi = 9,
  sasl = 10,
  sasl_continue = 11,
  sasl_final = 12,
};
/// parse_postgresql_authentication reads the number behind the head of 'R'.
Parsed<PostgresqlAuthentication> parse_postgresql_authentication(Bytes message);

/// postgresql_sasl_mechanism gives the mechanism's name in a SASLInitialResponse, whole message given; empty when it is none. Borrows.
std::string_view postgresql_sasl_mechanism(Bytes message);

/// GssPacket is what a packet under GSSAPI encryption holds: a token that makes the context; a Wrap token that seals, or only signs (RFC
/// 4121 section 4.2.2, RFC 1964 section 1.2.2); or none that is known. `old_seal` is one of RFC 1964, whose ciphers are DES and RC4.
enum class GssPacket : std::uint8_t { context, sealed, not_sealed, old_seal, unknown };
/// kMaxGssTellingBytes of a token tell, fewer of most.
inline constexpr std::size_t kMaxGssTellingBytes = 24;
/// gss_packet_kind takes the front of a token.
GssPacket gss_packet_kind(Bytes token);

}  // namespace sealtrace
