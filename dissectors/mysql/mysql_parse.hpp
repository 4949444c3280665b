// Packets of MySQL's and MariaDB's client/server protocol ("Connection Phase" of their documentation) as an observer reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// MysqlHead is payload_length and sequence_id. The client's packets count from the command it begins, so that a command has 0 and what
/// answers the server's greeting 1.
struct MysqlHead {
  std::uint32_t payload_length = 0;
  std::uint8_t sequence_id = 0;
};
inline constexpr std::size_t kMysqlHeadBytes = 4;
/// parse_mysql_head reads four octets; any value is possible.
Parsed<MysqlHead> parse_mysql_head(Bytes stream);

/// MysqlCapabilities are the flags that are read here.
struct MysqlCapabilities {
  std::uint32_t flags = 0;
  [[nodiscard]] bool protocol_41() const { return (flags & 0x0000'0200U) != 0; }
  [[nodiscard]] bool ssl() const { return (flags & 0x0000'0800U) != 0; }
  [[nodiscard]] bool secure_connection() const { return (flags & 0x0000'8000U) != 0; }
  [[nodiscard]] bool connect_with_db() const { return (flags & 0x0000'0008U) != 0; }
  [[nodiscard]] bool plugin_auth() const { return (flags & 0x0008'0000U) != 0; }
  [[nodiscard]] bool plugin_auth_lenenc_data() const { return (flags & 0x0020'0000U) != 0; }
};

/// MysqlGreeting is Protocol::HandshakeV10. `plugin` is borrowed.
struct MysqlGreeting {
  MysqlCapabilities capabilities;
  std::string_view plugin;
};
/// parse_mysql_greeting reads the payload of one packet. Fails as unsupported for another protocol version than 10.
Parsed<MysqlGreeting> parse_mysql_greeting(Bytes payload);

/// MysqlResponse is Protocol::HandshakeResponse41, or Protocol::SSLRequest, which ends behind its filler. `plugin` is borrowed, and empty
/// when the client names none. Neither user name nor response is kept.
struct MysqlResponse {
  MysqlCapabilities capabilities;
  bool ssl_request = false;
  bool has_response = false;  ///< the client sent something to prove itself with
  std::string_view plugin;
};
inline constexpr std::size_t kMysqlSslRequestBytes = 32;
/// parse_mysql_response reads the payload of one packet. Fails as unsupported for the protocol before 4.1.
Parsed<MysqlResponse> parse_mysql_response(Bytes payload);

/// parse_mysql_auth_switch reads the plugin that Protocol::AuthSwitchRequest names; empty when the payload is none. Borrows.
std::string_view parse_mysql_auth_switch(Bytes payload);

}  // namespace sealtrace
