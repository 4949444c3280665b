// MediaWatch: whether the payload of one source is in clear, now and whenever it may have changed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "dissect/session.hpp"
#include "dissectors/rtp/media_detector.hpp"
#include "dissectors/rtp/payload_glance.hpp"
#include "dissectors/rtp/rtp_parse.hpp"

namespace sealtrace {

/// kErrorRateLog2: an audit calls any stream clear that is not with a chance of at most 2^-30, however many streams and runs it has.
inline constexpr std::uint8_t kErrorRateLog2 = 30;

/// run_threshold is what a detector that starts at a datagram must reach. The budget of 2^-30 is dealt out to all places where one can
/// start, beforehand and whatever the packets say: each capture c has 1 / (c (c + 1)) of it, of that each width k of a frame number has 1 /
/// (k (k + 1)), of that each frame of the width an equal share, and of that each datagram in a frame that may hold several. So no two
/// detectors share anything, any number of workers gives the same verdicts, and a run costs what its place costs.
Log2 run_threshold(const Evidence& start, bool may_share_frame);

/// MediaWatch runs one detector after another: at the source's first packet, and again when something may have changed. What a detector
/// needs is freed at its verdict.
class MediaWatch {
 public:
  [[nodiscard]] bool running() const { return run_ != nullptr; }
  [[nodiscard]] bool found_clear() const { return verdict_.protection == MediaProtection::clear; }
  /// start begins a run at this packet, in place of one that goes on. It sees payloads from `offset` on.
  void start(const Chunk& packet, std::size_t offset);
  /// wait lets the detector go; another starts when the clock is looked at next.
  void wait();
  /// prefetch brings in the detector that runs, which a packet touches all over: line after line it would be waited for.
  void prefetch() const;
  /// take shows a packet to the detector that runs.
  void take(const RtpHeader& header, const Chunk& packet, std::uint64_t num_packets);
  /// is_due says that the last run began half a minute ago, or had to go.
  [[nodiscard]] bool is_due(Timestamp now) const;
  /// suspects takes a look at a packet of a stream that was called encrypted, one in 64: where in the payload it gives a reason for a run
  /// to begin, if it gives one.
  [[nodiscard]] std::optional<std::size_t> suspects(const RtpHeader& header, const Chunk& packet, std::uint64_t num_packets);
  /// news takes the fact of a first verdict, or of one that differs from the last.
  [[nodiscard]] bool has_news() const { return news_; }
  [[nodiscard]] Fact news(std::uint32_t ssrc, Side sender);

 private:
  struct Run {
    Run(Log2 threshold, const Evidence& where, std::size_t from) : detector{threshold}, start{where}, offset{from} {}
    MediaDetector detector;
    Evidence start;
    std::size_t offset = 0;
  };

  std::unique_ptr<Run> run_;
  Timestamp last_start_{};
  MediaVerdict verdict_;
  Evidence decided_;
  Timestamp decided_time_{};
  bool news_ = false;
  bool waits_ = false;
  PayloadGlance glance_;
  std::uint64_t next_look_ = 0;  ///< in packets of the stream
};

}  // namespace sealtrace
