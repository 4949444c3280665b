#include "correlate/encrypted_flight.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

/// Extension types that say how certificates may be sent (RFC 7250 section 4, RFC 8773 section 4).
constexpr std::uint16_t kClientCertificateType = 19;
constexpr std::uint16_t kCertificateWithExternPsk = 33;

bool has(const std::vector<std::uint16_t>& extensions, std::uint16_t type) {
  return std::ranges::find(extensions, type) != extensions.end();
}

}  // namespace

void EncryptedFlight::on(const TlsClientHello& hello) {
  *this = {};
  early_data_offered = hello.early_data;
  post_handshake_auth = hello.post_handshake_auth;
  raw_public_keys = has(hello.extensions, kClientCertificateType);
}

void EncryptedFlight::on(const TlsServerHello& hello) {
  cipher_suite = hello.cipher_suite;
  pre_shared_key = hello.pre_shared_key;
  certificate_with_psk = has(hello.extensions, kCertificateWithExternPsk);
  cut = false;
  records.clear();
}

void EncryptedFlight::on(const TlsApplicationData& data, Side sender) {
  if (!cut) records.push_back({.sender = sender, .bytes = data.record_bytes});
}

}  // namespace sealtrace
