#include "capture/decompress.hpp"

#include <gtest/gtest.h>

#include <string>

#include "capture/capture_octets.hpp"
#include "capture/compressed_octets.hpp"

namespace sealtrace {
namespace {

constexpr Compression kAll[] = {Compression::gzip, Compression::zstd, Compression::lz4};

/// sample is text that compresses, but not to nothing.
Octets sample(std::size_t size) {
  Octets octets(size);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    octets[i] = static_cast<std::uint8_t>(state >> 30);
  }
  return octets;
}

struct Decompressed {
  Octets plain;
  std::string error;
};

Decompressed decompress_all(Compression compression, const Octets& stored, std::size_t into_bytes = 4096,
                            std::size_t piece_bytes = SIZE_MAX) {
  MemorySource source{stored, piece_bytes};
  const std::unique_ptr<ByteSource> decompressor = decompress(compression, source);
  Decompressed result;
  Octets into(into_bytes);
  while (const std::size_t count = decompressor->read(into)) append(result.plain, Bytes{into}.first(count));
  result.error = decompressor->error();
  return result;
}

TEST(Decompress, GivesBackWhatWasCompressedInAnyPieces) {
  const Octets plain = sample(50'000);
  for (const Compression compression : kAll) {
    SCOPED_TRACE(to_string(compression));
    const Octets stored = compressed(compression, plain);
    EXPECT_EQ(detect_compression(stored), compression);
    for (const std::size_t into_bytes : {std::size_t{1}, std::size_t{333}, std::size_t{1} << 20}) {
      for (const std::size_t piece_bytes : {std::size_t{1}, std::size_t{77}, SIZE_MAX}) {
        const Decompressed result = decompress_all(compression, stored, into_bytes, piece_bytes);
        EXPECT_EQ(result.plain, plain);
        EXPECT_EQ(result.error, "");
      }
    }
  }
}

TEST(Decompress, MembersOneAfterAnotherAreOneStream) {
  for (const Compression compression : kAll) {
    SCOPED_TRACE(to_string(compression));
    const Octets stored = join({compressed(compression, {1, 2, 3}), compressed(compression, {}), compressed(compression, {4, 5})});
    const Decompressed result = decompress_all(compression, stored);
    EXPECT_EQ(result.plain, (Octets{1, 2, 3, 4, 5}));
    EXPECT_EQ(result.error, "");
  }
}

TEST(Decompress, CutDataGiveTheirBeginningAndAnError) {
  const Octets plain = sample(3000);
  for (const Compression compression : kAll) {
    SCOPED_TRACE(to_string(compression));
    const Octets stored = compressed(compression, plain);
    for (std::size_t size = 4; size < stored.size(); ++size) {
      const Decompressed result = decompress_all(compression, Octets{stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(size)});
      ASSERT_LE(result.plain.size(), plain.size());
      EXPECT_TRUE(std::equal(result.plain.begin(), result.plain.end(), plain.begin()));
      EXPECT_EQ(result.error, "the compressed data are cut") << size;
    }
  }
}

TEST(Decompress, DamagedDataAreAnError) {
  for (const Compression compression : kAll) {
    SCOPED_TRACE(to_string(compression));
    Octets stored = compressed(compression, sample(200'000));
    for (std::size_t i = stored.size() / 2; i < stored.size() / 2 + 64; ++i) stored[i] ^= 0xFF;
    const Decompressed result = decompress_all(compression, stored);
    EXPECT_NE(result.error.find("are damaged"), std::string::npos) << result.error;
  }
}

TEST(Decompress, PaddingBehindGzipIsIgnored) {
  const Octets stored = join({compressed(Compression::gzip, {1, 2, 3}), Octets(100)});
  const Decompressed result = decompress_all(Compression::gzip, stored);
  EXPECT_EQ(result.plain, (Octets{1, 2, 3}));
  EXPECT_EQ(result.error, "");
}

TEST(Decompress, AZstdWindowOfAGibibyteIsRefused) {
  const Octets stored = annotated_hex(R"(
    28 b5 2f fd   # Magic_Number
    00            # Frame_Header_Descriptor: with a window
    a0            # Window_Descriptor: 2^30 octets
    01 00 00      # last block, empty
  )");
  const Decompressed result = decompress_all(Compression::zstd, stored);
  EXPECT_NE(result.error.find("requires too much memory"), std::string::npos) << result.error;
}

TEST(Decompress, ASkippableFrameFirstIsZstd) {
  const Octets stored = join({annotated_hex("50 2a 4d 18  02 00 00 00  00 00"), compressed(Compression::zstd, {1, 2, 3})});
  EXPECT_EQ(detect_compression(stored), Compression::zstd);
  EXPECT_EQ(decompress_all(Compression::zstd, stored).plain, (Octets{1, 2, 3}));
}

TEST(Decompress, WhatIsNotCompressedIsToldApart) {
  EXPECT_EQ(detect_compression(annotated_hex("d4 c3 b2 a1")), Compression::none);
  EXPECT_EQ(detect_compression(annotated_hex("1f 8b 08")), Compression::none);
  EXPECT_EQ(detect_compression({}), Compression::none);
}

}  // namespace
}  // namespace sealtrace
