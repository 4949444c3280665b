// CaptureReader: one capture format. It turns the octets of a file into batches of frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/block_feed.hpp"
#include "capture/packet_source.hpp"

namespace sealtrace {

/// kMaxFrameBytes is the largest captured length, and kMaxBlockBytes the largest pcapng block, that is believed: 16 MiB. Real
/// frames end at 256 KiB (libpcap's largest snaplen) and real secrets blocks at a few MiB.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxBlockBytes = std::size_t{16} << 20;

/// kMaxListed is how many link types and interface names a CaptureSummary lists: a report is read by people.
inline constexpr std::size_t kMaxListed = 64;

/// KeyLog collects the contents of Decryption Secrets Blocks. They are secrets: never print them.
class KeyLog {
 public:
  KeyLog() = default;
  KeyLog(const KeyLog&) = delete;
  KeyLog(KeyLog&&) noexcept = default;  // no octet stays behind: a vector moves its strings' places, not them
  KeyLog& operator=(const KeyLog&) = delete;
  KeyLog& operator=(KeyLog&&) = delete;
  ~KeyLog();
  /// add keeps `secrets` and returns true, or returns false when the budget is used up.
  bool add(Bytes secrets);
  [[nodiscard]] const std::vector<std::string>& items() const { return items_; }

 private:
  static constexpr std::size_t kMaxItems = 65'536;                      // blocks; a capture tool writes one per key-log line at worst
  static constexpr std::size_t kMaxTotalBytes = std::size_t{64} << 20;  // 300,000 TLS connections' lines

  std::vector<std::string> items_;
  std::size_t total_bytes_ = 0;
};

enum class CaptureFormat : std::uint8_t { none, pcap, pcapng, netmon };

/// detect_format tells a capture by its first octets (a magic number of four octets).
CaptureFormat detect_format(Bytes first);

/// CaptureReader walks the blocks of one file. It fills in all of its CaptureSummary but name, hash and compression.
class CaptureReader {
 public:
  CaptureReader(ByteSource& source, CaptureId capture, std::size_t block_bytes)
      : source_{&source}, feed_{source, block_bytes}, capture_{capture} {}
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;
  virtual ~CaptureReader() = default;

  /// next refills `batch` with the frames of the next block (at least one) and returns true; false at the end. Octets that
  /// cannot be read as the format has it end the file there: `summary` says why, and it is unreadable if that is its very start.
  bool next(PacketBatch& batch, CaptureSummary& summary);

 protected:
  /// parse takes whole pieces (records, blocks) from the front of `block`, adds their frames to `batch`, and returns how many
  /// octets they were. It stops before a piece that is not all there.
  virtual std::size_t parse(Bytes block, PacketBatch& batch, CaptureSummary& summary) = 0;
  /// describe_rest says in words what `rest`, at the end of the file, is the beginning of.
  [[nodiscard]] virtual std::string describe_rest(Bytes rest) const = 0;

  /// begun says that the file's header was read: from here on the file counts as readable.
  void begun() { begun_ = true; }
  /// finish ends the file here, as it ought to end.
  void finish() { finished_ = true; }
  /// stop ends the file here, before its end. `why` is a few words.
  void stop(CaptureSummary& summary, std::string_view why);
  [[nodiscard]] bool stopped() const { return finished_; }

  void list_link_type(CaptureSummary& summary, LinkType link_type);
  static void state_snaplen(CaptureSummary& summary, std::uint32_t snaplen);

  [[nodiscard]] CaptureId capture() const { return capture_; }
  /// next_frame numbers the next frame.
  FrameNumber next_frame() { return FrameNumber{++last_frame_}; }
  [[nodiscard]] std::uint64_t last_frame() const { return last_frame_; }
  /// numbered says that the reader itself numbered the frames up to `last`.
  void numbered(std::uint64_t last) { last_frame_ = last; }

 private:
  void end(Bytes rest, CaptureSummary& summary);

  ByteSource* source_;
  BlockFeed feed_;
  CaptureId capture_;
  std::uint64_t last_frame_ = 0;
  std::vector<LinkType> link_types_;
  bool begun_ = false;
  bool finished_ = false;
};

/// make_reader gives the reader of `format`, which is not `none`. It borrows `source` and `key_log`.
std::unique_ptr<CaptureReader> make_reader(CaptureFormat format, ByteSource& source, CaptureId capture, KeyLog& key_log,
                                           std::size_t block_bytes = kBlockBytes);

}  // namespace sealtrace
