// The public key of a certificate, without making OpenSSL's key object of it.
#pragma once

#include <cstdint>
#include <string>

#include "wire/bytes.hpp"

namespace sealtrace {

/// PublicKeyFields describes a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). `bits` is the RSA modulus, the DSA or DH prime, or the
/// field of the curve; 0 when not known.
struct PublicKeyFields {
  std::string algorithm;  ///< RSA, RSA-PSS, EC, DSA, DH, Ed25519, Ed448, X25519, X448; else OpenSSL's name of the OID
  std::string curve;      ///< RFC 8422's name where there is one
  std::uint32_t bits = 0;
  Bytes modulus;   ///< of RSA, without leading zeros; borrowed
  Bytes exponent;  ///< of RSA, without leading zeros; borrowed
  bool readable = true;
};

/// read_public_key takes the SubjectPublicKeyInfo's content.
PublicKeyFields read_public_key(Bytes subject_public_key_info);

}  // namespace sealtrace
