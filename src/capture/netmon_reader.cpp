#include "capture/netmon_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "wire/byte_reader.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kFileHeaderBytes = 128;
constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;  // the recorder's own buffer was 20 MiB by default

constexpr std::uint64_t kMaxFrames = 1 << 20;  // ten such buffers full of the smallest frames

constexpr std::uint16_t kMediaEthernet = 1;
constexpr std::uint16_t kMediaLinkTypeMask = 0xE000;  // 0xE000 to 0xEFFF carry a LINKTYPE_ value

/// NetmonFrame is one record of `record_bytes`; `data` borrows.
struct NetmonFrame {
  std::size_t record_bytes = 0;
  std::int64_t microseconds = 0;  // since the capture's start
  std::uint32_t original_bytes = 0;
  Bytes data;
  std::uint16_t media_type = 0;
};

Parsed<NetmonFrame> parse_frame(Bytes bytes, const NetmonFileHeader& header) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{bytes, scope};
  NetmonFrame frame;
  frame.microseconds = static_cast<std::int64_t>(reader.u64_le("TimeOffsetLocal"));
  frame.original_bytes = reader.u32_le("FrameLength");
  frame.data = reader.bytes(reader.u32_le("BufLength"), "BufLength");
  frame.record_bytes = reader.offset();
  const bool has_media_type = header.minor_version >= 1 && reader.remaining() >= 2;
  frame.media_type = has_media_type ? reader.u16_le("MediaType") : header.media_type;
  return scope.finish(frame);
}

std::optional<LinkType> link_type_of_media(std::uint16_t media_type) {
  if (media_type == kMediaEthernet) return LinkType::ethernet;
  if ((media_type & 0xF000) == kMediaLinkTypeMask) return LinkType{static_cast<std::uint16_t>(media_type & 0x0FFF)};
  return std::nullopt;
}

}  // namespace

Parsed<NetmonFileHeader> parse_netmon_file_header(Bytes bytes) {
  ParseScope scope;
  ByteReader whole{bytes, scope};
  ByteReader reader = whole.block(kFileHeaderBytes, "Capture File Header");
  NetmonFileHeader header;
  reader.skip(4, "Signature");
  header.minor_version = reader.u8("BCDVerMinor");
  reader.supported(reader.u8("BCDVerMajor") == 2, "BCDVerMajor");
  header.media_type = reader.u16_le("MacType");
  const std::chrono::year year{reader.u16_le("Year")};
  const std::chrono::month month{reader.u16_le("Month")};
  reader.skip(2, "DayOfWeek");
  const std::chrono::day day{reader.u16_le("Day")};
  const std::chrono::year_month_day date{year, month, day};
  const std::chrono::hours hours{reader.u16_le("Hour")};
  const std::chrono::minutes minutes{reader.u16_le("Minute")};
  const std::chrono::seconds seconds{reader.u16_le("Second")};
  const std::chrono::milliseconds milliseconds{reader.u16_le("Milliseconds")};
  // Network Monitor is of the years between; a date far outside would not fit a Timestamp.
  const bool real = date.ok() && year >= std::chrono::year{1970} && year < std::chrono::year{2100};
  if (real) header.start = std::chrono::sys_days{date} + hours + minutes + seconds + milliseconds;
  header.frame_table_offset = reader.u32_le("FrameTableOffset");
  header.frame_table_length = reader.u32_le("FrameTableLength");
  return scope.finish(header);
}

std::size_t NetmonReader::parse(Bytes block, PacketBatch& batch, CaptureSummary& summary) {
  const Parsed<NetmonFileHeader> header = parse_netmon_file_header(block);
  if (!header) {
    if (header.error().code != ParseErrorCode::need_more) stop(summary, "is a Network Monitor capture of an unknown version, expected 2");
    return 0;
  }
  if (header->table_end() > kMaxFileBytes) {
    stop(summary, fmt::format("is a Network Monitor capture over {} MiB, convert it to pcapng first", kMaxFileBytes >> 20));
    return 0;
  }
  if (block.size() < header->table_end()) return 0;
  begun();
  summary.format = "netmon";
  summary.num_interfaces = 1;
  // Up to the table's end and no further, so that how much is held behind it makes no difference.
  read_frames(block.first(header->table_end()), *header, batch, summary);
  if (!stopped()) finish();
  return block.size();
}

void NetmonReader::read_frames(Bytes file, const NetmonFileHeader& header, PacketBatch& batch, CaptureSummary& summary) {
  ParseScope scope;
  ByteReader table{file.subspan(header.frame_table_offset, header.frame_table_length), scope};
  std::size_t last_end = kFileHeaderBytes;
  while (table.remaining() >= 4) {
    const std::uint32_t frame_offset = table.u32_le("FrameOffset");
    const bool in_order = frame_offset >= last_end && frame_offset < file.size();
    const Parsed<NetmonFrame> frame = parse_frame(in_order ? file.subspan(frame_offset) : Bytes{}, header);
    if (!frame) return stop(summary, "the frame table points at what is no frame");
    if (last_frame() == kMaxFrames)
      return stop(summary, fmt::format("there are more than {} frames, convert it to pcapng first", kMaxFrames));
    last_end = frame_offset + frame->record_bytes;
    const FrameNumber number = next_frame();
    const std::optional<LinkType> link_type = link_type_of_media(frame->media_type);
    if (!link_type) {
      ++summary.damage["unknown_media_type"];
      continue;
    }
    list_link_type(summary, *link_type);
    // Half the span of a Timestamp, so that the sum cannot leave it.
    constexpr std::int64_t kMaxMicroseconds = 4'000'000'000'000'000;
    const std::chrono::microseconds delta{std::clamp(frame->microseconds, -kMaxMicroseconds, kMaxMicroseconds)};
    batch.packets.push_back({.data = frame->data,
                             .time = header.start + delta,
                             .frame = number,
                             .capture = capture(),
                             .wire_bytes = std::max(frame->original_bytes, static_cast<std::uint32_t>(frame->data.size())),
                             .link_type = *link_type});
  }
}

std::string NetmonReader::describe_rest(Bytes rest) const {
  return fmt::format("is a Network Monitor capture cut after {} octets, its frame table is missing", rest.size());
}

}  // namespace sealtrace
