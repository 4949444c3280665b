// The certificates in a file of any usual form: PEM and text around it, DER, PKCS #7, PKCS #12.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/bytes.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxCertificatesOfFile = 200'000;  ///< an inventory in one PEM file

/// PrivateKeyState is what is said of a private key that lies beside a certificate. The key itself is compared and given back at once.
enum class PrivateKeyState : std::uint8_t { none, matches, differs, not_readable };

/// CertificateBundle is what a file holds, in its order; a PKCS #12 file's own certificate comes first. `error` says why nothing, or no
/// more, could be read.
struct CertificateBundle {
  std::vector<std::vector<std::uint8_t>> certificates;
  PrivateKeyState private_key = PrivateKeyState::none;
  std::string error;
};

/// read_bundle reads a file's octets. `password` opens a PKCS #12 file, and is used for nothing else.
CertificateBundle read_bundle(Bytes file, std::string_view password);

/// sha1_thumbprint is the upper-case hex by which Windows names a certificate.
std::string sha1_thumbprint(Bytes der);

}  // namespace sealtrace
