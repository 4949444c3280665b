// ClearProof: evidence that a stream's payload is not what a cipher makes. Under SRTP every payload octet is uniform and independent of the
// others (RFC 3711 section 4.1, RFC 7714), so whatever is bet against that keeps an expected wealth of 1, and the wealth passes 2^30 with a
// probability of 2^-30 at most, however long one watches (Ville).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dissectors/rtp/log2_tables.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kTailBytes is where a constant field may follow the payload under SRTP: an MKI of up to 16 octets before or behind a tag of up to 16.
inline constexpr std::size_t kTailBytes = 32;

/// TailWatch tells which of a payload's last octets change from packet to packet. An MKI does not (RFC 3711 section 3.1), and is in clear.
class TailWatch {
 public:
  /// may_bet says, from the packets so far, that the octet `from_end` (1 is the last) moves: nothing that stands still is bet on.
  [[nodiscard]] bool may_bet(std::size_t from_end) const {
    return from_end > kTailBytes || (num_packets_ >= 3 && 2 * num_changes_[kTailBytes - from_end] >= num_packets_);
  }
  void take(Bytes payload);
  /// still_run is how many octets in a row, above `below` last ones, never changed; 0 before there are four packets.
  [[nodiscard]] std::size_t still_run(std::size_t below) const;

 private:
  std::uint16_t num_packets_ = 0;
  std::uint8_t num_last_ = 0;
  // Both in the order of the payload: their last entry is of its last octet.
  std::array<std::uint8_t, kTailBytes> last_{};
  std::array<std::uint16_t, kTailBytes> num_changes_{};
};

/// FewValues bets that an octet takes few values: Dirichlet with 1/256 a value, eight of them remembered.
class FewValues {
 public:
  void take(std::uint8_t octet);
  [[nodiscard]] Log2 wealth() const;
  [[nodiscard]] std::uint8_t num_seen() const { return num_seen_; }

 private:
  std::array<std::uint8_t, 8> values_{};
  std::array<std::uint8_t, 8> counts_{};
  Log2 from_counts_ = 0;
  std::uint8_t num_values_ = 0;
  std::uint8_t num_seen_ = 0;
};

/// EachBit bets on each bit of an octet by itself: half of the wealth rests, half follows Beta(1/4, 1/4).
class EachBit {
 public:
  void take(std::uint8_t octet);
  [[nodiscard]] Log2 wealth() const;
  /// wealth_at_most is never below wealth, and sooner had; of more than kMaxBounded octets there is none.
  [[nodiscard]] Log2 wealth_at_most() const;
  static constexpr std::uint8_t kMaxBounded = 64;

 private:
  std::array<std::uint8_t, 8> ones_{};  ///< of each bit
  std::uint8_t num_seen_ = 0;
};

/// Symbols bets on how often each of `kSize` symbols comes (Krichevsky and Trofimov).
template <typename Count, std::size_t kSize>
struct Symbols {
  std::array<Count, kSize> counts{};
  void take(std::size_t symbol) { ++counts[symbol]; }
  /// wealth is what `num_seen` symbols made, all that were taken.
  [[nodiscard]] Log2 wealth(std::size_t num_seen) const;
  /// squares is the sum of the counts' squares: the more evenly the symbols come, the smaller it is.
  [[nodiscard]] std::int32_t squares() const {
    std::int32_t sum = 0;
    for (const Count count : counts) sum += std::int32_t{static_cast<std::int16_t>(count)} * static_cast<std::int16_t>(count);
    return sum;
  }
  /// wealth_at_most is never below the wealth of any counts with this sum of squares, and sooner had.
  [[nodiscard]] static Log2 wealth_at_most(std::int32_t squares, std::size_t num_seen);
};
template <typename Count>
using Nibbles = Symbols<Count, 16>;

/// BodyBlock is octets of a payload that are bet on together, a few times kBytes, behind the kBefore ones that they are compared with.
struct BodyBlock {
  static constexpr std::size_t kBytes = 32;
  static constexpr std::size_t kBefore = 6;
  std::size_t begin = 0;  ///< where it begins in the payload; even
  Bytes octets;           ///< at most 255 of them, so that a count has room in eight bits
};

/// LinearBets bets on audio without compression, L16 and L24 (RFC 3551 section 4.5.11, RFC 3190), mono or stereo: on the first nibble of a
/// sample, and on how far an octet lies from its place in the sample before. A loud tone fills the octets evenly; what moves from one
/// sample to the next it does not.
class LinearBets {
 public:
  void take(Bytes payload, std::size_t i);
  void take(const BodyBlock& block);
  /// wealth adds up one unit for each of kNumBets.
  [[nodiscard]] Log2 wealth() const;
  /// best_at_most is never below the best of them.
  [[nodiscard]] Log2 best_at_most() const;
  static constexpr int kNumBets = 6;

