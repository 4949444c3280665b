#include "dissectors/quic/quic_parse.hpp"

#include <algorithm>
#include <array>

#include "crypto/quic_initial.hpp"
#include "model/quic_version.hpp"

namespace sealtrace {
namespace {

/// variable_integer is RFC 9000 section 16.
std::uint64_t variable_integer(ByteReader& reader, std::string_view field) {
  const std::uint8_t first = reader.u8(field);
  std::uint64_t value = first & 0x3FU;
  for (unsigned more = (1U << (first >> 6)) - 1; more > 0; --more) value = value << 8 | reader.u8(field);
  return value;
}

QuicPacketType type_of(std::uint8_t first_octet, std::uint32_t version) {
  constexpr std::array kTypes{QuicPacketType::initial, QuicPacketType::zero_rtt, QuicPacketType::handshake, QuicPacketType::retry};
  constexpr std::array kTypesOfVersion2{QuicPacketType::retry, QuicPacketType::initial, QuicPacketType::zero_rtt,
                                        QuicPacketType::handshake};
  return (version == kQuicVersion2 ? kTypesOfVersion2 : kTypes)[first_octet >> 4 & 3];
}

/// Frame types (RFC 9000 table 3) that Initial packets may hold (section 17.2.2).
enum class FrameType : std::uint8_t { padding = 0, ping = 1, ack = 2, ack_ecn = 3, crypto = 6, connection_close = 0x1C };

void skip_ack(ByteReader& payload, bool ecn) {
  variable_integer(payload, "Largest Acknowledged");
  variable_integer(payload, "ACK Delay");
  std::uint64_t num_ranges = variable_integer(payload, "ACK Range Count");
  variable_integer(payload, "First ACK Range");
  for (; num_ranges > 0 && payload.scope().ok(); --num_ranges) {
    variable_integer(payload, "Gap");
    variable_integer(payload, "ACK Range Length");
  }
  for (int count = 0; ecn && count < 3; ++count) variable_integer(payload, "ECN Counts");
}

Bytes counted_octets(ByteReader& payload, std::string_view length_field, std::string_view field) {
  const std::uint64_t length = variable_integer(payload, length_field);
  payload.require(length <= payload.remaining(), length_field);
  return payload.bytes(static_cast<std::size_t>(length), field);
}

std::optional<QuicFrame> read_crypto(ByteReader& payload) {
  const std::uint64_t offset = variable_integer(payload, "Offset");
  const Bytes data = counted_octets(payload, "Length", "Crypto Data");
  if (!payload.scope().ok()) return std::nullopt;
  return QuicFrame{.kind = QuicFrame::Kind::crypto, .offset = offset, .data = data, .error_code = 0};
}

std::optional<QuicFrame> read_connection_close(ByteReader& payload) {
  const std::uint64_t error_code = variable_integer(payload, "Error Code");
  variable_integer(payload, "Frame Type");
  counted_octets(payload, "Reason Phrase Length", "Reason Phrase");
  if (!payload.scope().ok()) return std::nullopt;
  return QuicFrame{.kind = QuicFrame::Kind::connection_close, .offset = 0, .data = {}, .error_code = error_code};
}

}  // namespace

Parsed<QuicLongHeader> parse_quic_long_header(Bytes datagram, bool cut) {
  ParseScope scope{cut ? ParseErrorCode::truncated : ParseErrorCode::malformed};
  ByteReader reader{datagram, scope};
  QuicLongHeader header;
  const std::uint8_t first = reader.u8("Header Form");
  reader.require(has_long_header(first), "Header Form");
  header.version = reader.u32("Version");
  const auto connection_id = [&reader](std::string_view field) {
    const std::size_t length = reader.u8(field);
    reader.require(length <= kQuicMaxConnectionIdBytes, field);
    return reader.bytes(length, field);
  };
  header.destination_connection_id = connection_id("Destination Connection ID");
  header.source_connection_id = connection_id("Source Connection ID");
  header.packet_bytes = datagram.size();
  if (header.version == 0) {
    header.type = QuicPacketType::version_negotiation;
    header.supported_versions = reader.rest();
    reader.require(!header.supported_versions.empty() && header.supported_versions.size() % 4 == 0, "Supported Version");
    return scope.finish(header);
  }
  reader.supported(has_quic_initial_keys(header.version), "Version");
  header.type = type_of(first, header.version);
  if (header.type == QuicPacketType::retry) {
    constexpr std::size_t kIntegrityTagBytes = 16;
    const Bytes rest = reader.rest();
    reader.require(rest.size() > kIntegrityTagBytes, "Retry Token");
    if (scope.ok()) header.token = rest.first(rest.size() - kIntegrityTagBytes);
    return scope.finish(header);
  }
  if (header.type == QuicPacketType::initial) {
    header.token = counted_octets(reader, "Token Length", "Token");
  }
  const std::uint64_t length = variable_integer(reader, "Length");
  header.packet_number_offset = reader.offset();
  reader.require(length <= reader.remaining() || cut, "Length");
  header.packet_bytes = header.packet_number_offset + static_cast<std::size_t>(std::min<std::uint64_t>(length, reader.remaining()));
  return scope.finish(header);
}

std::optional<QuicFrame> next_quic_frame(ByteReader& payload) {
  while (payload.more()) {
    switch (FrameType{payload.u8("Type")}) {
      case FrameType::padding:
      case FrameType::ping: continue;
      case FrameType::ack: skip_ack(payload, false); continue;
      case FrameType::ack_ecn: skip_ack(payload, true); continue;
      case FrameType::crypto: return read_crypto(payload);
      case FrameType::connection_close: return read_connection_close(payload);
    }
    payload.require(false, "Type");
  }
  return std::nullopt;
}

}  // namespace sealtrace
