#include "dissectors/rtp/rtcp_kind.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "dissectors/rtp/media_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

Octets srtcp(std::uint32_t word, Noise& noise, std::size_t mki, std::size_t tag, const Octets& middle) {
  const Octets head{0x80, 200, 0, 1, 1, 2, 3, 4};
  const Octets index{static_cast<std::uint8_t>(word >> 24), static_cast<std::uint8_t>(word >> 16), static_cast<std::uint8_t>(word >> 8),
                     static_cast<std::uint8_t>(word)};
  return head + middle + index + Octets(mki, 0x55) + noise.octets(tag);
}

TEST(RtcpKind, TheIndexThatCountsTells) {
  Noise noise{17};
  const Octets compound{0x81, 202, 0, 1, 1, 2, 3, 4};  // behind the report's head: a second packet
  for (const std::size_t tag : {0U, 4U, 10U, 16U}) {
    for (const std::size_t mki : {0U, 1U, 4U, 8U}) {
      SrtcpIndex encrypted, authenticated, none, other_sender;
      EXPECT_EQ(encrypted.take(srtcp(0x80000007, noise, mki, tag, noise.octets(40)), 1), RtcpKind::unknown) << "one packet does not tell";
      EXPECT_EQ(encrypted.take(srtcp(0x80000008, noise, mki, tag, noise.octets(52)), 1), RtcpKind::srtcp);
      EXPECT_EQ(encrypted.take(srtcp(0x8000000B, noise, mki, tag, noise.octets(40)), 1), RtcpKind::srtcp) << "two were lost";
      authenticated.take(srtcp(7, noise, mki, tag, compound), 1);
      EXPECT_EQ(authenticated.take(srtcp(8, noise, mki, tag, compound), 1), RtcpKind::srtcp_null);
      none.take(srtcp(0x80000007, noise, mki, tag, noise.octets(40)), 1);
      EXPECT_EQ(none.take(srtcp(0x9A000008, noise, mki, tag, noise.octets(40)), 1), RtcpKind::unknown);
      other_sender.take(srtcp(0x80000007, noise, mki, tag, noise.octets(40)), 1);
      EXPECT_EQ(other_sender.take(srtcp(0x80000008, noise, mki, tag, noise.octets(40)), 2), RtcpKind::unknown);
    }
  }
  SrtcpIndex shortest;
  EXPECT_EQ(shortest.take(Octets{0x80, 200, 0, 1}, 1), RtcpKind::unknown);
}

}  // namespace
}  // namespace sealtrace
