// RtpSource: one SSRC of one side, and how a stream of packets proves to be one.
#pragma once

#include <array>
#include <cstdint>

#include "dissect/session.hpp"
#include "dissectors/rtp/rtp_parse.hpp"

namespace sealtrace {

/// RtpSource counts the packets of one SSRC (RFC 3550 section 5.1). It is where what is learned of one stream belongs.
class RtpSource {
 public:
  RtpSource() = default;
  RtpSource(const RtpHeader& header, const Chunk& packet);

  /// take counts a packet of this SSRC, add more of them with a payload type that was noted.
  void take(const RtpHeader& header) {
    ++num_packets_;
    note_payload_type(header.payload_type);
  }
  void add(std::uint64_t num_packets) { num_packets_ += num_packets; }
  /// prove counts a packet that may be of this SSRC, and gives how many in a row have been consistent: the sequence number moved by at
  /// most 100 and so did the timestamp by a plausible step. A packet that is not consistent begins anew; a repeated one is not counted.
  std::uint32_t prove(const RtpHeader& header, const Chunk& packet);
  /// advances says that the sequence number went up over the run: a constant or random field does not.
  [[nodiscard]] bool advances() const { return net_steps_ > 0; }

  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  [[nodiscard]] Fact summary(Side sender) const;

  std::uint32_t last_used = 0;  ///< when it was last switched to; 0: nothing is here

 private:
  void note_payload_type(std::uint8_t payload_type);

  std::uint32_t ssrc_ = 0;
  std::uint16_t last_sequence_number_ = 0;
  std::uint32_t last_timestamp_ = 0;
  std::int32_t net_steps_ = 0;
  std::uint32_t run_ = 0;  ///< consistent packets so far; 0: nothing here
  std::uint64_t num_packets_ = 0;
  std::uint8_t num_payload_types_ = 0;
  std::array<std::uint8_t, 8> payload_types_{};
  bool framed_ = false;
  bool relayed_ = false;
  Evidence first_;
  Timestamp first_time_{};
};

}  // namespace sealtrace
