// PcapReader: the classic capture format (draft-ietf-opsawg-pcap), and what its variants changed.
#pragma once

#include <optional>

#include "capture/capture_reader.hpp"
#include "capture/ordered_reader.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

inline constexpr std::size_t kPcapFileHeaderBytes = 24;

/// PcapLengths says in which order a record has its two lengths: old writers swapped them.
enum class PcapLengths : std::uint8_t { captured_first, original_first, smaller_is_captured };

/// PcapFileHeader is what the file header says of every record.
struct PcapFileHeader {
  ByteOrder order = ByteOrder::little;
  bool nanoseconds = false;
  bool modified = false;  ///< Kuznetzov's records have 8 more octets of header
  PcapLengths lengths = PcapLengths::captured_first;
  std::uint32_t snaplen = 0;
  LinkType link_type = LinkType::ethernet;

  bool operator==(const PcapFileHeader&) const = default;
};

/// parse_pcap_file_header reads the 24 octets a capture begins with. The frame-check-sequence bits of LinkType are dropped. Fails
/// as need_more when it is cut, as unsupported for a major version other than 2 (and DG/UX's 543.0).
Parsed<PcapFileHeader> parse_pcap_file_header(Bytes bytes);

class PcapReader final : public CaptureReader {
 public:
  using CaptureReader::CaptureReader;

 protected:
  std::size_t parse(Bytes block, PacketBatch& batch, CaptureSummary& summary) override;
  [[nodiscard]] std::string describe_rest(Bytes rest) const override;

 private:
  std::size_t parse_records(Bytes block, PacketBatch& batch, CaptureSummary& summary);

  std::optional<PcapFileHeader> header_;
};

}  // namespace sealtrace
