#include <algorithm>
#include <array>

#include "proto/tls_extension_reader.hpp"
#include "proto/tls_handshake.hpp"

namespace sealtrace {
namespace {

/// kHelloRetryRequestRandom marks a HelloRetryRequest (RFC 8446 section 4.1.3).
constexpr std::array<std::uint8_t, kRandomBytes> kHelloRetryRequestRandom{0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                                                                          0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                                                                          0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};
constexpr std::array<std::uint8_t, 7> kDowngradeSentinel{0x44, 0x4F, 0x57, 0x4E, 0x47, 0x52, 0x44};

DowngradeSentinel downgrade_sentinel_of(Bytes random) {
  if (random.size() != kRandomBytes || !std::ranges::equal(random.subspan(24, 7), kDowngradeSentinel)) return DowngradeSentinel::none;
  const std::uint8_t last = random[31];
  return last == 1 ? DowngradeSentinel::to_tls1_2 : last == 0 ? DowngradeSentinel::to_tls1_1_or_below : DowngradeSentinel::none;
}

/// selected_group_of reads the server's KeyShareEntry, or the group alone that a HelloRetryRequest names (RFC 8446 section 4.2.8).
NamedGroup selected_group_of(ByteReader& data) {
  const NamedGroup group{data.u16("group")};
  if (!data.empty()) data.block16("key_exchange");
  return group;
}

std::uint16_t selected_version_of(ByteReader& data) { return data.u16("selected_version"); }

std::uint16_t selected_identity_of(ByteReader& data) { return data.u16("selected_identity"); }

std::string_view selected_protocol_of(ByteReader& data) {
  ByteReader names = data.block16("protocol_name_list");
  const Bytes name = names.block8("protocol_name").rest();
  names.finished("protocol_name_list");
  return as_text(name);
}

std::uint16_t selected_srtp_profile_of(ByteReader& data) {
  const U16List profiles = srtp_profiles_of(data);
  data.require(profiles.size() == 1, "SRTPProtectionProfiles");
  return profiles.empty() ? std::uint16_t{0} : *profiles.begin();
}

Bytes srtp_mki_of(ByteReader& data) {
  data.block16("SRTPProtectionProfiles");
  return data.block8("srtp_mki").rest();
}

bool read_certificate_type(Bytes content, bool& is_x509) {
  std::uint8_t type = 0;
  if (!read_extension(content, one_octet, type)) return false;
  is_x509 = type == 0;
  return true;
}

bool read_server_extension(const Extension& extension, ServerHello& hello) {
  switch (extension.type) {
    case ExtensionType::supported_versions: {
      std::uint16_t selected = 0;
      if (!read_extension(extension.data, selected_version_of, selected)) return false;
      hello.version = normalise_version(selected);
      return true;
    }
    case ExtensionType::key_share_of_drafts:
    case ExtensionType::key_share: return read_extension(extension.data, selected_group_of, hello.group);
    case ExtensionType::use_srtp:
      return read_extension(extension.data, selected_srtp_profile_of, hello.use_srtp) &&
             read_extension(extension.data, srtp_mki_of, hello.srtp_mki);
    case ExtensionType::application_layer_protocol_negotiation: return read_extension(extension.data, selected_protocol_of, hello.alpn);
    case ExtensionType::cert_type:
      return read_certificate_type(extension.data, hello.server_certificate_is_x509) &&
             read_certificate_type(extension.data, hello.client_certificate_is_x509);
    case ExtensionType::client_certificate_type: return read_certificate_type(extension.data, hello.client_certificate_is_x509);
    case ExtensionType::server_certificate_type: return read_certificate_type(extension.data, hello.server_certificate_is_x509);
    case ExtensionType::session_ticket: hello.session_ticket = true; return true;
    case ExtensionType::pre_shared_key:
      hello.pre_shared_key = true;
      read_extension(extension.data, selected_identity_of, hello.selected_identity);
      return true;
    case ExtensionType::extended_master_secret: hello.extended_master_secret = true; return true;
    case ExtensionType::renegotiation_info: hello.renegotiation_info = true; return true;
    case ExtensionType::encrypt_then_mac: hello.encrypt_then_mac = true; return true;
    case ExtensionType::next_protocol_negotiation: hello.next_protocol_negotiation = true; return true;
    case ExtensionType::channel_id:
    case ExtensionType::channel_id_old: hello.channel_id = true; return true;
    case ExtensionType::server_name:
    case ExtensionType::supported_groups:
    case ExtensionType::ec_point_formats:
    case ExtensionType::signature_algorithms:
    case ExtensionType::early_data:
    case ExtensionType::post_handshake_auth:
    case ExtensionType::encrypted_client_hello: return true;
  }
  return true;
}

void read_server_extensions(ByteReader& reader, ServerHello& hello) {
  if (!reader.more()) return;
  const ByteReader extensions = reader.block16("extensions");
  hello.extensions = extensions.rest();
  reader.finished("extensions");
  read_extension_list(extensions,
                      [&](const Extension& extension) { reader.require(read_server_extension(extension, hello), "extension_data"); });
}

/// ServerHelloShape: TLS 1.3's drafts 18 to 21 left the session id and the compression method out.
enum class ServerHelloShape : std::uint8_t { usual, draft };

Parsed<ServerHello> parse_server_hello_as(Bytes body, ServerHelloShape shape) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  ServerHello hello;
  hello.legacy_version = reader.u16("legacy_version");
  hello.version = normalise_version(hello.legacy_version);
  hello.random = reader.bytes(kRandomBytes, "random");
  if (shape == ServerHelloShape::usual) {
    hello.session_id = reader.block8("legacy_session_id_echo").rest();
    reader.require(hello.session_id.size() <= kMaxSessionIdBytes, "legacy_session_id_echo");
  }
  hello.cipher_suite = CipherSuite{reader.u16("cipher_suite")};
  if (shape == ServerHelloShape::usual) hello.compression_method = reader.u8("legacy_compression_method");
  read_server_extensions(reader, hello);
  hello.hello_retry_request = std::ranges::equal(hello.random, kHelloRetryRequestRandom);
  hello.downgrade_sentinel = downgrade_sentinel_of(hello.random);
  return scope.finish(hello);
}

}  // namespace

Parsed<ServerHello> parse_server_hello(Bytes body) {
  if (!body.empty() && body[0] == 0x7F) {
    if (Parsed<ServerHello> hello = parse_server_hello_as(body, ServerHelloShape::draft)) return hello;
  }
  return parse_server_hello_as(body, ServerHelloShape::usual);
}

Parsed<ServerHello> parse_draft_hello_retry_request(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  ServerHello hello;
  hello.hello_retry_request = true;
  hello.legacy_version = reader.u16("server_version");
  reader.require(is_tls13_draft(hello.legacy_version), "server_version");
  hello.version = TlsVersion::tls1_3;
  constexpr std::uint16_t kFirstDraftWithSuite = 0x7F13;  // draft 19
  if (hello.legacy_version >= kFirstDraftWithSuite) hello.cipher_suite = CipherSuite{reader.u16("cipher_suite")};
  read_server_extensions(reader, hello);
  return scope.finish(hello);
}

}  // namespace sealtrace
