// What dissectors of application protocols state: what was read in clear, who offered or took an upgrade, which credentials were sent
// (never their values), whom signalling and names point at. TLS has its own facts in model/fact.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/fact_kinds.hpp"
#include "model/ids.hpp"
#include "model/ip_address.hpp"
#include "model/media_description.hpp"
#include "model/static_text.hpp"

namespace sealtrace {

/// OpaqueHash stands for octets that must not be kept (session tickets, session ids, Call-IDs): 64 bits of a keyed hash, equal
/// within one audit where the octets are equal. 0 means absent.
enum class OpaqueHash : std::uint64_t {};

/// ReadInClear says that a message was read as it is on the wire. `what` names it in the protocol's own terms ("INVITE request"); both
/// are static strings. A session reports the first message of each kind, not every one.
struct ReadInClear {
  StaticText protocol;
  StaticText what;
};

/// AuthenticationScheme names how a peer authenticates (RFC 7235, RFC 3261 section 22, [MS-SIPAE], RFC 4422, RFC 4511).
enum class AuthenticationScheme : std::uint8_t {
  basic,
  digest,
  bearer,
  ntlm,
  negotiate,  ///< SPNEGO that shows neither NTLM nor Kerberos
  kerberos,
  tls_dsk,
  cookie,
  form,  ///< a field of a form, posted or in a query, that is named as passwords are
  sasl_plain,
  sasl_login,
  sasl_digest_md5,
  sasl_cram_md5,
  sasl_scram,
  sasl_external,
  sasl_gssapi,
  sasl_anonymous,
  ldap_simple,
  tds_login,
  postgresql_password,   ///< AuthenticationCleartextPassword
  postgresql_md5,        ///< AuthenticationMD5Password
  mysql_clear_password,  ///< mysql_clear_password, and what asks for the password itself in other words
  mysql_scramble,        ///< mysql_native_password, caching_sha2_password and their kin: a digest over the server's nonce
  snmp_community,
  xmpp_dialback,
  other,
};
inline constexpr std::array<std::string_view, 26> kAuthenticationSchemeNames{"basic",          "digest",
                                                                             "bearer",         "ntlm",
                                                                             "negotiate",      "kerberos",
                                                                             "tls_dsk",        "cookie",
                                                                             "form",           "sasl_plain",
                                                                             "sasl_login",     "sasl_digest_md5",
                                                                             "sasl_cram_md5",  "sasl_scram",
                                                                             "sasl_external",  "sasl_gssapi",
                                                                             "sasl_anonymous", "ldap_simple",
                                                                             "tds_login",      "postgresql_password",
                                                                             "postgresql_md5", "mysql_clear_password",
                                                                             "mysql_scramble", "snmp_community",
                                                                             "xmpp_dialback",  "other"};
constexpr std::string_view to_string(AuthenticationScheme scheme) { return kAuthenticationSchemeNames[static_cast<std::size_t>(scheme)]; }

/// CredentialSent says that the sender's message carried a credential of this scheme. Its value is not kept.
struct CredentialSent {
  AuthenticationScheme scheme{};
};

/// AuthenticationOffered says that the sender offered or demanded this scheme (WWW-Authenticate, SASL mechanisms).
struct AuthenticationOffered {
  AuthenticationScheme scheme{};
};

/// UpgradePhase is one step of a protocol that changes into TLS in place. `required`: offered, and nothing else is accepted.
enum class UpgradePhase : std::uint8_t { offered, required, requested, accepted, refused };
inline constexpr std::array<std::string_view, 5> kUpgradePhaseNames{"offered", "required", "requested", "accepted", "refused"};

/// UpgradeStep: `dialect` is the protocol that upgrades (xmpp, ldap, smtp, http, ...), a static string. `not_offered` is no step: that a
/// server listed its features without the upgrade is UpgradeAbsent.
struct UpgradeStep {
  std::string_view dialect;
  UpgradePhase phase{};
};

/// UpgradeAbsent says that the sender listed what it can and no upgrade to TLS was among it.
struct UpgradeAbsent {
  std::string_view dialect;
};

/// OtherProtection says that what follows is protected by a protocol other than TLS. `protocol` (ssh, esp, ike, wireguard, smb, ldap...)
/// and `how` ("SMB 3 encryption") are static strings.
struct OtherProtection {
  std::string_view protocol;
  std::string_view how;
};

/// SipMethod (RFC 3261 section 7.1 and its extensions; SERVICE and BENOTIFY: [MS-SIP]).
enum class SipMethod : std::uint8_t {
  other,
  invite,
  ack,
  bye,
  cancel,
  registration,
  options,
  prack,
  update,
  info,
  subscribe,
  notify,
  publish,
  message,
  refer,
  service,
  benotify,
};
inline constexpr std::array<std::string_view, 17> kSipMethodNames{"other",   "INVITE",  "ACK",    "BYE",     "CANCEL",    "REGISTER",
                                                                  "OPTIONS", "PRACK",   "UPDATE", "INFO",    "SUBSCRIBE", "NOTIFY",
                                                                  "PUBLISH", "MESSAGE", "REFER",  "SERVICE", "BENOTIFY"};

/// SipTransport is what Via, Record-Route and Contact name (RFC 3261 section 18, RFC 7118).
enum class SipTransport : std::uint8_t { none, udp, tcp, tls, sctp, ws, wss, other };
inline constexpr std::array<std::string_view, 8> kSipTransportNames{"none", "udp", "tcp", "tls", "sctp", "ws", "wss", "other"};

/// SipMessage is one SIP request or response whose head was read (RFC 3261 section 7). No value of a credential, no user part of an
/// address, no body. Domains and product are told where no earlier message of the flow has told them.
struct SipMessage {
  bool request = false;
  SipMethod method{};           ///< of a response: from CSeq
  std::uint16_t status = 0;     ///< of a response
  bool over_websocket = false;  ///< RFC 7118
  bool sips_request_uri = false;
  bool sips_contact = false;
  bool instant_message = false;  ///< MESSAGE, m=message, or text in ms-body / ms-text-format
  bool presence = false;         ///< SUBSCRIBE, NOTIFY, PUBLISH, SERVICE of the presence event
  bool call = false;             ///< INVITE and what belongs to its dialog, with m=audio or m=video
  bool desktop_sharing = false;  ///< m=applicationsharing, or a label that says so
  bool sdp = false;              ///< a session description is among the bodies
  std::uint8_t num_vias = 0;     ///< each hop adds one to a request (section 18.1.1)
  std::bitset<kSipTransportNames.size()> via_transports;
  std::vector<std::string> domains;  ///< of Request-URI, From and To, lower-cased
  std::string product;               ///< User-Agent of a request, Server of a response
};

/// SessionDescribed is a session description in a message of SIP (RFC 3264): an offer or an answer, which correlate tells by what came
/// before in the dialog. The media lines are in wire order. Keys stay in memory.
struct SessionDescribed {
  OpaqueHash call_id{};
  OpaqueHash from_tag{};  ///< of the message's From and To: a response has those of its request
  OpaqueHash to_tag{};
  std::uint32_t cseq = 0;
  SipMethod method{};  ///< of a response: from CSeq
  bool request = false;
  std::uint16_t status = 0;  ///< of a response
  OpaqueHash session_id{};   ///< the sender's half of Session-ID (RFC 7989 section 5), which back-to-back agents pass on
  OpaqueHash charging_id{};  ///< icid-value of P-Charging-Vector (RFC 7315 section 5.6)
  OpaqueHash origin{};       ///< the whole o= line (RFC 8866 section 5.2)
  std::vector<MediaDescription> media;
};

/// HttpPathClass is what a request's path means to this product (docs of the web services of Lync Server 2013).
enum class HttpPathClass : std::uint8_t {
  other,
  meeting_content,
  address_book,
  group_expansion,
  web_conferencing,
  autodiscover,
  web_ticket,
  root_certificate,
  revocation_list,  ///< a CRL
  ocsp,
  device_update,
  mobility,
  push,
};
inline constexpr std::array<std::string_view, 13> kHttpPathClassNames{"other",
                                                                      "meeting_content",
                                                                      "address_book",
                                                                      "group_expansion",
                                                                      "web_conferencing",
                                                                      "autodiscover",
                                                                      "web_ticket",
                                                                      "root_certificate",
                                                                      "revocation_list",
                                                                      "ocsp",
                                                                      "device_update",
                                                                      "mobility",
                                                                      "push"};

/// HttpMessage is one HTTP request or response whose head was read (RFC 9110). No path, no query, no value of a credential, no body.
struct HttpMessage {
  bool request = false;
  std::uint8_t version = 11;       ///< 10, 11 or 20
  std::string method;              ///< of a request, at most 16 octets
  std::uint16_t status = 0;        ///< of a response
  std::string host;                ///< of a request: Host or :authority, lower-cased, without port
  HttpPathClass path{};            ///< of a request; of a response what its Content-Type says (a CRL, an OCSP answer)
  bool redirect_to_https = false;  ///< of a response: 3xx whose Location begins with https:
  bool connect = false;            ///< a CONNECT request
  std::string upgrade;             ///< the first token of Upgrade, lower-cased, at most 32 octets
  std::string product;             ///< User-Agent or Server, at most 128 octets
};

/// XmppStream is a stream header (RFC 6120 section 4.7).
struct XmppStream {
  bool server_to_server = false;
  std::string from;
  std::string to;
};

/// DnsNames are the names of a record, lower-cased, without the last dot: its owner, and the host name of SRV, PTR and CNAME. They lie in
/// one string, for a capture may hold millions.
class DnsNames {
 public:
  DnsNames() = default;
  /// Of an owner of at most 255 octets (RFC 1035 section 2.3.4), what is longer is cut; and the target, empty for an address.
  DnsNames(std::string_view owner, std::string_view target)
      : owner_bytes_{static_cast<std::uint8_t>(std::min<std::size_t>(owner.size(), 0xFF))} {
    text_.reserve(owner_bytes_ + target.size());
    text_.append(owner.substr(0, owner_bytes_)).append(target);
  }
  [[nodiscard]] std::string_view owner() const { return std::string_view{text_}.substr(0, owner_bytes_); }
  [[nodiscard]] std::string_view target() const {
    return std::string_view{text_}.substr(std::min<std::size_t>(owner_bytes_, text_.size()));
  }
  /// text is both, one behind the other.
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string text_;
  std::uint8_t owner_bytes_ = 0;
};

/// DnsAnswer is an answer that names an address (A, AAAA) or a host (SRV target, PTR, CNAME). One record each.
struct DnsAnswer {
  DnsNames names;
  IpAddress address;  ///< of A and AAAA
  bool has_address = false;
  std::uint16_t type = 0;
  std::uint16_t port = 0;  ///< SRV
};

/// StunFlavour tells the dialects apart: RFC 8489 (cookie in the header), RFC 3489, [MS-TURN] (cookie as first attribute), Google's.
enum class StunFlavour : std::uint8_t { rfc8489, rfc3489, ms_turn, google };
inline constexpr std::array<std::string_view, 4> kStunFlavourNames{"rfc8489", "rfc3489", "ms_turn", "google"};

/// QuicSeen is what a QUIC connection's long headers say: its version (RFC 9000 section 15), that the server asked for another try with a
/// token (section 17.2.5), or for another version (section 17.2.1; `version` is then 0).
struct QuicSeen {
  std::uint32_t version = 0;
  bool retry = false;
  bool version_negotiation = false;
};

/// StunSeen is the first STUN or TURN message of each method and class (RFC 8489 section 5).
struct StunSeen {
  StunFlavour flavour{};
  std::uint16_t method = 0;
  std::uint8_t message_class = 0;  ///< 0 request, 1 indication, 2 success, 3 error
  bool framed = false;             ///< over TCP with RFC 4571 or [MS-TURN] framing
};

/// TransportAddressKind says what a learned address is: as the server sees the client, allocated at the relay, the relay's peer.
enum class TransportAddressKind : std::uint8_t { mapped, relayed, peer, alternate };
inline constexpr std::array<std::string_view, 4> kTransportAddressKindNames{"mapped", "relayed", "peer", "alternate"};

/// TransportAddressLearned is an address that STUN or TURN told.
struct TransportAddressLearned {
  TransportAddressKind kind{};
  Endpoint endpoint;
};

/// MediaSample is a whole packet of media, kept so that keys can be tried on it once they are known; correlation forgets it then. It goes
/// into no output. `header_bytes` is where the payload begins; 0 for a control packet.
struct MediaSample {
  std::vector<std::uint8_t> packet = {};
  std::uint16_t header_bytes = 0;
  std::uint16_t sequence_number = 0;
  CaptureId capture{};
  FrameNumber frame{};
  Timestamp time{};
};

/// RtpSourceSeen is one SSRC of one side, reported when the flow ends or the session lets go (RFC 3550 section 5.1).
struct RtpSourceSeen {
  std::uint32_t ssrc = 0;
  std::uint64_t num_packets = 0;
  std::array<std::uint8_t, 8> payload_types{};
  std::uint8_t num_payload_types = 0;
  bool framed = false;   ///< RFC 4571
  bool relayed = false;  ///< inside TURN
  std::vector<MediaSample> samples = {};
};

/// MediaProtection is what the packets of a source alone tell. Statistics never say SRTP: what looks encrypted may be anything that does.
enum class MediaProtection : std::uint8_t { undecided, clear, encrypted_unidentified };

/// MediaVerdict says whether a source's payload is in clear; the fact's evidence is the packet that decided. Reported at the first verdict
/// and whenever a later one differs. Clear is proved: the chance that any such verdict of an audit is false is at most
/// 2^-`error_rate_log2`. Nothing bounds the error of the other (0).
struct MediaVerdict {
  std::uint32_t ssrc = 0;
  MediaProtection protection{};
  std::uint8_t error_rate_log2 = 0;
  std::uint32_t decided_after_packets = 0;  ///< of those looked at
  std::uint64_t num_packets = 0;            ///< of the source so far
  CaptureId since_capture{};                ///< of the first packet looked at: where a change lies, or shortly before
  FrameNumber since_frame{};
};

/// RtcpKind is how a side's control packets are protected (RFC 3550 section 6, RFC 3711 section 3.4): readable; with an index that counts
/// and says "encrypted"; with one that says that the packet is only authenticated.
enum class RtcpKind : std::uint8_t { unknown, rtcp, srtcp, srtcp_null };

/// RtcpSeen is the RTCP of one side (RFC 3550 section 6): `num_packets` compound packets whose framing held, `num_opaque` ones of which
/// only the first eight octets read as RTCP, as SRTCP shows them (RFC 3711 section 3.4). `ssrc` is the last sender's.
struct RtcpSeen {
  std::uint64_t num_packets = 0;
  std::uint64_t num_opaque = 0;
  RtcpKind kind{};
  std::uint32_t ssrc = 0;
  std::vector<MediaSample> samples = {};  ///< of the opaque ones
  CaptureId amid_capture = {};            ///< of the last of `num_packets` that another packet of the side followed; frame and time, too
  FrameNumber amid_frame = {};
  Timestamp amid_time = {};

