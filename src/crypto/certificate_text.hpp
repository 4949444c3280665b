// Text of certificates: octets of strangers made fit for a report.
#pragma once

#include <cstdint>
#include <string>

#include "wire/bytes.hpp"

namespace sealtrace {

/// escaped_text copies valid UTF-8 and spells control characters, and octets that are no UTF-8, as \xHH.
std::string escaped_text(Bytes octets);

/// name_text gives a Name (DER with its tag) as RFC 2253 text; empty and `readable` false when it is no Name. The usual string types
/// are written here, because OpenSSL writes a name octet by octet (15 us); the others are left to X509_NAME_print_ex.
std::string name_text(Bytes name, bool& readable);

/// object_text names an OBJECT IDENTIFIER by its content: OpenSSL's short or long name, else the dotted numbers.
enum class ObjectNaming : std::uint8_t { short_name, long_name };
std::string object_text(Bytes content, ObjectNaming naming);

}  // namespace sealtrace
