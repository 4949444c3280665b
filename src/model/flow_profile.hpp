// FlowProfile: what is known of one flow once its facts are folded together. Correlation adds to it, policy judges it,
// reports print it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/application_profile.hpp"
#include "model/evidence.hpp"
#include "model/fact.hpp"
#include "model/few.hpp"
#include "model/ids.hpp"
#include "model/ip_address.hpp"
#include "model/octet_traits.hpp"
#include "model/tls_numbers.hpp"

namespace sealtrace {

/// Tunnel names an encapsulation a packet was taken out of.
enum class Tunnel : std::uint8_t { none, gre, erspan, vxlan, geneve, ip_in_ip, gtp_u, mpls, pppoe };

constexpr std::string_view to_string(Tunnel tunnel) {
  switch (tunnel) {
    case Tunnel::none: return "none";
    case Tunnel::gre: return "gre";
    case Tunnel::erspan: return "erspan";
    case Tunnel::vxlan: return "vxlan";
    case Tunnel::geneve: return "geneve";
    case Tunnel::ip_in_ip: return "ipip";
    case Tunnel::gtp_u: return "gtp";
    case Tunnel::mpls: return "mpls";
    case Tunnel::pppoe: return "pppoe";
  }
  return "unknown";
}

/// Encapsulation is the outer path of a packet, outermost first; four entries of each kind are kept, more are counted only by the decoder.
struct Encapsulation {
  std::array<std::uint16_t, 4> vlans{};  ///< 802.1Q identifiers
  std::array<Tunnel, 4> tunnels{};
  std::uint8_t num_vlans = 0;
  std::uint8_t num_tunnels = 0;

