#include "proto/tls_handshake.hpp"

#include <bit>

#include "proto/tls_extension_reader.hpp"

namespace sealtrace {
namespace {

bool is_tls12_or_unknown(TlsVersion version) {
  return version == TlsVersion::tls1_2 || version == TlsVersion::dtls1_2 || version == TlsVersion::none;
}

/// with_version_or_either reads by `read(true)` for TLS 1.2, `read(false)` before it, and the first that fits while the version is
/// not known.
template <typename Read>
auto with_version_or_either(TlsVersion version, Read read) {
  auto result = read(is_tls12_or_unknown(version));
  if (!result && version == TlsVersion::none) {
    if (auto older = read(false)) return older;
  }
  return result;
}

std::uint16_t bit_length(Bytes number) {
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  if (number.empty()) return 0;
  return static_cast<std::uint16_t>((number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(number[0])));
}

void read_ec_parameters(ByteReader& reader, ServerKeyExchange& exchange) {
  constexpr std::uint8_t kNamedCurve = 3;
  reader.supported(reader.u8("curve_type") == kNamedCurve, "curve_type");
  exchange.group = NamedGroup{reader.u16("namedcurve")};
  reader.block8("point");
}

void read_dh_parameters(ByteReader& reader, ServerKeyExchange& exchange) {
  constexpr std::size_t kMaxPrimeBytes = 8191;  // its bits are counted in 16
  const Bytes prime = reader.block16("dh_p").rest();
  reader.supported(prime.size() <= kMaxPrimeBytes, "dh_p");
  if (reader.scope().ok()) exchange.dh_prime_bits = bit_length(prime);
  reader.block16("dh_g");
  reader.block16("dh_Ys");
}

void read_signature(ByteReader& reader, TlsVersion version, ServerKeyExchange& exchange) {
  if (is_tls12_or_unknown(version)) exchange.signature_scheme = SignatureScheme{reader.u16("signature_algorithm")};
  reader.block16("signature");
}

Parsed<CertificateRequest> parse_certificate_request_as(Bytes body, bool tls12) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  CertificateRequest request;
  request.certificate_types = reader.block8("certificate_types").rest();
  if (tls12) {
    const Bytes algorithms = reader.block16("supported_signature_algorithms").rest();
    reader.require(algorithms.size() % 2 == 0, "supported_signature_algorithms");
    request.signature_algorithms = U16List{algorithms};
  }
  request.certificate_authorities = BlockList<2>{reader.block16("certificate_authorities").rest()};
  reader.require(request.certificate_authorities.well_formed(), "certificate_authorities");
  reader.finished("certificate_authorities");
  return scope.finish(request);
}

Parsed<CertificateVerify> parse_certificate_verify_as(Bytes body, bool tls12) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  CertificateVerify verify;
  if (tls12) verify.signature_scheme = SignatureScheme{reader.u16("algorithm")};
  verify.signature = reader.block16("signature").rest();
  reader.require(!verify.signature.empty(), "signature");
  reader.finished("signature");
  return scope.finish(verify);
}

}  // namespace

Parsed<HandshakeHeader> parse_handshake_header(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  HandshakeHeader header;
  header.type = HandshakeType{reader.u8("msg_type")};
  header.length = reader.u24("length");
  return scope.finish(header);
}

Bytes hello_random_of(Bytes hello_body) {
  constexpr std::size_t kVersionBytes = 2;
  return hello_body.size() < kVersionBytes + kRandomBytes ? Bytes{} : hello_body.subspan(kVersionBytes, kRandomBytes);
}

Parsed<HelloVerifyRequest> parse_hello_verify_request(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  HelloVerifyRequest request;
  request.server_version = reader.u16("server_version");
  request.cookie = reader.block8("cookie").rest();
  reader.finished("cookie");
  return scope.finish(request);
}

Parsed<BlockList<3>> parse_certificate(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  ByteReader list = reader.block24("certificate_list");
  const BlockList<3> certificates{list.rest()};
  reader.finished("certificate_list");
  while (list.more()) {
    ByteReader certificate = list.block24("ASN.1Cert");
    certificate.require(!certificate.empty(), "ASN.1Cert");
  }
  return scope.finish(certificates);
}

Parsed<BlockList<3>> parse_certificate_status(Bytes body) {
  constexpr std::uint8_t kOcsp = 1, kOcspMulti = 2;
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  const std::uint8_t status_type = reader.u8("status_type");
  if (status_type != kOcsp && status_type != kOcspMulti) {
    scope.fail(ParseErrorCode::unsupported, 0, "status_type");
    return scope.finish(BlockList<3>{});
  }
  const BlockList<3> response{reader.rest()};
  ByteReader content = reader.block24(status_type == kOcsp ? "response" : "ocsp_response_list");
  content.require(!content.empty(), "response");
  const BlockList<3> list{content.rest()};
  reader.finished("response");
  if (status_type == kOcspMulti) reader.require(list.well_formed(), "ocsp_response_list");
  return scope.finish(status_type == kOcsp ? response : list);
}

Parsed<CertificateRequest> parse_certificate_request(Bytes body, TlsVersion version) {
  return with_version_or_either(version, [body](bool tls12) { return parse_certificate_request_as(body, tls12); });
}

Parsed<CertificateVerify> parse_certificate_verify(Bytes body, TlsVersion version) {
  return with_version_or_either(version, [body](bool tls12) { return parse_certificate_verify_as(body, tls12); });
}

Parsed<ServerKeyExchange> parse_server_key_exchange(Bytes body, CipherSuite suite, TlsVersion version) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  ServerKeyExchange exchange;
  reader.supported(version != TlsVersion::none, "server_version");
  switch (key_exchange(suite)) {
    case KeyExchange::ecdhe_psk: reader.block16("psk_identity_hint"); [[fallthrough]];
    case KeyExchange::ecdh_anon: read_ec_parameters(reader, exchange); break;
    case KeyExchange::ecdhe:
      read_ec_parameters(reader, exchange);
      read_signature(reader, version, exchange);
      break;
    case KeyExchange::dhe_psk: reader.block16("psk_identity_hint"); [[fallthrough]];
    case KeyExchange::dh_anon: read_dh_parameters(reader, exchange); break;
    case KeyExchange::dhe:
      read_dh_parameters(reader, exchange);
      read_signature(reader, version, exchange);
      break;
    case KeyExchange::rsa_export:
      reader.block16("rsa_modulus");
      reader.block16("rsa_exponent");
      read_signature(reader, version, exchange);
      break;
    case KeyExchange::psk:
    case KeyExchange::rsa_psk: reader.block16("psk_identity_hint"); break;
    case KeyExchange::unknown:
    case KeyExchange::other:
    case KeyExchange::rsa:
    case KeyExchange::dh:
    case KeyExchange::ecdh: reader.supported(false, "key_exchange_algorithm"); break;
  }
  reader.finished("ServerKeyExchange");
  return scope.finish(exchange);
}

Parsed<NewSessionTicket> parse_new_session_ticket(Bytes body) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  NewSessionTicket ticket;
  ticket.ticket_lifetime_hint = reader.u32("ticket_lifetime_hint");
  ticket.ticket = reader.block16("ticket").rest();
  reader.finished("ticket");
  return scope.finish(ticket);
}

}  // namespace sealtrace
