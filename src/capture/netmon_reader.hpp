// NetmonReader: captures of Microsoft Network Monitor 2.x, which administrators of Windows deployments still send.
#pragma once

#include <cstdint>
#include <optional>

#include "capture/capture_reader.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// NetmonFileHeader is what the first 128 octets of a file say (Network Monitor 3.4's help, "Capture File Header").
struct NetmonFileHeader {
  std::uint8_t minor_version = 0;
  std::uint16_t media_type = 0;
  Timestamp start{};  ///< the recorder's local time; the format does not say its zone, so it is taken for UTC
  std::uint32_t frame_table_offset = 0;
  std::uint32_t frame_table_length = 0;  ///< in octets, four for each frame

  /// table_end is where the frame table ends: nothing behind it matters for frames.
  [[nodiscard]] std::uint64_t table_end() const { return std::uint64_t{frame_table_offset} + frame_table_length; }
};

/// parse_netmon_file_header fails as need_more when it is cut, as unsupported for a version other than 2.
Parsed<NetmonFileHeader> parse_netmon_file_header(Bytes bytes);

/// NetmonReader needs the table at the end of the file to find its frames, so it holds the file: at most 64 MiB of it, and a cut
/// file has no frames.
class NetmonReader final : public CaptureReader {
 public:
  using CaptureReader::CaptureReader;

 protected:
  std::size_t parse(Bytes block, PacketBatch& batch, CaptureSummary& summary) override;
  [[nodiscard]] std::string describe_rest(Bytes rest) const override;

 private:
  void read_frames(Bytes file, const NetmonFileHeader& header, PacketBatch& batch, CaptureSummary& summary);
};

}  // namespace sealtrace
