// Elements of DER and BER with definite lengths (X.690 section 8.1), as far as signatures look into them.
#pragma once

#include <algorithm>

#include "wire/byte_reader.hpp"

namespace sealtrace {

inline constexpr std::uint8_t kDerInteger = 0x02;
inline constexpr std::uint8_t kDerOctetString = 0x04;
inline constexpr std::uint8_t kDerSequence = 0x30;

/// read_der_length reads a length of at most four octets behind its first. Fails as malformed for the indefinite form.
inline std::size_t read_der_length(ByteReader& reader, std::string_view field) {
  const std::uint8_t first = reader.u8(field);
  if (first < 0x80) return first;
  const std::size_t num_octets = first & 0x7FU;
  reader.require(num_octets >= 1 && num_octets <= 4, field);
  std::size_t length = 0;
  for (std::size_t i = 0; i < num_octets && reader.scope().ok(); ++i) length = length << 8 | reader.u8(field);
  return length;
}

/// enter_der reads an element's head and gives a reader of its content, or of as much of it as there is: a signature stands at the front.
inline ByteReader enter_der(ByteReader& reader, std::uint8_t tag, std::string_view field) {
  reader.require(reader.u8(field) == tag || !reader.scope().ok(), field);
  const std::size_t length = read_der_length(reader, field);
  return ByteReader{reader.bytes(std::min(length, reader.remaining()), field), reader.scope()};
}

}  // namespace sealtrace
