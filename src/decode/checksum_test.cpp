#include "decode/checksum.hpp"

#include <gtest/gtest.h>

#include "decode/test_frames.hpp"
#include "decode/transport.hpp"

namespace sealtrace::decode {
namespace {

/// plain_sum is RFC 1071 word by word.
std::uint16_t plain_sum(Bytes bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += static_cast<std::uint64_t>(bytes[i]) << (i % 2 == 0 ? 0U : 8U);
  return fold_sum(sum);
}

std::uint64_t sum_of_addresses4(const Octets& packet) {
  const auto header = FixedHeader<20>::at(packet);
  return address_sum(IpAddress::v4(header.octets<12, 4>()), IpAddress::v4(header.octets<16, 4>()));
}
std::uint64_t sum_of_addresses6(const Octets& packet) {
  const auto header = FixedHeader<40>::at(packet);
  return address_sum(IpAddress::v6(header.octets<8, 16>()), IpAddress::v6(header.octets<24, 16>()));
}

TEST(Checksum, IsTheSumOfRfc1071AtEveryLength) {
  Octets octets;
  for (unsigned i = 0; i < 70; ++i) {
    EXPECT_EQ(fold_sum(checksum_sum(octets)), plain_sum(octets)) << i << " octets";
    octets.push_back(static_cast<std::uint8_t>(i * 37 + 200));
  }
  EXPECT_EQ(fold_sum(checksum_sum(Octets(33, 0xFF))), plain_sum(Octets(33, 0xFF)));
}

TEST(Checksum, GoodHeadersAndSegmentsSumUp) {
  EXPECT_TRUE(ipv4_header_good(FixedHeader<20>::at(kUdp4)));
  EXPECT_TRUE(transport_checksum_good(Bytes{kUdp4}.subspan(20), sum_of_addresses4(kUdp4), 17));
  EXPECT_TRUE(transport_checksum_good(Bytes{kTcp4}.subspan(20), sum_of_addresses4(kTcp4), 6));
  EXPECT_TRUE(transport_checksum_good(Bytes{kTcp6}.subspan(40), sum_of_addresses6(kTcp6), 6));
}

TEST(Checksum, EveryChangedBitIsSeen) {
  for (std::size_t bit = 0; bit < 8 * (kTcp6.size() - 8); ++bit) {
    Octets packet = kTcp6;
    packet[8 + bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(transport_checksum_good(Bytes{packet}.subspan(40), sum_of_addresses6(packet), 6)) << bit;
  }
  for (std::size_t bit = 8; bit < 8 * 20; ++bit) {
    Octets packet = kUdp4;
    packet[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(ipv4_header_good(FixedHeader<20>::at(packet))) << bit;
  }
}

TEST(Checksum, OneSegmentInSixtyFourIsVerifiedAndCounted) {
  Decoder decoder;
  constexpr std::size_t kFrames = 6400;
  for (std::size_t i = 0; i < kFrames; ++i) {
    Octets datagram = udp(9, join({be16(i), Octets(100)}));
    datagram[7] = 1;  // a sum that is wrong for all but a few
    decode(decoder, ethernet(0x0800, ipv4(17, datagram)));
  }
  EXPECT_EQ(decoder.counters().segments, kFrames);
  EXPECT_GT(decoder.counters().bad_transport_checksum, kFrames / 128);
  EXPECT_LT(decoder.counters().bad_transport_checksum, kFrames / 32);
}

TEST(Checksum, GoodSumsAbsentSumsAndCutSegmentsAreNotCounted) {
  Decoder decoder;
  for (std::size_t i = 0; i < 1000; ++i) {
    decode(decoder, ethernet(0x0800, ipv4(17, udp(9, join({be16(i), Octets(100)})))));  // no sum
    Octets datagram = udp(9, join({be16(i), Octets(100)}));
    datagram[7] = 1;
    const Octets frame = ethernet(0x0800, ipv4(17, datagram));
    decode(decoder, {frame.begin(), frame.end() - 1}, LinkLayer::ethernet, frame.size());
  }
  EXPECT_EQ(decoder.counters().bad_transport_checksum, 0U);
  EXPECT_EQ(decoder.counters().payload_cut, 1000U);
}

}  // namespace
}  // namespace sealtrace::decode
