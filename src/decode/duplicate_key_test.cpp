#include "decode/duplicate_key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "decode/test_frames.hpp"

namespace sealtrace::decode {
namespace {

std::uint64_t key_of(const Octets& frame) {
  const Decoded found = decode(frame);
  EXPECT_EQ(found.result, DecodeResult::segment);
  return found.segment.duplicate_key;
}

TEST(DuplicateKey, IsTheSameForWhatRoutersChangeAndForEveryOuterPath) {
  Octets hop = kUdp4;
  hop[1] = 0xB8;          // DSCP
  hop[8] = 63;            // TTL
  hop[10] = hop[11] = 0;  // checksum
  const std::uint64_t key = key_of(ethernet(0x0800, kUdp4));
  EXPECT_EQ(key_of(ethernet(0x0800, hop)), key);
  EXPECT_EQ(key_of(join({ethernet(0x0800, kUdp4), Octets(14)})), key);  // padded
  EXPECT_EQ(key_of(ethernet(0x8100, join({annotated_hex("0064 0800"), kUdp4}))), key);
  EXPECT_EQ(key_of(ethernet(0x0800, ipv4(47, join({annotated_hex("0000 0800"), hop})))), key);
  Octets hop6 = kTcp6;
  hop6[0] = 0x6B;
  hop6[7] = 1;
  EXPECT_EQ(key_of(ethernet(0x86DD, hop6)), key_of(ethernet(0x86DD, kTcp6)));
}

TEST(DuplicateKey, DiffersInEveryFieldThatCounts) {
  std::set<std::uint64_t> keys{key_of(ethernet(0x0800, kTcp4))};
  std::size_t num_packets = 1;
  for (std::size_t octet = 4; octet < kTcp4.size(); ++octet) {
    if (octet == 8 || octet == 9 || octet == 10 || octet == 11) continue;  // TTL and checksum; the protocol is its own case
    if (octet == 6 || octet == 7 || octet == 32) continue;                 // fragments, data offset
    for (unsigned bit = 0; bit < 8; ++bit) {
      Octets packet = kTcp4;
      packet[octet] ^= static_cast<std::uint8_t>(1U << bit);
      keys.insert(key_of(ethernet(0x0800, packet)));
      ++num_packets;
    }
  }
  EXPECT_EQ(keys.size(), num_packets);
}

TEST(DuplicateKey, CountsTheFirst64AndTheLast16OctetsOfEveryLength) {
  std::set<std::uint64_t> keys;  // their upper 48 bits: these the flows keep
  std::size_t num_packets = 0;
  for (std::size_t length = 8; length < 200; ++length) {
    Octets octets(length);
    keys.insert(duplicate_key(1, octets) >> 16U);
    ++num_packets;
    for (std::size_t at = 0; at < length; ++at) {
      if (at >= 64 && at + 16 < length) continue;
      octets[at] ^= 0x10;
      keys.insert(duplicate_key(1, octets) >> 16U);
      octets[at] ^= 0x10;
      ++num_packets;
    }
  }
  EXPECT_EQ(keys.size(), num_packets);
}

TEST(DuplicateKey, MessagesOfOneFormDiffer) {
  // Nothing of the headers tells them apart: no identification, and checksums that the sender's card was to fill in.
  const auto key_of_subscription = [](std::string_view extension, std::string_view branch) {
    const std::string text = "SUBSCRIBE sip:extension" + std::string{extension} +
                             "@pbx.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK-" + std::string{branch} +
                             "\r\nMax-Forwards: 70\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n";
    Octets segment{0x13, 0xC4, 0x13, 0xC4, 0x00, 0xC8, 0x1A, 0x2B};
    segment.insert(segment.end(), text.begin(), text.end());
    return duplicate_key(1, segment);
  };
  EXPECT_NE(key_of_subscription("1001", "aa01"), key_of_subscription("1002", "aa02"));
}

TEST(DuplicateKey, SimilarDatagramsDoNotCollide) {
  std::set<std::uint64_t> keys;
  Octets segment(180);
  constexpr unsigned kPackets = 1U << 17U;
  for (unsigned i = 0; i < kPackets; ++i) {
    segment[10] = static_cast<std::uint8_t>(i);
    segment[11] = static_cast<std::uint8_t>(i >> 8U);
    segment[14] = static_cast<std::uint8_t>(i >> 16U);
    keys.insert(duplicate_key(7, segment));
  }
  EXPECT_EQ(keys.size(), kPackets);
}

}  // namespace
}  // namespace sealtrace::decode
