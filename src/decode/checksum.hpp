// The Internet checksum (RFC 1071) over headers and payloads.
#pragma once

#include <bit>
#include <cstdint>

#include "model/ip_address.hpp"
#include "wire/bytes.hpp"
#include "wire/fixed_header.hpp"

namespace sealtrace::decode {

/// add_carry adds two sums with the carry brought round, as one's complement wants it.
inline std::uint64_t add_carry(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum + static_cast<std::uint64_t>(sum < a);
}

/// fold_sum folds a 64-bit sum to 16 bits. Sums here are of little-endian words; whether a sum is all ones, which is all that
/// verification asks, does not depend on the order (RFC 1071 section 2 B).
inline std::uint16_t fold_sum(std::uint64_t sum) {
  // The upper half of a number and itself turned round is the sum of its halves, with the carry of the lower one.
  const auto half = static_cast<std::uint32_t>((sum + std::rotl(sum, 32)) >> 32U);
  return static_cast<std::uint16_t>((half + std::rotl(half, 16)) >> 16U);
}

/// checksum_sum is the unfolded sum of `bytes`, an odd last octet padded with zero.
std::uint64_t checksum_sum(Bytes bytes);

/// ipv4_header_good verifies the checksum of an IPv4 header without options. To fold a sum is to divide it by 0xFFFF and keep the rest:
/// the sum of the header, which is not zero, is good when nothing is left.
inline bool ipv4_header_good(const FixedHeader<20>& header) {
  const auto halves = [](std::uint64_t word) { return (word >> 32U) + (word & 0xFFFFFFFFU); };  // their sum needs no carry brought round
  return (halves(header.le64<0>()) + (header.le64<4>() >> 32U) + halves(header.le64<12>())) % 0xFFFFU == 0;
}

/// address_sum is checksum_sum of two addresses. What marks an IPv4 address as one adds 0xFFFF, which is zero in one's complement.
inline std::uint64_t address_sum(const IpAddress& source, const IpAddress& destination) {
  const auto sum_of = [](const IpAddress& address) {
    const auto octets = FixedHeader<16>::at(address.octets());
    return add_carry(octets.le64<0>(), octets.le64<8>());
  };
  return add_carry(sum_of(source), sum_of(destination));
}

/// transport_checksum_good verifies a TCP or UDP checksum: `segment` is the whole segment, `address_sum` the checksum_sum of
/// both addresses. A UDP checksum of zero (none was computed) is for the caller to pass over.
bool transport_checksum_good(Bytes segment, std::uint64_t address_sum, std::uint8_t protocol);

}  // namespace sealtrace::decode
