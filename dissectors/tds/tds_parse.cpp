#include "dissectors/tds/tds_parse.hpp"

#include <algorithm>
#include <array>

namespace sealtrace {
namespace {

constexpr std::array kTypes{TdsPacketType::sql_batch,
                            TdsPacketType::pre_tds7_login,
                            TdsPacketType::rpc,
                            TdsPacketType::tabular_result,
                            TdsPacketType::attention,
                            TdsPacketType::bulk_load,
                            TdsPacketType::federated_authentication_token,
                            TdsPacketType::transaction_manager,
                            TdsPacketType::login7,
                            TdsPacketType::sspi,
                            TdsPacketType::prelogin};

constexpr std::uint8_t kVersionOption = 0x00;
constexpr std::uint8_t kEncryptionOption = 0x01;
constexpr std::uint8_t kTerminator = 0xFF;
constexpr std::uint8_t kLastOption = 0x07;  // NONCEOPT
constexpr std::uint8_t kAssignedStatus = 0x1F;

/// is_version takes TDSVersion of LOGIN7: 7.0 to 7.4 ([MS-TDS] section 2.2.6.4), in the client's order of octets.
bool is_version(std::uint32_t version) {
  const std::uint32_t major = version >> 24;
  return major >= 0x70 && major <= 0x74;
}

}  // namespace

Parsed<TdsPacketHeader> parse_tds_header(Bytes stream) {
  ParseScope scope;
  ByteReader reader{stream, scope};
  TdsPacketHeader header;
  header.type = TdsPacketType{reader.u8("Type")};
  reader.supported(std::ranges::find(kTypes, header.type) != kTypes.end(), "Type");
  header.status = reader.u8("Status");
  reader.require((header.status & ~kAssignedStatus) == 0, "Status");
  header.length = reader.u16("Length");
  reader.require(!scope.ok() || header.length >= kTdsHeaderBytes, "Length");
  reader.skip(2, "SPID");
  header.packet_id = reader.u8("PacketID");
  reader.require(reader.u8("Window") == 0, "Window");
  return scope.finish(header);
}

Parsed<TdsPreloginMessage> parse_tds_prelogin(Bytes payload) {
  ParseScope scope;
  ByteReader reader{payload, scope};
  TdsPreloginMessage message;
  bool first = true;
  while (scope.ok()) {
    const std::uint8_t token = reader.u8("PL_OPTION_TOKEN");
    reader.require(!first || token == kVersionOption, "VERSION");
    if (!scope.ok() || token == kTerminator) break;
    reader.require(token <= kLastOption, "PL_OPTION_TOKEN");
    const std::size_t offset = reader.u16("PL_OFFSET");
    const std::size_t length = reader.u16("PL_OPTION_LENGTH");
    reader.require(!first || length == 6, "VERSION");
    first = false;
    if (!scope.ok()) break;
    if (offset + length > payload.size()) {
      scope.fail(scope.short_read(), offset, "PL_OPTION_DATA");
      break;
    }
    if (token != kEncryptionOption || length == 0) continue;
    constexpr std::uint8_t kValueBits = 0x03;  // above them stands whether a certificate of the client is used (0x80) or TDS 8 (0x20)
    message.encryption = TdsEncryption{static_cast<std::uint8_t>(payload[offset] & kValueBits)};
  }
  return scope.finish(message);
}

Parsed<TdsLogin7> parse_tds_login7(Bytes payload) {
  constexpr std::uint8_t kIntegratedSecurity = 0x80;  // fIntSecurity of OptionFlags2
  ParseScope scope;
  ByteReader reader{payload, scope};
  TdsLogin7 login;
  reader.require(reader.u32_le("Length") >= kTdsLogin7FixedBytes - 8 || !scope.ok(), "Length");
  reader.require(is_version(reader.u32_le("TDSVersion")) || !scope.ok(), "TDSVersion");
  reader.skip(16, "PacketSize");
  reader.skip(1, "OptionFlags1");
  login.integrated = (reader.u8("OptionFlags2") & kIntegratedSecurity) != 0;
  reader.skip(2, "TypeFlags");
  reader.skip(8, "ClientTimeZone");
  reader.skip(4, "HostName");
  reader.skip(2, "ibUserName");
  const std::uint16_t user_name_characters = reader.u16_le("cchUserName");
  reader.skip(2, "ibPassword");
  const std::uint16_t password_characters = reader.u16_le("cchPassword");
  login.user_name = user_name_characters != 0 || password_characters != 0;
  reader.skip(24, "AppName");  // and ServerName, Extension, CltIntName, Language, Database
  reader.skip(6, "ClientID");
  const std::size_t sspi_offset = reader.u16_le("ibSSPI");
  const std::size_t sspi_length = reader.u16_le("cbSSPI");
  if (scope.ok() && sspi_length != 0 && sspi_offset < payload.size()) {
    login.sspi = payload.subspan(sspi_offset, std::min(sspi_length, payload.size() - sspi_offset));
  }
  return scope.finish(login);
}

Parsed<bool> tds_has_all_headers(Bytes payload) {
  constexpr std::uint32_t kTransactionDescriptorBytes = 18;
  constexpr std::uint16_t kTransactionDescriptor = 2;
  ParseScope scope;
  ByteReader reader{payload, scope};
  const std::uint32_t total_length = reader.u32_le("TotalLength");
  const std::uint32_t header_length = reader.u32_le("HeaderLength");
  const std::uint16_t type = reader.u16_le("HeaderType");
  const bool fits = total_length >= header_length + 4 && total_length < 4096 && header_length == kTransactionDescriptorBytes &&
                    type == kTransactionDescriptor;
  return scope.finish(fits);
}

}  // namespace sealtrace