 private:
  static constexpr std::array<std::uint8_t, 4> kSteps{2, 3, 4, 6};  ///< octets to the same place of the sample before
  static constexpr std::array<std::uint8_t, 2> kWidths{2, 3};
  std::array<Nibbles<std::uint16_t>, kSteps.size()> steps_;
  std::array<Nibbles<std::uint16_t>, kWidths.size()> samples_;
  std::uint16_t num_steps_ = 0;
  std::array<std::uint16_t, kWidths.size()> num_samples_{};
};

/// FiveBitBets bets on the codes of G.726 at 40 kbit/s, eight of them in five octets, packed from the low bits on (RFC 3551 section 4.5.4)
/// or from the high ones (I.366.2). Seen as octets they look like noise.
class FiveBitBets {
 public:
  static constexpr std::size_t kGroupBytes = 5;
  /// take bets on the first kGroupBytes of the octets.
  void take(std::span<const std::uint8_t, 8> octets);
  /// wealth adds up one unit for each of kNumBets.
  [[nodiscard]] Log2 wealth() const;
  /// best_at_most is never below the better of them.
  [[nodiscard]] Log2 best_at_most() const;
  static constexpr int kNumBets = 2;

 private:
  Symbols<std::uint16_t, 32> from_low_;
  Symbols<std::uint16_t, 32> from_high_;
  std::uint16_t num_codes_ = 0;
};

/// kMaxParityFrames is how many frames of G.729 are looked at in a packet.
inline constexpr std::size_t kMaxParityFrames = 6;

/// ClearProof keeps counts, and gives the wealth that they mean. A kilobyte, no allocation.
class ClearProof {
 public:
  /// take bets on a payload of at least one octet. Each sequence number may come once. `frame_first`: the timestamp differs from the packet
  /// before. `cut`: octets behind these were not captured, so where the tail lies is not known.
  void take(Bytes payload, bool frame_first, bool cut);
  /// evidence_of_clear is log2 of the wealth: S.
  [[nodiscard]] Log2 evidence_of_clear() const;
  /// proves says that the evidence of clear reaches `level`. Most packets bring a stream nowhere near, which a bound tells sooner.
  [[nodiscard]] bool proves(Log2 level) const { return evidence_at_most() >= level && evidence_of_clear() >= level; }
  /// evidence_at_most is that bound: never below the evidence.
  [[nodiscard]] Log2 evidence_at_most() const;
  /// best_of_models is D: the greatest log2 of a likelihood ratio of few values in one of the first four octets, or of a waveform.
  [[nodiscard]] Log2 best_of_models() const;
  /// best_of_frame_firsts is the same over the first octets of frames.
  [[nodiscard]] Log2 best_of_frame_firsts() const;
  /// start_codes is log2 of the likelihood ratio of video whose frames begin with 00 00 01.
  [[nodiscard]] Log2 start_codes() const;
  /// parity is of the first `num_frames` frames of ten octets in each packet: log2 of the likelihood ratio of G.729, whose bit 26 makes
  /// bits 18 to 23 odd (G.729 section 4.1.1).
  [[nodiscard]] Log2 parity(std::size_t num_frames) const;
  [[nodiscard]] const TailWatch& tail() const { return tail_; }
  [[nodiscard]] std::uint32_t num_packets() const { return num_packets_; }

 private:
  static constexpr std::size_t kHeadBytes = 8;
  static constexpr std::size_t kBodyBytes = 64;
  static constexpr std::uint32_t kMaxBodyBytes = 4096;

  struct Position {
    FewValues few;
    EachBit plain;
    EachBit changed;  ///< XOR with the packet before
    std::uint8_t last = 0;
    bool has_last = false;
  };

  void take_head(Bytes payload, const auto& may_bet);
  void take_body(Bytes payload, const auto& may_bet);
  void take_body_octet(Bytes payload, std::size_t i);
  void take_body_block(const BodyBlock& block);
  void take_parity(Bytes payload, const auto& may_bet);
  [[nodiscard]] Log2 head() const;
  [[nodiscard]] Log2 head_at_most() const;
  [[nodiscard]] std::array<Log2, 4> body() const;

  std::array<Position, kHeadBytes> positions_{};
  std::array<FewValues, 4> frame_firsts_{};
  Nibbles<std::uint16_t> high_;
  Nibbles<std::uint16_t> low_;
  Nibbles<std::uint16_t> changed_;
  LinearBets linear_;
  FiveBitBets five_bits_;
  Nibbles<std::uint8_t> delta_;
  std::uint16_t num_body_ = 0;
  std::uint8_t num_deltas_ = 0;
  std::uint32_t num_packets_ = 0;
  std::uint16_t num_start_codes_ = 0;
  std::uint16_t num_without_start_code_ = 0;
  std::array<Log2, kMaxParityFrames> parity_{};
  TailWatch tail_;
};

}  // namespace sealtrace
