// The extensions of a certificate that a report or a rule looks at (RFC 5280 section 4.2.1).
#pragma once

#include <string>
#include <string_view>

#include "model/audit.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// read_extensions fills the fields of the extensions that CertificateFields names from the content of the SEQUENCE OF Extension. They are
/// walked here, because OpenSSL's objects for them cost 13 us a certificate; a test holds the result against OpenSSL's. Returns the name of
/// the first part that cannot be read, empty when there is none. With `only`, the others than the one of that name are passed over.
std::string read_extensions(Bytes extensions, CertificateFields& fields, std::string_view only = {});

}  // namespace sealtrace
