// DtlsDecryption: what the secrets of a DTLS handshake open and prove, beside the session that walks its records. It exists only for
// associations whose ClientHello has secrets in the key ring, or may get them, or whose signatures are to be verified.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/handshake_proof.hpp"
#include "crypto/key_log.hpp"
#include "crypto/tls_record_protection.hpp"
#include "dissect/session.hpp"
#include "dissectors/dtls/dtls_message_order.hpp"
#include "dissectors/dtls/dtls_messages.hpp"
#include "dissectors/dtls/dtls_parse.hpp"
#include "dissectors/dtls/dtls_reassembly.hpp"

namespace sealtrace {

/// DtlsDecryption follows one association of DTLS 1.0 or 1.2. Each record stands alone (RFC 6347 section 4.1): what is lost, comes in
/// another order or comes again stops nothing, and what authenticates under no key was never said (section 4.1.2.7).
class DtlsDecryption {
 public:
  /// `opened_before`: records of an association before this one, on the same ports, were opened.
  DtlsDecryption(const Services& services, Side client, bool opened_before)
      : services_{services},
        client_{client},
        order_{client},
        inner_{.order = DtlsMessageOrder{client}, .messages = DtlsMessages{services}},
        opened_{opened_before} {}

  /// wanted says whether an association with this ClientHello (body) deserves a DtlsDecryption.
  static bool wanted(const Services& services, Bytes client_hello);
  /// begins_another says that a ClientHello in the clear has another random than the one before: the ports are used anew (section 4.2.8).
  [[nodiscard]] bool begins_another(Bytes client_hello) const;

  /// opened says that a record opened, of this association or one before.
  [[nodiscard]] bool opened() const { return opened_; }

  /// on_clear_message is told every handshake message of epoch 0 in the order of its sender; gives what was checked of it.
  Check on_clear_message(Side sender, const HandshakeMessage& message, FactSink& facts);
  /// missed says that messages in the clear were given up, or are uncertain.
  void missed() { proof_.missed(); }
  /// on_record takes a record of a later epoch. It opens those of handshakes, the alerts, and of each side's data the first.
  void on_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts);

 private:
  /// Epoch is the keys of both senders, by side.
  struct Epoch {
    std::uint16_t number = 0;
    std::array<std::optional<TlsRecordProtection>, 2> protection;
  };
  /// Half is one sender.
  struct Half {
    std::optional<HandshakeMessage> finished;  ///< opened before the messages in the clear that come before it
    bool opened = false;                       ///< a record of it
    bool data_reported = false;
    std::uint8_t num_alerts = 0;
    bool renegotiates = false;  ///< `queue` has its messages
    MessageQueue queue;
  };
  /// Inner is the handshake of a renegotiation, inside the records of `epoch`.
  struct Inner {
    DtlsMessageOrder order;
    DtlsMessages messages;
    std::uint16_t epoch = 0;
  };

  [[nodiscard]] Half& half(Side side) { return halves_[index(side)]; }
  /// Awaited is a ServerHello whose secrets are not there yet, and the epoch that they lead to.
  struct Awaited {
    std::uint16_t epoch = 0;
    HandshakeMessage server_hello;
    bool handshake_passed = false;  ///< a protected record of a handshake: what it held stays unknown
  };

  [[nodiscard]] Bytes master_secret() const;
  [[nodiscard]] bool find_secrets();
  void use_late_secrets(const Fact& here, FactSink& facts);
  void on_hello(Side sender, const HandshakeMessage& message, std::uint16_t epoch, FactSink& facts);
  void make_keys(std::uint16_t epoch, const ServerHello& hello, const HandshakeMessage& message, FactSink& facts);
  [[nodiscard]] std::optional<OpenedRecord> open(Side sender, const DtlsRecord& record);
  void on_handshake(const Chunk& chunk, const DtlsRecord& record, Bytes content, FactSink& facts);
  void on_fragment(Side sender, std::uint16_t epoch, const HandshakeFragment& fragment, FactSink& facts);
  void deliver_finished(Side sender, bool late, FactSink& facts);
  void on_inner_message(Side sender, const HandshakeMessage& message, FactSink& facts);
  /// stop ends the reading: of what comes now the beginning was not seen.
  void stop(const Fact& shown_by, FactSink& facts);
  void fail(Fact shown_by, FactSink& facts);

  const Services& services_;
  Side client_;
  std::optional<TlsSecrets> secrets_;
  std::optional<Awaited> awaited_;
  unsigned num_looks_ = 0;  ///< for what is awaited
  HandshakeProof proof_;
  DtlsMessageOrder order_;
  std::vector<Epoch> epochs_;
  std::array<Half, 2> halves_;
  Inner inner_;
  bool opened_ = false;
  bool stopped_ = false;
  bool failed_ = false;
};

}  // namespace sealtrace
