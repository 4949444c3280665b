// ApplicationProfile: what a flow showed of protocols other than TLS, folded from application facts (correlate/application_fold). Every
// statement keeps the frame that shows it first. In a flow that has a TlsProfile too, all of it was said before TLS began.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/application_facts.hpp"
#include "model/boxed.hpp"
#include "model/evidence.hpp"
#include "model/few.hpp"
#include "model/srtp.hpp"

namespace sealtrace {

/// ClearReading is a kind of message that was read as it is on the wire.
struct ClearReading {
  std::string_view protocol;
  std::string_view what;
  Side sender = Side::initiator;
  TimedEvidence first;
};

/// SeenAuthentication is a scheme that was offered, or whose credential was sent.
struct SeenAuthentication {
  AuthenticationScheme scheme{};
  Side sender = Side::initiator;
  TimedEvidence first;
};

/// EarlierOffer is where a flow to the same server had shown that it has the upgrade.
struct EarlierOffer {
  FlowId flow{};
  TimedEvidence where;
};

/// SeenUpgrade is the way of one upgrade to TLS: the frame of each step, not known where it was not seen. `absent`: a list of features
/// without it. `stripped`: the upgrade is absent, or refused, though the server had it earlier in the audit.
struct SeenUpgrade {
  std::string_view dialect;
  TimedEvidence offered;
  TimedEvidence required;
  TimedEvidence requested;
  TimedEvidence accepted;
  TimedEvidence refused;
  TimedEvidence absent;
  std::optional<EarlierOffer> stripped;
};

/// SeenProtection is a protocol other than TLS that protects what follows. `by` says whose octets it was seen of.
struct SeenProtection {
  std::string_view protocol;
  std::string_view how;
  TimedEvidence first;
  std::array<bool, 2> by{};
};

/// kMaxSipProducts is how many names of one side are kept; a proxy that passes on what others send has many.
inline constexpr std::size_t kMaxSipProducts = 8;

/// SipProduct is what a side calls itself. `own`: the User-Agent of a request without another Via than the sender's (RFC 3261
/// section 18.1.1). Otherwise it is the Server of a response, which can also be somebody's behind the sender.
struct SipProduct {
  std::string name;
  bool own = false;
  TimedEvidence first;
};

/// SeldomSeen is where something was seen first that most flows do not show: it costs them a pointer.
class SeldomSeen {
 public:
  SeldomSeen() = default;
  SeldomSeen& operator=(const TimedEvidence& where) {
    where_ = where;
    return *this;
  }
  [[nodiscard]] bool known() const { return where_ && where_->known(); }
  /// where gives evidence that is not known where nothing was seen.
  [[nodiscard]] const TimedEvidence& where() const {
    static const TimedEvidence kNowhere;
    return where_ ? *where_ : kNowhere;
  }
  operator const TimedEvidence&() const { return where(); }  // NOLINT(google-explicit-constructor): it stands for one

