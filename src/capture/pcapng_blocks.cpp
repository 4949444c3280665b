#include "capture/pcapng_blocks.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

constexpr std::uint16_t kOptEndOfOpt = 0;
constexpr std::uint16_t kIfName = 2;
constexpr std::uint16_t kIfTsresol = 9;
constexpr std::uint16_t kIfTsoffset = 14;
constexpr std::uint16_t kIsbIfdrop = 5;
constexpr std::uint16_t kIsbOsdrop = 7;

constexpr std::uint32_t kSecretsTypeTls = 0x544C534B;  // "TLSK"

// A name longer than this (in octets) is nobody's; Linux ends at 15, Windows' GUIDs at 50.
constexpr std::size_t kMaxInterfaceNameBytes = 256;

/// for_each_option calls `use(code, value)` until opt_endofopt or the end; false when an option is not all there.
template <typename Use>
bool for_each_option(Bytes options, ByteOrder order, Use use) {
  ParseScope scope;
  OrderedReader reader{options, order, scope};
  while (reader.more()) {
    const std::uint16_t code = reader.u16("Option Type");
    const std::uint16_t length = reader.u16("Option Length");
    if (!scope.ok() || code == kOptEndOfOpt) break;
    const Bytes value = reader.bytes(length, "Option Value");
    if (!scope.ok()) break;
    use(code, value);
    // Some writers leave out the padding of the last option.
    reader.skip(std::min<std::size_t>((4U - length % 4U) % 4U, reader.remaining()), "Option Padding");
  }
  return scope.ok();
}

/// u64_option reads an option's value of 8 octets; another length is no value.
std::optional<std::uint64_t> u64_option(Bytes value, ByteOrder order) {
  if (value.size() != 8) return std::nullopt;
  ParseScope scope;
  return OrderedReader{value, order, scope}.u64("Option Value");
}

}  // namespace

Parsed<SectionHeader> parse_section_header(Bytes bytes) {
  ParseScope scope;
  SectionHeader header;
  ByteReader start{bytes, scope};
  start.skip(4, "Block Type");
  const Bytes block_total_length = start.bytes(4, "Block Total Length");
  switch (start.u32("Byte-Order Magic")) {
    case 0x1A2B3C4D: header.order = ByteOrder::big; break;
    case 0x4D3C2B1A: break;
    default: start.require(false, "Byte-Order Magic");
  }
  header.block_total_length = OrderedReader{block_total_length, header.order, scope}.u32("Block Total Length");
  header.major_version = OrderedReader{start.rest(), header.order, scope}.u16("Major Version");
  return scope.finish(header);
}

Parsed<InterfaceDescription> parse_interface_description(Bytes body, ByteOrder order) {
  ParseScope scope{ParseErrorCode::malformed};
  OrderedReader reader{body, order, scope};
  InterfaceDescription description;
  description.link_type = LinkType{reader.u16("LinkType")};
  reader.skip(2, "Reserved");
  description.snaplen = reader.u32("SnapLen");
  std::uint8_t if_tsresol = 6;
  std::int64_t if_tsoffset = 0;
  description.options_whole = for_each_option(reader.rest(), order, [&](std::uint16_t code, Bytes value) {
    if (code == kIfName) description.if_name = as_text(value.first(std::min(value.size(), kMaxInterfaceNameBytes)));
    if (code == kIfTsresol && value.size() == 1) if_tsresol = value.front();
    if (code == kIfTsoffset) if_tsoffset = static_cast<std::int64_t>(u64_option(value, order).value_or(0));
  });
  description.resolution = TimeResolution{if_tsresol, if_tsoffset};
  return scope.finish(std::move(description));
}

Parsed<PacketBlock> parse_packet(Bytes body, ByteOrder order) {
  ParseScope scope{ParseErrorCode::malformed};
  OrderedReader reader{body, order, scope};
  PacketBlock packet;
  packet.interface_id = reader.u16("Interface ID");
  reader.skip(2, "Drops Count");
  const std::uint64_t upper = reader.u32("Timestamp (Upper 4 Octets)");
  packet.timestamp = upper << 32 | reader.u32("Timestamp (Lower 4 Octets)");
  const std::uint32_t captured_bytes = reader.u32("Captured Packet Length");
  packet.original_bytes = reader.u32("Original Packet Length");
  packet.data = reader.bytes(captured_bytes, "Captured Packet Length");
  return scope.finish(packet);
}

Parsed<PacketBlock> parse_simple_packet(Bytes body, ByteOrder order, std::uint32_t snaplen) {
  ParseScope scope{ParseErrorCode::malformed};
  OrderedReader reader{body, order, scope};
  PacketBlock packet;
  packet.has_timestamp = false;
  packet.original_bytes = reader.u32("Original Packet Length");
  const std::uint32_t captured_bytes = snaplen == 0 ? packet.original_bytes : std::min(packet.original_bytes, snaplen);
  packet.data = reader.bytes(captured_bytes, "Original Packet Length");
  return scope.finish(packet);
}

Parsed<InterfaceStatistics> parse_interface_statistics(Bytes body, ByteOrder order) {
  ParseScope scope{ParseErrorCode::malformed};
  OrderedReader reader{body, order, scope};
  InterfaceStatistics statistics;
  statistics.interface_id = reader.u32("Interface ID");
  reader.skip(8, "Timestamp");
  for_each_option(reader.rest(), order, [&](std::uint16_t code, Bytes value) {
    if (code == kIsbIfdrop) statistics.isb_ifdrop = u64_option(value, order);
    if (code == kIsbOsdrop) statistics.isb_osdrop = u64_option(value, order);
  });
  return scope.finish(statistics);
}

Parsed<Bytes> parse_tls_secrets(Bytes body, ByteOrder order) {
  ParseScope scope{ParseErrorCode::malformed};
  OrderedReader reader{body, order, scope};
  const std::uint32_t secrets_type = reader.u32("Secrets Type");
  const std::uint32_t secrets_length = reader.u32("Secrets Length");
  const Bytes secrets = reader.bytes(secrets_length, "Secrets Data");
  return scope.finish(secrets_type == kSecretsTypeTls ? secrets : Bytes{});
}

}  // namespace sealtrace
