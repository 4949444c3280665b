// DER as far as a certificate needs it (X.690): elements of one-octet tags and definite lengths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// DerTag is the identifier octet: class, constructed bit and number.
enum class DerTag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  object_identifier = 0x06,
  utc_time = 0x17,
  generalized_time = 0x18,
  sequence = 0x30,
  set = 0x31,
};

/// context_tag is [number] of the context class.
constexpr DerTag context_tag(std::uint8_t number, bool constructed) {
  return DerTag{static_cast<std::uint8_t>(0x80U | (constructed ? 0x20U : 0U) | number)};
}

/// DerElement borrows: `whole` with tag and length, `content` without.
struct DerElement {
  DerTag tag{};
  Bytes content;
  Bytes whole;
};

/// read_der takes the next element. Indefinite lengths and tags of several octets are malformed (DER knows no indefinite length, and
/// no certificate has such tags); lengths in more octets than they need are read.
DerElement read_der(ByteReader& reader, std::string_view field);

/// read_der takes the next element, which must have `tag`.
DerElement read_der(ByteReader& reader, DerTag tag, std::string_view field);

/// next_der_is tells whether an element of `tag` follows: how optional fields are read.
bool next_der_is(const ByteReader& reader, DerTag tag);

}  // namespace sealtrace
