#include "capture/pcapng_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sealtrace {
namespace {

/// restate replaces what one interface said of its losses by what it says now, in a sum over interfaces.
void restate(std::optional<std::uint64_t>& sum, std::uint64_t& last, std::optional<std::uint64_t> stated) {
  if (!stated) return;
  sum = sum.value_or(0) - last + *stated;
  last = *stated;
}

}  // namespace

std::size_t PcapngReader::parse(Bytes block, PacketBatch& batch, CaptureSummary& summary) {
  std::size_t num_used = 0;
  while (num_used < block.size()) {
    const Bytes rest = block.subspan(num_used);
    const std::optional<std::uint32_t> length = block_length(rest, summary);
    if (!length || *length > rest.size()) break;
    ParseScope scope;
    OrderedReader reader{rest, order_, scope};
    const PcapngBlockType type{reader.u32("Block Type")};
    reader.skip(4, "Block Total Length");
    const Bytes body = reader.bytes(*length - kBlockOverheadBytes, "Block Body");
    if (reader.u32("Block Total Length") != *length) {
      stop(summary, "the two lengths of a block differ");
      break;
    }
    on_block(type, body, batch, summary);
    if (stopped()) break;
    num_used += *length;
  }
  return num_used;
}

/// block_length gives the length of the block that `rest` begins with, or nothing when it is not there yet or cannot be believed
/// (then the file is stopped).
std::optional<std::uint32_t> PcapngReader::block_length(Bytes rest, CaptureSummary& summary) {
  ParseScope scope;
  OrderedReader reader{rest, order_, scope};
  const PcapngBlockType type{reader.u32("Block Type")};
  std::uint32_t length = reader.u32("Block Total Length");
  if (!scope.ok()) return std::nullopt;
  std::size_t min_length = kBlockOverheadBytes;
  if (type == PcapngBlockType::section_header) {
    const std::optional<std::uint32_t> stated = section_length(rest, summary);
    if (!stated) return std::nullopt;
    length = *stated;
    min_length = kMinSectionHeaderBytes;
  }
  if (length < min_length || length % 4 != 0 || length > kMaxBlockBytes) {
    stop(summary, fmt::format("a block states {} octets, expected a multiple of 4 from {} to {}", length, min_length, kMaxBlockBytes));
    return std::nullopt;
  }
  return length;
}

/// section_length reads the beginning of a Section Header Block and takes over its byte order.
std::optional<std::uint32_t> PcapngReader::section_length(Bytes rest, CaptureSummary& summary) {
  const Parsed<SectionHeader> header = parse_section_header(rest);
  if (!header) {
    if (header.error().code == ParseErrorCode::malformed) stop(summary, "a pcapng section has no byte-order magic");
    return std::nullopt;
  }
  if (header->major_version != 1) {
    stop(summary, fmt::format("a pcapng section has version {}, expected 1", header->major_version));
    return std::nullopt;
  }
  order_ = header->order;
  return header->block_total_length;
}

void PcapngReader::on_block(PcapngBlockType type, Bytes body, PacketBatch& batch, CaptureSummary& summary) {
  switch (type) {
    case PcapngBlockType::enhanced_packet: return on_packet(parse_enhanced_packet(body, order_), batch, summary);
    case PcapngBlockType::simple_packet:
      return on_packet(parse_simple_packet(body, order_, interfaces_.empty() ? 0 : interfaces_.front().snaplen), batch, summary);
    case PcapngBlockType::packet: return on_packet(parse_packet(body, order_), batch, summary);
    case PcapngBlockType::interface_description: return on_interface(parse_interface_description(body, order_), summary);
    case PcapngBlockType::interface_statistics: return on_statistics(parse_interface_statistics(body, order_), summary);
    case PcapngBlockType::decryption_secrets: return on_secrets(parse_tls_secrets(body, order_), summary);
    case PcapngBlockType::section_header:
      begun();
      summary.format = "pcapng";
      interfaces_.clear();
      return;
  }
  // Name resolution, journal entries, custom and unknown blocks say nothing about frames.
}

void PcapngReader::on_interface(const Parsed<InterfaceDescription>& description, CaptureSummary& summary) {
  if (!description) return stop(summary, "an Interface Description Block is too short");
  if (interfaces_.size() == kMaxInterfaces) return stop(summary, fmt::format("a section has more than {} interfaces", kMaxInterfaces));
  interfaces_.push_back({.link_type = description->link_type, .snaplen = description->snaplen, .resolution = description->resolution});
  ++summary.num_interfaces;
  if (!description->options_whole) ++summary.damage["malformed_interface_options"];
  state_snaplen(summary, description->snaplen);
  list_link_type(summary, description->link_type);
  if (!description->if_name.empty() && summary.interfaces.size() < kMaxListed) summary.interfaces.push_back(description->if_name);
}

void PcapngReader::on_packet(const Parsed<PacketBlock>& packet, PacketBatch& batch, CaptureSummary& summary) {
  if (!packet) return stop(summary, "a frame states more octets than its block holds");
  const FrameNumber frame = next_frame();
  if (packet->interface_id >= interfaces_.size()) {
    ++summary.damage["unknown_interface"];
    return;
  }
  const Interface& interface = interfaces_[packet->interface_id];
  if (packet->has_timestamp) last_time_ = interface.resolution.at(packet->timestamp);
  batch.packets.push_back({.data = packet->data,
                           .time = last_time_,
                           .frame = frame,
                           .capture = capture(),
                           .wire_bytes = std::max(packet->original_bytes, static_cast<std::uint32_t>(packet->data.size())),
                           .link_type = interface.link_type});
}

void PcapngReader::on_statistics(const Parsed<InterfaceStatistics>& statistics, CaptureSummary& summary) {
  if (!statistics || statistics->interface_id >= interfaces_.size()) {
    ++summary.damage["malformed_statistics"];
    return;
  }
  Interface& interface = interfaces_[statistics->interface_id];
  restate(summary.dropped_by_interface, interface.isb_ifdrop, statistics->isb_ifdrop);
  restate(summary.dropped_by_kernel, interface.isb_osdrop, statistics->isb_osdrop);
}

void PcapngReader::on_secrets(const Parsed<Bytes>& secrets, CaptureSummary& summary) {
  ++summary.num_secrets_blocks;
  if (!secrets) {
    ++summary.damage["malformed_secrets"];
  } else if (!secrets->empty() && !key_log_->add(*secrets)) {
    ++summary.damage["secrets_over_budget"];
  }
}

std::string PcapngReader::describe_rest(Bytes rest) const {
  if (last_frame() == 0 && interfaces_.empty()) return "is a pcapng file cut inside its first blocks";
  return fmt::format("the file ends {} octets into the next block", rest.size());
}

}  // namespace sealtrace
