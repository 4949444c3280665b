// Compressed octets for tests.
#pragma once

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <cstddef>

#include "capture/capture_octets.hpp"
#include "capture/decompress.hpp"

namespace sealtrace {

inline Octets compressed(Compression compression, const Octets& plain) {
  Octets out(plain.size() + plain.size() / 8 + 1024);
  switch (compression) {
    case Compression::none: return plain;
    case Compression::gzip: {
      z_stream stream{};
      deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
      Octets in = plain;
      stream.next_in = in.data();
      stream.avail_in = static_cast<uInt>(in.size());
      stream.next_out = out.data();
      stream.avail_out = static_cast<uInt>(out.size());
      deflate(&stream, Z_FINISH);
      out.resize(stream.total_out);
      deflateEnd(&stream);
      return out;
    }
    case Compression::zstd: out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3)); return out;
    case Compression::lz4: {
      LZ4F_preferences_t preferences{};
      preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
      out.resize(LZ4F_compressFrameBound(plain.size(), &preferences));
      out.resize(LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), &preferences));
      return out;
    }
  }
  return {};
}

}  // namespace sealtrace
