// RtpSession: the RTP and RTCP of one five-tuple, both sides.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/rtp/rtcp_kind.hpp"
#include "dissectors/rtp/rtp_parse.hpp"
#include "dissectors/rtp/rtp_source.hpp"

namespace sealtrace {

/// kRtpDissector takes a datagram of version 2 for a guess: nothing in one packet proves RTP. The session says when it is sure.
extern const Dissector kRtpDissector;

/// RtpSession follows sources by their SSRC. It is sure of RTP after four consistent packets of one source, of RTCP by a compound packet
/// whose lengths add up, or by several of one sender. Until then a datagram is also offered to others; a guess that does not come true is
/// given up. What follows a source is counted in the flow's record (SteadyMedia) and comes here now and then.
class RtpSession final : public Session {
 public:
  explicit RtpSession(MediaSampleBudget* samples = nullptr) : room_{samples}, samples_{samples == nullptr ? nullptr : &room_} {}

  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;
  void prefetch(Side sender, bool again) const override;
  void on_end(FactSink& facts) override;

 private:
  /// Rtcp is what one side sent of it.
  struct Rtcp {
    std::uint64_t num_packets = 0;
    std::uint64_t num_opaque = 0;
    RtcpKind kind{};  ///< of the opaque ones
    SrtcpIndex index;
    std::uint32_t ssrc = 0;
    std::uint32_t run = 0;  ///< in a row, of one sender
    MediaSamples samples;   ///< of the opaque ones
    Evidence first;
    Timestamp first_time{};
    TimedEvidence clear_before;  ///< the packet before this one, if it was in clear
    TimedEvidence clear_amid;    ///< the last one in clear that another packet followed
  };
  struct Half {
    RtpSource* current = nullptr;  ///< of `sources`, whom SteadyMedia counts; none where there are none
    std::array<std::unique_ptr<RtpSource>, 2> candidates;
    std::uint8_t next_candidate = 0;
    std::vector<std::unique_ptr<RtpSource>> sources;

    /// find gives the source of this SSRC, if there is one.
    [[nodiscard]] RtpSource* find(std::uint32_t ssrc) const;
  };

  Datagram on_rtp(const RtpHeader& header, const Chunk& chunk, FactSink& facts);
  Datagram on_rtcp(const Chunk& chunk, FactSink& facts);
  void add_source(Half& half, std::unique_ptr<RtpSource> source, const Chunk& chunk, FactSink& facts);
  /// watch shows a packet of a source to the detector of clear media, and reports what it finds.
  void watch(RtpSource& source, const RtpHeader& header, const Chunk& chunk, FactSink& facts);
  void report_verdict(RtpSource& source, Side sender, FactSink& facts);
  [[nodiscard]] std::size_t num_running() const;
  static void report_budget(bool& already, std::string_view budget, const Chunk& chunk, FactSink& facts);
  /// steady is the count of packets that go on as before.
  SteadyMedia& steady(Side side, FactSink& facts);
  void make_current(Side side, RtpSource& source, const RtpHeader& header, FactSink& facts);
  /// settle gives the current source what was counted of it.
  void settle(Side side, FactSink& facts);
  /// note_early_rtcp takes what was too little by itself for RTCP once RTP is known beside it.
  void note_early_rtcp(FactSink& facts);
  /// doubt answers a datagram that shows nothing.
  Datagram doubt();
  void recognised(bool& already, std::string_view protocol, const Chunk& chunk, FactSink& facts);

  std::array<Half, 2> halves_;
  std::array<SteadyMedia, 2> carried_;  ///< by sender, where no flow's record counts them
  SampleRoom room_;
  SampleRoom* samples_;                           ///< room_, where packets are kept
  std::uint32_t num_switches_ = 0;                ///< orders the sources by their last use
  std::array<std::unique_ptr<Rtcp>, 2> control_;  ///< by sender; none where it sent none
  bool rtp_ = false;
  bool rtcp_ = false;
  bool budget_reported_ = false;
  bool detectors_reported_ = false;
  std::uint16_t num_clear_ = 0;
  std::uint16_t num_encrypted_ = 0;
  std::uint16_t num_doubts_ = 0;
  std::uint32_t num_doubted_rtcp_ = 0;  ///< of num_doubts_, those that may be RTCP
  std::uint16_t num_replaced_ = 0;
};

}  // namespace sealtrace
