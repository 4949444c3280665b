#include "dissectors/rtp/media_detector.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

// When to call a stream encrypted. -20: a stream that follows one of the models would be rejected once in 2^20; that real codecs do was
// measured, not proved. 64 packets: the slowest codec without header and syntax took 24.
constexpr std::uint32_t kMinPackets = 8;
constexpr std::uint32_t kEnoughForHeaderless = 64;
static_assert(kEnoughForHeaderless <= PayloadShapes::kMaxPackets);
constexpr std::uint32_t kMaxPackets = 1000;
constexpr Log2 kAgainstModels = -bits(20);
constexpr Log2 kAgainstFrameFirsts = -bits(12);
constexpr Log2 kAgainstStartCodes = -bits(20);
constexpr Log2 kLittleForClear = bits(6);
constexpr std::size_t kShortBytes = 5;

constexpr std::uint32_t kG729Samples = 80;

}  // namespace

bool MediaDetector::is_new(std::uint16_t sequence_number) {
  const auto step = static_cast<std::int16_t>(sequence_number - highest_);
  if (seen_ == 0 || step > 0) {
    seen_ = seen_ == 0 || step >= 64 ? 1 : seen_ << step | 1;
    highest_ = sequence_number;
    return true;
  }
  if (step <= -64) return false;
  const std::uint64_t bit = std::uint64_t{1} << -step;
  if ((seen_ & bit) != 0) return false;
  seen_ |= bit;
  return true;
}

MediaCall MediaDetector::take(const RtpHeader& header, Bytes payload, bool cut) {
  if (payload.empty() || !is_new(header.sequence_number)) return MediaCall::open;
  const auto step = static_cast<std::int32_t>(header.timestamp - last_timestamp_);
  const bool first = proof_.num_packets() == 0;
  if (first) payload_type_ = header.payload_type;
  if (!first && step > 0 && (timestamp_step_ == 0 || static_cast<std::uint32_t>(step) < timestamp_step_)) {
    timestamp_step_ = static_cast<std::uint32_t>(step);
  }
  last_timestamp_ = header.timestamp;
  any_cut_ |= cut;
  if (payload.size() < kShortBytes) ++num_short_;
  proof_.take(payload, !first && step != 0, cut);
  shapes_.take(payload);
  samples_.take(header.sequence_number, header.timestamp, payload.size());
  if (proof_.proves(threshold_)) return MediaCall::clear;
  if (proof_.num_packets() >= kMinPackets && looks_encrypted()) return MediaCall::encrypted;
  if (proof_.num_packets() < kMaxPackets) return MediaCall::open;
  const bool uniform = evidence_of_clear() <= 0 && proof_.best_of_models() <= kAgainstModels && !any_cut_;
  return uniform && !may_be_headerless_codec() ? MediaCall::encrypted : MediaCall::given_up;
}

bool MediaDetector::looks_encrypted() const {
  if (any_cut_ || num_short_ * 10U >= proof_.num_packets()) return false;
  if (proof_.start_codes() > kAgainstStartCodes || proof_.best_of_frame_firsts() > kAgainstFrameFirsts) return false;
  if (proof_.best_of_models() > kAgainstModels || evidence_of_clear() > kLittleForClear) return false;
  return !may_be_headerless_codec();
}

bool MediaDetector::may_be_headerless_codec() const {
  if (samples_.fits_without_tag()) return true;  // samples of noise stay as even as a cipher's octets
  if (proof_.num_packets() >= kEnoughForHeaderless) return false;
  if (samples_.fits()) return true;
  HeaderlessQuestion question{.shapes = shapes_, .timestamp_step = timestamp_step_, .payload_type = payload_type_};
  question.g729_parity = proof_.parity(timestamp_step_ / kG729Samples);
  constexpr std::size_t kMaxMkiBytes = 8;
  for (std::size_t i = 0; i < kTagBytes.size(); ++i) {
    question.mki_bytes[i] = static_cast<std::uint8_t>(std::min(kMaxMkiBytes, proof_.tail().still_run(kTagBytes[i])));
  }
  return may_be_headerless(question);
}

}  // namespace sealtrace