  bool operator==(const Encapsulation&) const = default;
};

/// ClientAuthStatus is the answer to "did the client prove a certificate's key, and was it accepted" (docs/evidence.md).
enum class ClientAuthStatus : std::uint8_t { none, mutual, one_way, declined, rejected, not_observable };

constexpr std::string_view to_string(ClientAuthStatus status) {
  switch (status) {
    case ClientAuthStatus::none: return "none";
    case ClientAuthStatus::mutual: return "mutual";
    case ClientAuthStatus::one_way: return "one_way";
    case ClientAuthStatus::declined: return "declined";
    case ClientAuthStatus::rejected: return "rejected";
    case ClientAuthStatus::not_observable: return "not_observable";
  }
  return "unknown";
}

/// NotObservableCause says why client authentication cannot be known, and so what would lift it.
enum class NotObservableCause : std::uint8_t {
  none,
  encrypted,        ///< TLS 1.3 hides the messages: a key log lifts it
  resumed,          ///< the full handshake is not in the audit: capture across a reconnect
  renegotiated,     ///< a second handshake ran inside the encryption: a key log lifts it
  mid_stream,       ///< the capture joined a running session: restart the connection or capture across a reconnect
  client_not_seen,  ///< one direction missing
  server_not_seen,
  gap,            ///< octets of the handshake were not captured
  truncated,      ///< frames cut by the snaplen
  unreadable,     ///< a handshake message could not be read
  still_running,  ///< the capture ended before the handshake did
  conflicting,    ///< retransmitted octets differ: what the server read is not known
};

constexpr std::string_view to_string(NotObservableCause cause) {
  switch (cause) {
    case NotObservableCause::none: return "none";
    case NotObservableCause::encrypted: return "encrypted";
    case NotObservableCause::resumed: return "resumed";
    case NotObservableCause::renegotiated: return "renegotiated";
    case NotObservableCause::mid_stream: return "mid_stream";
    case NotObservableCause::client_not_seen: return "client_not_seen";
    case NotObservableCause::server_not_seen: return "server_not_seen";
    case NotObservableCause::gap: return "gap";
    case NotObservableCause::truncated: return "truncated";
    case NotObservableCause::unreadable: return "unreadable";
    case NotObservableCause::still_running: return "still_running";
    case NotObservableCause::conflicting: return "conflicting";
  }
  return "unknown";
}

enum class InferenceStrength : std::uint8_t { none, probable, strong };

/// ClientAuth is the assertion with its observations. The optionals are set when the message was seen or provably absent.
struct ClientAuth {
  std::optional<bool> requested;
  std::optional<bool> presented;
  std::optional<bool> certificate_verify_seen;
  ClientAuthStatus status = ClientAuthStatus::none;
  Basis basis = Basis::decoded;
  NotObservableCause cause = NotObservableCause::none;
  InferenceStrength strength = InferenceStrength::none;
  double error_rate = 0;            ///< of an inferred status: no more of such claims are wrong (95 %), as measured; 0 when not inferred
  std::string_view inferred_key{};  ///< the kind of the client's key, from the size of its signature; static, empty when not known
  FlowId lineage{};                 ///< the flow whose full handshake this one resumes
  bool weak_lineage = false;        ///< resumed without extended master secret (RFC 7627)
  std::optional<bool> signature_valid{};  ///< of CertificateVerify, where it was checked
};

/// SeenAlert is an alert with its sender and frame.
struct SeenAlert {
  Side sender = Side::initiator;
  bool encrypted = false;
  AlertLevel level{};
  AlertDescription description{};
  Evidence evidence;
};

/// TlsFrames are the frames that show the handshake: each completes its message. 0 where it was not seen.
struct TlsFrames {
  TimedEvidence client_hello;
  TimedEvidence server_hello;
  TimedEvidence server_certificate;
  TimedEvidence certificate_request;
  TimedEvidence client_certificate;
  TimedEvidence certificate_verify;
  TimedEvidence client_finished;
  TimedEvidence server_finished;
  TimedEvidence first_application_data;
  TimedEvidence renegotiation;
  TimedEvidence client_flight;  ///< TLS 1.3: the client's first protected record behind the ServerHello
};

/// Resumption is how a session was resumed.
enum class Resumption : std::uint8_t { none, session_id, session_ticket, pre_shared_key, unknown };

/// ExportedSrtpKey is a master key that a DTLS handshake gave for the SRTP of one sender, and where that travels (Fact::channel).
struct ExportedSrtpKey {
  SrtpMasterKey key;
  CipherSuite cipher_suite{};
  Side sender = Side::initiator;
  std::uint32_t channel = 0;
};

/// TlsProfile is what one TLS or DTLS session showed. `version` is none until a ServerHello was seen.
struct TlsProfile {
  bool dtls = false;
  bool quic = false;          ///< inside QUIC
  bool pseudo = false;        ///< a pseudo-TLS hello: nothing here is encryption
  std::uint32_t channel = 0;  ///< of the conversation inside the flow (Fact::channel)
  bool carried = false;       ///< inside messages of another protocol (a relay's): what lies around it is not protected by it
  bool established =
      false;  ///< both sides' Finished (TLS 1.3: protected records after the client's first flight) and no fatal alert before
  bool joined_mid_stream = false;
  bool server_hello_seen = false;
  bool client_hello_seen = false;
  bool hello_retry = false;
  bool early_data_offered = false;
  bool post_handshake_auth_offered = false;
  bool extended_master_secret = false;  ///< negotiated (both sides)
  bool secure_renegotiation = false;    ///< negotiated (both sides)
  bool encrypted_client_hello = false;
  bool fallback_scsv = false;
  bool handshake_damaged = false;     ///< a gap, cut or unreadable message within the handshake
  bool later_records_missed = false;  ///< after the handshake, octets of both sides were missed in which another one could hide
  bool left_tls = false;              ///< after the handshake, octets that are no TLS record
  bool history_cut = false;
  Resumption resumption = Resumption::none;
  std::uint8_t compression_method = 0;
  DowngradeSentinel downgrade_sentinel = DowngradeSentinel::none;
  TlsVersion version = TlsVersion::none;
  CipherSuite cipher_suite{};
  std::uint16_t dh_prime_bits = 0;
  NamedGroup group{};                    ///< 0 when not known
  SignatureScheme server_signature{};    ///< of ServerKeyExchange; 0 when not known
  SignatureScheme client_signature{};    ///< of CertificateVerify; 0 when not known
  std::uint16_t psk_identity_bytes = 0;  ///< length of the first identity of a ClientHello's extension 41
  std::optional<std::uint16_t> use_srtp;
  std::uint64_t clear_bytes_before = 0;  ///< octets both sides exchanged before TLS began (STARTTLS and its kin)
  bool unread_before = false;            ///< nobody read some of them: not recognised, or lost
  ClientAuth client_auth;
  TlsFrames frames;
  OpaqueHash session_id{};  ///< the server's, for lineage
  OpaqueHash offered_session_id{};
  OpaqueHash offered_ticket{};                 ///< ticket the client sent, or the PSK identity that the server took
  OpaqueHash issued_ticket{};                  ///< the last NewSessionTicket in the clear
  std::vector<OpaqueHash> decrypted_tickets;   ///< TLS 1.3: each can be resumed once (RFC 8446 section 4.6.1)
  std::vector<ExportedSrtpKey> srtp_keys;      ///< of every DTLS handshake of the flow, whatever its channel
  bool decrypted = false;                      ///< records were opened with secrets
  bool decryption_failed = false;              ///< there were secrets, and a record that they do not open
  std::optional<bool> early_data_accepted;     ///< where secrets show it
  std::optional<bool> server_signature_valid;  ///< of ServerKeyExchange or the server's CertificateVerify, where it was checked
  std::string history;                         ///< one letter per message, capital for the client (docs/records.md)
  std::string server_name;
  std::string next_protocol;  ///< ALPN the server chose, where visible
  std::vector<std::uint16_t> supported_versions;
  std::vector<CertificateId> server_chain;
  std::vector<CertificateId> client_chain;
  std::vector<Staple> server_staples;  ///< OCSP responses about its chain
  std::vector<SeenAlert> alerts;
  /// The hellos, kept only when fingerprints were asked for.
  std::unique_ptr<TlsClientHello> client_hello;
  std::unique_ptr<TlsServerHello> server_hello;
};

/// CloseReason is why the flow table let go of a flow.
enum class CloseReason : std::uint8_t { end_of_capture, tcp_close, timed_out, reused, evicted };

/// Party is one end of a flow as it was counted. `asset` is the index of its asset in the audit (kNoAsset until roles are resolved).
inline constexpr std::uint32_t kNoAsset = 0xFFFFFFFF;
struct Party {
  Endpoint endpoint;
  std::uint32_t asset = kNoAsset;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< of IP packets, headers included
};

/// FlowProfile is one flow. `initiator` opened it (SYN, first datagram, or the ClientHello where they disagree: fold turns the
/// flow round, so that the initiator is always the TLS client) and is what records call `client`. What every pass over the flows asks for
/// comes first.
struct FlowProfile {
  FlowId id{};
  Transport transport = Transport::tcp;
  CloseReason closed = CloseReason::end_of_capture;
  bool start_seen = false;      ///< TCP: the SYN; UDP: always
  bool beginning_lost = false;  ///< TCP: neither the SYN nor its answer was seen: what the first octets seen follow is not known
  bool initiator_seen = false;
  bool responder_seen = false;
  bool truncated = false;           ///< frames cut by the snaplen
  bool conflicting = false;         ///< octets sent twice with different content
  bool unread = false;              ///< a session met octets that it could not read
  bool limited = false;             ///< a budget was exceeded by what is not inside TLS that secrets opened
  bool responder_accepted = false;  ///< TCP: a SYN/ACK or data of the responder
  bool reset = false;
  std::optional<OctetTraits> unrecognised;          ///< how the first payload looks that no dissector took
  std::unique_ptr<TlsProfile> tls;                  ///< what dissectors of TLS stated
  std::unique_ptr<ApplicationProfile> application;  ///< what dissectors of other protocols stated
  std::uint64_t missing_bytes = 0;
  std::uint64_t payload_bytes = 0;  ///< TCP or UDP payload, both sides
  SeldomMany<std::string_view> budgets_exceeded;
  OneOrMore<std::string_view> protocols;  ///< names given by dissectors, static strings
  Party initiator;
  Party responder;
  Timestamp start{};
  Timestamp end{};
  FrameNumber first_frame{};
  FrameNumber last_frame{};
  CaptureId first_capture{};
  CaptureId last_capture{};
  Evidence first_payload;  ///< the first frame with payload
  /// What they stated of octets that secrets opened. Nothing of it was in the clear, whatever its lists are called.
  std::unique_ptr<ApplicationProfile> inside;
  SeldomMany<std::string_view> inside_protocols;
  std::uint32_t duplicate_frames = 0;
  std::uint32_t retransmitted_segments = 0;
  Encapsulation encapsulation;  ///< of the first frame

  [[nodiscard]] const Party& party(Side side) const { return side == Side::initiator ? initiator : responder; }
  [[nodiscard]] Party& party(Side side) { return side == Side::initiator ? initiator : responder; }

  /// control_in_clear shows control packets (RTCP) of a side in clear, if there are any that count: where a DTLS handshake keyed them,
  /// those before its end do not, nor does the side's last packet, a goodbye behind the end of the association.
  [[nodiscard]] std::optional<TimedEvidence> control_in_clear(Side side) const {
    if (!application || !application->rtcp[index(side)]) return std::nullopt;
    const SeenControl& control = *application->rtcp[index(side)];
    if (control.kind != RtcpKind::rtcp) return std::nullopt;
    if (!tls || !tls->dtls || !tls->established) return control.first;
    const Timestamp keyed = std::max(tls->frames.client_finished.time, tls->frames.server_finished.time);
    if (control.amid_time <= keyed) return std::nullopt;
    return TimedEvidence{{.capture = control.amid_capture, .frame = control.amid_frame}, control.amid_time};
  }
};

}  // namespace sealtrace
