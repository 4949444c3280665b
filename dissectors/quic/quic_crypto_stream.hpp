// QuicCryptoStream: the CRYPTO frames of one sender's Initial packets, put in order (RFC 9000 section 7.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxCryptoBytes bounds the stream, in octets: hellos with post-quantum key shares have below three thousand.
inline constexpr std::size_t kMaxCryptoBytes = 32'768;
/// kMaxCryptoPieces bounds the pieces that wait for what is missing before them: senders that shuffle a hello make a few dozen.
inline constexpr std::size_t kMaxCryptoPieces = 256;

/// QuicCryptoStream keeps octets by their offset. What came first stays: an octet that comes again with another value makes `conflicting`.
class QuicCryptoStream {
 public:
  enum class Added : std::uint8_t { taken, conflicting, over_budget };
  Added add(std::uint64_t offset, Bytes data);
  /// in_order is what there is without a hole, from the octet after what was consumed.
  [[nodiscard]] Bytes in_order() const;
  void consume(std::size_t num_bytes) { consumed_ += num_bytes; }
  /// waiting says that octets lie behind a hole.
  [[nodiscard]] bool waiting() const { return ranges_.size() > 1 || (ranges_.size() == 1 && ranges_.begin()->first != 0); }

 private:
  std::vector<std::uint8_t> octets_;
  std::map<std::size_t, std::size_t> ranges_;  ///< of octets that are there: begin to end, apart from each other
  std::size_t consumed_ = 0;
};

}  // namespace sealtrace
