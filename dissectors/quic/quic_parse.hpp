// QUIC's packets as far as they are readable: long headers (RFC 9000 section 17.2, RFC 9369 section 3.2) and the frames of Initial packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// kQuicMinInitialDatagramBytes is what a client pads a datagram with an Initial packet to (RFC 9000 section 14.1).
inline constexpr std::size_t kQuicMinInitialDatagramBytes = 1200;
inline constexpr std::size_t kQuicMaxConnectionIdBytes = 20;

/// QuicPacketType is a long header's type, whatever bits the version has for it; `version_negotiation` is a header with version 0.
enum class QuicPacketType : std::uint8_t { initial, zero_rtt, handshake, retry, version_negotiation };

/// QuicLongHeader borrows. `packet_bytes` is the whole packet: behind it another may follow in the datagram (RFC 9000 section 12.2).
struct QuicLongHeader {
  QuicPacketType type{};
  std::uint32_t version = 0;
  Bytes destination_connection_id;
  Bytes source_connection_id;
  Bytes token;                           ///< of an Initial or Retry packet
  Bytes supported_versions;              ///< of Version Negotiation: four octets each
  std::size_t packet_number_offset = 0;  ///< where there is one
  std::size_t packet_bytes = 0;
};

/// has_long_header is true for the first octet of a long header.
constexpr bool has_long_header(std::uint8_t first_octet) { return (first_octet & 0x80) != 0; }
/// has_fixed_bit is true for the first octet of every packet but Version Negotiation's (RFC 9000 section 17.2), and those of peers that
/// agreed not to mind (RFC 9287).
constexpr bool has_fixed_bit(std::uint8_t first_octet) { return (first_octet & 0x40) != 0; }

/// parse_quic_long_header reads the header at the start of `datagram`. Malformed: no long header, a connection id above 20 octets, lengths
/// that leave the datagram, unless the capture cut it (`cut`: `packet_bytes` is then what is there); unsupported: a version whose Initial
/// keys are not known.
Parsed<QuicLongHeader> parse_quic_long_header(Bytes datagram, bool cut);

/// QuicFrame is a frame of an Initial packet: CRYPTO (RFC 9000 section 19.6) or CONNECTION_CLOSE (section 19.19).
struct QuicFrame {
  enum class Kind : std::uint8_t { crypto, connection_close } kind{};
  std::uint64_t offset = 0;      ///< of CRYPTO
  Bytes data;                    ///< of CRYPTO
  std::uint64_t error_code = 0;  ///< of CONNECTION_CLOSE: 0x0100 and an alert's number is an error of the handshake (RFC 9001 section 4.8)
};

/// next_quic_frame reads on to the next CRYPTO or CONNECTION_CLOSE frame; nullopt at the end, or at a frame that an Initial packet may not
/// hold (the scope has failed then).
std::optional<QuicFrame> next_quic_frame(ByteReader& payload);

}  // namespace sealtrace
