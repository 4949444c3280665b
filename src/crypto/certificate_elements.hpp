// The elements of an X.509 certificate as they lie in its DER (RFC 5280 section 4.1).
#pragma once

#include <optional>

#include "crypto/der_reader.hpp"
#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// CertificateElements borrows from the DER. `extensions` is the SEQUENCE OF Extension with its tag, empty in versions 1 and 2.
struct CertificateElements {
  Bytes version;          ///< the INTEGER's content; empty in version 1
  Bytes serial_number;    ///< the INTEGER's content, two's complement
  DerElement issuer;      ///< Name
  DerElement not_before;  ///< Time
  DerElement not_after;
  DerElement subject;  ///< Name
  DerElement subject_public_key_info;
  DerElement extensions;
  DerElement signature_algorithm;   ///< the outer one
  std::optional<ParseError> error;  ///< where reading stopped; the elements before it are good
};

/// split_certificate walks a certificate without reading inside its names, times, keys and extensions.
CertificateElements split_certificate(Bytes der);

}  // namespace sealtrace
