// PacketSource: where frames come from. Files, streams and interfaces all look like this to the pipeline.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/audit.hpp"
#include "model/ids.hpp"
#include "wire/bytes.hpp"
#include "wire/stream_digest.hpp"

namespace sealtrace {

/// LinkType is the LINKTYPE_ value of the capture format (www.tcpdump.org/linktypes.html), not libpcap's DLT_.
enum class LinkType : std::uint16_t {
  null = 0,
  ethernet = 1,
  raw_bsd = 12,
  raw_openbsd = 14,
  ppp = 9,
  ppp_hdlc = 50,
  ppp_ether = 51,
  raw = 101,
  chdlc = 104,
  loop = 108,
  linux_sll = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_sll2 = 276,
};

/// PacketView is one captured frame. `data` is borrowed from the batch it came in; `wire_bytes` is its length on the wire.
struct PacketView {
  Bytes data;
  Timestamp time{};
  FrameNumber frame{};
  CaptureId capture{};
  std::uint32_t wire_bytes = 0;
  LinkType link_type = LinkType::ethernet;
};

/// PacketBatch is a run of frames of one capture, in its order, with the memory that they borrow. It is moved, never copied; a batch holds
/// about 256 KiB of frames, so that they stay in the cache while they are worked on.
struct PacketBatch {
  std::vector<PacketView> packets;
  std::vector<std::uint8_t> storage;  ///< the frames' octets
  bool idle = false;                  ///< live only: no frame came within the poll time; `now` still advances
  Timestamp now{};                    ///< the latest time seen so far
};

/// SourceProgress is how far a source has come, in octets as stored. `total_bytes` is absent when a stream has no known end.
struct SourceProgress {
  std::uint64_t read_bytes = 0;
  std::optional<std::uint64_t> total_bytes;
};

/// PacketSource hands out batches until there are no more. It never throws after construction: damage is counted in
/// `captures()`. Sources are read by one thread.
class PacketSource {
 public:
  virtual ~PacketSource() = default;
  /// next refills `batch` (its vectors' memory is reused) and returns true, or returns false at the end of everything. A batch
  /// may be empty: live when nothing came, files when the filter let nothing of a block pass.
  virtual bool next(PacketBatch& batch) = 0;
  /// captures describes what was read so far, one entry per CaptureId.
  [[nodiscard]] virtual const std::vector<CaptureSummary>& captures() const = 0;
  /// key_log gives the contents of the Decryption Secrets Blocks of TLS type found so far, in file order. Never printed.
  [[nodiscard]] virtual std::span<const std::string> key_log() const { return {}; }
  /// progress says how much of the stored octets has been read, for a progress bar.
  [[nodiscard]] virtual SourceProgress progress() const { return {}; }
};

/// CaptureError says in one line why a source cannot be opened; what() names the file or interface.
class CaptureError : public std::exception {
 public:
  explicit CaptureError(std::string message) : message_{std::move(message)} {}
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

struct FileSourceOptions {
  std::vector<std::string> paths;  ///< files, folders, or "-"
  std::string filter;              ///< BPF; empty: everything
  /// new_digest gives a fresh hash for a file's octets as stored (crypto/digest.hpp makes them); empty: files are not hashed. A
  /// regular file is hashed to its end even when reading frames stopped early; streams, devices and unreadable files are not.
  std::function<std::unique_ptr<StreamDigest>()> new_digest;
};

/// open_files reads `paths` as one audit: files in the order given; the files of a folder by the time of their first
/// frame. A path that cannot be read becomes an `unreadable` CaptureSummary, not an exception. Throws CaptureError for a
/// filter that does not compile.
std::unique_ptr<PacketSource> open_files(const FileSourceOptions& options);

struct LiveSourceOptions {
  std::string interface;
  std::string filter;
  std::uint64_t max_packets = 0;         ///< 0: no limit
  std::chrono::nanoseconds max_time{0};  ///< 0: no limit
  int buffer_bytes = 64 << 20;
  std::function<bool()> interrupted;  ///< polled between batches: true ends the capture
};

/// open_live captures from an interface through libpcap (TPACKET_V3, not immediate mode; non-blocking with poll, so that an
/// idle interface does not stop the clock). Throws CaptureError when the interface is missing or permission is lacking.
std::unique_ptr<PacketSource> open_live(const LiveSourceOptions& options);

}  // namespace sealtrace
