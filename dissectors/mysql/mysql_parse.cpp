#include "dissectors/mysql/mysql_parse.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

/// kMaxNameBytes bounds a version or the name of a plugin; servers write up to about 60 octets.
constexpr std::size_t kMaxNameBytes = 128;

/// read_name reads text up to a NUL, and the NUL. Without `ended` the end of the payload ends it, too.
std::string_view read_name(ByteReader& reader, Bytes payload, bool ended, std::string_view field) {
  if (!reader.scope().ok()) return {};
  const std::string_view rest = as_text(payload.subspan(reader.offset()));
  const std::size_t end = rest.substr(0, kMaxNameBytes).find('\0');
  if (end == std::string_view::npos) {
    reader.require(rest.size() < kMaxNameBytes, field);
    if (ended) {
      reader.skip(rest.size() + 1, field);
      return {};
    }
    reader.skip(rest.size(), field);
    return reader.scope().ok() ? rest : std::string_view{};
  }
  reader.skip(end + 1, field);
  return rest.substr(0, end);
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// length_encoded reads an integer whose first octet tells its size.
std::uint64_t length_encoded(ByteReader& reader, std::string_view field) {
  const std::uint8_t first = reader.u8(field);
  constexpr std::uint8_t kTwo = 0xFC, kThree = 0xFD, kEight = 0xFE;
  if (first < kTwo - 1) return first;
  std::uint64_t value = 0;
  const int size = first == kTwo ? 2 : first == kThree ? 3 : first == kEight ? 8 : 0;
  reader.require(size != 0, field);
  for (int i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(reader.u8(field)) << (8 * i);
  return value;
}

}  // namespace

Parsed<MysqlHead> parse_mysql_head(Bytes stream) {
  ParseScope scope;
  ByteReader reader{stream, scope};
  MysqlHead head;
  head.payload_length = reader.u16_le("payload_length");
  head.payload_length |= static_cast<std::uint32_t>(reader.u8("payload_length")) << 16;
  head.sequence_id = reader.u8("sequence_id");
  return scope.finish(head);
}

Parsed<MysqlGreeting> parse_mysql_greeting(Bytes payload) {
  constexpr std::uint8_t kProtocolVersion = 10;
  ParseScope scope;
  ByteReader reader{payload, scope};
  MysqlGreeting greeting;
  reader.supported(reader.u8("protocol version") == kProtocolVersion || !scope.ok(), "protocol version");
  const std::string_view version = read_name(reader, payload, true, "server version");
  reader.require(!scope.ok() || (!version.empty() && is_printable(version)), "server version");
  reader.skip(4, "thread id");
  reader.skip(8, "auth-plugin-data-part-1");
  reader.require(reader.u8("filler") == 0 || !scope.ok(), "filler");
  greeting.capabilities.flags = reader.u16_le("capability_flags_1");
  if (scope.ok() && reader.remaining() == 0) return scope.finish(greeting);  // servers before 4.1 end here
  reader.skip(1, "character_set");
  reader.skip(2, "status_flags");
  greeting.capabilities.flags |= static_cast<std::uint32_t>(reader.u16_le("capability_flags_2")) << 16;
  const std::size_t data_length = reader.u8("auth_plugin_data_len");
  reader.skip(10, "reserved");
  constexpr std::size_t kMinPart2Bytes = 13, kPart1Bytes = 8;
  if (greeting.capabilities.secure_connection())
    reader.skip(std::max(kMinPart2Bytes, data_length - std::min(data_length, kPart1Bytes)), "auth-plugin-data-part-2");
  // Some servers leave out the NUL behind the last field.
  if (greeting.capabilities.plugin_auth()) greeting.plugin = read_name(reader, payload, false, "auth_plugin_name");
  return scope.finish(greeting);
}

Parsed<MysqlResponse> parse_mysql_response(Bytes payload) {
  ParseScope scope;
  ByteReader reader{payload, scope};
  MysqlResponse response;
  response.capabilities.flags = reader.u32_le("client_flag");
  reader.supported(response.capabilities.protocol_41() || !scope.ok(), "client_flag");
  reader.skip(4, "max_packet_size");
  reader.skip(1, "character_set");
  for (int i = 0; i < 19; ++i) reader.require(reader.u8("filler") == 0 || !scope.ok(), "filler");
  reader.skip(4, "filler");  // MariaDB's own capabilities
  response.ssl_request = scope.ok() && reader.remaining() == 0;
  if (response.ssl_request) reader.require(response.capabilities.ssl(), "client_flag");
  if (response.ssl_request || !scope.ok()) return scope.finish(response);
  read_name(reader, payload, true, "username");
  const MysqlCapabilities& client = response.capabilities;
  std::uint64_t length = 0;
  if (client.plugin_auth_lenenc_data()) {
    length = length_encoded(reader, "auth_response");
  } else if (client.secure_connection()) {
    length = reader.u8("auth_response_length");
  } else {
    length = read_name(reader, payload, true, "auth_response").size();
    response.has_response = length != 0;
    length = 0;
  }
  reader.require(length <= payload.size(), "auth_response");
  const Bytes proof = reader.bytes(static_cast<std::size_t>(length), "auth_response");
  response.has_response |= proof.size() > 1;  // one octet asks for the server's key, or says that there is no password
  if (client.connect_with_db()) read_name(reader, payload, true, "database");
  if (client.plugin_auth()) response.plugin = read_name(reader, payload, false, "client_plugin_name");
  return scope.finish(response);
}

std::string_view parse_mysql_auth_switch(Bytes payload) {
  constexpr std::uint8_t kAuthSwitch = 0xFE;
  if (payload.size() < 2 || payload[0] != kAuthSwitch) return {};
  const std::string_view rest = as_text(payload.subspan(1));
  const std::string_view name = rest.substr(0, rest.substr(0, kMaxNameBytes).find('\0'));
  return name.size() < kMaxNameBytes && is_printable(name) ? name : std::string_view{};
}

}  // namespace sealtrace
