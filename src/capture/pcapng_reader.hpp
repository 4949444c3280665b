// PcapngReader: the sections, interfaces, frames, losses and secrets of a pcapng file.
#pragma once

#include <optional>
#include <vector>

#include "capture/capture_reader.hpp"
#include "capture/pcapng_blocks.hpp"

namespace sealtrace {

class PcapngReader final : public CaptureReader {
 public:
  /// PcapngReader borrows `source` and `key_log`, into which the TLS secrets of the file go.
  PcapngReader(ByteSource& source, CaptureId capture, std::size_t block_bytes, KeyLog& key_log)
      : CaptureReader{source, capture, block_bytes}, key_log_{&key_log} {}

 protected:
  std::size_t parse(Bytes block, PacketBatch& batch, CaptureSummary& summary) override;
  [[nodiscard]] std::string describe_rest(Bytes rest) const override;

 private:
  // Interfaces of one section. The most that a tool is known to write is one for each network device of a host.
  static constexpr std::size_t kMaxInterfaces = 65'536;

  struct Interface {
    LinkType link_type = LinkType::ethernet;
    std::uint32_t snaplen = 0;
    TimeResolution resolution;
    std::uint64_t isb_ifdrop = 0;  // the last one stated
    std::uint64_t isb_osdrop = 0;
  };

  std::optional<std::uint32_t> block_length(Bytes rest, CaptureSummary& summary);
  std::optional<std::uint32_t> section_length(Bytes rest, CaptureSummary& summary);
  void on_block(PcapngBlockType type, Bytes body, PacketBatch& batch, CaptureSummary& summary);
  void on_interface(const Parsed<InterfaceDescription>& description, CaptureSummary& summary);
  void on_packet(const Parsed<PacketBlock>& packet, PacketBatch& batch, CaptureSummary& summary);
  void on_statistics(const Parsed<InterfaceStatistics>& statistics, CaptureSummary& summary);
  void on_secrets(const Parsed<Bytes>& secrets, CaptureSummary& summary);

  KeyLog* key_log_;
  ByteOrder order_ = ByteOrder::little;
  std::vector<Interface> interfaces_;  // of the current section
  Timestamp last_time_{};              // of the last frame, for those that come without one
};

}  // namespace sealtrace
