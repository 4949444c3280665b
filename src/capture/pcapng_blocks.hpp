// The blocks of pcapng (draft-ietf-opsawg-pcapng section 4) that say something about frames. Pure functions from a block's body.
#pragma once

#include <optional>
#include <string>

#include "capture/ordered_reader.hpp"
#include "capture/packet_source.hpp"
#include "capture/time_resolution.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

enum class PcapngBlockType : std::uint32_t {
  interface_description = 1,
  packet = 2,  ///< obsolete, still in old files
  simple_packet = 3,
  interface_statistics = 5,
  enhanced_packet = 6,
  decryption_secrets = 10,
  section_header = 0x0A0D0D0A,
};

/// kBlockOverheadBytes are Block Type and Block Total Length before a block's body and the length once more behind it.
inline constexpr std::size_t kBlockOverheadBytes = 12;
/// kMinSectionHeaderBytes is a Section Header Block without options.
inline constexpr std::size_t kMinSectionHeaderBytes = 28;

/// SectionHeader is the beginning of a Section Header Block: what is needed to read the rest of it.
struct SectionHeader {
  ByteOrder order = ByteOrder::little;
  std::uint32_t block_total_length = 0;
  std::uint16_t major_version = 0;
};

/// parse_section_header reads the first 14 octets of a Section Header Block, from its Block Type on. Fails as need_more when
/// they are not all there, as malformed for another Byte-Order Magic.
Parsed<SectionHeader> parse_section_header(Bytes bytes);

struct InterfaceDescription {
  LinkType link_type = LinkType::ethernet;
  std::uint32_t snaplen = 0;  ///< 0: no limit
  std::string if_name;
  TimeResolution resolution;
  bool options_whole = true;  ///< false: an option's length lies, and what follows it is not known
};

/// parse_interface_description reads an Interface Description Block's body (section 4.2).
Parsed<InterfaceDescription> parse_interface_description(Bytes body, ByteOrder order);

/// PacketBlock is what the three kinds of packet block have in common. `data` borrows.
struct PacketBlock {
  std::uint32_t interface_id = 0;
  std::uint32_t original_bytes = 0;
  bool has_timestamp = true;    ///< a Simple Packet Block has none
  std::uint64_t timestamp = 0;  ///< in the interface's units
  Bytes data;
};

/// parse_enhanced_packet (section 4.3), parse_packet (appendix A) and parse_simple_packet (section 4.4) read a block's body. They fail as
/// malformed when the captured length is more than the block holds. `snaplen` is that of interface 0.
inline Parsed<PacketBlock> parse_enhanced_packet(Bytes body, ByteOrder order) {
  ParseScope scope{ParseErrorCode::malformed};
  OrderedReader reader{body, order, scope};
  const std::uint32_t interface_id = reader.u32("Interface ID");
  const std::uint64_t upper = reader.u32("Timestamp (Upper 4 Octets)");
  const std::uint64_t lower = reader.u32("Timestamp (Lower 4 Octets)");
  const std::uint32_t captured_bytes = reader.u32("Captured Packet Length");
  const std::uint32_t original_bytes = reader.u32("Original Packet Length");
  const Bytes data = reader.bytes(captured_bytes, "Captured Packet Length");
  if (!scope.ok()) return std::unexpected(scope.error());
  // Made in place: copying a struct that was just written costs a stall for every frame.
  return Parsed<PacketBlock>{std::in_place, interface_id, original_bytes, true, upper << 32 | lower, data};
}
Parsed<PacketBlock> parse_packet(Bytes body, ByteOrder order);
Parsed<PacketBlock> parse_simple_packet(Bytes body, ByteOrder order, std::uint32_t snaplen);

struct InterfaceStatistics {
  std::uint32_t interface_id = 0;
  std::optional<std::uint64_t> isb_ifdrop;  ///< lost by the interface
  std::optional<std::uint64_t> isb_osdrop;  ///< lost by the operating system
};

/// parse_interface_statistics reads an Interface Statistics Block's body (section 4.6).
Parsed<InterfaceStatistics> parse_interface_statistics(Bytes body, ByteOrder order);

/// parse_tls_secrets gives the key log of a Decryption Secrets Block of type TLS (section 4.7), borrowed; empty for other types.
Parsed<Bytes> parse_tls_secrets(Bytes body, ByteOrder order);

}  // namespace sealtrace
