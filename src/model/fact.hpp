// Fact: what a dissector saw on the wire, with the frame that shows it. A new kind of fact is a struct here and its name in
// SessionFacts; what it means for a flow is written once, in correlate/fold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/application_facts.hpp"
#include "model/evidence.hpp"
#include "model/fact_kinds.hpp"
#include "model/ids.hpp"
#include "model/srtp.hpp"
#include "model/tls_numbers.hpp"

namespace sealtrace {

/// ProtocolRecognised says that a dissector took the flow. `protocol` is the contract's name ("tls") and lives as long as the program.
struct ProtocolRecognised {
  std::string_view protocol;
};

/// TlsHelloForm is the framing of a ClientHello: a TLS record, an SSLv2-compatible hello (RFC 5246 appendix E.2), a DTLS record, or QUIC.
enum class TlsHelloForm : std::uint8_t { tls, ssl2, dtls, quic };

/// TlsClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2). Lists keep wire order; GREASE values (RFC 8701) are kept.
struct TlsClientHello {
  TlsHelloForm form = TlsHelloForm::tls;
  std::uint16_t legacy_record_version = 0;
  std::uint16_t legacy_version = 0;
  OpaqueHash session_id{};                        ///< 0 when empty
  OpaqueHash session_ticket{};                    ///< of extension 35's content (RFC 5077), 0 when absent or empty
  OpaqueHash psk_identity{};                      ///< of the first identity of extension 41, 0 when absent
  bool session_ticket_offered = false;            ///< extension 35 is present, empty or not
  bool pre_shared_key = false;                    ///< extension 41
  std::uint16_t psk_identity_bytes = 0;           ///< length of that identity: TLS 1.3's ticket
  bool early_data = false;                        ///< extension 42
  bool post_handshake_auth = false;               ///< extension 49
  bool extended_master_secret = false;            ///< extension 23 (RFC 7627)
  bool renegotiation_info = false;                ///< extension 0xFF01, or TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746)
  bool fallback_scsv = false;                     ///< TLS_FALLBACK_SCSV (RFC 7507)
  bool encrypted_client_hello = false;            ///< extension 0xFE0D
  bool compression_offered = false;               ///< a compression method other than null
  std::string server_name;                        ///< host_name of extension 0 (RFC 6066), lower-cased, as sent otherwise
  std::vector<std::string> alpn;                  ///< extension 16, in order
  std::vector<std::uint16_t> supported_versions;  ///< extension 43, in order
  std::vector<CipherSuite> cipher_suites;
  std::vector<std::uint16_t> extensions;  ///< types, in order
  std::vector<NamedGroup> supported_groups;
  std::vector<std::uint8_t> ec_point_formats;
  std::vector<SignatureScheme> signature_algorithms;
  std::vector<std::uint16_t> use_srtp;  ///< SRTP protection profiles offered (RFC 5764), in order
};

/// TlsServerHello (RFC 8446 section 4.1.3); `hello_retry_request` when its random is the fixed one.
struct TlsServerHello {
  std::uint16_t legacy_version = 0;
  TlsVersion version = TlsVersion::none;  ///< negotiated: extension 43 wins; drafts of 1.3 are tls1_3
  CipherSuite cipher_suite{};
  std::uint8_t compression_method = 0;
  bool hello_retry_request = false;
  OpaqueHash session_id{};
  bool session_ticket_expected = false;  ///< extension 35: a NewSessionTicket will follow
  bool pre_shared_key = false;           ///< extension 41: resumed (or external PSK)
  bool extended_master_secret = false;
  bool renegotiation_info = false;
  bool encrypt_then_mac = false;
  std::uint16_t selected_identity = 0;  ///< of extension 41: which of the client's identities
  DowngradeSentinel downgrade_sentinel = DowngradeSentinel::none;
  std::optional<NamedGroup> group;  ///< extension 51
  std::optional<std::uint16_t> use_srtp;
  std::string alpn;
  std::vector<std::uint16_t> extensions;  ///< types, in order
};

/// TlsHelloVerifyRequest is DTLS's cookie exchange (RFC 6347 section 4.2.1).
struct TlsHelloVerifyRequest {};

/// Staple is an OCSP response that a handshake carries, and the place in its chain of the certificate that it should be about (0: the
/// leaf).
struct Staple {
  StapleId response{};
  std::uint8_t place = 0;
};

/// TlsCertificates is a Certificate message (RFC 5246 section 7.4.2), leaf first; empty when the sender declined. In TLS 1.3 its entries
/// carry the staples (RFC 8446 section 4.4.2.1).
struct TlsCertificates {
  std::vector<CertificateId> chain;
  std::vector<Staple> staples;
};

/// Check is the outcome of a cryptographic check: not made (nobody asked, or octets for it were missed), not possible (an algorithm or key
/// that is not known), or made.
enum class Check : std::uint8_t { not_made, not_possible, passed, failed };

/// TlsEncryptedExtensions (RFC 8446 section 4.3.1): what of a server's answer only its secrets show.
struct TlsEncryptedExtensions {
  bool early_data_accepted = false;
  std::string alpn;
};

/// TlsServerKeyExchange (RFC 5246 section 7.4.3, RFC 8422 section 5.4).
struct TlsServerKeyExchange {
  std::optional<NamedGroup> group;
  std::uint16_t dh_prime_bits = 0;  ///< 0 when not finite-field DH
  std::optional<SignatureScheme> signature_scheme;
  Check signature = Check::not_made;
};

/// TlsCertificateRequest (RFC 5246 section 7.4.4). `num_certificate_authorities` counts the names listed.
struct TlsCertificateRequest {
  std::uint16_t num_certificate_authorities = 0;
};

struct TlsServerHelloDone {};
struct TlsClientKeyExchange {};

/// TlsCertificateVerify (RFC 5246 section 7.4.8, RFC 8446 section 4.4.3); the scheme is 0 before TLS 1.2. `signature` is of the leaf's key
/// over the messages before it.
struct TlsCertificateVerify {
  SignatureScheme signature_scheme{};
  Check signature = Check::not_made;
};

/// TlsNewSessionTicket (RFC 5077 section 3.3); 0 for an empty ticket.
struct TlsNewSessionTicket {
  OpaqueHash ticket{};
};

/// TlsCertificateStatus carries the server's staples up to TLS 1.2 (RFC 6066 section 8, RFC 6961).
struct TlsCertificateStatus {
  std::vector<Staple> staples;
};

struct TlsChangeCipherSpec {};

/// TlsFinished is the first handshake record after the sender's ChangeCipherSpec: encrypted, so its content is taken
/// from its place (RFC 5246 section 7.4.9). With a NULL suite it is read in the clear, and with secrets `verify_data` is checked.
struct TlsFinished {
  Check verify_data = Check::not_made;
};

/// SrtpKeyExported is the master key under which the sender protects its SRTP, by the exporter of a DTLS handshake whose master secret is
/// known (RFC 5764 section 4.2), and that handshake's suite. That a key exists says nothing of any packet.
struct SrtpKeyExported {
  SrtpMasterKey key;
  CipherSuite cipher_suite{};
};

/// TlsEncryptedHandshake is a handshake record after the sender's Finished in TLS 1.2 and below: a renegotiation, or a
/// HelloRequest (RFC 5246 section 7.4.1.1). `record_bytes` is the record's length.
struct TlsEncryptedHandshake {
  std::uint16_t record_bytes = 0;
};

/// TlsApplicationData is reported for the first few protected records of each side; in TLS 1.3 they include handshake messages, and
/// the client's first record later that is as short as an alert without padding is reported too.
struct TlsApplicationData {
  std::uint16_t record_bytes = 0;
};

/// TlsAlert (RFC 5246 section 7.2); `encrypted` when only its presence shows, and then level and description are not known.
struct TlsAlert {
  bool encrypted = false;
  AlertLevel level{};
  AlertDescription description{};
};

struct TlsHeartbeat {};
struct TlsHelloRequest {};

/// TlsOtherHandshake is a handshake message that the dissector names but does not read (KeyUpdate, supplemental data...).
struct TlsOtherHandshake {
  std::uint8_t type = 0;
};

/// TlsJoinedMidStream says that records were recognised without a hello: the capture began, or resumed, inside a session.
struct TlsJoinedMidStream {
  std::uint16_t record_version = 0;
};

/// TlsPseudoHello is Microsoft's or Google's fixed imitation of a TLS hello before TURN ([MS-TURN]): it protects nothing.
struct TlsPseudoHello {};

/// TlsPrecededBy says that the peers exchanged clear octets before TLS began on this stream (STARTTLS and its kin).
struct TlsPrecededBy {
  std::uint64_t clear_bytes = 0;
  bool unread = false;  ///< nobody read some of them: not recognised, or lost
};

/// MessageUnreadable is a message that could not be read: `field` is the specification's term. Only malformed counts against the peer.
struct MessageUnreadable {
  std::string_view field;
  bool malformed = false;
};

/// StreamGap says that octets of the sender's stream were never captured, or could not be put in order, and where the dissector was.
struct StreamGap {
  std::uint64_t missing_bytes = 0;
  bool within_handshake = false;
};

/// BudgetExceeded names a limit that was hit and what was given up.
struct BudgetExceeded {
  std::string_view budget;
};

/// SessionFacts are all of the above: of TLS, and of any session.
using SessionFacts =
    FactKinds<ProtocolRecognised, TlsClientHello, TlsServerHello, TlsHelloVerifyRequest, TlsCertificates, TlsServerKeyExchange,
              TlsEncryptedExtensions, TlsCertificateRequest, TlsServerHelloDone, TlsClientKeyExchange, TlsCertificateVerify,
              TlsNewSessionTicket, TlsCertificateStatus, TlsChangeCipherSpec, TlsFinished, TlsEncryptedHandshake, TlsApplicationData,
              TlsAlert, TlsHeartbeat, TlsHelloRequest, TlsOtherHandshake, TlsJoinedMidStream, TlsPseudoHello, TlsPrecededBy,
              MessageUnreadable, StreamGap, BudgetExceeded, SrtpKeyExported>;

/// FactBody is one of them or of the ApplicationFacts, small enough for flows to keep lists of them.
using FactBody = OneOf<SessionFacts, ApplicationFacts>;

static_assert(sizeof(FactBody) <= 24);

/// is_application_fact says that a body holds one of the ApplicationFacts.
inline bool is_application_fact(const FactBody& body) { return body.index() >= num_kinds(SessionFacts{}); }

/// Fact is one observation: what, by whom, when, and where it can be seen.
struct Fact {
  FactBody body;
  Side sender = Side::initiator;
  /// Read with secrets inside protected records, which authenticated it. The evidence is the record's last frame. Nothing of it was in
  /// the clear: it must never count as such.
  bool decrypted = false;
  std::uint32_t channel = 0;  ///< which conversation inside the flow (a TURN peer): FactSink::carried; 0 is the flow's own
  Timestamp time{};
  Evidence evidence;
};

static_assert(sizeof(Fact) == 64);  // a flow keeps all of its facts until it ends

}  // namespace sealtrace
