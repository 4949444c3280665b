#include "crypto/handshake_proof.hpp"

#include <algorithm>

#include "crypto/signature_check.hpp"
#include "crypto/tls_record_protection.hpp"

namespace sealtrace {
namespace {

/// hash_of is the suite's hash; of those whose records are not opened, what RFC 5246 section 5 has for all that name no other.
TlsHash hash_of(CipherSuite suite, TlsVersion version) {
  if (const auto form = find_cipher_form(suite, version)) return form->hash;
  if (version == TlsVersion::tls1_0 || version == TlsVersion::tls1_1) return TlsHash::md5_sha1;
  const CipherSuiteInfo* const info = find_cipher_suite(suite);
  return info != nullptr && info->name.ends_with("SHA384") ? TlsHash::sha384 : TlsHash::sha256;
}

/// signed_parameters_of gives what a ServerKeyExchange's signature covers of it, and that signature.
struct SignedParameters {
  Bytes parameters;
  SignatureScheme scheme{};
  Bytes signature;
};
Parsed<SignedParameters> signed_parameters_of(Bytes body, CipherSuite suite, TlsVersion version) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{body, scope};
  switch (key_exchange(suite)) {
    case KeyExchange::ecdhe:
      reader.skip(3, "namedcurve");
      reader.block8("point");
      break;
    case KeyExchange::dhe:
      reader.block16("dh_p");
      reader.block16("dh_g");
      reader.block16("dh_Ys");
      break;
    case KeyExchange::rsa_export:
      reader.block16("rsa_modulus");
      reader.block16("rsa_exponent");
      break;
    case KeyExchange::unknown:
    case KeyExchange::rsa:
    case KeyExchange::dh:
    case KeyExchange::dh_anon:
    case KeyExchange::ecdh:
    case KeyExchange::ecdh_anon:
    case KeyExchange::psk:
    case KeyExchange::dhe_psk:
    case KeyExchange::ecdhe_psk:
    case KeyExchange::rsa_psk:
    case KeyExchange::other: reader.supported(false, "key_exchange_algorithm"); break;
  }
  SignedParameters found;
  found.parameters = body.first(scope.ok() ? reader.offset() : 0);
  if (version == TlsVersion::tls1_2) found.scheme = SignatureScheme{reader.u16("algorithm")};
  found.signature = reader.block16("signature").rest();
  return scope.finish(found);
}

}  // namespace

void HandshakeProof::on_client_hello(Bytes message, Bytes body) {
  if (!retried_) {
    clear();
    const Bytes random = hello_random_of(body);
    client_random_.assign(random.begin(), random.end());
  }
  retried_ = false;
  add(message);
}

void HandshakeProof::on_server_hello(Bytes message, const ServerHello& hello) {
  version_ = tls_of(hello.version);
  suite_ = hello.cipher_suite;
  hash_ = hash_of(suite_, version_);
  encrypt_then_mac_ = hello.encrypt_then_mac;
  server_random_.assign(hello.random.begin(), hello.random.end());
  retried_ = hello.hello_retry_request;
  if (retried_) {
    constexpr std::uint8_t kMessageHash = 254;
    const std::vector<std::uint8_t> digest = tls_digest(*hash_, transcript_);
    transcript_ = {kMessageHash, 0, 0, static_cast<std::uint8_t>(digest.size())};
    add(digest);
  }
  add(message);
}

/// in_turn: the client answers a whole flight, up to ServerHelloDone, or to Finished where a session is resumed; behind ServerHelloDone the
/// server waits for the client's Finished (RFC 5246 section 7.3). Who speaks before was answering what was not seen here.
bool HandshakeProof::in_turn(HandshakeType type, bool of_client) {
  const bool finished = type == HandshakeType::finished;
  if (of_client) {
    client_finished_ |= finished;
    return server_hello_done_ || server_finished_;
  }
  server_finished_ |= finished;
  if (type != HandshakeType::server_hello_done) return !server_hello_done_ || client_finished_;
  server_hello_done_ = true;
  return true;
}

