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
#include "model/evidence.hpp"

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

/// SeenUpgrade is the way of one upgrade to TLS: the frame of each step, not known where it was not seen. `absent`: a list of features
/// without it.
struct SeenUpgrade {
  std::string_view dialect;
  TimedEvidence offered;
  TimedEvidence required;
  TimedEvidence requested;
  TimedEvidence accepted;
  TimedEvidence refused;
  TimedEvidence absent;
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

/// SipSide is what the messages of one side tell of that side.
struct SipSide {
  TimedEvidence registration;            ///< a REGISTER of its own: no other Via than the sender's
  TimedEvidence forwarded_registration;  ///< a REGISTER that came by way of another hop
  TimedEvidence forwarded;               ///< a request that came by way of another hop
  std::vector<SipProduct> products;
};

/// SeenDescription is a session description, and the message that carried it.
struct SeenDescription {
  SessionDescribed session;
  Side sender = Side::initiator;
  TimedEvidence where;
};

/// SipProfile sums up SIP messages. The evidence of each content is its first frame.
struct SipProfile {
  std::bitset<kSipMethodNames.size()> methods;
  std::bitset<kSipTransportNames.size()> via_transports;  ///< of hops before this one too
  bool over_websocket = false;
  TimedEvidence instant_message;
  TimedEvidence presence;
  TimedEvidence call;
  TimedEvidence desktop_sharing;
  TimedEvidence registration;
  TimedEvidence sips;  ///< a sips: Request-URI or Contact
  std::set<std::string> domains;
  std::set<std::string> clients;              ///< User-Agent
  std::set<std::string> servers;              ///< Server
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

/// MediaKeying is how a stream gets its keys, by its signalling.
enum class MediaKeying : std::uint8_t { none, sdes, dtls, mikey, zrtp, microsoft_key_field };
inline constexpr std::array<std::string_view, 6> kMediaKeyingNames{"none", "sdes", "dtls", "mikey", "zrtp", "key_field"};

/// Agreement is what offer and answer say of a stream's protection: an answer that agreed SRTP, one that did not, or none that was seen.
enum class Agreement : std::uint8_t { unknown, srtp, clear };
inline constexpr std::array<std::string_view, 3> kAgreementNames{"unknown", "srtp", "clear"};

/// DeclaredMedia is what signalling says of the media that one side of a flow sends (correlate/media_links). `agreement` holds where
/// `answer` is known; without it the offer alone was seen.
struct DeclaredMedia {
  Agreement agreement{};
  MediaKeying keying{};
  MediaKind kind{};
  bool desktop_sharing = false;
  std::string protocol;    ///< of the answer, else the offer: "RTP/SAVP"
  std::string suite;       ///< as signalled; empty: none
  std::uint32_t call = 0;  ///< number of the call in the audit, from 1
  FlowId signalling{};     ///< the flow that carried it
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
  FlowId clear_rtcp{};                ///< the flow that shows this direction's control packets in clear
  bool fingerprint_mismatch = false;  ///< the certificate in DTLS is none of those that were signalled
  std::bitset<128> telephone_event_types;
};

/// MediaSource is one SSRC of one side. `decisions` are in the order they were made: one, unless the stream changed.
struct MediaSource {
  RtpSourceSeen rtp;
  Side sender = Side::initiator;
  TimedEvidence first;
  std::vector<MediaDecision> decisions;
  std::uint32_t channel = 0;  ///< of the conversation inside the flow (Fact::channel)
  bool summed_up = false;     ///< `rtp` is complete: the source was let go
  std::optional<DeclaredMedia> declared;

  /// decisive is the decision that counts: that it was in clear at any time, else the last. Null when nothing was decided.
  [[nodiscard]] const MediaDecision* decisive() const {
    for (const MediaDecision& decision : decisions) {
      if (decision.verdict.protection == MediaProtection::clear) return &decision;
    }
    return decisions.empty() ? nullptr : &decisions.back();
  }
};

/// ApplicationProfile: sets and lists are bounded by the facts that a flow may have.
struct ApplicationProfile {
  std::vector<ClearReading> clear;
  std::vector<SeenAuthentication> credentials;
  std::vector<SeenAuthentication> offered;
  std::vector<SeenUpgrade> upgrades;
  std::vector<SeenProtection> protections;
  std::optional<SipProfile> sip;
  std::optional<HttpProfile> http;
  std::optional<XmppStream> xmpp;
  std::optional<StunProfile> stun;
  std::vector<MediaSource> media;
  std::array<std::optional<RtcpSeen>, 2> rtcp;  ///< by sender
  std::vector<DnsAnswer> names;
  std::optional<SmbSessionSeen> smb;
  std::optional<TdsEncryption> tds_client;
  std::optional<TdsEncryption> tds_server;

  [[nodiscard]] const SeenUpgrade* accepted_upgrade() const {
    for (const SeenUpgrade& upgrade : upgrades) {
      if (upgrade.accepted.known()) return &upgrade;
    }
    return nullptr;
  }
};

}  // namespace sealtrace
