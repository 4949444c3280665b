// TlsPeers: real TLS between two OpenSSL peers in memory, recorded as a StreamScript, for the tests of this folder.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "dissectors/tls/stream_script.hpp"

namespace sealtrace::testing {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

enum class ClientCertificate : std::uint8_t { not_requested, declined, presented };

struct PeerOptions {
  int version = TLS1_2_VERSION;
  std::string suites = "ALL:@SECLEVEL=0";
  ClientCertificate client_certificate = ClientCertificate::not_requested;
  bool client_certificate_required = false;  ///< the server refuses a client that declines
  bool tickets = true;
  bool hello_retry = false;    ///< TLS 1.3: the server wants another group
  bool next_protocol = false;  ///< the extension that hides a message before the client's Finished
  bool renegotiate = false;
  std::string tls13_suites = {};  ///< empty: OpenSSL's choice
  bool post_handshake_auth = false;
  bool key_update = false;
  bool encrypt_then_mac = true;
  int num_intermediates = 0;     ///< certificates behind the server's leaf
  unsigned max_fragment = 0;     ///< octets of a record's fragment, 0 for the protocol's limit
  std::size_t data_bytes = 100;  ///< of each side's application data
};

/// TlsPeers runs connections; the second one of the same peers resumes where it may.
class TlsPeers {
 public:
  explicit TlsPeers(const PeerOptions& options)
      : options_{options}, client_{SSL_CTX_new(TLS_client_method())}, server_{SSL_CTX_new(TLS_server_method())} {
    for (SSL_CTX* context : {client_.get(), server_.get()}) {
      SSL_CTX_set_min_proto_version(context, options.version);
      SSL_CTX_set_max_proto_version(context, options.version);
      if (options.version < TLS1_3_VERSION && SSL_CTX_set_cipher_list(context, options.suites.c_str()) != 1)
        throw std::runtime_error{options.suites};
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT | (options.tickets ? 0 : SSL_OP_NO_TICKET));
      if (!options.tls13_suites.empty() && SSL_CTX_set_ciphersuites(context, options.tls13_suites.c_str()) != 1)
        throw std::runtime_error{options.tls13_suites};
      if (!options.encrypt_then_mac) SSL_CTX_set_options(context, SSL_OP_NO_ENCRYPT_THEN_MAC);
      SSL_CTX_set_ex_data(context, 0, &key_log_);
      SSL_CTX_set_keylog_callback(context, [](const SSL* end, const char* line) {
        *static_cast<std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(end), 0)) += std::string{line} + "\n";
      });
      if (options.max_fragment != 0) SSL_CTX_set_max_send_fragment(context, options.max_fragment);
    }
    const Key key{EVP_EC_gen("P-256")};
    const Certificate leaf = certificate(key.get(), "server.example");
    SSL_CTX_use_certificate(server_.get(), leaf.get());
    SSL_CTX_use_PrivateKey(server_.get(), key.get());
    for (int i = 0; i < options.num_intermediates; ++i) {
      SSL_CTX_add1_chain_cert(server_.get(), certificate(key.get(), "intermediate " + std::to_string(i)).get());
    }
    SSL_CTX_set_session_id_context(server_.get(), reinterpret_cast<const unsigned char*>("test"), 4);
    SSL_CTX_set_dh_auto(server_.get(), 1);
    if (options.client_certificate != ClientCertificate::not_requested) {
      const int mode = SSL_VERIFY_PEER | (options.post_handshake_auth ? SSL_VERIFY_POST_HANDSHAKE : 0) |
                       (options.client_certificate_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
      SSL_CTX_set_verify(server_.get(), mode, [](int, X509_STORE_CTX*) { return 1; });
    }
    if (options.client_certificate == ClientCertificate::presented) {
      SSL_CTX_use_certificate(client_.get(), certificate(key.get(), "client.example").get());
      SSL_CTX_use_PrivateKey(client_.get(), key.get());
    }
    if (options.post_handshake_auth) SSL_CTX_set_post_handshake_auth(client_.get(), 1);
    if (options.hello_retry) SSL_CTX_set1_groups_list(server_.get(), "P-384");
    if (options.next_protocol) {
      SSL_CTX_set_next_protos_advertised_cb(
          server_.get(),
          [](SSL*, const unsigned char** list, unsigned* length, void*) {
            *list = reinterpret_cast<const unsigned char*>("\x02h2");
            *length = 3;
            return SSL_TLSEXT_ERR_OK;
          },
          nullptr);
      SSL_CTX_set_next_proto_select_cb(
          client_.get(),
          [](SSL*, unsigned char** chosen, unsigned char* length, const unsigned char* list, unsigned, void*) {
            *chosen = const_cast<unsigned char*>(list) + 1;
            *length = 2;
            return SSL_TLSEXT_ERR_OK;
          },
          nullptr);
    }
  }

  /// key_log gives the secrets of all connections so far, as SSLKEYLOGFILE does.
  [[nodiscard]] const std::string& key_log() const { return key_log_; }

  /// connect runs one connection to its close_notify.
  StreamScript connect() {
    script_.clear();
    const Connection client{SSL_new(client_.get())};
    const Connection server{SSL_new(server_.get())};
    for (SSL* end : {client.get(), server.get()}) SSL_set_bio(end, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_tlsext_host_name(client.get(), "server.example");
    if (session_ != nullptr) SSL_set_session(client.get(), session_.get());
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    if (shake_hands(client.get(), server.get())) {
      exchange_data(client.get(), server.get());
      if (options_.key_update) {
        SSL_key_update(client.get(), SSL_KEY_UPDATE_REQUESTED);
        exchange_data(client.get(), server.get());
      }
      if (options_.post_handshake_auth) {
        SSL_verify_client_post_handshake(server.get());
        SSL_do_handshake(server.get());
        pass(server.get(), client.get(), Side::responder);
        for (int round = 0; round < 4; ++round) read_both(client.get(), server.get());
        exchange_data(client.get(), server.get());
      }
      if (options_.renegotiate) {
        SSL_renegotiate(server.get());
        SSL_do_handshake(server.get());
        for (int round = 0; round < 8; ++round) read_both(client.get(), server.get());
        exchange_data(client.get(), server.get());
      }
      session_.reset(SSL_get1_session(client.get()));
      SSL_shutdown(client.get());
      pass(client.get(), server.get(), Side::initiator);
      read_both(client.get(), server.get());
      SSL_shutdown(server.get());
      pass(server.get(), client.get(), Side::responder);
    }
    ERR_clear_error();
    return script_;
  }

 private:
  using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
  using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
  using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
  using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

  static Certificate certificate(EVP_PKEY* key, const std::string& name) {
    Certificate made{X509_new()};
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_NAME* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made.get(), subject);
    X509_set_pubkey(made.get(), key);
    X509_sign(made.get(), key, EVP_sha256());
    return made;
  }

  /// pass moves what `from` wrote to `to` and records it.
  void pass(SSL* from, SSL* to, Side sender) {
    std::vector<std::uint8_t> octets(BIO_ctrl_pending(SSL_get_wbio(from)));
    if (octets.empty()) return;
    BIO_read(SSL_get_wbio(from), octets.data(), static_cast<int>(octets.size()));
    BIO_write(SSL_get_rbio(to), octets.data(), static_cast<int>(octets.size()));
    script_.push_back({.sender = sender, .octets = std::move(octets)});
  }

  enum class Step : std::uint8_t { done, waits, failed };
  Step shake(SSL* from, SSL* to, Side sender) {
    ERR_clear_error();
    const int result = SSL_do_handshake(from);
    const bool waits = result <= 0 && SSL_get_error(from, result) == SSL_ERROR_WANT_READ;
    pass(from, to, sender);
    return result == 1 ? Step::done : waits ? Step::waits : Step::failed;
  }

  bool shake_hands(SSL* client, SSL* server) {
    for (int round = 0; round < 10; ++round) {
      const Step client_step = shake(client, server, Side::initiator);
      const Step server_step = shake(server, client, Side::responder);
      if (client_step == Step::failed || server_step == Step::failed) return false;
      if (client_step == Step::done && server_step == Step::done) return true;
    }
    return false;
  }

  void read_both(SSL* client, SSL* server) {
    std::vector<char> sink(1 << 15);
    SSL_read(client, sink.data(), static_cast<int>(sink.size()));
    pass(client, server, Side::initiator);
    SSL_read(server, sink.data(), static_cast<int>(sink.size()));
    pass(server, client, Side::responder);
  }

  void exchange_data(SSL* client, SSL* server) {
    const std::vector<char> data(options_.data_bytes, 'x');
    for (int round = 0; round < 2; ++round) {
      SSL_write(client, data.data(), static_cast<int>(data.size()));
      pass(client, server, Side::initiator);
      SSL_write(server, data.data(), static_cast<int>(data.size()));
      pass(server, client, Side::responder);
      read_both(client, server);
    }
  }

  PeerOptions options_;
  Context client_;
  Context server_;
  std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session_;
  StreamScript script_;
  std::string key_log_;
};

}  // namespace sealtrace::testing
