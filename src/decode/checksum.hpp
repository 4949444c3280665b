// The Internet checksum (RFC 1071) over headers and payloads.
#pragma once

#include <bit>
#include <cstdint>

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

/// ipv4_header_sum is checksum_sum of an IPv4 header without options.
inline std::uint64_t ipv4_header_sum(const FixedHeader<20>& header) {
  // The last four octets come in with the load that ends with them; the shift drops the four before, which are summed already.
  return add_carry(add_carry(header.le64<0>(), header.le64<8>()), header.le64<12>() >> 32U);
}

/// ipv6_address_sum is checksum_sum of the two addresses in an IPv6 header.
inline std::uint64_t ipv6_address_sum(const FixedHeader<40>& header) {
  return add_carry(add_carry(header.le64<8>(), header.le64<16>()), add_carry(header.le64<24>(), header.le64<32>()));
}

/// transport_checksum_good verifies a TCP or UDP checksum: `segment` is the whole segment, `address_sum` the checksum_sum of
/// both addresses. A UDP checksum of zero (none was computed) is for the caller to pass over.
bool transport_checksum_good(Bytes segment, std::uint64_t address_sum, std::uint8_t protocol);

}  // namespace sealtrace::decode
