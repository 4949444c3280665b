// ByteSource: octets that come in order and once, from a file, a decompressor or memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wire/bytes.hpp"

namespace sealtrace {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// read puts at most `into.size()` octets at the front of `into` and returns how many; 0 means that no more will come.
  virtual std::size_t read(std::span<std::uint8_t> into) = 0;
  /// error says in a few words why the octets end too early; empty when they end where they ought to.
  [[nodiscard]] virtual std::string_view error() const { return {}; }
};

/// MemorySource gives borrowed octets, at most `piece_bytes` a read.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(Bytes octets, std::size_t piece_bytes = SIZE_MAX) : rest_{octets}, piece_bytes_{piece_bytes} {}

  std::size_t read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min({into.size(), rest_.size(), piece_bytes_});
    std::ranges::copy(rest_.first(count), into.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  Bytes rest_;
  std::size_t piece_bytes_;
};

/// PeekSource lets the first octets of `source` be looked at before they are read. It borrows `source`.
class PeekSource final : public ByteSource {
 public:
  explicit PeekSource(ByteSource& source) : source_{&source} {}

  /// peek gives the first octets, fewer than a capture's magic number needs only when there are no more. Call it before read.
  Bytes peek();
  std::size_t read(std::span<std::uint8_t> into) override;
  [[nodiscard]] std::string_view error() const override { return source_->error(); }

 private:
  static constexpr std::size_t kPeekBytes = 12;  // every magic number that is told apart, and enough to show in a message

  ByteSource* source_;
  std::array<std::uint8_t, kPeekBytes> peeked_{};
  std::size_t num_peeked_ = 0;
  std::size_t given_ = 0;
};

}  // namespace sealtrace
