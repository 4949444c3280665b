#include "crypto/der_reader.hpp"

namespace sealtrace {

DerElement read_der(ByteReader& reader, std::string_view field) {
  constexpr std::uint8_t kSeveralOctets = 0x1F;
  constexpr std::uint8_t kLongForm = 0x80;
  constexpr std::size_t kMaxLengthOctets = 4;
  const Bytes from_here = reader.rest();
  DerElement element;
  element.tag = DerTag{reader.u8(field)};
  reader.require((static_cast<std::uint8_t>(element.tag) & kSeveralOctets) != kSeveralOctets, field);
  std::size_t length = reader.u8(field);
  if ((length & kLongForm) != 0) {
    const std::size_t num_octets = length & 0x7F;
    reader.require(num_octets > 0 && num_octets <= kMaxLengthOctets, field);
    length = 0;
    for (const std::uint8_t octet : reader.bytes(num_octets, field)) length = length << 8 | octet;
  }
  element.content = reader.bytes(length, field);
  if (reader.scope().ok()) element.whole = from_here.first(from_here.size() - reader.remaining());
  return element;
}

DerElement read_der(ByteReader& reader, DerTag tag, std::string_view field) {
  const bool expected = next_der_is(reader, tag);
  if (!reader.empty()) reader.require(expected, field);
  return read_der(reader, field);
}

bool next_der_is(const ByteReader& reader, DerTag tag) {
  const Bytes rest = reader.rest();
  return !rest.empty() && rest[0] == static_cast<std::uint8_t>(tag);
}

}  // namespace sealtrace
