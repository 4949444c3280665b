// HandshakeTrace: which messages of a TLS <= 1.2 handshake were seen, per sender. The two sides are kept apart on purpose:
// within a side the order is the sender's own, between sides it is only the capture's (two taps, two clocks).
#pragma once

#include <cstdint>
#include <vector>

#include "correlate/encrypted_flight.hpp"
#include "correlate/hidden_renegotiation.hpp"
#include "model/fact.hpp"

namespace sealtrace {

/// SideTrace is what both sides have in common: one handshake as far as one sender showed it.
struct SideTrace {
  bool hello = false;
  bool change_cipher_spec = false;
  bool finished = false;
  bool gap = false;                   ///< before the sender's Finished: octets missing, or a message that came without the one before it
  bool unreadable = false;            ///< before the sender's Finished: a message that could not be read, or out of the RFC's order
  bool fatal_alert = false;           ///< before the sender's Finished: fatal, or encrypted and so of unknown level
  bool closed = false;                ///< before the sender's Finished: close_notify in the clear
  bool encrypted_handshake = false;   ///< after the sender's Finished: a handshake record
  bool blind = false;                 ///< after the sender's Finished: octets were missed in which a handshake record could hide
  RenegotiationFlight renegotiation;  ///< after the sender's Finished, in TLS 1.2 and below
  std::uint8_t last_message = 0;      ///< place of the last message in the order of RFC 5246 section 7.3

  [[nodiscard]] bool damaged() const { return gap || unreadable; }
};

enum class ClientCertificate : std::uint8_t { not_seen, empty, presented };

struct ClientTrace : SideTrace {
  ClientCertificate certificate = ClientCertificate::not_seen;
  bool no_certificate_alert = false;  ///< SSL 3.0's way to decline (RFC 6101 section 5.4.2)
  bool key_exchange = false;
  bool certificate_verify = false;
  OpaqueHash session_id{};
};

struct ServerTrace : SideTrace {
  TlsVersion version = TlsVersion::none;
  bool pre_shared_key = false;
  bool full_flight = false;  ///< a message was seen that an abbreviated handshake does not have
  bool certificate_request = false;
  bool hello_done = false;
  bool flight_whole = false;  ///< nothing was missed between ServerHello and ServerHelloDone
  OpaqueHash session_id{};
};

/// HandshakeTrace is one handshake of a flow in the clear; decrypted facts are for DecryptedTrace.
struct HandshakeTrace {
  ClientTrace client;
  ServerTrace server;
  EncryptedFlight flight;  ///< of the last handshake of a flow only

  [[nodiscard]] bool complete() const { return client.finished && server.finished; }
  /// abbreviated says that the handshake resumed a session (RFC 5246 section 7.3, RFC 5077 section 3.1). TLS 1.3: a PSK was accepted.
  [[nodiscard]] bool abbreviated() const;
};

/// FlowHandshakes are the handshakes of a flow in the clear. Nearly every flow has one; another is legal where the first
/// protected nothing (NULL suites) and on a UDP port pair used again (RFC 6347 section 4.2.8).
struct FlowHandshakes {
  std::vector<HandshakeTrace> earlier;
  HandshakeTrace last;
};

/// HandshakeObserver takes a flow's facts in order, `Side::initiator` being the TLS client, and traces its handshakes.
class HandshakeObserver {
 public:
  void observe(const Fact& fact);
  [[nodiscard]] FlowHandshakes handshakes() const;

 private:
  /// SideHistory is bounded by the limit of facts per flow.
  template <typename Trace>
  struct SideHistory {
    std::vector<Trace> earlier;
    Trace now;
  };

  void on(const TlsClientHello& hello, Side sender);
  void on(const TlsServerHello& hello, Side sender);
  void on(const TlsCertificates& certificates, Side sender);
  void on(const TlsAlert& alert, Side sender);
  SideTrace& side(Side sender);
  bool sent_by(Side role, Side sender, std::uint8_t place);
  static void in_order(SideTrace& trace, std::uint8_t place);
  static void missed(SideTrace& trace, bool within_handshake);
  void on(const StreamGap& gap, Side sender);

  SideHistory<ClientTrace> client_;
  SideHistory<ServerTrace> server_;
  EncryptedFlight flight_;
};

}  // namespace sealtrace
