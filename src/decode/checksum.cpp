#include "decode/checksum.hpp"

namespace sealtrace::decode {

std::uint64_t checksum_sum(Bytes bytes) {
  std::uint64_t even = 0;
  std::uint64_t odd = 0;
  while (const auto words = FixedHeader<16>::at(bytes)) {
    even = add_carry(even, words.le64<0>());
    odd = add_carry(odd, words.le64<8>());
    bytes = bytes.subspan(16);
  }
  std::uint64_t sum = add_carry(even, odd);
  for (unsigned i = 0; i < bytes.size(); ++i) {
    sum = add_carry(sum, static_cast<std::uint64_t>(bytes[i]) << (8U * (i % 8U)));
  }
  return sum;
}

bool transport_checksum_good(Bytes segment, std::uint64_t address_sum, std::uint8_t protocol) {
  // The pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1). Zero octets do not count, so the forms of IPv4 and IPv6
  // give one sum. Its words are big-endian, the sum's are not: swapped here once.
  const auto big_endian_word = [](std::uint64_t word) { return (word & 0xFFU) << 8U | (word >> 8U & 0xFFU); };
  const std::uint64_t length = segment.size();
  std::uint64_t sum = add_carry(checksum_sum(segment), address_sum);
  sum = add_carry(sum, big_endian_word(length & 0xFFFFU) + big_endian_word(length >> 16U) + big_endian_word(protocol));
  return fold_sum(sum) == 0xFFFF;
}

}  // namespace sealtrace::decode
