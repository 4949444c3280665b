// RtpSource: one SSRC of one side, and how a stream of packets proves to be one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dissect/session.hpp"
#include "dissectors/rtp/media_samples.hpp"
#include "dissectors/rtp/media_watch.hpp"
#include "dissectors/rtp/rtp_parse.hpp"
#include "model/prefetch.hpp"

namespace sealtrace {

/// RtpSource counts the packets of one SSRC (RFC 3550 section 5.1). It is where what is learned of one stream belongs.
class RtpSource {
 public:
  RtpSource(const RtpHeader& header, const Chunk& packet, SampleRoom* samples);

  /// take counts a packet of this SSRC, add more of them with a payload type that was noted, up to the one whose numbers are given.
  void take(const RtpHeader& header);
  void add(std::uint64_t num_packets, std::uint32_t timestamp, std::uint16_t sequence_number) {
    num_packets_ += num_packets;
    last_timestamp_ = timestamp;
    last_sequence_number_ = sequence_number;
  }
  /// wants_run says where in the payload a detector has to start at the packet that was counted last, if one has to; one that runs begins
  /// anew only where the source did.
  [[nodiscard]] std::optional<std::size_t> wants_run(const RtpHeader& header, const Chunk& packet);
  /// watch shows that packet to the detector, and starts one if it is told where.
  void watch(const RtpHeader& header, const Chunk& packet, std::optional<std::size_t> start);
  /// wait ends what watch() began, for lack of room.
  void wait() { watch_.wait(); }
  [[nodiscard]] const MediaWatch& media() const { return watch_; }
  [[nodiscard]] Fact news(Side sender) { return watch_.news(ssrc_, sender); }
  /// prove counts a packet that may be of this SSRC, and gives how many in a row have been consistent: the sequence number moved by at
  /// most 100 and so did the timestamp by a plausible step. A packet that is not consistent begins anew; a repeated one is not counted.
  std::uint32_t prove(const RtpHeader& header, const Chunk& packet);
  /// advances says that the sequence number went up over the run, and by one or two in half of its steps, for each packet has the next
  /// number (RFC 3550 section 5.1): a constant or random field does not, and a clock runs faster.
  [[nodiscard]] bool advances() const { return net_steps_ > 0 && num_near_ * 2 >= run_ - 1; }

  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  /// prefetch brings in what the next packet is held against.
  [[gnu::always_inline]] void prefetch() const { sealtrace::prefetch(this, sizeof *this); }
  /// summary is what was seen of the source; it takes the packets that were kept.
  [[nodiscard]] Fact summary(Side sender);

  std::uint32_t num_doubted = 0;  ///< packets that were no proof yet
  std::uint32_t last_used = 0;    ///< when it was last switched to

 private:
  void note_payload_type(std::uint8_t payload_type);

  std::uint32_t ssrc_ = 0;
  std::uint16_t last_sequence_number_ = 0;
  std::uint32_t last_timestamp_ = 0;
  std::int32_t net_steps_ = 0;
  std::uint32_t run_ = 0;       ///< consistent packets so far
  std::uint32_t num_near_ = 0;  ///< steps of them by one or two
  std::uint64_t num_packets_ = 0;
  std::uint8_t num_payload_types_ = 0;
  std::array<std::uint8_t, 8> payload_types_{};
  bool new_payload_type_ = false;
  bool jumped_ = false;
  bool framed_ = false;
  bool relayed_ = false;
  Evidence first_;
  Timestamp first_time_{};
  MediaWatch watch_;
  MediaSamples samples_;
};

}  // namespace sealtrace
