// BER as application protocols use it (X.690 section 8): elements of one-octet tags and definite lengths, as RFC 4511 section 5.1 asks of
// LDAP, RFC 3417 section 8 of SNMP, and the DER of Kerberos needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// BerTag is the identifier octet: class, constructed bit and number below 31.
enum class BerTag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  octet_string = 0x04,
  null = 0x05,
  object_identifier = 0x06,
  enumerated = 0x0A,
  sequence = 0x30,
  set = 0x31,
};

/// BerForm is the constructed bit.
enum class BerForm : std::uint8_t { primitive = 0x00, constructed = 0x20 };

/// ber_application is [APPLICATION number], ber_context is [number]; numbers below 31.
constexpr BerTag ber_application(std::uint8_t number, BerForm form) {
  return BerTag{static_cast<std::uint8_t>(0x40U | static_cast<unsigned>(form) | number)};
}
constexpr BerTag ber_context(std::uint8_t number, BerForm form) {
  return BerTag{static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(form) | number)};
}

/// BerHeader is identifier and length; `length` counts the octets of the content, which need not have been captured or sent yet.
struct BerHeader {
  BerTag tag{};
  std::uint32_t length = 0;
};

/// read_ber_header takes identifier and length octets. Lengths in more octets than they need are read (Active Directory always writes
/// four), an indefinite length fails as malformed, a tag number of several octets and a length above 32 bits as unsupported.
BerHeader read_ber_header(ByteReader& reader, std::string_view field);

/// BerElement is an element whose content is a reader that cannot leave it.
struct BerElement {
  BerTag tag{};
  ByteReader content;
};

/// read_ber takes the next element with its content.
BerElement read_ber(ByteReader& reader, std::string_view field);

/// read_ber takes the next element, which must have `tag` (malformed otherwise), and gives its content.
ByteReader read_ber(ByteReader& reader, BerTag tag, std::string_view field);

/// next_ber_is tells whether an element of `tag` follows: how optional components and CHOICEs are read.
bool next_ber_is(const ByteReader& reader, BerTag tag);

/// read_ber_integer takes an INTEGER or ENUMERATED of at most eight octets (X.690 section 8.3: two's complement); malformed when empty,
/// unsupported when longer.
std::int64_t read_ber_integer(ByteReader& reader, BerTag tag, std::string_view field);

}  // namespace sealtrace