Check HandshakeProof::on_message(HandshakeType type, Bytes message, Bytes body, bool of_client, Bytes master_secret) {
  // In no transcript: RFC 5246 section 7.4.1.1, RFC 6347 section 4.2.6.
  if (type == HandshakeType::hello_request || type == HandshakeType::hello_verify_request) return Check::not_made;
  missed_ |= !in_turn(type, of_client);
  Check check = Check::not_made;
  switch (type) {
    case HandshakeType::certificate:
      if (const auto chain = parse_certificate(body); chain && !chain->empty()) set_leaf(of_client, *chain->begin());
      break;
    case HandshakeType::certificate_verify:
      if (const auto verify = parse_certificate_verify(body, version_)) check = certificate_verify(of_client, *verify);
      break;
    case HandshakeType::server_key_exchange: check = server_key_exchange(body); break;
    case HandshakeType::finished: check = finished12(master_secret, of_client, body); break;
    case HandshakeType::hello_request:
    case HandshakeType::client_hello:
    case HandshakeType::server_hello:
    case HandshakeType::hello_verify_request:
    case HandshakeType::new_session_ticket:
    case HandshakeType::end_of_early_data:
    case HandshakeType::hello_retry_request:
    case HandshakeType::encrypted_extensions:
    case HandshakeType::certificate_request:
    case HandshakeType::server_hello_done:
    case HandshakeType::client_key_exchange:
    case HandshakeType::certificate_url:
    case HandshakeType::certificate_status:
    case HandshakeType::supplemental_data:
    case HandshakeType::key_update:
    case HandshakeType::compressed_certificate:
    case HandshakeType::next_protocol: break;
  }
  add(message);
  return check;
}

void HandshakeProof::forget() {
  missed_ = true;
  transcript_ = std::vector<std::uint8_t>{};  // with their memory, which `= {}` would keep
  for (std::vector<std::uint8_t>& leaf : leaf_) leaf = std::vector<std::uint8_t>{};
}

void HandshakeProof::add(Bytes message) {
  missed_ |= transcript_.size() + message.size() > kMaxTranscriptBytes;
  if (missed_) return;
  transcript_.insert(transcript_.end(), message.begin(), message.end());
}

Check HandshakeProof::certificate_verify(bool of_client, const CertificateVerify& verify) const {
  const Bytes leaf = leaf_[of_client ? 1 : 0];
  if (!whole() || leaf.empty()) return Check::not_made;
  const SignatureScheme scheme = verify.signature_scheme.value_or(SignatureScheme{});
  if (version_ == TlsVersion::tls1_3) {
    return check_tls13_signature(leaf, scheme, of_client ? SignedBy::client : SignedBy::server, tls_digest(hash(), transcript_),
                                 verify.signature);
  }
  if (version_ == TlsVersion::ssl3 || version_ == TlsVersion::none) return Check::not_possible;  // SSL 3.0 signs a hash with its pads
  return check_signature(leaf, scheme, version_, transcript_, verify.signature);
}

Check HandshakeProof::server_key_exchange(Bytes body) const {
  const Bytes leaf = leaf_[0];
  if (leaf.empty() || client_random_.empty() || server_random_.empty() || version_ == TlsVersion::none) return Check::not_made;
  const auto found = signed_parameters_of(body, suite_, version_);
  if (!found) return found.error().code == ParseErrorCode::unsupported ? Check::not_made : Check::not_possible;
  std::vector<std::uint8_t> content{client_random_};
  content.insert(content.end(), server_random_.begin(), server_random_.end());
  content.insert(content.end(), found->parameters.begin(), found->parameters.end());
  return check_signature(leaf, found->scheme, version_, content, found->signature);
}

Check HandshakeProof::finished13(Bytes traffic_secret, Bytes verify_data) const {
  if (!whole() || traffic_secret.empty()) return Check::not_made;
  const SecretOctets expected = tls13_verify_data(hash(), traffic_secret, transcript_);
  return std::ranges::equal(expected.octets(), verify_data) ? Check::passed : Check::failed;
}

Check HandshakeProof::finished12(Bytes master_secret, bool of_client, Bytes verify_data) const {
  if (!whole() || master_secret.empty()) return Check::not_made;
  const SecretOctets expected = tls12_verify_data(hash(), master_secret, of_client, transcript_);
  return std::ranges::equal(expected.octets(), verify_data) ? Check::passed : Check::failed;
}

}  // namespace sealtrace
