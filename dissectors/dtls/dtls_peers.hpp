// DtlsPeers: real DTLS handshakes between two OpenSSL peers in memory, datagram by datagram, for the tests of this folder.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dissectors/dtls/dtls_play.hpp"

namespace sealtrace::testing::dtls {

struct PeerOptions {
  int version = DTLS1_2_VERSION;
  std::string suites = "ALL:@SECLEVEL=0";
  bool request_certificate = false;
  bool require_certificate = false;
  bool client_has_certificate = false;
  bool cookie = false;
  bool tickets = true;
  bool renegotiate = false;  ///< the server asks for a certificate only then
  bool encrypt_then_mac = true;
  std::string srtp_profiles = {};  ///< OpenSSL's names
  long mtu = 1400;
};

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using ContextPointer = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, Freed<SSL_free>>;
using SessionPointer = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Freed<X509_free>>;

/// Wire is one end's socket: what it writes is recorded and queued for the other end.
struct Wire {
  Side sender = Side::initiator;
  DatagramList* log = nullptr;
  std::deque<std::vector<std::uint8_t>>* outgoing = nullptr;
  std::deque<std::vector<std::uint8_t>>* incoming = nullptr;
  long mtu = 1400;
};

inline int wire_write(BIO* bio, const char* data, int length) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  const std::vector<std::uint8_t> octets(data, data + length);
  wire.log->push_back({.sender = wire.sender, .octets = octets});
  wire.outgoing->push_back(octets);
  return length;
}

inline int wire_read(BIO* bio, char* data, int length) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (wire.incoming->empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::vector<std::uint8_t> octets = wire.incoming->front();
  wire.incoming->pop_front();
  const std::size_t taken = std::min(octets.size(), static_cast<std::size_t>(length));
  std::memcpy(data, octets.data(), taken);
  return static_cast<int>(taken);
}

inline long wire_ctrl(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_DGRAM_QUERY_MTU) return static_cast<Wire*>(BIO_get_data(bio))->mtu;
  return 0;
}

inline BIO* new_wire(Wire& wire) {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams in memory");
    BIO_meth_set_write(method, wire_write);
    BIO_meth_set_read(method, wire_read);
    BIO_meth_set_ctrl(method, wire_ctrl);
    return method;
  }();
  BIO* bio = BIO_new(kMethod);
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

inline void use_certificate(SSL_CTX* context, const char* name) {
  static const KeyPointer key{EVP_RSA_gen(2048)};  // one key for all: making one takes longer than a handshake
  const CertificatePointer certificate{X509_new()};
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  SSL_CTX_use_certificate(context, certificate.get());
  SSL_CTX_use_PrivateKey(context, key.get());
}

