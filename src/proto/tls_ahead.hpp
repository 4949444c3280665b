// What octets say that come where a message of a protocol is due that can change into TLS in place (STARTTLS and its kin).
#pragma once

#include <cstdint>

#include "wire/bytes.hpp"

namespace sealtrace {

/// TlsAhead: `first_record` when the header of a TLS handshake record begins the octets, `more_records` when octets follow that record. A
/// client that has gone on behind its ClientHello has had the server's answers, whether they were captured or not: that is how one side
/// of an upgrade is enough to see it.
enum class TlsAhead : std::uint8_t { no, need_more, first_record, more_records };

/// tls_ahead looks at the start of `octets` (RFC 8446 section 5.1).
TlsAhead tls_ahead(Bytes octets);

}  // namespace sealtrace
