#include "capture/byte_source.hpp"

namespace sealtrace {

Bytes PeekSource::peek() {
  while (num_peeked_ < kPeekBytes) {
    const std::size_t count = source_->read(std::span{peeked_}.subspan(num_peeked_));
    if (count == 0) break;
    num_peeked_ += count;
  }
  return Bytes{peeked_}.first(num_peeked_);
}

std::size_t PeekSource::read(std::span<std::uint8_t> into) {
  if (given_ == num_peeked_) return source_->read(into);
  const std::size_t count = std::min(into.size(), num_peeked_ - given_);
  std::ranges::copy(Bytes{peeked_}.subspan(given_, count), into.begin());
  given_ += count;
  return count;
}

}  // namespace sealtrace
