#include "capture/decompress.hpp"

#define ZLIB_CONST  // next_in takes const octets
#include <fmt/format.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "wire/byte_reader.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kInputBytes = std::size_t{128} << 10;  // as zstd advises; the other two do not care

// zstd's own limit for a file made without --long; the window is memory that a file of some octets can claim.
constexpr int kMaxZstdWindowLog = 27;

/// Outcome is what one step of a decompressor did.
struct Outcome {
  std::size_t num_taken = 0;
  std::size_t num_given = 0;
  bool at_boundary = false;  // a member or frame is complete, and no next one has begun
  std::string error{};
};

/// Decompressor is what the three libraries have in common.
class Decompressor : public ByteSource {
 public:
  explicit Decompressor(ByteSource& stored) : stored_{&stored}, input_(kInputBytes) {}

  std::size_t read(std::span<std::uint8_t> into) final {
    while (!ended_ && !into.empty()) {
      if (num_taken_ == num_input_) refill();
      Outcome outcome = step(Bytes{input_}.first(num_input_).subspan(num_taken_), into);
      num_taken_ += outcome.num_taken;
      const bool moved = outcome.num_taken > 0 || outcome.num_given > 0;
      if (moved) at_boundary_ = outcome.at_boundary;
      if (!outcome.error.empty()) {
        fail(std::move(outcome.error));
      } else if (!moved) {
        end();
      }
      if (outcome.num_given > 0) return outcome.num_given;
    }
    return 0;
  }

  [[nodiscard]] std::string_view error() const final { return error_; }

 protected:
  /// step decompresses some of `input` to the front of `into`. Taking and giving nothing means that `input` is used up.
  virtual Outcome step(Bytes input, std::span<std::uint8_t> into) = 0;

 private:
  void refill() {
    num_input_ = input_ended_ ? 0 : stored_->read(input_);
    input_ended_ = num_input_ == 0;
    num_taken_ = 0;
  }
  void end() {
    if (!stored_->error().empty()) {
      fail(std::string{stored_->error()});
    } else if (!at_boundary_) {
      fail("the compressed data are cut");
    }
    ended_ = true;
  }
  void fail(std::string why) {
    error_ = std::move(why);
    ended_ = true;
  }

  ByteSource* stored_;
  std::vector<std::uint8_t> input_;
  std::size_t num_input_ = 0;
  std::size_t num_taken_ = 0;
  bool input_ended_ = false;
  bool at_boundary_ = false;
  bool ended_ = false;
  std::string error_;
};

/// clamp_size fits a size into a library's counter; the rest comes with the next step.
template <typename Counter>
Counter clamp_size(std::size_t size) {
  return static_cast<Counter>(std::min<std::size_t>(size, std::numeric_limits<Counter>::max()));
}

class GzipSource final : public Decompressor {
 public:
  explicit GzipSource(ByteSource& stored) : Decompressor{stored} { usable_ = inflateInit2(&stream_, kGzipWindowBits) == Z_OK; }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override {
    if (usable_) inflateEnd(&stream_);
  }

 private:
  static constexpr int kGzipWindowBits = 16 + MAX_WBITS;  // gzip's wrapping only

  Outcome step(Bytes input, std::span<std::uint8_t> into) override {
    if (!usable_) return {.error = "no memory to decompress"};
    if (between_members_) {
      // What follows the last member, padding as a rule, is ignored as gzip does.
      if (input.empty() || input.front() != 0x1F) return {.num_taken = input.size(), .at_boundary = true};
      between_members_ = false;
      inflateReset(&stream_);
    }
    stream_.next_in = input.data();
    stream_.avail_in = clamp_size<uInt>(input.size());
    stream_.next_out = into.data();
    stream_.avail_out = clamp_size<uInt>(into.size());
    const uInt num_input = stream_.avail_in;
    const uInt num_output = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    Outcome outcome{.num_taken = num_input - stream_.avail_in, .num_given = num_output - stream_.avail_out};
    if (result == Z_STREAM_END) {
      between_members_ = true;
      outcome.at_boundary = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      outcome.error = fmt::format("the gzip data are damaged: {}", stream_.msg == nullptr ? zError(result) : stream_.msg);
    }
    return outcome;
  }

  z_stream stream_{};
  bool usable_ = false;
  bool between_members_ = false;
};

class ZstdSource final : public Decompressor {
 public:
  explicit ZstdSource(ByteSource& stored) : Decompressor{stored}, context_{ZSTD_createDCtx()} {
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }

 private:
  Outcome step(Bytes input, std::span<std::uint8_t> into) override {
    if (context_ == nullptr) return {.error = "no memory to decompress"};
    ZSTD_inBuffer in{.src = input.data(), .size = input.size(), .pos = 0};
    ZSTD_outBuffer out{.dst = into.data(), .size = into.size(), .pos = 0};
    const std::size_t result = ZSTD_decompressStream(context_, &out, &in);
    Outcome outcome{.num_taken = in.pos, .num_given = out.pos, .at_boundary = result == 0};
    if (ZSTD_isError(result) != 0) outcome.error = fmt::format("the zstd data are damaged: {}", ZSTD_getErrorName(result));
    return outcome;
  }

  ZSTD_DCtx* context_;
};

class Lz4Source final : public Decompressor {
 public:
  explicit Lz4Source(ByteSource& stored) : Decompressor{stored} {
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) != 0) context_ = nullptr;
  }
  Lz4Source(const Lz4Source&) = delete;
  Lz4Source& operator=(const Lz4Source&) = delete;
  ~Lz4Source() override { LZ4F_freeDecompressionContext(context_); }

 private:
  Outcome step(Bytes input, std::span<std::uint8_t> into) override {
    if (context_ == nullptr) return {.error = "no memory to decompress"};
    std::size_t num_taken = input.size();
    std::size_t num_given = into.size();
    const std::size_t result = LZ4F_decompress(context_, into.data(), &num_given, input.data(), &num_taken, nullptr);
    if (LZ4F_isError(result) != 0) return {.error = fmt::format("the lz4 data are damaged: {}", LZ4F_getErrorName(result))};
    return {.num_taken = num_taken, .num_given = num_given, .at_boundary = result == 0};
  }

  LZ4F_dctx* context_ = nullptr;
};

}  // namespace

Compression detect_compression(Bytes first) {
  ParseScope scope;
  const std::uint32_t magic = ByteReader{first, scope}.u32_le("magic number");
  if ((magic & 0xFFFFFF) == 0x088B1F) return Compression::gzip;      // RFC 1952 section 2.3.1: ID1, ID2, CM = deflate
  if (magic == 0xFD2FB528) return Compression::zstd;                 // RFC 8878 section 3.1.1
  if ((magic & 0xFFFFFFF0) == 0x184D2A50) return Compression::zstd;  // a skippable frame first, as parallel compressors write
  if (magic == 0x184D2204) return Compression::lz4;
  return Compression::none;
}

std::unique_ptr<ByteSource> decompress(Compression compression, ByteSource& stored) {
  switch (compression) {
    case Compression::none: break;
    case Compression::gzip: return std::make_unique<GzipSource>(stored);
    case Compression::zstd: return std::make_unique<ZstdSource>(stored);
    case Compression::lz4: return std::make_unique<Lz4Source>(stored);
  }
  return nullptr;
}

}  // namespace sealtrace
