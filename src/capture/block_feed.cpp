#include "capture/block_feed.hpp"

#include <algorithm>
#include <span>

namespace sealtrace {

void BlockFeed::start(std::vector<std::uint8_t>& storage) {
  // What one huge frame needed is given back.
  if (storage.size() > 2 * block_bytes_ + left_over_.size()) storage = std::vector<std::uint8_t>();
  if (storage.size() < left_over_.size()) storage.resize(left_over_.size());
  std::ranges::copy(left_over_, storage.begin());
  num_held_ = left_over_.size();
  left_over_.clear();
  fill(storage, block_bytes_);
}

bool BlockFeed::grow(std::vector<std::uint8_t>& storage) {
  const std::size_t before = num_held_;
  fill(storage, std::max(block_bytes_, num_held_));
  return num_held_ > before;
}

void BlockFeed::finish(const std::vector<std::uint8_t>& storage, std::size_t num_used) {
  const Bytes rest = block(storage).subspan(num_used);
  left_over_.assign(rest.begin(), rest.end());
}

void BlockFeed::fill(std::vector<std::uint8_t>& storage, std::size_t count) {
  const std::size_t wanted = num_held_ + count;
  if (storage.size() < wanted) storage.resize(wanted);
  const std::span<std::uint8_t> all{storage};
  while (!ended_ && num_held_ < wanted) {
    const std::size_t got = source_->read(all.subspan(num_held_, wanted - num_held_));
    ended_ = got == 0;
    num_held_ += got;
  }
}

}  // namespace sealtrace
