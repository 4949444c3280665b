#include "dissectors/rtp/media_watch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <span>
#include <utility>

#include "dissect/steady_media.hpp"
#include "model/prefetch.hpp"

namespace sealtrace {
namespace {

/// kAgainAfter is how often a source is looked at anew: a call can change midway.
constexpr std::chrono::seconds kAgainAfter{30};
/// kLookEvery is how many packets lie between two looks at a stream that was called encrypted: as many as are counted beside their session.
constexpr std::uint64_t kLookEvery = SteadyMedia::kMostPackets;
/// kDatagramsLog2: a captured frame has at most 2^18 octets, and a packet with its length in front of it at least 14.
constexpr int kDatagramsLog2 = 15;

/// harmonic_share is -log2 of 1 / (n (n + 1)), rounded up; over all n the shares add up to 1.
constexpr Log2 harmonic_share(std::uint32_t n) { return -log2_below(1, n) - log2_below(1, std::uint64_t{n} + 1); }

/// kHarmonicShares has those of small n: of every width, and of the first captures.
constexpr std::array<Log2, 65> kHarmonicShares = [] {
  std::array<Log2, 65> table{};
  for (std::uint32_t n = 1; n < table.size(); ++n) table[n] = harmonic_share(n);
  return table;
}();
Log2 share_of(std::uint32_t n) { return n < kHarmonicShares.size() ? kHarmonicShares[n] : harmonic_share(n); }

}  // namespace

Log2 run_threshold(const Evidence& start, bool may_share_frame) {
  const auto width = static_cast<int>(std::bit_width(value(start.frame) | 1U));
  Log2 threshold = bits(kErrorRateLog2) + bits(width - 1) + share_of(static_cast<std::uint32_t>(width));
  threshold += share_of(static_cast<std::uint32_t>(start.capture) + 1);
  return may_share_frame ? threshold + bits(kDatagramsLog2) : threshold;
}

void MediaWatch::start(const Chunk& packet, std::size_t offset) {
  const Evidence start = packet.origin->at(0, packet.bytes.size());
  run_ = std::make_unique<Run>(run_threshold(start, packet.framed || packet.relayed), start, offset);
  last_start_ = packet.origin->time_at(0);
  waits_ = false;
}

void MediaWatch::prefetch() const { sealtrace::prefetch(run_.get(), sizeof(Run)); }

void MediaWatch::take(const RtpHeader& header, const Chunk& packet, std::uint64_t num_packets) {
  const Bytes payload = packet.bytes.subspan(header.payload_offset);
  const MediaCall call = run_->detector.take(header, payload.subspan(std::min(run_->offset, payload.size())), packet.cut);
  if (call == MediaCall::open) return;
  const MediaProtection found = call == MediaCall::clear ? MediaProtection::clear : MediaProtection::encrypted_unidentified;
  if (call != MediaCall::given_up && verdict_.protection != found) {
    verdict_ = {.protection = found,
                .error_rate_log2 = found == MediaProtection::clear ? kErrorRateLog2 : std::uint8_t{0},
                .decided_after_packets = run_->detector.num_packets(),
                .num_packets = num_packets,
                .since_capture = run_->start.capture,
                .since_frame = run_->start.frame};
    decided_ = packet.origin->at(header.payload_offset, payload.size());
    decided_time_ = packet.origin->time_at(header.payload_offset);
    news_ = true;
  }
  run_.reset();
}

void MediaWatch::wait() {
  run_.reset();
  waits_ = true;
}

bool MediaWatch::is_due(Timestamp now) const { return waits_ || now - last_start_ >= kAgainAfter; }

std::optional<std::size_t> MediaWatch::suspects(const RtpHeader& header, const Chunk& packet, std::uint64_t num_packets) {
  if (verdict_.protection != MediaProtection::encrypted_unidentified || num_packets < next_look_) return std::nullopt;
  next_look_ = num_packets + kLookEvery;
  return glance_.looks_odd(packet.bytes.subspan(header.payload_offset)) ? std::optional{glance_.offset()} : std::nullopt;
}

Fact MediaWatch::news(std::uint32_t ssrc, Side sender) {
  news_ = false;
  MediaVerdict verdict = verdict_;
  verdict.ssrc = ssrc;
  return {.body = verdict, .sender = sender, .time = decided_time_, .evidence = decided_};
}

}  // namespace sealtrace
