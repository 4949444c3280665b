#include "capture/pcap_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "wire/fixed_header.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kRecordHeaderBytes = 16;
constexpr std::size_t kModifiedHeaderBytes = 24;  // ifindex, protocol, pkt_type and padding follow

/// PcapRecord is one record's header.
struct PcapRecord {
  std::uint32_t seconds = 0;
  std::uint32_t fraction = 0;
  std::uint32_t captured_bytes = 0;
  std::uint32_t original_bytes = 0;
};

PcapRecord read_record_header(const FixedHeader<kRecordHeaderBytes>& octets, const PcapFileHeader& header) {
  const auto number = [&](std::uint32_t big) { return header.order == ByteOrder::big ? big : std::byteswap(big); };
  PcapRecord record{.seconds = number(octets.be32<0>()),
                    .fraction = number(octets.be32<4>()),
                    .captured_bytes = number(octets.be32<8>()),
                    .original_bytes = number(octets.be32<12>())};
  if (header.lengths != PcapLengths::captured_first) [[unlikely]] {
    const bool swapped = header.lengths == PcapLengths::original_first || record.captured_bytes > record.original_bytes;
    if (swapped) std::swap(record.captured_bytes, record.original_bytes);
  }
  return record;
}

}  // namespace

Parsed<PcapFileHeader> parse_pcap_file_header(Bytes bytes) {
  ParseScope scope;
  PcapFileHeader header;
  ByteReader magic{bytes, scope};
  switch (magic.u32("Magic Number")) {
    case 0xA1B2C3D4: header.order = ByteOrder::big; break;
    case 0xD4C3B2A1: break;
    case 0xA1B23C4D: header.order = ByteOrder::big; [[fallthrough]];
    case 0x4D3CB2A1: header.nanoseconds = true; break;
    case 0xA1B2CD34: header.order = ByteOrder::big; [[fallthrough]];
    case 0x34CDB2A1: header.modified = true; break;
    default: magic.supported(false, "Magic Number");
  }
  OrderedReader reader{magic.rest(), header.order, scope};
  const std::uint16_t major = reader.u16("Major Version");
  const std::uint16_t minor = reader.u16("Minor Version");
  reader.skip(8, "Reserved1");
  header.snaplen = reader.u32("SnapLen");
  header.link_type = LinkType{static_cast<std::uint16_t>(reader.u32("LinkType") & 0xFFFF)};
  const bool dg_ux = major == 543 && minor == 0;
  reader.supported(dg_ux || major == 2, "Major Version");
  if (dg_ux || minor < 3) {
    header.lengths = PcapLengths::original_first;
  } else if (minor == 3) {
    header.lengths = PcapLengths::smaller_is_captured;
  }
  return scope.finish(header);
}

std::size_t PcapReader::parse(Bytes block, PacketBatch& batch, CaptureSummary& summary) {
  if (header_) return parse_records(block, batch, summary);
  const Parsed<PcapFileHeader> header = parse_pcap_file_header(block);
  if (!header) {
    if (header.error().code != ParseErrorCode::need_more) stop(summary, "is a pcap file of an unknown version, expected 2");
    return 0;
  }
  header_ = *header;
  begun();
  summary.format = "pcap";
  summary.num_interfaces = 1;
  state_snaplen(summary, header->snaplen);
  list_link_type(summary, header->link_type);
  return kPcapFileHeaderBytes + parse_records(block.subspan(kPcapFileHeaderBytes), batch, summary);
}

std::size_t PcapReader::parse_records(Bytes block, PacketBatch& batch, CaptureSummary& summary) {
  const PcapFileHeader header = *header_;
  const std::int64_t fraction_unit = header.nanoseconds ? 1 : 1000;
  const std::size_t header_bytes = header.modified ? kModifiedHeaderBytes : kRecordHeaderBytes;
  const CaptureId from = capture();
  std::uint64_t number = last_frame();
  Bytes rest = block;
  std::uint32_t too_long = 0;
  while (rest.size() >= header_bytes) {
    const PcapRecord record = read_record_header(FixedHeader<kRecordHeaderBytes>::at(rest), header);
    if (record.captured_bytes > kMaxFrameBytes) {
      too_long = record.captured_bytes;
      break;
    }
    if (rest.size() - header_bytes < record.captured_bytes) break;
    const std::chrono::nanoseconds since_1970{std::int64_t{record.seconds} * 1'000'000'000 + record.fraction * fraction_unit};
    batch.packets.emplace_back(rest.subspan(header_bytes, record.captured_bytes), Timestamp{since_1970}, FrameNumber{++number}, from,
                               std::max(record.original_bytes, record.captured_bytes),
                               header.link_type);  // in place: a packet is 48 octets
    rest = rest.subspan(header_bytes + record.captured_bytes);
  }
  numbered(number);
  if (too_long != 0) stop(summary, fmt::format("a record states {} captured octets, expected at most {}", too_long, kMaxFrameBytes));
  return block.size() - rest.size();
}

std::string PcapReader::describe_rest(Bytes rest) const {
  if (!header_) return fmt::format("is a pcap file cut inside its file header ({} of {} octets)", rest.size(), kPcapFileHeaderBytes);
  return fmt::format("the file ends {} octets into the next record", rest.size());
}

}  // namespace sealtrace
