#include "dissectors/quic/quic_crypto_stream.hpp"

#include <algorithm>

namespace sealtrace {

QuicCryptoStream::Added QuicCryptoStream::add(std::uint64_t offset, Bytes data) {
  if (data.empty()) return Added::taken;
  if (offset > kMaxCryptoBytes || data.size() > kMaxCryptoBytes - offset || ranges_.size() == kMaxCryptoPieces) return Added::over_budget;
  auto begin = static_cast<std::size_t>(offset);
  std::size_t end = begin + data.size();
  if (octets_.size() < end) octets_.resize(end);
  auto range = ranges_.upper_bound(begin);
  if (range != ranges_.begin() && std::prev(range)->second >= begin) --range;
  bool conflicting = false;
  std::size_t at = begin;  // the next octet that is not settled
  while (range != ranges_.end() && range->first <= end) {
    const auto [known_begin, known_end] = *range;
    for (; at < std::min(known_begin, end); ++at) octets_[at] = data[at - static_cast<std::size_t>(offset)];
    for (; at < std::min(known_end, end); ++at) conflicting |= octets_[at] != data[at - static_cast<std::size_t>(offset)];
    begin = std::min(begin, known_begin);
    end = std::max(end, known_end);
    range = ranges_.erase(range);
  }
  for (; at < static_cast<std::size_t>(offset) + data.size(); ++at) octets_[at] = data[at - static_cast<std::size_t>(offset)];
  ranges_[begin] = end;
  return conflicting ? Added::conflicting : Added::taken;
}

Bytes QuicCryptoStream::in_order() const {
  if (ranges_.empty() || ranges_.begin()->first != 0) return {};
  return Bytes{octets_}.first(ranges_.begin()->second).subspan(consumed_);
}

}  // namespace sealtrace
