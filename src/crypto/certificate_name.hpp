// Distinguished names as text (RFC 2253).
#pragma once

#include <string>
#include <vector>

#include "wire/bytes.hpp"

namespace sealtrace {

/// name_text gives a Name (DER with its tag) as RFC 2253 text; empty and `readable` false when it is no Name. The usual string types
/// are written here, because OpenSSL writes a name octet by octet (15 us); the others are left to X509_NAME_print_ex.
std::string name_text(Bytes name, bool& readable);

/// common_names gives the values of a Name's commonName attributes as escaped text, in the Name's order; those in string types other
/// than UTF8String, PrintableString, IA5String and T61String are left out.
std::vector<std::string> common_names(Bytes name);

}  // namespace sealtrace