 private:
  OptionalBoxed<TimedEvidence> where_;
};

/// SipSide is what the messages of one side tell of that side.
struct SipSide {
  SeldomSeen registration;            ///< a REGISTER of its own: no other Via than the sender's
  SeldomSeen forwarded_registration;  ///< a REGISTER that came by way of another hop
  SeldomSeen forwarded;               ///< a request that came by way of another hop
  std::vector<SipProduct> products;
};

/// SeenDescription is a session description, and the message that carried it.
struct SeenDescription {
  SessionDescribed session;
  Side sender = Side::initiator;
  TimedEvidence where;
};

/// SipProfile sums up SIP messages. The evidence of each content is its first frame. Names are sorted, each once.
struct SipProfile {
  std::bitset<kSipMethodNames.size()> methods;
  std::bitset<kSipTransportNames.size()> via_transports;  ///< of hops before this one too
  bool over_websocket = false;
  SeldomSeen instant_message;
  SeldomSeen presence;
  SeldomSeen call;
  SeldomSeen desktop_sharing;
  SeldomSeen registration;
  SeldomSeen sips;  ///< a sips: Request-URI or Contact
  std::vector<std::string> domains;
  std::vector<std::string> clients;           ///< User-Agent
  std::vector<std::string> servers;           ///< Server
  std::array<SipSide, 2> sides;               ///< by sender
  std::vector<SeenDescription> descriptions;  ///< until correlate/media_links takes them: they hold keys
};

/// HttpProfile sums up HTTP messages.
struct HttpProfile {
  std::bitset<kHttpPathClassNames.size()> paths;
  std::vector<std::pair<HttpPathClass, TimedEvidence>> first_of_path;
  std::set<std::string> methods;
  std::set<std::string> hosts;
  std::set<std::string> upgrades;
  std::set<std::string> clients;
  std::set<std::string> servers;
  std::uint64_t num_requests = 0;  ///< reported ones: each new kind once
  std::uint64_t num_responses = 0;
  std::uint64_t num_redirects_to_https = 0;
  bool connect = false;
  bool http2 = false;
};

/// StunProfile sums up STUN and TURN.
struct StunProfile {
  std::bitset<kStunFlavourNames.size()> flavours;
  bool relay = false;  ///< an Allocate, Send, Data, ChannelBind or CreatePermission was seen
  std::vector<TransportAddressLearned> addresses;
};

/// MediaDecision is one verdict about a source, and the packet that decided.
struct MediaDecision {
  MediaVerdict verdict;
  TimedEvidence decided;
};

/// MediaKeySource says where a key came from: a file of keys, signalling that was read, a DTLS handshake whose secrets are known.
enum class MediaKeySource : std::uint8_t { given, signalling, dtls };
inline constexpr std::array<std::string_view, 3> kMediaKeySourceNames{"given", "signalling", "dtls"};
constexpr std::string_view to_string(MediaKeySource source) { return kMediaKeySourceNames[static_cast<std::size_t>(source)]; }

/// MediaKeyTrial is what came of trying keys on packets of a source. Where `num_verified` is not 0, that many of the `num_samples` packets
/// that were kept carry the tag that a key makes, enough to prove it; suite, source and counter are that key's. Otherwise no key fits.
struct MediaKeyTrial {
  std::uint32_t num_keys = 0;
  std::uint32_t num_signalled = 0;    ///< of them: keys that signalling gave
  std::uint32_t num_exported = 0;     ///< of all: keys that a DTLS handshake on the stream's way made
  std::uint32_t num_without_tag = 0;  ///< of those that signalling gave: keys of sessions that agreed on no tag, which nothing can verify
  std::uint8_t num_samples = 0;
  std::uint8_t num_verified = 0;
  SrtpSuite suite{};
  bool encrypts = true;   ///< the suite does, and the session did not agree otherwise
  bool readable = false;  ///< anybody on the way of the signalling could read the key: whoever recorded both can decrypt the stream
  MediaKeySource source{};
  std::uint32_t roll_over_counter = 0;
  TimedEvidence verified;  ///< the first such packet

