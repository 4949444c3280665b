#include "dissectors/smb/smb_parse.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

constexpr std::uint32_t kServerToRedirector = 0x00000001;    // SMB2_FLAGS_SERVER_TO_REDIR
constexpr std::uint16_t kSigningRequired = 0x0002;           // SMB2_NEGOTIATE_SIGNING_REQUIRED
constexpr std::uint32_t kCapabilityEncryption = 0x00000040;  // SMB2_GLOBAL_CAP_ENCRYPTION
constexpr std::uint16_t kEncryptionCapabilities = 0x0002;    // SMB2_ENCRYPTION_CAPABILITIES
constexpr std::uint16_t kSessionEncryptData = 0x0004;        // SMB2_SESSION_FLAG_ENCRYPT_DATA
constexpr std::uint32_t kShareEncryptData = 0x00008000;      // SMB2_SHAREFLAG_ENCRYPT_DATA
constexpr std::uint16_t kDialect300 = 0x0300;
constexpr std::uint16_t kDialect311 = 0x0311;

/// at gives the octets of `message` from `offset` on, which counts from the header. An offset of nothing (length 0) is not looked at.
Bytes at(Bytes message, std::size_t offset, std::size_t length, ParseScope& scope, std::string_view field) {
  if (length == 0 || !scope.ok()) return {};
  if (offset < kSmb2HeaderBytes) {
    scope.fail(ParseErrorCode::malformed, offset, field);
    return {};
  }
  if (offset > message.size() || message.size() - offset < length) {
    scope.fail(scope.short_read(), message.size(), field);
    return {};
  }
  return message.subspan(offset, length);
}

/// has_cipher reads the contexts of dialect 3.1.1 ([MS-SMB2] section 2.2.4.1) for an encryption context with a cipher other than 0.
bool has_cipher(Bytes contexts, std::uint16_t count, ParseScope& scope) {
  ByteReader reader{contexts, scope};
  bool cipher = false;
  for (std::uint16_t i = 0; i < count && reader.more(); ++i) {
    const std::uint16_t type = reader.u16_le("ContextType");
    const std::uint16_t length = reader.u16_le("DataLength");
    reader.skip(4, "Reserved");
    ByteReader data = reader.block(length, "Data");
    if (type == kEncryptionCapabilities) {
      const std::uint16_t num_ciphers = data.u16_le("CipherCount");
      for (std::uint16_t c = 0; c < num_ciphers && data.more(); ++c) cipher = data.u16_le("Ciphers") != 0 || cipher;
    }
    const std::size_t padding = (8 - reader.offset() % 8) % 8;
    reader.skip(std::min(padding, reader.remaining()), "Padding");
  }
  return cipher;
}

}  // namespace

Parsed<SmbFrame> parse_smb_frame(Bytes stream) {
  ParseScope scope;
  ByteReader reader{stream, scope};
  SmbFrame frame;
  frame.type = SmbFrameType{reader.u8("TYPE")};
  const auto type = static_cast<std::uint8_t>(frame.type);
  reader.supported(type == 0 || (type >= static_cast<std::uint8_t>(SmbFrameType::session_request) &&
                                 type <= static_cast<std::uint8_t>(SmbFrameType::session_keep_alive)),
                   "TYPE");
  frame.length = reader.u24("LENGTH");
  return scope.finish(frame);
}

Parsed<SmbProtocolId> parse_smb_protocol_id(Bytes message) {
  ParseScope scope;
  ByteReader reader{message, scope};
  const SmbProtocolId id{reader.u8("ProtocolId")};
  reader.require(static_cast<std::uint8_t>(id) >= static_cast<std::uint8_t>(SmbProtocolId::compressed), "ProtocolId");
  const Bytes name = reader.bytes(3, "ProtocolId");
  reader.require(as_text(name) == "SMB", "ProtocolId");
  return scope.finish(id);
}

Parsed<Smb2Header> parse_smb2_header(Bytes message) {
  ParseScope scope;
  ByteReader reader{message, scope};
  Smb2Header header;
  reader.skip(4, "ProtocolId");
  reader.require(reader.u16_le("StructureSize") == kSmb2HeaderBytes, "StructureSize");
  reader.skip(2, "CreditCharge");
  header.status = reader.u32_le("Status");
  header.command = Smb2Command{reader.u16_le("Command")};
  reader.require(static_cast<std::size_t>(header.command) < kNumSmb2Commands, "Command");
  reader.skip(2, "CreditRequest");
  header.response = (reader.u32_le("Flags") & kServerToRedirector) != 0;
  header.next_command = reader.u32_le("NextCommand");
  reader.require(header.next_command == 0 || (header.next_command >= kSmb2HeaderBytes && header.next_command % 8 == 0), "NextCommand");
  reader.skip(8, "MessageId");
  reader.skip(8, "AsyncId");
  reader.skip(8, "SessionId");
  reader.skip(16, "Signature");
  return scope.finish(header);
}

