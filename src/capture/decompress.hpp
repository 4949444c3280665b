// Decompression of capture files as they stream by, in bounded memory whatever the file claims.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "capture/byte_source.hpp"

namespace sealtrace {

enum class Compression : std::uint8_t { none, gzip, zstd, lz4 };

/// detect_compression tells a compressed file by its first octets.
Compression detect_compression(Bytes first);

/// to_string is the name in a CaptureSummary, empty for none.
constexpr std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::none: return {};
    case Compression::gzip: return "gzip";
    case Compression::zstd: return "zstd";
    case Compression::lz4: return "lz4";
  }
  return {};
}

/// decompress gives what `stored`, which it borrows, holds; null for Compression::none. Members and frames one after another are
/// one stream. Cut or damaged data give what can be had of them, then an error. A zstd window above 128 MiB is refused.
std::unique_ptr<ByteSource> decompress(Compression compression, ByteSource& stored);

}  // namespace sealtrace
