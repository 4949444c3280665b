#include "dissectors/rtp/rtp_source.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

/// kMaxSequenceStep is how far apart two packets of one source may lie: loss and reordering stay below, and chance does not (1 in 330).
constexpr int kMaxSequenceStep = 100;
/// kMaxTimestampStep is how far a timestamp may move between packets: three minutes of silence at 90 kHz. Chance stays below in 1 of 128.
constexpr std::int64_t kMaxTimestampStep = 1 << 24;

}  // namespace

RtpSource::RtpSource(const RtpHeader& header, const Chunk& packet)
    : ssrc_{header.ssrc},
      last_sequence_number_{header.sequence_number},
      last_timestamp_{header.timestamp},
      run_{1},
      num_packets_{1},
      framed_{packet.framed},
      relayed_{packet.relayed},
      first_{packet.origin->at(0, header.payload_offset)},
      first_time_{packet.origin->time_at(0)} {
  note_payload_type(header.payload_type);
}

std::uint32_t RtpSource::prove(const RtpHeader& header, const Chunk& packet) {
  const auto step = static_cast<std::int16_t>(header.sequence_number - last_sequence_number_);
  if (step == 0) return run_;
  const auto timestamp_step = static_cast<std::int32_t>(header.timestamp - last_timestamp_);
  if (std::abs(int{step}) > kMaxSequenceStep || std::abs(std::int64_t{timestamp_step}) > kMaxTimestampStep) {
    *this = RtpSource{header, packet};
    last_used = 1;
    return run_;
  }
  last_sequence_number_ = header.sequence_number;
  last_timestamp_ = header.timestamp;
  net_steps_ += step;
  take(header);
  return ++run_;
}

void RtpSource::note_payload_type(std::uint8_t payload_type) {
  const auto end = payload_types_.begin() + num_payload_types_;
  if (std::find(payload_types_.begin(), end, payload_type) != end || num_payload_types_ == payload_types_.size()) return;
  payload_types_[num_payload_types_++] = payload_type;
}

Fact RtpSource::summary(Side sender) const {
  const RtpSourceSeen seen{.ssrc = ssrc_,
                           .num_packets = num_packets_,
                           .payload_types = payload_types_,
                           .num_payload_types = num_payload_types_,
                           .framed = framed_,
                           .relayed = relayed_};
  return {.body = FactBody{Boxed<ApplicationFact>{ApplicationFact{seen}}}, .sender = sender, .time = first_time_, .evidence = first_};
}

}  // namespace sealtrace
