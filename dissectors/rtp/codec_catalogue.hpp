// The codecs whose packets have no header: compressed speech that may look like noise, and samples of noise. What their lengths allow is
// not called encrypted before many packets were seen, or never.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dissectors/rtp/log2_tables.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kTagBytes are the lengths of an authentication tag (RFC 3711 section 5.2, RFC 7714), and none.
inline constexpr std::array<std::uint8_t, 4> kTagBytes{0, 4, 10, 16};

/// LengthCount is how many payloads had a length, and the first octet of the last of them.
struct LengthCount {
  std::uint16_t length = 0;
  std::uint8_t count = 0;
  std::uint8_t first_octet = 0;
};

/// PayloadShapes keeps the lengths of a stream's first payloads, and what in their first octets would contradict a codec.
class PayloadShapes {
 public:
  void take(Bytes payload);

  /// kMaxPackets is where it stops: of more packets nobody asks.
  static constexpr std::uint8_t kMaxPackets = 255;
  /// kMaxLengths bounds the lengths told apart; streams with more of them are of none of these codecs.
  static constexpr std::size_t kMaxLengths = 32;
  [[nodiscard]] std::span<const LengthCount> lengths() const { return std::span{lengths_}.first(num_lengths_); }
  [[nodiscard]] std::uint32_t num_packets() const { return num_packets_; }

  /// Each is log2 of the likelihood ratio of the codec's own syntax against noise.
  [[nodiscard]] Log2 gsm() const;                        ///< a frame begins with 0xD (RFC 3551 section 4.5.8)
  [[nodiscard]] Log2 g723(std::size_t tag_index) const;  ///< two bits tell the frame's length (RFC 3551 section 4.5.3)
  [[nodiscard]] Log2 speex() const;                      ///< the same length has the same mode (RFC 5574)

 private:
  std::array<LengthCount, kMaxLengths> lengths_{};
  std::uint8_t num_lengths_ = 0;
  std::uint8_t num_packets_ = 0;
  std::uint8_t num_gsm_ = 0;
  std::array<std::uint8_t, kTagBytes.size()> num_g723_{};
  std::uint8_t num_same_mode_ = 0;
  std::uint8_t num_other_mode_ = 0;
};

/// WholeSamples counts packets of linear PCM: each is as long as the timestamps to the next one say, times the octets of a sample (RFC 3551
/// section 4.5.11, RFC 3190), alone or with a tag. Of one octet a sample it knows nothing: that is G.711, or its length.
class WholeSamples {
 public:
  /// take looks at the packet before this one, which has to be the next in order.
  void take(std::uint16_t sequence_number, std::uint32_t timestamp, std::size_t length);
  /// fits_without_tag says that three quarters of the packets are such, fits that they are with a tag of some length or none.
  [[nodiscard]] bool fits_without_tag() const { return most_are_whole(num_whole_[0]); }
  [[nodiscard]] bool fits() const;

 private:
  [[nodiscard]] bool most_are_whole(std::uint16_t count) const { return count >= 3 && count * 4U >= num_steps_ * 3U; }

  std::array<std::uint16_t, kTagBytes.size()> num_whole_{};
  std::array<std::uint8_t, kTagBytes.size()> octets_of_sample_{};
  std::uint16_t num_steps_ = 0;
  std::uint16_t last_sequence_number_ = 0;
  std::uint16_t last_length_ = 0;  ///< 0: no packet
  std::uint32_t last_timestamp_ = 0;
};

/// HeaderlessQuestion is what the catalogue needs of a stream: its shapes, the smallest step of its timestamps, the log2 of the likelihood
/// ratio of G.729's parity, and how many octets above a tag of each length may be an MKI.
struct HeaderlessQuestion {
  const PayloadShapes& shapes;
  std::uint32_t timestamp_step = 0;
  std::uint8_t payload_type = 0;
  Log2 g729_parity = 0;
  std::array<std::uint8_t, kTagBytes.size()> mki_bytes{};
};

/// may_be_headerless says that three quarters of the packets have a length of one such codec, alone or with a tag and an MKI, and that the
/// codec's own syntax does not contradict.
bool may_be_headerless(const HeaderlessQuestion& question);

}  // namespace sealtrace