/// DtlsPeers runs handshakes between one client context and one server context, so that sessions can be resumed.
class DtlsPeers {
 public:
  explicit DtlsPeers(const PeerOptions& options)
      : options_{options}, client_context_{SSL_CTX_new(DTLS_client_method())}, server_context_{SSL_CTX_new(DTLS_server_method())} {
    for (SSL_CTX* context : {client_context_.get(), server_context_.get()}) {
      SSL_CTX_set_min_proto_version(context, options.version);
      SSL_CTX_set_max_proto_version(context, options.version);
      if (SSL_CTX_set_cipher_list(context, options.suites.c_str()) != 1) throw std::runtime_error{"suites"};
      if (!options.tickets) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
      if (!options.encrypt_then_mac) SSL_CTX_set_options(context, SSL_OP_NO_ENCRYPT_THEN_MAC);
      if (!options.srtp_profiles.empty()) SSL_CTX_set_tlsext_use_srtp(context, options.srtp_profiles.c_str());
      SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);
      SSL_CTX_set_ex_data(context, 0, &key_log_);
      SSL_CTX_set_keylog_callback(context, [](const SSL* end, const char* line) {
        *static_cast<std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(end), 0)) += std::string{line} + "\n";
      });
      SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    }
    use_certificate(server_context_.get(), "pool01.contoso.com");
    SSL_CTX_set_dh_auto(server_context_.get(), 1);
    if (options.client_has_certificate) use_certificate(client_context_.get(), "med01.contoso.com");
    SSL_CTX_set_session_id_context(server_context_.get(), reinterpret_cast<const unsigned char*>("test"), 4);
    if (options.request_certificate) ask_for_certificate(nullptr);
    if (options.cookie) {
      SSL_CTX_set_options(server_context_.get(), SSL_OP_COOKIE_EXCHANGE);
      SSL_CTX_set_cookie_generate_cb(server_context_.get(), [](SSL*, unsigned char* cookie, unsigned int* length) {
        std::memset(cookie, 0xC0, *length = 20);
        return 1;
      });
      SSL_CTX_set_cookie_verify_cb(server_context_.get(), [](SSL*, const unsigned char*, unsigned int) { return 1; });
    }
  }

  /// run makes one association: handshake, a message each way, close. With `resume` the client offers the session before.
  DatagramList run(bool resume = false) {
    DatagramList log;
    std::deque<std::vector<std::uint8_t>> to_server;
    std::deque<std::vector<std::uint8_t>> to_client;
    Wire client_wire{.sender = Side::initiator, .log = &log, .outgoing = &to_server, .incoming = &to_client, .mtu = options_.mtu};
    Wire server_wire{.sender = Side::responder, .log = &log, .outgoing = &to_client, .incoming = &to_server, .mtu = options_.mtu};
    const SslPointer client{SSL_new(client_context_.get())};
    const SslPointer server{SSL_new(server_context_.get())};
    BIO* const client_bio = new_wire(client_wire);  // SSL_set_bio takes it
    SSL_set_bio(client.get(), client_bio, client_bio);
    BIO* const server_bio = new_wire(server_wire);
    SSL_set_bio(server.get(), server_bio, server_bio);
    for (SSL* end : {client.get(), server.get()}) SSL_set_mtu(end, options_.mtu);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    if (resume && session_) SSL_set_session(client.get(), session_.get());
    handshake(client.get(), server.get());
    if (SSL_is_init_finished(client.get()) != 0 && SSL_is_init_finished(server.get()) != 0) {
      exchange(client.get(), server.get());
      constexpr std::string_view kLabel = "EXTRACTOR-dtls_srtp";
      exported_.resize(kMaxExportedBytes);
      SSL_export_keying_material(client.get(), exported_.data(), exported_.size(), kLabel.data(), kLabel.size(), nullptr, 0, 0);
      if (options_.renegotiate) {
        ask_for_certificate(server.get());
        SSL_renegotiate(server.get());
        for (int round = 0; round < 20; ++round) {
          SSL_do_handshake(server.get());
          exchange(client.get(), server.get());
        }
      }
      session_.reset(SSL_get1_session(client.get()));
      SSL_shutdown(client.get());
      SSL_shutdown(server.get());
    }
    ERR_clear_error();
    return log;
  }

  /// key_log has the lines of every handshake so far; exported is keying material for SRTP of the last one, as OpenSSL gives it.
  [[nodiscard]] const std::string& key_log() const { return key_log_; }
  [[nodiscard]] const std::vector<std::uint8_t>& exported() const { return exported_; }

 private:
  static constexpr std::size_t kMaxExportedBytes = 2 * (32 + 14);

  void ask_for_certificate(SSL* server) const {
    const int mode = SSL_VERIFY_PEER | (options_.require_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    const auto accept_any = [](int, X509_STORE_CTX*) { return 1; };
    if (server != nullptr) {
      SSL_set_verify(server, mode, accept_any);
    } else {
      SSL_CTX_set_verify(server_context_.get(), mode, accept_any);
    }
  }

  static void handshake(SSL* client, SSL* server) {
    for (int round = 0; round < 20; ++round) {
      SSL_do_handshake(client);
      SSL_do_handshake(server);
    }
  }

  static void exchange(SSL* client, SSL* server) {
    char buffer[100];
    SSL_write(client, "OPTIONS", 7);
    SSL_read(server, buffer, sizeof buffer);
    SSL_write(server, "200 OK", 6);
    SSL_read(client, buffer, sizeof buffer);
  }

  PeerOptions options_;
  ContextPointer client_context_;
  ContextPointer server_context_;
  SessionPointer session_;
  std::string key_log_;
  std::vector<std::uint8_t> exported_;
};

}  // namespace sealtrace::testing::dtls
