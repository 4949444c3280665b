// ReadableOctets: whether octets in the place of the rest of a lost record are what no cipher makes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sealtrace {

/// kPredictableBytes may stand behind a gap before ciphertext: the rest of a header (four octets), and a nonce that may
/// be a counter (eight, RFC 5288 section 3).
inline constexpr std::size_t kPredictableBytes = 12;

/// ReadableOctets bets on zeros and printable octets, as text and the lengths of binary protocols have them, against octets that are
/// uniform and independent, as ciphertext is. Of ciphertext the wealth is no more than 1 in the mean, from wherever one begins to count;
/// the best beginning is kept (Page's test). So it passes 2^32 once in four thousand million octets of ciphertext, and stands above 2^10 at
/// its end in one of a thousand cases (Ville).
class ReadableOctets {
 public:
  /// lost says that octets are missing: what follows next may be predictable.
  constexpr void lost() { num_passed_ = 0; }
  constexpr void clear() { score_ = 0; }
  constexpr void take(std::uint8_t octet) {
    if (num_passed_ < kPredictableBytes) {
      ++num_passed_;
    } else {
      score_ = std::clamp(score_ + points(octet), 0, kMost);
    }
  }
  /// seen says so whenever it is asked, likely where there is no more to come.
  [[nodiscard]] constexpr bool seen() const { return score_ >= kSeen; }
  [[nodiscard]] constexpr bool likely() const { return score_ >= kLikely; }

 private:
  static constexpr int kUnit = 16;  ///< points of a bit
  static constexpr int kSeen = 32 * kUnit;
  static constexpr int kLikely = 10 * kUnit;
  static constexpr int kMost = 64 * kUnit;

  /// points is log2 of 256 times an octet's share, rounded down: a quarter for zero, five eighths for the 98 of text, an eighth for the 157
  /// others.
  static constexpr int points(std::uint8_t octet) {
    constexpr int kZero = 96, kText = 11, kOther = -37;
    const bool text = (octet >= 0x20 && octet < 0x7F) || octet == '\t' || octet == '\r' || octet == '\n';
    return octet == 0 ? kZero : text ? kText : kOther;
  }

  int score_ = 0;
  std::uint8_t num_passed_ = 0;
};

}  // namespace sealtrace
