#include "proto/tls13_handshake.hpp"

#include "proto/tls_extension_reader.hpp"

namespace sealtrace {
namespace {

constexpr ExtensionType kStatusRequest{5};
constexpr ExtensionType kCertificateAuthorities{47};

bool is_x509(Bytes content) {
  std::uint8_t type = 0;
  return !read_extension(content, one_octet, type) || type == 0;
}

std::string_view protocol_of(ByteReader& data) {
  ByteReader names = data.block16("protocol_name_list");
  return as_text(names.block8("protocol_name").rest());
}

Bytes names_of(ByteReader& data) { return data.block16("authorities").rest(); }

}  // namespace

Parsed<EncryptedExtensions> parse_encrypted_extensions(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  EncryptedExtensions found;
  const ByteReader extensions = reader.block16("extensions");
  reader.finished("extensions");
  read_extension_list(extensions, [&found](const Extension& extension) {
    if (extension.type == ExtensionType::application_layer_protocol_negotiation) read_extension(extension.data, protocol_of, found.alpn);
    if (extension.type == ExtensionType::early_data) found.early_data = true;
    if (extension.type == ExtensionType::client_certificate_type) found.client_certificate_is_x509 = is_x509(extension.data);
    if (extension.type == ExtensionType::server_certificate_type) found.server_certificate_is_x509 = is_x509(extension.data);
  });
  return scope.finish(found);
}

Parsed<CertificateRequest13> parse_certificate_request13(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  CertificateRequest13 request;
  request.certificate_request_context = reader.block8("certificate_request_context").rest();
  const ByteReader extensions = reader.block16("extensions");
  reader.finished("extensions");
  read_extension_list(extensions, [&request](const Extension& extension) {
    Bytes names;
    if (extension.type == kCertificateAuthorities && read_extension(extension.data, names_of, names)) {
      request.certificate_authorities = BlockList<2>{names};
    }
  });
  return scope.finish(request);
}

Parsed<Certificate13> parse_certificate13(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  Certificate13 certificate;
  certificate.certificate_request_context = reader.block8("certificate_request_context").rest();
  ByteReader list = reader.block24("certificate_list");
  certificate.certificate_list = list.rest();
  reader.finished("certificate_list");
  while (list.more()) {
    ByteReader entry = list.block24("cert_data");
    entry.require(!entry.empty(), "cert_data");
    list.block16("extensions");
  }
  return scope.finish(certificate);
}

Bytes stapled_response(Bytes extensions) {
  ParseScope scope;
  const ByteReader reader{extensions, scope};
  Bytes response;
  read_extension_list(reader, [&response](const Extension& extension) {
    if (extension.type != kStatusRequest) return;
    if (const auto status = parse_certificate_status(extension.data); status && !status->empty()) response = *status->begin();
  });
  return response;
}

Parsed<CompressedCertificate> parse_compressed_certificate(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  CompressedCertificate certificate;
  certificate.algorithm = reader.u16("algorithm");
  certificate.uncompressed_length = reader.u24("uncompressed_length");
  certificate.compressed_certificate_message = reader.block24("compressed_certificate_message").rest();
  reader.finished("compressed_certificate_message");
  return scope.finish(certificate);
}

Parsed<NewSessionTicket13> parse_new_session_ticket13(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  NewSessionTicket13 ticket;
  ticket.ticket_lifetime = reader.u32("ticket_lifetime");
  reader.u32("ticket_age_add");
  reader.block8("ticket_nonce");
  ticket.ticket = reader.block16("ticket").rest();
  reader.require(!ticket.ticket.empty(), "ticket");
  reader.block16("extensions");
  reader.finished("extensions");
  return scope.finish(ticket);
}

}  // namespace sealtrace
