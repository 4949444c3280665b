#include "dissectors/rtp/rtp_source.hpp"

#include <algorithm>
#include <utility>

namespace sealtrace {
namespace {

/// kMaxSequenceStep is how far apart two packets of one source may lie: loss and reordering stay below, and chance does not (1 in 330).
constexpr int kMaxSequenceStep = 100;
/// kNearStep is how far the sequence number moves where no packet was lost, or one.
constexpr int kNearStep = 2;
/// kMaxTimestampStep is how far a timestamp may move between packets: three minutes of silence at 90 kHz. Chance stays below in 1 of 128.
constexpr std::int64_t kMaxTimestampStep = 1 << 24;
/// kWholePayload is where a detector starts unless a look gave it a reason to start further behind.
constexpr std::size_t kWholePayload = 0;

}  // namespace

RtpSource::RtpSource(const RtpHeader& header, const Chunk& packet, SampleRoom* samples)
    : ssrc_{header.ssrc},
      last_sequence_number_{header.sequence_number},
      last_timestamp_{header.timestamp},
      run_{1},
      num_packets_{1},
      framed_{packet.framed},
      relayed_{packet.relayed},
      first_{packet.origin->at(0, header.payload_offset)},
      first_time_{packet.origin->time_at(0)},
      samples_{samples} {
  note_payload_type(header.payload_type);
  watch(header, packet, kWholePayload);
}

void RtpSource::take(const RtpHeader& header) {
  ++num_packets_;
  note_payload_type(header.payload_type);
  if (media_jumps(header.timestamp - last_timestamp_, static_cast<std::uint16_t>(header.sequence_number - last_sequence_number_)))
    jumped_ = true;
  last_timestamp_ = header.timestamp;
  last_sequence_number_ = header.sequence_number;
}

std::optional<std::size_t> RtpSource::wants_run(const RtpHeader& header, const Chunk& packet) {
  if (jumped_) return kWholePayload;
  if (watch_.running()) return std::nullopt;
  if (new_payload_type_ || watch_.is_due(packet.origin->time_at(0))) return kWholePayload;
  return watch_.suspects(header, packet, num_packets_);
}

void RtpSource::watch(const RtpHeader& header, const Chunk& packet, std::optional<std::size_t> start) {
  if (start) {
    watch_.start(packet, *start);
    samples_.begin_run();
  }
  if (start || watch_.running()) jumped_ = new_payload_type_ = false;
  if (!watch_.running()) return;
  watch_.prefetch();
  samples_.prefetch();
  watch_.take(header, packet, num_packets_);
  samples_.look(packet, header.payload_offset, header.sequence_number);
  if (watch_.found_clear()) samples_.drop_if_scarce();
}

std::uint32_t RtpSource::prove(const RtpHeader& header, const Chunk& packet) {
  const auto step = static_cast<std::int16_t>(header.sequence_number - last_sequence_number_);
  if (step == 0) return run_;
  const auto timestamp_step = static_cast<std::int32_t>(header.timestamp - last_timestamp_);
  if (std::abs(int{step}) > kMaxSequenceStep || std::abs(std::int64_t{timestamp_step}) > kMaxTimestampStep) {
    *this = RtpSource{header, packet, samples_.room()};
    return run_;
  }
  net_steps_ += step;
  if (std::abs(int{step}) <= kNearStep) ++num_near_;
  take(header);
  watch(header, packet, jumped_ ? std::optional{kWholePayload} : std::nullopt);
  return ++run_;
}

void RtpSource::note_payload_type(std::uint8_t payload_type) {
  const auto end = payload_types_.begin() + num_payload_types_;
  if (std::find(payload_types_.begin(), end, payload_type) != end || num_payload_types_ == payload_types_.size()) return;
  payload_types_[num_payload_types_++] = payload_type;
  new_payload_type_ = true;
}

Fact RtpSource::summary(Side sender) {
  RtpSourceSeen seen{.ssrc = ssrc_,
                     .num_packets = num_packets_,
                     .payload_types = payload_types_,
                     .num_payload_types = num_payload_types_,
                     .framed = framed_,
                     .relayed = relayed_,
                     .samples = samples_.take()};
  return {.body = std::move(seen), .sender = sender, .time = first_time_, .evidence = first_};
}

}  // namespace sealtrace
