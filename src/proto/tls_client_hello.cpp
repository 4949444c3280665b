#include "proto/tls_extension_reader.hpp"
#include "proto/tls_handshake.hpp"

namespace sealtrace {
namespace {

/// host_name_of reads a ServerNameList (RFC 6066 section 3): the first name of type host_name.
std::string_view host_name_of(ByteReader& data) {
  std::string_view host_name;
  ByteReader list = data.block16("server_name_list");
  while (list.more()) {
    const std::uint8_t name_type = list.u8("name_type");
    const Bytes name = list.block16("name").rest();
    if (name_type == 0 && host_name.empty()) host_name = as_text(name);
  }
  return host_name;
}

/// first_identity_of reads an OfferedPsks (RFC 8446 section 4.2.11) as far as its first identity; the binders are not looked at.
Bytes first_identity_of(ByteReader& data) {
  ByteReader identities = data.block16("identities");
  const Bytes identity = identities.block16("identity").rest();
  identities.u32("obfuscated_ticket_age");
  data.skip(data.remaining(), "binders");
  return identity;
}

bool read_client_extension(const Extension& extension, ClientHello& hello) {
  switch (extension.type) {
    case ExtensionType::server_name: return read_extension(extension.data, host_name_of, hello.server_name);
    case ExtensionType::supported_groups: return read_extension(extension.data, u16_list_16, hello.supported_groups);
    case ExtensionType::ec_point_formats: return read_extension(extension.data, octets_8, hello.ec_point_formats);
    case ExtensionType::signature_algorithms: return read_extension(extension.data, u16_list_16, hello.signature_algorithms);
    case ExtensionType::use_srtp: return read_extension(extension.data, srtp_profiles_of, hello.use_srtp);
    case ExtensionType::application_layer_protocol_negotiation: return read_extension(extension.data, protocol_names_of, hello.alpn);
    case ExtensionType::supported_versions: return read_extension(extension.data, u16_list_8, hello.supported_versions);
    case ExtensionType::session_ticket: hello.session_ticket = extension.data; return true;
    case ExtensionType::pre_shared_key:
      hello.pre_shared_key = true;
      return read_extension(extension.data, first_identity_of, hello.psk_identity);
    case ExtensionType::early_data: hello.early_data = true; return true;
    case ExtensionType::post_handshake_auth: hello.post_handshake_auth = true; return true;
    case ExtensionType::extended_master_secret: hello.extended_master_secret = true; return true;
    case ExtensionType::renegotiation_info: hello.renegotiation_info = true; return true;
    case ExtensionType::encrypted_client_hello: hello.encrypted_client_hello = true; return true;
    case ExtensionType::cert_type:
    case ExtensionType::client_certificate_type:
    case ExtensionType::server_certificate_type:
    case ExtensionType::encrypt_then_mac:
    case ExtensionType::key_share_of_drafts:
    case ExtensionType::key_share:
    case ExtensionType::next_protocol_negotiation:
    case ExtensionType::channel_id:
    case ExtensionType::channel_id_old: return true;
  }
  return true;
}

}  // namespace

Parsed<ClientHello> parse_client_hello(Bytes body, HelloFormat format) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  ClientHello hello;
  hello.legacy_version = reader.u16("legacy_version");
  hello.random = reader.bytes(kRandomBytes, "random");
  hello.session_id = reader.block8("legacy_session_id").rest();
  reader.require(hello.session_id.size() <= kMaxSessionIdBytes, "legacy_session_id");
  if (format == HelloFormat::dtls) hello.cookie = reader.block8("cookie").rest();
  const Bytes cipher_suites = reader.block16("cipher_suites").rest();
  reader.require(!cipher_suites.empty() && cipher_suites.size() % 2 == 0, "cipher_suites");
  hello.cipher_suites = U16List{cipher_suites};
  hello.compression_methods = reader.block8("legacy_compression_methods").rest();
  reader.require(!hello.compression_methods.empty(), "legacy_compression_methods");
  if (reader.remaining() >= 2) {
    const ByteReader extensions = reader.block16("extensions");
    hello.extensions = extensions.rest();
    read_extension_list(extensions, [&hello](const Extension& extension) {
      if (!read_client_extension(extension, hello) && !hello.unreadable_extension) hello.unreadable_extension = extension.type;
    });
  }
  return scope.finish(hello);
}

}  // namespace sealtrace
