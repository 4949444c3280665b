#include "dissectors/rtp/rtcp_kind.hpp"

#include <algorithm>

#include "dissectors/rtp/rtp_parse.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kIndexBytes = 4;
constexpr std::uint32_t kEncrypted = 0x8000'0000;
/// kMaxIndexStep allows for packets that were not captured.
constexpr std::uint32_t kMaxIndexStep = 64;

/// word_at reads the word whose last octet is `from_end` octets before the end (0: it ends there). `octets` has the last octet first.
std::uint32_t word_at(const auto& octets, std::size_t from_end) {
  std::uint32_t word = 0;
  for (std::size_t i = kIndexBytes; i > 0; --i) word = word << 8 | octets[from_end + i - 1];
  return word;
}

}  // namespace

RtcpKind SrtcpIndex::take(Bytes datagram, std::uint32_t ssrc) {
  std::array<std::uint8_t, kEndBytes> end{};
  const std::size_t num_end = std::min(kEndBytes, datagram.size() - std::min(datagram.size(), kRtcpHeadBytes));
  for (std::size_t i = 0; i < num_end; ++i) end[i] = datagram[datagram.size() - 1 - i];
  RtcpKind kind = RtcpKind::unknown;
  const std::size_t num_both = ssrc == ssrc_ ? std::min<std::size_t>(num_end, num_end_) : 0;
  for (std::size_t from_end = 0; from_end + kIndexBytes <= num_both && kind == RtcpKind::unknown; ++from_end) {
    const std::uint32_t word = word_at(end, from_end);
    const std::uint32_t step = word - word_at(end_, from_end);
    const bool counts = step >= 1 && step <= kMaxIndexStep;  // both with the same first bit, or the index would have wrapped
    if (!counts) continue;
    if ((word & kEncrypted) != 0) {
      kind = RtcpKind::srtcp;
    } else if (const auto inside = parse_rtcp(datagram.first(datagram.size() - from_end - kIndexBytes));
               inside && inside->num_packets > 0) {
      kind = RtcpKind::srtcp_null;
    }
  }
  end_ = end;
  num_end_ = static_cast<std::uint8_t>(num_end);
  ssrc_ = ssrc;
  return kind;
}

}  // namespace sealtrace
