#include "dissectors/rtp/rtp_parse.hpp"

namespace sealtrace {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kWordBytes = 4;

bool is_rtcp_type(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(RtcpType::sender_report) && type <= static_cast<std::uint8_t>(RtcpType::extended_report);
}

/// count_packets gives how many packets fill a compound exactly; 0 when they do not.
std::size_t count_packets(Bytes datagram) {
  ParseScope scope;
  ByteReader reader{datagram, scope};
  std::size_t num_packets = 0;
  while (reader.more()) {
    const std::uint8_t first = reader.u8("version");
    const std::uint8_t type = reader.u8("packet_type");
    reader.require(first >> 6 == kVersion && is_rtcp_type(type), "packet_type");
    reader.skip(reader.u16("length") * kWordBytes, "packet");
    ++num_packets;
  }
  return scope.ok() ? num_packets : 0;
}

}  // namespace

Parsed<RtpHeader> parse_rtp_header(Bytes packet, bool cut) {
  const auto failed = [cut](std::size_t offset, std::string_view field) {
    return std::unexpected(
        ParseError{.code = cut ? ParseErrorCode::truncated : ParseErrorCode::malformed, .offset = offset, .field = field});
  };
  const auto fixed = FixedHeader<kRtpHeaderBytes>::at(packet);
  if (!fixed) return failed(packet.size(), "header");
  const std::uint8_t first = fixed.u8<0>();
  if (first >> 6 != kVersion) return std::unexpected(ParseError{.code = ParseErrorCode::unsupported, .offset = 0, .field = "version"});
  RtpHeader header;
  header.padding = (first & 0x20) != 0;
  header.extension = (first & 0x10) != 0;
  header.num_csrcs = first & 0x0F;
  header.marker = (fixed.u8<1>() & 0x80) != 0;
  header.payload_type = fixed.u8<1>() & 0x7F;
  header.sequence_number = fixed.be16<2>();
  header.timestamp = fixed.be32<4>();
  header.ssrc = fixed.be32<8>();
  header.payload_offset = kRtpHeaderBytes + header.num_csrcs * kWordBytes;
  if (header.payload_offset > packet.size()) return failed(kRtpHeaderBytes, "csrc");
  if (!header.extension) return header;
  const auto extension = FixedHeader<kWordBytes>::at(packet, header.payload_offset);
  if (!extension) return failed(header.payload_offset, "extension");
  header.payload_offset += kWordBytes + extension.be16<2>() * kWordBytes;
  if (header.payload_offset > packet.size()) return failed(packet.size(), "extension");
  return header;
}

Parsed<RtcpPacket> parse_rtcp(Bytes datagram) {
  ParseScope scope{ParseErrorCode::unsupported};
  ByteReader reader{datagram, scope};
  RtcpPacket packet;
  reader.supported(reader.u8("version") >> 6 == kVersion, "version");
  const std::uint8_t type = reader.u8("packet_type");
  reader.supported(is_rtcp_type(type), "packet_type");
  packet.first_type = RtcpType{type};
  const std::size_t length = reader.u16("length");
  reader.supported(length >= 1, "length");
  packet.ssrc = reader.u32("ssrc");
  if (!scope.ok()) return scope.finish(packet);
  packet.num_packets = count_packets(datagram);
  return packet;
}

}  // namespace sealtrace
