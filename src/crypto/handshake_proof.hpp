// HandshakeProof: the octets of a handshake that its signatures and Finished messages cover, and those checks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/tls_key_schedule.hpp"
#include "model/fact.hpp"
#include "proto/tls_handshake.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxTranscriptBytes bounds the messages of one handshake, in octets: both chains and a request that names many authorities.
inline constexpr std::size_t kMaxTranscriptBytes = std::size_t{512} << 10;

/// HandshakeProof is told every message of a handshake in its order, whole: `message` with its header, as the transcript has it (of DTLS as
/// if it had come in one fragment, RFC 6347 section 4.2.6), `body` without. A check that octets are missing for is not_made.
class HandshakeProof {
 public:
  /// on_client_hello begins anew, but after a HelloRetryRequest. What DTLS exchanged for its cookie is in no transcript (RFC 6347
  /// section 4.2.6).
  void on_client_hello(Bytes message, Bytes body);
  /// on_server_hello settles version and hash; a HelloRetryRequest replaces the first ClientHello by its hash (RFC 8446 section 4.4.1).
  void on_server_hello(Bytes message, const ServerHello& hello);
  /// on_message takes any other message of TLS 1.2 and below, and gives what was checked of it. `master_secret` is empty where it is not
  /// known.
  Check on_message(HandshakeType type, Bytes message, Bytes body, bool of_client, Bytes master_secret);
  void add(Bytes message);
  /// missed says that messages of the handshake were not seen: nothing that covers them can be checked.
  void missed() { missed_ = true; }
  /// is_missing says that messages were missed: it was told so, or a side spoke out of its turn.
  [[nodiscard]] bool is_missing() const { return missed_; }
  /// complete says that both sides' Finished came (TLS 1.2 and below).
  [[nodiscard]] bool complete() const { return client_finished_ && server_finished_; }
  void set_leaf(bool of_client, Bytes der) { leaf_[of_client ? 1 : 0].assign(der.begin(), der.end()); }

  /// main_ended notes that the client's Finished is in: what follows is a post-handshake exchange. begin_post_handshake goes back there.
  void main_ended() { main_bytes_ = transcript_.size(); }
  void begin_post_handshake() { transcript_.resize(main_bytes_); }
  void clear() { *this = HandshakeProof{}; }
  /// forget lets go of what no check needs any more.
  void forget();

  [[nodiscard]] Check certificate_verify(bool of_client, const CertificateVerify& verify) const;
  [[nodiscard]] Check server_key_exchange(Bytes body) const;
  [[nodiscard]] Check finished13(Bytes traffic_secret, Bytes verify_data) const;
  [[nodiscard]] Check finished12(Bytes master_secret, bool of_client, Bytes verify_data) const;

  /// version is that of TLS whose rules hold, of DTLS too.
  [[nodiscard]] TlsVersion version() const { return version_; }
  [[nodiscard]] CipherSuite suite() const { return suite_; }
  [[nodiscard]] Bytes client_random() const { return client_random_; }
  [[nodiscard]] Bytes server_random() const { return server_random_; }
  [[nodiscard]] TlsHash hash() const { return hash_.value_or(TlsHash::sha256); }
  [[nodiscard]] bool encrypt_then_mac() const { return encrypt_then_mac_; }

 private:
  [[nodiscard]] bool in_turn(HandshakeType type, bool of_client);
  [[nodiscard]] bool whole() const { return hash_ && !missed_ && !transcript_.empty(); }

  std::vector<std::uint8_t> transcript_;
  std::size_t main_bytes_ = 0;
  bool missed_ = false;
  bool server_hello_done_ = false;
  bool client_finished_ = false;
  bool server_finished_ = false;
  bool retried_ = false;
  bool encrypt_then_mac_ = false;
  TlsVersion version_ = TlsVersion::none;
  CipherSuite suite_{};
  std::optional<TlsHash> hash_;
  std::vector<std::uint8_t> client_random_;
  std::vector<std::uint8_t> server_random_;
  std::array<std::vector<std::uint8_t>, 2> leaf_;  ///< DER; the server's, the client's
};

}  // namespace sealtrace
