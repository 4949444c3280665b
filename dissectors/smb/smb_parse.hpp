// Messages of SMB 2 and 3 ([MS-SMB2]) and of SMB 1 ([MS-CIFS], [MS-SMB]) as an observer reads them, and their framing over TCP.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// SmbFrameType is the first octet of the four in front of a message: 0 over port 445 ([MS-SMB2] section 2.1) and for a session message of
/// NetBIOS (RFC 1002 section 4.3.1), which has the others too.
enum class SmbFrameType : std::uint8_t {
  session_message = 0x00,
  session_request = 0x81,
  positive_session_response = 0x82,
  negative_session_response = 0x83,
  retarget_session_response = 0x84,
  session_keep_alive = 0x85,
};
inline constexpr std::size_t kSmbFrameHeaderBytes = 4;

/// SmbFrame is the head of a frame; `length` counts the octets behind it.
struct SmbFrame {
  SmbFrameType type{};
  std::uint32_t length = 0;
};
/// parse_smb_frame reads four octets. Fails as unsupported for another type.
Parsed<SmbFrame> parse_smb_frame(Bytes stream);

/// SmbProtocolId is the first octet of a message; "SMB" follows ([MS-SMB2] sections 2.2.1, 2.2.41, 2.2.42; [MS-CIFS] 2.2.3.1).
enum class SmbProtocolId : std::uint8_t { smb1 = 0xFF, smb2 = 0xFE, transform = 0xFD, compressed = 0xFC };
/// parse_smb_protocol_id reads the four octets. Fails as malformed for anything else.
Parsed<SmbProtocolId> parse_smb_protocol_id(Bytes message);

/// Smb2Command ([MS-SMB2] section 2.2.1.1).
enum class Smb2Command : std::uint16_t { negotiate = 0, session_setup = 1, logoff = 2, tree_connect = 3, write = 9 };
inline constexpr std::size_t kNumSmb2Commands = 19;

/// Smb2Header is what is read of the 64 octets of [MS-SMB2] section 2.2.1.
struct Smb2Header {
  Smb2Command command{};
  std::uint32_t status = 0;  ///< of a response
  std::uint32_t next_command = 0;
  bool response = false;
};
inline constexpr std::size_t kSmb2HeaderBytes = 64;
/// parse_smb2_header fails as malformed for another StructureSize, a command that is not assigned, or a NextCommand that is not a multiple
/// of 8 behind the header.
Parsed<Smb2Header> parse_smb2_header(Bytes message);

/// Smb2Negotiated is a NEGOTIATE response ([MS-SMB2] section 2.2.4). `encryption_capable`: for 3.0 and 3.0.2 the capability, for 3.1.1 an
/// encryption context with a cipher. `security_buffer` is borrowed.
struct Smb2Negotiated {
  std::uint16_t dialect = 0;
  bool signing_required = false;
  bool encryption_capable = false;
  Bytes security_buffer;
};
inline constexpr std::uint16_t kSmb2WildcardDialect = 0x02FF;  ///< answers SMB 1's NEGOTIATE; another negotiation follows
/// parse_smb2_negotiate_response reads a message from its header on; `message` is the whole of it, or its front (then need_more).
Parsed<Smb2Negotiated> parse_smb2_negotiate_response(Bytes message);

/// Smb2SessionSetup is a SESSION_SETUP request or response ([MS-SMB2] sections 2.2.5, 2.2.6).
struct Smb2SessionSetup {
  bool encrypt_data = false;  ///< SMB2_SESSION_FLAG_ENCRYPT_DATA of a response
  Bytes security_buffer;
};
Parsed<Smb2SessionSetup> parse_smb2_session_setup(Bytes message, bool response);

/// parse_smb2_tree_connect_response tells whether ShareFlags has SMB2_SHAREFLAG_ENCRYPT_DATA ([MS-SMB2] section 2.2.10).
Parsed<bool> parse_smb2_tree_connect_response(Bytes message);

/// Smb1Command ([MS-CIFS] section 2.2.2.1): those that are named; unknown values are kept.
enum class Smb1Command : std::uint8_t {
  close = 0x04,
  transaction = 0x25,
  read_andx = 0x2E,
  write_andx = 0x2F,
  transaction2 = 0x32,
  tree_disconnect = 0x71,
  negotiate = 0x72,
  session_setup_andx = 0x73,
  logoff_andx = 0x74,
  tree_connect_andx = 0x75,
  nt_create_andx = 0xA2,
};

/// Smb1Message is what is read of a message ([MS-CIFS] section 2.2.3, [MS-SMB] sections 2.2.4.5 and 2.2.4.6).
struct Smb1Message {
  Smb1Command command{};
  bool response = false;
  bool negotiated = false;           ///< a NEGOTIATE response that chose a dialect
  bool signing_required = false;     ///< of it
  std::uint16_t password_bytes = 0;  ///< SESSION_SETUP_ANDX request without extended security: the longer of its two passwords
  Bytes security_blob;               ///< SESSION_SETUP_ANDX with extended security
};
inline constexpr std::size_t kSmb1HeaderBytes = 32;
/// parse_smb1_message reads a message of which `message` is the whole or the front (then need_more where what is asked for lies behind it).
Parsed<Smb1Message> parse_smb1_message(Bytes message);

}  // namespace sealtrace
