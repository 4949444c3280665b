// OpenCapture: one capture file from its stored octets to its reader.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "capture/capture_reader.hpp"
#include "capture/decompress.hpp"
#include "capture/file_bytes.hpp"

namespace sealtrace {

/// OpenCapture owns the chain that a file's octets run through; each stage borrows the one before it.
struct OpenCapture {
  std::unique_ptr<FileBytes> file;
  std::unique_ptr<PeekSource> stored;
  std::unique_ptr<ByteSource> decompressor;  ///< null when nothing is compressed
  std::unique_ptr<PeekSource> plain;
  std::unique_ptr<CaptureReader> reader;
  Compression compression = Compression::none;

  /// open looks at the first octets of `path` and gives the reader of what it is. `new_digest` may be empty; only regular files
  /// are hashed. The error says, without the path, what is wrong with it.
  static std::expected<OpenCapture, std::string> open(const std::string& path, CaptureId capture, KeyLog& key_log,
                                                      const std::function<std::unique_ptr<StreamDigest>()>& new_digest,
                                                      std::size_t block_bytes = kBlockBytes);
};

}  // namespace sealtrace
