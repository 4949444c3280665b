// The messages of SOCKS 5's method negotiation (RFC 1928 section 3).
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// SpecimenMethod (IANA "SOCKS Methods"); unknown values are kept.
enum class SpecimenMethod : std::uint8_t { no_authentication = 0x00, gssapi = 0x01, username_password = 0x02, none_acceptable = 0xFF };

inline constexpr std::uint8_t kSpecimenVersion = 5;

/// SpecimenGreeting is the client's message: the methods it offers, one octet each, borrowed.
struct SpecimenGreeting {
  Bytes methods;
  std::size_t length = 0;  ///< of the message, in octets
};

/// parse_specimen_greeting reads VER, NMETHODS and METHODS from the start of a stream (need_more below two octets and NMETHODS).
/// Fails as unsupported for another version, as malformed when no method is offered.
Parsed<SpecimenGreeting> parse_specimen_greeting(Bytes stream);

/// SpecimenSelection is the server's message.
struct SpecimenSelection {
  SpecimenMethod method{};
  std::size_t length = 0;  ///< of the message, in octets
};

/// parse_specimen_selection reads VER and METHOD from the start of a stream (need_more below two octets). Fails as unsupported
/// for another version.
Parsed<SpecimenSelection> parse_specimen_selection(Bytes stream);

}  // namespace sealtrace
