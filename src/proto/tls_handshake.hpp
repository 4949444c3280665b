// Handshake messages of SSL 3.0, TLS and DTLS. Every parser takes the message's body, without the header of 4 (TLS) or 12
// (DTLS) octets, whole: what is missing in it is malformed. Results borrow from the body. Specification terms are RFC 8446's
// where it has one, else RFC 5246's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/tls_numbers.hpp"
#include "wire/byte_reader.hpp"
#include "wire/octet_list.hpp"

namespace sealtrace {

/// HandshakeType (IANA "TLS HandshakeType"); unknown values are kept.
enum class HandshakeType : std::uint8_t {
  hello_request = 0,
  client_hello = 1,
  server_hello = 2,
  hello_verify_request = 3,  ///< DTLS
  new_session_ticket = 4,
  end_of_early_data = 5,
  hello_retry_request = 6,  ///< drafts of TLS 1.3 before 22
  encrypted_extensions = 8,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  server_hello_done = 14,
  certificate_verify = 15,
  client_key_exchange = 16,
  finished = 20,
  certificate_url = 21,
  certificate_status = 22,
  supplemental_data = 23,
  key_update = 24,
  compressed_certificate = 25,
  next_protocol = 67,
};

/// is_assigned is true for the types above: what a handshake in the clear may begin with.
constexpr bool is_assigned(HandshakeType type) {
  switch (type) {
    case HandshakeType::hello_request:
    case HandshakeType::client_hello:
    case HandshakeType::server_hello:
    case HandshakeType::hello_verify_request:
    case HandshakeType::new_session_ticket:
    case HandshakeType::end_of_early_data:
    case HandshakeType::hello_retry_request:
    case HandshakeType::encrypted_extensions:
    case HandshakeType::certificate:
    case HandshakeType::server_key_exchange:
    case HandshakeType::certificate_request:
    case HandshakeType::server_hello_done:
    case HandshakeType::certificate_verify:
    case HandshakeType::client_key_exchange:
    case HandshakeType::finished:
    case HandshakeType::certificate_url:
    case HandshakeType::certificate_status:
    case HandshakeType::supplemental_data:
    case HandshakeType::key_update:
    case HandshakeType::compressed_certificate:
    case HandshakeType::next_protocol: return true;
  }
  return false;
}

/// HandshakeHeader is the four octets before a TLS handshake message (RFC 8446 section 4). DTLS has its own, longer one.
struct HandshakeHeader {
  HandshakeType type{};
  std::uint32_t length = 0;  ///< of the body, in octets
};
inline constexpr std::size_t kHandshakeHeaderBytes = 4;

/// parse_handshake_header needs four octets (need_more below that).
Parsed<HandshakeHeader> parse_handshake_header(Bytes bytes);

/// hello_random_of gives the random of a hello's body, TLS's or DTLS's, 32 octets behind its version (RFC 8446 section 4.1.2); empty when
/// the body is shorter.
Bytes hello_random_of(Bytes hello_body);

/// HelloFormat says whose hello it is: DTLS puts a cookie behind the session id (RFC 6347 section 4.2.1).
enum class HelloFormat : std::uint8_t { tls, dtls };

/// ExtensionType (IANA "TLS ExtensionType Values") as far as sealtrace reads them.
enum class ExtensionType : std::uint16_t {
  server_name = 0,
  cert_type = 9,  ///< RFC 6091: OpenPGP keys
  supported_groups = 10,
  ec_point_formats = 11,
  signature_algorithms = 13,
  use_srtp = 14,
  application_layer_protocol_negotiation = 16,
  client_certificate_type = 19,  ///< RFC 7250: raw public keys
  server_certificate_type = 20,
  encrypt_then_mac = 22,
  extended_master_secret = 23,
  session_ticket = 35,
  key_share_of_drafts = 40,  ///< before draft 23
  pre_shared_key = 41,
  early_data = 42,
  supported_versions = 43,
  post_handshake_auth = 49,
  key_share = 51,
  next_protocol_negotiation = 13172,  ///< draft-agl-tls-nextprotoneg
  channel_id = 30032,                 ///< draft-balfanz-tls-channelid; 30031 before draft 01
  channel_id_old = 30031,
  encrypted_client_hello = 0xFE0D,
  renegotiation_info = 0xFF01,
};

/// Extension is one entry of a hello's list.
struct Extension {
  ExtensionType type{};
  Bytes data;
};

/// ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2, RFC 6347 section 4.2.1). An extension whose content cannot be
/// read is in `extension_types` all the same and gives nothing else; `unreadable_extension` names the first one.
struct ClientHello {
  std::uint16_t legacy_version = 0;
  Bytes random;      ///< 32 octets; the challenge of an SSLv2-compatible hello
  Bytes session_id;  ///< legacy_session_id
  Bytes cookie;      ///< DTLS; empty in the first flight
  U16List cipher_suites;
  Bytes cipher_kinds;  ///< SSLv2-compatible hello only: three octets each
  Bytes compression_methods;
  Bytes extensions;  ///< the list's content; for_each_extension walks it
  std::string_view server_name;
  BlockList<1> alpn;
  U16List supported_versions;
  U16List supported_groups;
  Bytes ec_point_formats;
  U16List signature_algorithms;
  U16List use_srtp;  ///< SRTP protection profiles
  std::optional<Bytes> session_ticket;
  std::optional<Bytes> psk_identity;  ///< the first one
  bool pre_shared_key = false;
  bool early_data = false;
  bool post_handshake_auth = false;
  bool extended_master_secret = false;
  bool renegotiation_info = false;  ///< the extension; the signalling suite is in `cipher_suites`
  bool encrypted_client_hello = false;
  std::optional<ExtensionType> unreadable_extension;
};

/// parse_client_hello reads a hello of TLS or DTLS. Octets after the extensions are ignored, as RFC 2246 section 7.4.1.2 asks.
Parsed<ClientHello> parse_client_hello(Bytes body, HelloFormat format);

/// ServerHello (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3). `version` is what was negotiated: supported_versions where
/// present, else legacy_version; drafts of TLS 1.3 are tls1_3, of DTLS 1.3 dtls1_3.
struct ServerHello {
  std::uint16_t legacy_version = 0;
  TlsVersion version = TlsVersion::none;
  Bytes random;  ///< 32 octets; empty in a draft's own HelloRetryRequest
  Bytes session_id;
  CipherSuite cipher_suite{};
  std::uint8_t compression_method = 0;
  bool hello_retry_request = false;
  Bytes extensions;
  std::optional<NamedGroup> group;  ///< key_share
  std::optional<std::uint16_t> use_srtp;
  Bytes srtp_mki;  ///< of use_srtp: what SRTP packets then carry before their tag (RFC 5764 section 4.1.3)
  std::string_view alpn;
  bool session_ticket = false;
  bool pre_shared_key = false;
  std::uint16_t selected_identity = 0;  ///< of pre_shared_key
  bool extended_master_secret = false;
  bool renegotiation_info = false;
  bool encrypt_then_mac = false;
  bool next_protocol_negotiation = false;  ///< the client sends NextProtocol after its ChangeCipherSpec
  bool channel_id = false;                 ///< the client sends a channel id after its ChangeCipherSpec
  bool client_certificate_is_x509 = true;  ///< false when extension 9 or 19 chose another form
  bool server_certificate_is_x509 = true;
  DowngradeSentinel downgrade_sentinel = DowngradeSentinel::none;
};

/// parse_server_hello reads a ServerHello or HelloRetryRequest of any version, the short form of drafts 18 to 21 included.
Parsed<ServerHello> parse_server_hello(Bytes body);
/// parse_draft_hello_retry_request reads message type 6 of drafts before 22.
Parsed<ServerHello> parse_draft_hello_retry_request(Bytes body);

/// parse_hello_verify_request reads DTLS's cookie (RFC 6347 section 4.2.1).
struct HelloVerifyRequest {
  std::uint16_t server_version = 0;
  Bytes cookie;
};
Parsed<HelloVerifyRequest> parse_hello_verify_request(Bytes body);

/// parse_certificate reads the Certificate of TLS 1.2 and below (RFC 5246 section 7.4.2): a list of DER certificates, leaf first,
/// well formed, no entry empty; an empty list is a sender that declined.
Parsed<BlockList<3>> parse_certificate(Bytes body);

/// parse_certificate_status reads CertificateStatus (RFC 6066 section 8, RFC 6961 section 2.2): OCSP responses, the leaf's first. One may
/// be empty in a list. Another status_type is unsupported.
Parsed<BlockList<3>> parse_certificate_status(Bytes body);

/// CertificateRequest (RFC 5246 section 7.4.4); `signature_algorithms` is empty before TLS 1.2.
struct CertificateRequest {
  Bytes certificate_types;
  U16List signature_algorithms;
  BlockList<2> certificate_authorities;
};
/// parse_certificate_request needs the negotiated version; with `none` it takes the form that fits, TLS 1.2's first.
Parsed<CertificateRequest> parse_certificate_request(Bytes body, TlsVersion version);

/// ServerKeyExchange (RFC 5246 section 7.4.3, RFC 8422 section 5.4).
struct ServerKeyExchange {
  std::optional<NamedGroup> group;
  std::uint16_t dh_prime_bits = 0;  ///< 0 when not finite-field Diffie-Hellman
  std::optional<SignatureScheme> signature_scheme;
};
/// parse_server_key_exchange needs the suite and version; unsupported where the key exchange is one it does not read.
Parsed<ServerKeyExchange> parse_server_key_exchange(Bytes body, CipherSuite suite, TlsVersion version);

/// CertificateVerify (RFC 5246 section 7.4.8); no scheme before TLS 1.2.
struct CertificateVerify {
  std::optional<SignatureScheme> signature_scheme;
  Bytes signature;
};
/// parse_certificate_verify needs the negotiated version; with `none` it takes the form that fits, TLS 1.2's first.
Parsed<CertificateVerify> parse_certificate_verify(Bytes body, TlsVersion version);

/// NewSessionTicket of TLS 1.2 and below (RFC 5077 section 3.3).
struct NewSessionTicket {
  std::uint32_t ticket_lifetime_hint = 0;  ///< seconds
  Bytes ticket;
};
Parsed<NewSessionTicket> parse_new_session_ticket(Bytes body);

/// for_each_extension calls `visit(Extension)` for each entry of `extensions` in order, as far as the list is well formed.
template <typename Visit>
void for_each_extension(Bytes extensions, Visit visit) {
  ParseScope scope;
  ByteReader list{extensions, scope};
  while (list.more()) {
    Extension extension;
    extension.type = ExtensionType{list.u16("extension_type")};
    extension.data = list.block16("extension_data").rest();
    if (scope.ok()) visit(extension);
  }
}

}  // namespace sealtrace
