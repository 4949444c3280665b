#include "capture/open_capture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sealtrace {
namespace {

constexpr std::string_view kExpected = "expected pcap, pcapng or Network Monitor, plain or in gzip, zstd or lz4";

/// describe_octets shows where a magic number was expected. It shows no more: nobody knows what the file is.
std::string describe_octets(Bytes first) {
  return fmt::format("octets {:02X}", fmt::join(first.first(std::min<std::size_t>(first.size(), 4)), " "));
}

/// describe_stranger says why a file that begins with `first` is no capture.
std::string describe_stranger(const OpenCapture& open, Bytes first) {
  const std::string_view error = open.plain->error();
  if (!error.empty()) return fmt::format("cannot be read: {}", error);
  if (open.compression != Compression::none) {
    return fmt::format("is {} but holds no capture: {}", to_string(open.compression), kExpected);
  }
  if (first.empty()) return fmt::format("is empty (0 octets), {}", kExpected);
  return fmt::format("is not a capture: {}, found {}", kExpected, describe_octets(first));
}

}  // namespace

std::expected<OpenCapture, std::string> OpenCapture::open(const std::string& path, CaptureId capture, KeyLog& key_log,
                                                          const std::function<std::unique_ptr<StreamDigest>()>& new_digest,
                                                          std::size_t block_bytes) {
  std::expected<std::unique_ptr<FileBytes>, std::string> file = FileBytes::open(path);
  if (!file) return std::unexpected(fmt::format("cannot be opened: {}", file.error()));
  OpenCapture open;
  open.file = std::move(*file);
  if (new_digest && open.file->regular()) open.file->hash_with(new_digest());
  open.stored = std::make_unique<PeekSource>(*open.file);
  open.compression = detect_compression(open.stored->peek());
  open.decompressor = decompress(open.compression, *open.stored);
  open.plain = std::make_unique<PeekSource>(open.decompressor ? *open.decompressor : *open.stored);
  const Bytes first = open.plain->peek();
  const CaptureFormat format = detect_format(first);
  if (format == CaptureFormat::none) return std::unexpected(describe_stranger(open, first));
  open.reader = make_reader(format, *open.plain, capture, key_log, block_bytes);
  return open;
}

}  // namespace sealtrace
