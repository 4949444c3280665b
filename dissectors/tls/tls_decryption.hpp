// TlsDecryption: what a TLS stream's secrets open, beside the session that walks its records. It exists only for streams whose ClientHello
// has secrets in the key ring, or whose signatures are to be verified.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/handshake_proof.hpp"
#include "crypto/key_log.hpp"
#include "crypto/tls_record_protection.hpp"
#include "dissect/session.hpp"
#include "dissectors/tls/handshake_messages.hpp"
#include "dissectors/tls/message_buffer.hpp"

namespace sealtrace {

class TlsDecryption {
 public:
  TlsDecryption(const Services& services, Side client) : services_{services}, client_{client}, inner_{services, inner_negotiation_} {}

  /// wanted says whether a stream with this ClientHello (body) deserves a TlsDecryption.
  static bool wanted(const Services& services, Bytes client_hello);

  /// on_clear_message is told every handshake message in the clear, with its header; gives what was checked of it.
  Check on_clear_message(Side sender, Bytes message);
  /// on_change_cipher_spec: TLS 1.2 and below, in the clear.
  void on_change_cipher_spec(Side sender);
  /// opens is true when the sender's protected records are to be handed to on_record, every one of them.
  [[nodiscard]] bool opens(Side sender) const;
  /// lost says that records of the sender were missed: there is no way to go on.
  void lost(Side sender);
  /// missed says that a message in the clear was given up: what covers it cannot be checked.
  void missed() { proof_.missed(); }

  /// collect gathers a fragment that arrives in pieces; the whole of it is given once `last`, else nothing.
  std::optional<Bytes> collect(Side sender, Bytes octets, bool last);
  /// on_record opens one fragment. `header` is its five octets; `place` is where its end lies in the chunk.
  void on_record(Bytes header, Bytes fragment, const Chunk& chunk, MessagePlace place, FactSink& facts);

 private:
  /// Half is one direction.
  struct Half {
    std::optional<TlsRecordProtection> protection;
    std::optional<TlsRecordProtection> next;  ///< TLS 1.2: behind the sender's next ChangeCipherSpec
    SecretOctets traffic_secret;              ///< TLS 1.3: of `protection`
    MessageBuffer fragment;
    MessageBuffer message;
    bool finished = false;
    bool data_reported = false;  ///< TlsApplicationData, since the client's Finished
    bool nobody_reads = false;
  };

  [[nodiscard]] Half& half(Side side) { return halves_[index(side)]; }
  [[nodiscard]] const Half& half(Side side) const { return halves_[index(side)]; }
  [[nodiscard]] bool tls13() const { return proof_.version() == TlsVersion::tls1_3; }
  [[nodiscard]] Bytes secret(TlsSecretLabel label) const { return secrets_ ? (*secrets_)[label].octets() : Bytes{}; }
  /// awaited looks for a secret again that was not there: a key log that is followed grows behind the messages that it is about.
  Bytes awaited(TlsSecretLabel label);
  /// make_keys12 makes the keys of TLS 1.2 and below, once, as soon as their secret is known.
  void make_keys12();

  void on_client_hello(Bytes message);
  void on_server_hello(Bytes message);
  /// begin_early_data tries the suites that fit the early secret's hash: which one it is shows with the first record.
  void begin_early_data(const ClientHello& hello);
  void use_traffic_secret(Side sender, Bytes traffic_secret);
  std::optional<OpenedRecord> open_early(Bytes header, Bytes fragment);
  std::optional<OpenedRecord> open(Side sender, Bytes header, Bytes fragment);

  void on_handshake(Bytes octets, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_message(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_message12(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts);
  [[nodiscard]] bool out_of_turn13(HandshakeType type, Side sender);
  void on_message13(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_certificate13(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_certificate_verify13(Bytes body, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_finished13(Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_data(Bytes content, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_alert(Bytes content, const Chunk& chunk, MessagePlace place, FactSink& facts) const;

  const Services& services_;
  Side client_;
  std::optional<TlsSecrets> secrets_;
  bool keys_wanted_ = false;  ///< of TLS 1.2 and below: a ServerHello asks for keys that were not made yet
  HandshakeProof proof_;
  TlsNegotiation inner_negotiation_;  ///< of what is read inside
  HandshakeMessages inner_;
  std::array<Half, 2> halves_;
  std::vector<TlsRecordProtection> early_;  ///< candidates, then the one
  bool early_data_offered_ = false;
  bool early_data_ended_ = false;
  bool failed_ = false;
};

}  // namespace sealtrace
