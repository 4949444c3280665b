// SteadyMedia: packets of media that go on as the last one did, counted in the flow's record without a call of their session.
#pragma once

#include <cstdint>

#include "wire/bytes.hpp"
#include "wire/fixed_header.hpp"

namespace sealtrace {

/// media_jumps says that a packet may be of another stream that took over the SSRC: the timestamp moved by more than 11 seconds at 90 kHz
/// (two minutes at 8 kHz), or the sequence number by more than a burst of losses.
constexpr bool media_jumps(std::uint32_t timestamp_step, std::uint16_t sequence_step) {
  constexpr std::uint32_t kTimestampJump = 1 << 20;
  constexpr std::uint16_t kSequenceJump = 1000;
  return timestamp_step + kTimestampJump > 2 * kTimestampJump ||
         static_cast<std::uint16_t>(sequence_step + kSequenceJump) > 2 * kSequenceJump;
}

/// SteadyMedia is the RTP source (RFC 3550 section 5.1) whose packet came last on one side: most often the next one's, too. What such a
/// packet costs then is a line of the cache. The session sets it, and takes the count over when it is called again: for a packet of
/// another kind, one that jumps, or after kMostPackets, for then the time is looked at.
struct SteadyMedia {
  static constexpr std::uint8_t kMostPackets = 64;
  static constexpr std::uint8_t kNothing = 0xFF;  ///< no payload type: every packet is for the session

  std::uint32_t ssrc = 0;
  std::uint32_t timestamp = 0;
  std::uint16_t sequence_number = 0;
  std::uint8_t payload_type = kNothing;
  std::uint8_t num_packets = 0;  ///< counted and not taken over yet

  /// counts counts a packet, unless the session has to look at it.
  bool counts(Bytes datagram) {
    constexpr std::size_t kRtpHeaderBytes = 12;
    const auto fixed = FixedHeader<kRtpHeaderBytes>::at(datagram);
    const bool same = fixed && fixed.u8<0>() >> 6 == 2 && fixed.be32<8>() == ssrc && (fixed.u8<1>() & 0x7F) == payload_type;
    if (!same || num_packets == kMostPackets) return false;
    const std::uint32_t next_timestamp = fixed.be32<4>();
    const std::uint16_t next_number = fixed.be16<2>();
    if (media_jumps(next_timestamp - timestamp, static_cast<std::uint16_t>(next_number - sequence_number))) return false;
    timestamp = next_timestamp;
    sequence_number = next_number;
    ++num_packets;
    return true;
  }
};

}  // namespace sealtrace
