// Text of certificates: octets of strangers made fit for a report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "wire/bytes.hpp"

namespace sealtrace {

/// escaped_text copies valid UTF-8 and spells control characters, and octets that are no UTF-8, as \xHH.
std::string escaped_text(Bytes octets);

/// utf8_length gives the length of the UTF-8 sequence at the start of `octets` (RFC 3629), which must not be empty; 0 when there is none.
std::size_t utf8_length(Bytes octets);

/// is_control is true for a sequence that moves the cursor instead of showing something: C0, DEL, C1.
bool is_control(Bytes sequence);

/// object_text names an OBJECT IDENTIFIER by its content: OpenSSL's short or long name, else the dotted numbers.
enum class ObjectNaming : std::uint8_t { short_name, long_name };
std::string object_text(Bytes content, ObjectNaming naming);

}  // namespace sealtrace