  [[nodiscard]] bool holds() const { return num_verified != 0; }
  /// refutes_signalling says that signalling gave keys which could have been verified, and none of them is the stream's.
  [[nodiscard]] bool refutes_signalling() const { return !holds() && num_samples != 0 && num_signalled > num_without_tag; }
  /// refutes_handshake says that the keys of a DTLS handshake are known, and the stream is under none of them.
  [[nodiscard]] bool refutes_handshake() const { return !holds() && num_samples != 0 && num_exported != 0; }
};

/// MediaHandshake is a DTLS handshake on the way of a source that was completed before its first packet (RFC 5764).
struct MediaHandshake {
  std::optional<SrtpSuite> suite;  ///< of the profile that was chosen; none: a profile without a name here
  std::uint16_t profile = 0;
  TimedEvidence completed;
};

/// MediaState is what is known of a source's payload, all considered.
enum class MediaState : std::uint8_t { undecided, clear, srtp_null, encrypted_unidentified, srtp };
inline constexpr std::array<std::string_view, 5> kMediaStateNames{"undecided", "rtp", "srtp_null", "encrypted_unidentified", "srtp"};
constexpr std::string_view to_string(MediaState state) { return kMediaStateNames[static_cast<std::size_t>(state)]; }

/// MediaAssertion is a state with how it is known; the basis of one that is undecided means nothing.
struct MediaAssertion {
  MediaState state = MediaState::undecided;
  Basis basis = Basis::inferred;
};

/// MediaKeying is how a stream gets its keys, by its signalling.
enum class MediaKeying : std::uint8_t { none, sdes, dtls, mikey, zrtp, microsoft_key_field };
inline constexpr std::array<std::string_view, 6> kMediaKeyingNames{"none", "sdes", "dtls", "mikey", "zrtp", "key_field"};

/// Agreement is what offer and answer say of a stream's protection: an answer that agreed SRTP, one that did not, or none that was seen.
enum class Agreement : std::uint8_t { unknown, srtp, clear };
inline constexpr std::array<std::string_view, 3> kAgreementNames{"unknown", "srtp", "clear"};

/// CallJoinBasis is what two dialogs have in common when one continues the other through a back-to-back agent.
enum class CallJoinBasis : std::uint8_t {
  none,
  session_id,           ///< the caller's Session-ID (RFC 7989)
  charging_id,          ///< icid-value of P-Charging-Vector (RFC 7315)
  session_description,  ///< o= line and addresses of media: the agent passed the description on
};
inline constexpr std::array<std::string_view, 4> kCallJoinBasisNames{"none", "session_id", "charging_id", "session_description"};
constexpr std::string_view to_string(CallJoinBasis basis) { return kCallJoinBasisNames[static_cast<std::size_t>(basis)]; }

/// DeclaredMedia is what signalling says of the media that one side of a flow sends (correlate/media_links). `agreement` holds where
/// `answer` is known; without it the offer alone was seen.
struct DeclaredMedia {
  Agreement agreement{};
  MediaKeying keying{};
  MediaKind kind{};
  bool desktop_sharing = false;
  std::string protocol;                        ///< of the answer, else the offer: "RTP/SAVP"
  std::string suite;                           ///< as signalled; empty: none
  std::optional<SrtpSuite> crypto_suite = {};  ///< what that name stands for
  bool scale = false;                          ///< the key is of a=cryptoscale ([MS-SDPEXT] section 3.1.5.2)
  std::optional<MikeyMethod> mikey = {};
  std::uint32_t call = 0;        ///< number of the call in the audit, from 1
  std::uint32_t first_call = 0;  ///< the call that this one continues through a back-to-back agent; 0: none that is known of
  CallJoinBasis joined_by{};
  FlowId signalling{};  ///< the flow that carried it
  TimedEvidence offer;
  TimedEvidence answer;
  bool key_readable = false;  ///< a key of this direction could be read on the way of a signalling message
  TimedEvidence key;          ///< that message
  FlowId key_flow{};          ///< its flow
  bool offered_srtp = false;  ///< some offer of this stream wanted or allowed SRTP
  bool fell_back = false;     ///< SAVP was offered or in use, and a later answer says AVP
  bool unencrypted_srtp = false;
  bool unencrypted_srtcp = false;
  bool unauthenticated_srtp = false;
  bool short_tag = false;
  bool key_reused = false;            ///< the other direction, another call or another m-line has the same key
  bool fingerprint_mismatch = false;  ///< the certificate in DTLS is none of those that were signalled
  std::bitset<128> telephone_event_types;
};

/// ClearControl shows control packets (RTCP) of a source's side in clear, on its own ports or on others.
struct ClearControl {
  FlowId flow{};
  TimedEvidence shown;
};

/// SeenControl is the RTCP of one side, with the frame that shows it first.
struct SeenControl : RtcpSeen {
  TimedEvidence first;
};

/// MediaSource is one SSRC of one side. `decisions` are in the order they were made: one, unless the stream changed.
struct MediaSource {
  RtpSourceSeen rtp;
  Side sender = Side::initiator;
  bool summed_up = false;  ///< `rtp` is complete: the source was let go
  TimedEvidence first;
  OneOrMore<MediaDecision> decisions;
  std::uint32_t channel = 0;  ///< of the conversation inside the flow (Fact::channel)
  OptionalBoxed<MediaKeyTrial> keys;
  OptionalBoxed<MediaHandshake> handshake;
  OptionalBoxed<DeclaredMedia> declared;
  OptionalBoxed<ClearControl> clear_control;

  /// decisive is the decision that counts: that it was in clear at any time, else the last. Null when nothing was decided.
  [[nodiscard]] const MediaDecision* decisive() const {
    for (const MediaDecision& decision : decisions) {
      if (decision.verdict.protection == MediaProtection::clear) return &decision;
    }
    return decisions.empty() ? nullptr : &decisions.back();
  }

