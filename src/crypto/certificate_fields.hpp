// What a certificate says, as text and numbers.
#pragma once

#include <optional>
#include <string>

#include "model/audit.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// read_certificate reads one certificate. A full d2i_X509 decodes the public key eagerly and costs more than ten times as much; here
/// the DER is split into its elements and OpenSSL reads those that need it. What cannot be read is named in `error`, the other
/// fields are filled as far as they go. All text is valid UTF-8; octets that are not, and control characters, are escaped.
CertificateFields read_certificate(Bytes der);

/// read_certificate_names reads what read_certificate does, but of the fields only the subject and the subjectAltName.
CertificateFields read_certificate_names(Bytes der);

/// read_not_after gives the field of that name alone.
std::optional<Timestamp> read_not_after(Bytes der);

/// signature_hash_of gives the hash of a signature algorithm by OpenSSL's long name of it; empty where it names none.
std::string signature_hash_of(const std::string& algorithm);

/// read_rsa_modulus gives the modulus of an RSA key without leading zeros, borrowed from `der`; empty for other keys.
Bytes read_rsa_modulus(Bytes der);

}  // namespace sealtrace