Parsed<Smb2Negotiated> parse_smb2_negotiate_response(Bytes message) {
  ParseScope scope;
  ByteReader reader{message, scope};
  Smb2Negotiated negotiated;
  reader.skip(kSmb2HeaderBytes, "header");
  reader.require(reader.u16_le("StructureSize") == 65, "StructureSize");
  negotiated.signing_required = (reader.u16_le("SecurityMode") & kSigningRequired) != 0;
  negotiated.dialect = reader.u16_le("DialectRevision");
  const std::uint16_t num_contexts = reader.u16_le("NegotiateContextCount");
  reader.skip(16, "ServerGuid");
  const std::uint32_t capabilities = reader.u32_le("Capabilities");
  reader.skip(12, "MaxTransactSize");
  reader.skip(16, "SystemTime");
  const std::uint16_t buffer_offset = reader.u16_le("SecurityBufferOffset");
  const std::uint16_t buffer_length = reader.u16_le("SecurityBufferLength");
  const std::uint32_t contexts_offset = reader.u32_le("NegotiateContextOffset");
  negotiated.security_buffer = at(message, buffer_offset, buffer_length, scope, "Buffer");
  if (negotiated.dialect >= kDialect300 && negotiated.dialect < kDialect311)
    negotiated.encryption_capable = (capabilities & kCapabilityEncryption) != 0;
  if (negotiated.dialect == kDialect311 && num_contexts != 0) {
    const std::size_t rest = contexts_offset < message.size() ? message.size() - contexts_offset : 1;
    negotiated.encryption_capable = has_cipher(at(message, contexts_offset, rest, scope, "NegotiateContextList"), num_contexts, scope);
  }
  return scope.finish(negotiated);
}

Parsed<Smb2SessionSetup> parse_smb2_session_setup(Bytes message, bool response) {
  ParseScope scope;
  ByteReader reader{message, scope};
  Smb2SessionSetup setup;
  reader.skip(kSmb2HeaderBytes, "header");
  reader.require(reader.u16_le("StructureSize") == (response ? 9 : 25), "StructureSize");
  if (response) {
    setup.encrypt_data = (reader.u16_le("SessionFlags") & kSessionEncryptData) != 0;
  } else {
    reader.skip(1, "Flags");
    reader.skip(1, "SecurityMode");
    reader.skip(4, "Capabilities");
    reader.skip(4, "Channel");
  }
  const std::uint16_t buffer_offset = reader.u16_le("SecurityBufferOffset");
  const std::uint16_t buffer_length = reader.u16_le("SecurityBufferLength");
  if (!response) reader.skip(8, "PreviousSessionId");
  setup.security_buffer = at(message, buffer_offset, buffer_length, scope, "Buffer");
  return scope.finish(setup);
}

Parsed<bool> parse_smb2_tree_connect_response(Bytes message) {
  ParseScope scope;
  ByteReader reader{message, scope};
  reader.skip(kSmb2HeaderBytes, "header");
  reader.require(reader.u16_le("StructureSize") == 16, "StructureSize");
  reader.skip(1, "ShareType");
  reader.skip(1, "Reserved");
  const bool encrypt_data = (reader.u32_le("ShareFlags") & kShareEncryptData) != 0;
  return scope.finish(encrypt_data);
}

Parsed<Smb1Message> parse_smb1_message(Bytes octets) {
  constexpr std::uint8_t kReply = 0x80;                // SMB_FLAGS_REPLY
  constexpr std::uint16_t kNoDialect = 0xFFFF;         // [MS-CIFS] section 2.2.4.52.2
  constexpr std::uint8_t kSignaturesRequired = 0x08;   // NEGOTIATE_SECURITY_SIGNATURES_REQUIRED
  constexpr std::uint8_t kExtendedSecurityWords = 12;  // [MS-SMB] section 2.2.4.6.1
  constexpr std::uint8_t kPasswordWords = 13;          // [MS-CIFS] section 2.2.4.53.1
  ParseScope scope;
  ByteReader reader{octets, scope};
  Smb1Message message;
  reader.skip(4, "Protocol");
  message.command = Smb1Command{reader.u8("Command")};
  const std::uint32_t status = reader.u32_le("Status");
  message.response = (reader.u8("Flags") & kReply) != 0;
  reader.skip(kSmb1HeaderBytes - reader.offset(), "Flags2");
  if (message.command == Smb1Command::negotiate && message.response) {
    const std::uint8_t num_words = reader.u8("WordCount");
    if (num_words == 0) return scope.finish(message);
    message.negotiated = reader.u16_le("DialectIndex") != kNoDialect && status == 0;
    if (num_words > 1) message.signing_required = (reader.u8("SecurityMode") & kSignaturesRequired) != 0;
  }
  if (message.command == Smb1Command::session_setup_andx && !message.response) {
    const std::uint8_t num_words = reader.u8("WordCount");
    if (num_words != kExtendedSecurityWords && num_words != kPasswordWords) return scope.finish(message);
    reader.skip(4, "AndX");
    reader.skip(10, "MaxBufferSize");
    const std::uint16_t first_length = reader.u16_le("OEMPasswordLen");
    if (num_words == kPasswordWords) {
      message.password_bytes = std::max(first_length, reader.u16_le("UnicodePasswordLen"));
      return scope.finish(message);
    }
    reader.skip(8, "Capabilities");
    reader.skip(2, "ByteCount");
    message.security_blob = reader.bytes(first_length, "SecurityBlob");
  }
  return scope.finish(message);
}

}  // namespace sealtrace
