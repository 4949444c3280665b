// BlockFeed: how a file's octets come into a batch's storage, a block at a time and without copying a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/byte_source.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kBlockBytes is what is read at a time: it stays in a core's second-level cache while its frames are worked on.
inline constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

/// BlockFeed fills the storage of one batch after another from `source`, which it borrows. Only the piece that a block's end
/// cuts is copied, to the front of the next batch's storage. Storage grows no faster than octets arrive.
class BlockFeed {
 public:
  explicit BlockFeed(ByteSource& source, std::size_t block_bytes = kBlockBytes) : source_{&source}, block_bytes_{block_bytes} {}

  /// start puts what the last block left over at the front of `storage` and reads a block behind it.
  void start(std::vector<std::uint8_t>& storage);
  /// grow reads as much again behind what is there; false when nothing more came. It may move the storage.
  bool grow(std::vector<std::uint8_t>& storage);
  /// block is what `storage` holds of the source.
  [[nodiscard]] Bytes block(const std::vector<std::uint8_t>& storage) const { return Bytes{storage}.first(num_held_); }
  /// finish keeps what follows the first `num_used` octets of `storage` for the next start.
  void finish(const std::vector<std::uint8_t>& storage, std::size_t num_used);

 private:
  void fill(std::vector<std::uint8_t>& storage, std::size_t count);

  ByteSource* source_;
  std::size_t block_bytes_;
  std::size_t num_held_ = 0;
  std::vector<std::uint8_t> left_over_;
  bool ended_ = false;
};

}  // namespace sealtrace