  /// encrypted: every packet is SRTCP, of a cipher that encrypts.
  [[nodiscard]] bool encrypted() const { return kind == RtcpKind::srtcp && num_packets == 0; }
};

/// SmbSessionSeen is what a negotiation chose ([MS-SMB2] sections 2.2.4, 2.2.6).
struct SmbSessionSeen {
  std::uint16_t dialect = 0;  ///< DialectRevision; 0 for SMB 1
  bool signing_required = false;
  bool encryption_capable = false;
  bool encrypt_data = false;  ///< SESSION_SETUP or TREE_CONNECT response demands it
};

/// TdsEncryption is the ENCRYPTION option of PRELOGIN ([MS-TDS] section 2.2.6.5).
enum class TdsEncryption : std::uint8_t { off = 0, on = 1, not_supported = 2, required = 3 };
struct TdsPrelogin {
  TdsEncryption encryption{};
};

/// TdsCoverage is how much of a connection the two ENCRYPTION options put into TLS.
enum class TdsCoverage : std::uint8_t { nothing, login, session };
/// tds_coverage reads the table of [MS-TDS] section 2.2.6.5; nothing without the server's answer. A pair that is not in the table ends the
/// connection by the document; should it go on, the server's option says what its side does.
constexpr std::optional<TdsCoverage> tds_coverage(std::optional<TdsEncryption> client, std::optional<TdsEncryption> server) {
  if (!server) return std::nullopt;
  if (client == TdsEncryption::not_supported || server == TdsEncryption::not_supported) return TdsCoverage::nothing;
  return server == TdsEncryption::off ? TdsCoverage::login : TdsCoverage::session;
}

/// ApplicationFacts are all of them.
using ApplicationFacts = FactKinds<ReadInClear, CredentialSent, AuthenticationOffered, UpgradeStep, UpgradeAbsent, OtherProtection,
                                   SipMessage, HttpMessage, XmppStream, DnsAnswer, StunSeen, TransportAddressLearned, RtpSourceSeen,
                                   RtcpSeen, SmbSessionSeen, TdsPrelogin, MediaVerdict, QuicSeen, SessionDescribed>;

}  // namespace sealtrace