  /// assertion weighs what is known (the order of proof: payload proved clear, tag verified, handshake read, an answer that agreed on SRTP,
  /// statistics). `rtcp` is of the same side.
  [[nodiscard]] MediaAssertion assertion(const OptionalBoxed<SeenControl>& rtcp) const {
    const MediaDecision* const decision = decisive();
    const MediaProtection packets = decision == nullptr ? MediaProtection::undecided : decision->verdict.protection;
    const bool verified = keys && keys->holds();
    const bool null_profile = handshake && handshake->suite && !traits(*handshake->suite).encrypts;
    if (packets == MediaProtection::clear) {      // whatever was agreed
      const bool changed = decisions.size() > 1;  // what was verified may have been before, or after
      if (verified && !changed) return {MediaState::srtp_null, Basis::key_verified};
      if (null_profile) return {MediaState::srtp_null, Basis::decoded};
      const bool authenticated = rtcp && rtcp->kind == RtcpKind::srtcp_null && rtcp->ssrc == rtp.ssrc;
      return {authenticated ? MediaState::srtp_null : MediaState::clear, Basis::inferred};
    }
    if (verified) return {keys->encrypts ? MediaState::srtp : MediaState::srtp_null, Basis::key_verified};
    if (null_profile) return {MediaState::srtp_null, Basis::decoded};
    const bool other_keys = keys && keys->refutes_handshake();
    if (handshake && handshake->suite && !other_keys) return {MediaState::srtp, Basis::decoded};
    const bool followed = declared && (declared->keying == MediaKeying::sdes || declared->keying == MediaKeying::dtls);
    const bool agreed = followed && declared->answer.known() && declared->agreement == Agreement::srtp;
    if (agreed && !other_keys && !(keys && keys->refutes_signalling())) {
      return {declared->unencrypted_srtp ? MediaState::srtp_null : MediaState::srtp, Basis::declared};
    }
    if (packets == MediaProtection::encrypted_unidentified) return {MediaState::encrypted_unidentified, Basis::inferred};
    return {};
  }
};

/// ApplicationProfile: sets and lists are bounded by the facts that a flow may have. The large parts, which few flows have, are boxed.
struct ApplicationProfile {
  OptionalBoxed<SipProfile> sip;
  OptionalBoxed<HttpProfile> http;
  OptionalBoxed<XmppStream> xmpp;
  OptionalBoxed<StunProfile> stun;
  SeldomMany<SeenAuthentication> credentials;
  SeldomMany<SeenAuthentication> offered;
  SeldomMany<SeenUpgrade> upgrades;
  SeldomMany<SeenProtection> protections;
  std::vector<MediaSource> media;
  std::vector<ClearReading> clear;
  std::array<OptionalBoxed<SeenControl>, 2> rtcp;  ///< by sender
  FlowId control_of{};                             ///< where nothing but RTCP passes: the flow of its media (correlate/media_control)
  std::vector<DnsAnswer> names;
  std::optional<QuicSeen> quic;  ///< of all that was seen
  std::optional<SmbSessionSeen> smb;
  std::optional<TdsEncryption> tds_client;
  std::optional<TdsEncryption> tds_server;

  /// tds_coverage is what the two PRELOGINs agreed on.
  [[nodiscard]] std::optional<TdsCoverage> tds_coverage() const { return sealtrace::tds_coverage(tds_client, tds_server); }

  [[nodiscard]] bool has_control() const { return rtcp[0] || rtcp[1]; }

  [[nodiscard]] const SeenUpgrade* accepted_upgrade() const {
    for (const SeenUpgrade& upgrade : upgrades) {
      if (upgrade.accepted.known()) return &upgrade;
    }
    return nullptr;
  }
  /// tls_for_login_alone says of TLS inside TDS that it need not reach behind the login: so it was agreed, or the answer was not seen.
  [[nodiscard]] bool tls_for_login_alone() const {
    const SeenUpgrade* upgrade = accepted_upgrade();
    return upgrade != nullptr && upgrade->dialect.starts_with("tds") && tds_coverage() != TdsCoverage::session;
  }
};

}  // namespace sealtrace
