// duplicate_key: how copies of one IP packet are recognised.
#pragma once

#include <cstdint>

#include "model/fold_multiply.hpp"
#include "wire/bytes.hpp"
#include "wire/fixed_header.hpp"

namespace sealtrace::decode {

/// Odd constants that keep zero words from cancelling (digits of pi's fractional part).
inline constexpr std::uint64_t kMix0 = 0x243F6A8885A308D3U, kMix1 = 0x13198A2E03707345U, kMix2 = 0xA4093822299F31D1U,
                               kMix3 = 0x082EFA98EC4E6C89U, kMix4 = 0x452821E638D01377U;

/// ipv4_packet_key takes what routers leave alone of an IPv4 header: both addresses, length and identification. The protocol is that of
/// the flow, within which keys are compared.
inline std::uint64_t ipv4_packet_key(const FixedHeader<20>& header) {
  const std::uint64_t addresses = header.le64<12>();
  const std::uint64_t length_and_identification = header.le64<2>() & 0xFFFFFFFFU;
  return fold_multiply(addresses ^ kMix0, length_and_identification ^ kMix1);
}

/// ipv6_packet_key is the same for IPv6, which has no identification.
inline std::uint64_t ipv6_packet_key(const FixedHeader<40>& header, std::uint8_t protocol, std::uint32_t ip_bytes) {
  const std::uint64_t source = fold_multiply(header.le64<8>() ^ kMix0, header.le64<16>() ^ kMix1);
  const std::uint64_t destination = fold_multiply(header.le64<24>() ^ kMix2, header.le64<32>() ^ kMix3);
  return fold_multiply(source ^ kMix4, destination ^ (static_cast<std::uint64_t>(protocol) << 32U | ip_bytes));
}

/// datagram_key is the packet key of a reassembled datagram. It does not depend on which fragment came last.
inline std::uint64_t datagram_key(std::uint64_t address_sum, std::uint8_t protocol, std::uint32_t identification) {
  return fold_multiply(address_sum ^ kMix2, (static_cast<std::uint64_t>(protocol) << 32U | identification) ^ kMix3);
}

/// duplicate_key mixes `packet_key` with the first 64 and the last 16 captured octets of the TCP segment or UDP datagram (its
/// header with the checksum, at least the start of the payload, and the end). It is a hint, not proof: where IP carries no
/// identification (IPv4 with 0, IPv6) an application that sends the same datagram twice looks like a copy, and two packets made
/// to differ only in the middle share a key. For TCP neither matters: equal sequence numbers make both the same octets of the stream.
/// It is a function by itself because its products need two registers at once, which a longer one has no room for.
[[gnu::noinline]] inline std::uint64_t duplicate_key(std::uint64_t packet_key, Bytes segment) {
  const std::size_t size = segment.size();
  std::uint64_t key = packet_key ^ size * kMix1;
  // What is there is added to: octets that make a product nothing must not take away what those before them told.
  const auto mix = [&key](std::uint64_t a, std::uint64_t b, std::uint64_t constant) { key += fold_multiply(a + key, b ^ constant); };
  if (size >= 64) {
    const auto first = FixedHeader<64>::at(segment);
    const auto last = FixedHeader<16>::at(segment, size - 16);
    mix(first.le64<0>(), first.le64<8>(), kMix1);
    mix(first.le64<16>(), first.le64<24>(), kMix2);
    mix(first.le64<32>(), first.le64<40>(), kMix3);
    mix(first.le64<48>(), first.le64<56>(), kMix4);
    mix(last.le64<0>(), last.le64<8>(), kMix0);
  } else if (size >= 32) {  // two halves that overlap cover every octet
    const auto first = FixedHeader<32>::at(segment);
    const auto last = FixedHeader<32>::at(segment, size - 32);
    mix(first.le64<0>(), first.le64<8>(), kMix1);
    mix(first.le64<16>(), first.le64<24>(), kMix2);
    mix(last.le64<0>(), last.le64<8>(), kMix3);
    mix(last.le64<16>(), last.le64<24>(), kMix4);
  } else if (size >= 16) {
    const auto first = FixedHeader<16>::at(segment);
    const auto last = FixedHeader<16>::at(segment, size - 16);
    mix(first.le64<0>(), first.le64<8>(), kMix1);
    mix(last.le64<0>(), last.le64<8>(), kMix2);
  } else {  // a UDP header and a payload of up to seven octets
    const auto first = FixedHeader<8>::at(segment);
    const auto last = FixedHeader<8>::at(segment, size - 8);
    if (first && last) mix(first.le64<0>(), last.le64<0>(), kMix1);
  }
  return key;
}

}  // namespace sealtrace::decode
