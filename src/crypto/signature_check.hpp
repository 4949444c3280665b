// Signatures of TLS handshakes: CertificateVerify and ServerKeyExchange under the key of a certificate.
#pragma once

#include "model/fact.hpp"
#include "model/tls_numbers.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// SignedBy says who signs in TLS 1.3, which goes into what is signed (RFC 8446 section 4.4.3).
enum class SignedBy : bool { server, client };

/// check_signature verifies `signature` over `content` with the key of the certificate `der`. `scheme` is 0 before TLS 1.2, where the key
/// says how (RFC 4346 section 7.4.8). not_possible for a certificate or scheme that cannot be used, failed for a signature that is not this
/// key's. `version` decides how a scheme is read: in TLS 1.2 an ECDSA scheme does not name the curve.
Check check_signature(Bytes der, SignatureScheme scheme, TlsVersion version, Bytes content, Bytes signature);

/// check_tls13_signature verifies a CertificateVerify over the hash of the transcript (RFC 8446 section 4.4.3).
Check check_tls13_signature(Bytes der, SignatureScheme scheme, SignedBy signer, Bytes transcript_hash, Bytes signature);

}  // namespace sealtrace
