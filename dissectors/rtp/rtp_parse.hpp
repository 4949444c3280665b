// RTP's header and the framing of RTCP (RFC 3550).
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/byte_reader.hpp"
#include "wire/fixed_header.hpp"

namespace sealtrace {

inline constexpr std::size_t kRtpHeaderBytes = 12;
inline constexpr std::size_t kRtcpHeadBytes = 8;  ///< header and the sender's SSRC

/// RtpHeader is the header of a packet (RFC 3550 section 5.1). `payload_offset` lies behind CSRCs and header extension; what `padding`
/// announces is counted by the last octet, which SRTP hides, and is left in the payload.
struct RtpHeader {
  std::uint8_t payload_type = 0;
  bool marker = false;
  bool padding = false;
  std::uint8_t num_csrcs = 0;
  bool extension = false;
  std::uint16_t sequence_number = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::size_t payload_offset = 0;
};

/// is_rtcp_range says that a packet's second octet is a type of RTCP and not marker and payload type (RFC 5761 section 4).
constexpr bool is_rtcp_range(std::uint8_t second_octet) { return second_octet >= 192 && second_octet <= 223; }

/// is_media_payload_type says whether RFC 3551 assigns a payload type to a medium or leaves it to be negotiated. 64 to 95 collide with
/// RTCP (RFC 5761 section 4); 1, 2 and 19 are reserved.
constexpr bool is_media_payload_type(std::uint8_t payload_type) {
  const bool reserved = payload_type == 1 || payload_type == 2 || payload_type == 19;
  return payload_type < 64 ? !reserved : payload_type > 95;
}

/// parse_rtp_header reads the header, CSRCs and extension included. Fails as unsupported for another version than 2, as malformed when
/// `packet` ends inside it, as truncated when the capture does (`cut`). Every packet of media comes here: it reads without a
/// check per field.
Parsed<RtpHeader> parse_rtp_header(Bytes packet, bool cut = false);

/// RtcpType (IANA "RTCP Control Packet Types").
enum class RtcpType : std::uint8_t {
  sender_report = 200,
  receiver_report = 201,
  source_description = 202,
  goodbye = 203,
  application = 204,
  transport_feedback = 205,
  payload_feedback = 206,
  extended_report = 207,
};

/// RtcpPacket is a datagram of RTCP. `num_packets` is 0 when only its first eight octets read as RTCP: SRTCP encrypts the rest
/// (RFC 3711 section 3.4), or the capture is cut.
struct RtcpPacket {
  RtcpType first_type{};
  std::uint32_t ssrc = 0;  ///< of the sender
  std::size_t num_packets = 0;
};

/// parse_rtcp reads a compound packet's headers (RFC 3550 section 6.1): each version 2 with a type of RTCP, the lengths adding up. Fails
/// as unsupported when the first eight octets are not of RTCP.
Parsed<RtcpPacket> parse_rtcp(Bytes datagram);

}  // namespace sealtrace
