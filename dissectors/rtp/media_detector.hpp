// MediaDetector: clear or not, from the packets of one SSRC in one direction alone. "Clear" is proved with an error bound; "encrypted"
// cannot be proved from packets: it says that they are uniform as far as they go and that no codec without a header fits.
#pragma once

#include <cstdint>

#include "dissectors/rtp/clear_proof.hpp"
#include "dissectors/rtp/codec_catalogue.hpp"
#include "dissectors/rtp/rtp_parse.hpp"

namespace sealtrace {

/// MediaCall is where a detector stands. `given_up`: a thousand packets did not tell.
enum class MediaCall : std::uint8_t { open, clear, encrypted, given_up };

class MediaDetector {
 public:
  /// A detector says clear once the evidence reaches `threshold`: a stream of uniform octets comes there with a chance of 2^-threshold.
  explicit MediaDetector(Log2 threshold) : threshold_{threshold} {}

  /// take looks at a packet of the stream. A repeated sequence number, one that is 64 behind, and an empty payload are passed over.
  MediaCall take(const RtpHeader& header, Bytes payload, bool cut);
  [[nodiscard]] std::uint32_t num_packets() const { return proof_.num_packets(); }
  [[nodiscard]] Log2 evidence_of_clear() const { return proof_.evidence_of_clear(); }

 private:
  bool is_new(std::uint16_t sequence_number);
  [[nodiscard]] bool looks_encrypted() const;
  /// may_be_headerless_codec says that a codec without header fits the lengths, and that more packets may tell or never will.
  [[nodiscard]] bool may_be_headerless_codec() const;

  Log2 threshold_ = 0;
  ClearProof proof_;
  PayloadShapes shapes_;
  WholeSamples samples_;
  std::uint64_t seen_ = 0;  ///< bit n: the sequence number n below the highest
  std::uint16_t highest_ = 0;
  std::uint32_t last_timestamp_ = 0;
  std::uint32_t timestamp_step_ = 0;  ///< the smallest so far; 0: none
  std::uint8_t payload_type_ = 0;
  bool any_cut_ = false;
  std::uint16_t num_short_ = 0;
};

}  // namespace sealtrace
