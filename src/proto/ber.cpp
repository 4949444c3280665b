#include "proto/ber.hpp"

namespace sealtrace {
namespace {

constexpr std::uint8_t kTagNumberMask = 0x1F;
constexpr std::uint8_t kLongForm = 0x80;
constexpr std::size_t kMaxLengthOctets = 4;

}  // namespace

BerHeader read_ber_header(ByteReader& reader, std::string_view field) {
  const std::uint8_t identifier = reader.u8(field);
  reader.supported((identifier & kTagNumberMask) != kTagNumberMask, field);
  const std::uint8_t first = reader.u8(field);
  if ((first & kLongForm) == 0) return {.tag = BerTag{identifier}, .length = first};
  const std::size_t num_octets = first & 0x7FU;
  reader.require(num_octets != 0, field);  // X.690 section 8.1.3.6: indefinite
  reader.supported(num_octets <= kMaxLengthOctets, field);
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < num_octets && reader.scope().ok(); ++i) length = length << 8 | reader.u8(field);
  return {.tag = BerTag{identifier}, .length = length};
}

BerElement read_ber(ByteReader& reader, std::string_view field) {
  const BerHeader header = read_ber_header(reader, field);
  return {.tag = header.tag, .content = reader.block(header.length, field)};
}

ByteReader read_ber(ByteReader& reader, BerTag tag, std::string_view field) {
  reader.require(reader.empty() || next_ber_is(reader, tag), field);
  return read_ber(reader, field).content;
}

bool next_ber_is(const ByteReader& reader, BerTag tag) { return reader.more() && reader.rest()[0] == static_cast<std::uint8_t>(tag); }

std::int64_t read_ber_integer(ByteReader& reader, BerTag tag, std::string_view field) {
  ByteReader content = read_ber(reader, tag, field);
  content.require(!content.empty(), field);
  content.supported(content.remaining() <= sizeof(std::int64_t), field);
  if (!content.more()) return 0;
  std::uint64_t value = (content.rest()[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  while (content.more()) value = value << 8 | content.u8(field);
  return static_cast<std::int64_t>(value);
}

}  // namespace sealtrace
