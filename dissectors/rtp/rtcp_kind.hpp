// SRTCP by its index: RTCP settles most of what media cannot. SRTCP ends in a bit that says "encrypted" and an index that counts the
// sender's packets, before the MKI and the tag (RFC 3711 section 3.4), or behind the tag (RFC 7714 section 9.2).
#pragma once

#include <array>
#include <cstdint>

#include "model/application_facts.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// SrtcpIndex compares the ends of a sender's packets with those of the packet before: where a word counts up, it is the index.
class SrtcpIndex {
 public:
  /// take gives srtcp for a packet whose index counts on from the packet before and says "encrypted", srtcp_null where it says that it is
  /// not and the packets before it read as RTCP, else unknown. Two random packets show an index with a chance of 1 in 10^6.
  RtcpKind take(Bytes datagram, std::uint32_t ssrc);

 private:
  /// kEndBytes holds an index, a tag of up to 16 octets and an MKI of up to 12.
  static constexpr std::size_t kEndBytes = 32;

  std::array<std::uint8_t, kEndBytes> end_{};  ///< the last octet first
  std::uint8_t num_end_ = 0;
  std::uint32_t ssrc_ = 0;
};

}  // namespace sealtrace
