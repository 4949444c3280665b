// Handshake messages that TLS 1.3 protects (RFC 8446 sections 4.3, 4.4, 4.6). Every parser takes the body, whole; results borrow from it.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/tls_handshake.hpp"

namespace sealtrace {

/// EncryptedExtensions (RFC 8446 section 4.3.1).
struct EncryptedExtensions {
  std::string_view alpn;
  bool early_data = false;
  bool client_certificate_is_x509 = true;
  bool server_certificate_is_x509 = true;
};
Parsed<EncryptedExtensions> parse_encrypted_extensions(Bytes body);

/// CertificateRequest13 (RFC 8446 section 4.3.2): the names of authorities stand in extension 47. The context is empty in the handshake.
struct CertificateRequest13 {
  Bytes certificate_request_context;
  BlockList<2> certificate_authorities;
};
Parsed<CertificateRequest13> parse_certificate_request13(Bytes body);

/// Certificate13 (RFC 8446 section 4.4.2). `certificate_list` is well formed; for_each_certificate walks it.
struct Certificate13 {
  Bytes certificate_request_context;
  Bytes certificate_list;
};
Parsed<Certificate13> parse_certificate13(Bytes body);

/// for_each_certificate calls `visit(Bytes, Bytes)` with the DER and the extensions of each entry, leaf first.
template <typename Visit>
void for_each_certificate(Bytes certificate_list, Visit visit) {
  ParseScope scope;
  ByteReader list{certificate_list, scope};
  while (list.more()) {
    const Bytes der = list.block24("cert_data").rest();
    const Bytes extensions = list.block16("extensions").rest();
    if (scope.ok()) visit(der, extensions);
  }
}

/// stapled_response gives the OCSP response among the extensions of an entry (RFC 8446 section 4.4.2.1); empty when there is none.
Bytes stapled_response(Bytes extensions);

/// CompressedCertificate (RFC 8879 section 4): 1 is zlib, 2 brotli, 3 zstd.
struct CompressedCertificate {
  std::uint16_t algorithm = 0;
  std::uint32_t uncompressed_length = 0;
  Bytes compressed_certificate_message;
};
Parsed<CompressedCertificate> parse_compressed_certificate(Bytes body);

/// NewSessionTicket13 (RFC 8446 section 4.6.1).
struct NewSessionTicket13 {
  std::uint32_t ticket_lifetime = 0;  ///< seconds
  Bytes ticket;
};
Parsed<NewSessionTicket13> parse_new_session_ticket13(Bytes body);

}  // namespace sealtrace
