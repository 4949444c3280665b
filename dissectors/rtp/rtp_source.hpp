// RtpSource: one SSRC of one side, and how a stream of packets proves to be one.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>

#include "dissect/session.hpp"
#include "dissectors/rtp/media_watch.hpp"
#include "dissectors/rtp/rtp_parse.hpp"

namespace sealtrace {

/// RtpSource counts the packets of one SSRC (RFC 3550 section 5.1). It is where what is learned of one stream belongs.
class RtpSource {
 public:
  RtpSource() = default;
  RtpSource(const RtpHeader& header, const Chunk& packet);

  /// take counts a packet of this SSRC; every packet of media comes here. It says that watch() wants the packet: a detector runs, or it is
  /// time to ask whether another has to.
  bool take(const RtpHeader& header) {
    ++num_packets_;
    if (header.payload_type != last_payload_type_) note_payload_type(header.payload_type);
    const auto timestamp_step = static_cast<std::int32_t>(header.timestamp - last_timestamp_);
    const auto sequence_step = static_cast<std::int16_t>(header.sequence_number - last_sequence_number_);
    if (std::abs(std::int64_t{timestamp_step}) > kTimestampJump || std::abs(int{sequence_step}) > kSequenceJump) jumped_ = true;
    last_timestamp_ = header.timestamp;
    last_sequence_number_ = header.sequence_number;
    return watch_.running() || jumped_ || new_payload_type_ || num_packets_ % kLookAtClock == 0;
  }
  /// wants_run says that a detector has to start at this packet; one that runs begins anew only where the source did.
  [[nodiscard]] bool wants_run(const Chunk& packet) const;
  /// watch shows a packet that was counted to the detector, and starts one if `start`.
  void watch(const RtpHeader& header, const Chunk& packet, bool start);
  /// wait ends what watch() began, for lack of room.
  void wait() { watch_.wait(); }
  [[nodiscard]] const MediaWatch& media() const { return watch_; }
  [[nodiscard]] Fact news(Side sender) { return watch_.news(ssrc_, sender); }
  /// prove counts a packet that may be of this SSRC, and gives how many in a row have been consistent: the sequence number moved by at
  /// most 100 and so did the timestamp by a plausible step. A packet that is not consistent begins anew; a repeated one is not counted.
  std::uint32_t prove(const RtpHeader& header, const Chunk& packet);
  /// advances says that the sequence number went up over the run: a constant or random field does not.
  [[nodiscard]] bool advances() const { return net_steps_ > 0; }

  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  [[nodiscard]] Fact summary(Side sender) const;

  std::uint64_t last_used = 0;  ///< the count of datagrams at its last packet

 private:
  /// A timestamp that moves by more than 11 seconds at 90 kHz (two minutes at 8 kHz), or a sequence number by more than a burst of losses,
  /// may be another stream that took over the SSRC.
  static constexpr std::int64_t kTimestampJump = 1 << 20;
  static constexpr int kSequenceJump = 1000;
  /// kLookAtClock is after how many packets the time is looked at.
  static constexpr std::uint64_t kLookAtClock = 64;

  void note_payload_type(std::uint8_t payload_type);

  std::uint32_t ssrc_ = 0;
  std::uint16_t last_sequence_number_ = 0;
  std::uint32_t last_timestamp_ = 0;
  std::int32_t net_steps_ = 0;
  std::uint32_t run_ = 0;  ///< consistent packets so far; 0: nothing here
  std::uint64_t num_packets_ = 0;
  std::uint8_t last_payload_type_ = 0;
  std::uint8_t num_payload_types_ = 0;
  std::array<std::uint8_t, 8> payload_types_{};
  bool new_payload_type_ = false;
  bool jumped_ = false;
  bool framed_ = false;
  bool relayed_ = false;
  Evidence first_;
  Timestamp first_time_{};
  MediaWatch watch_;
};

}  // namespace sealtrace
