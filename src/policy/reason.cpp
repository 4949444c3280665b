#include "policy/reason.hpp"

#include <algorithm>
#include <array>

namespace sealtrace {
namespace {

constexpr Status kPass = Status::pass;
constexpr Status kFail = Status::fail;
constexpr Status kOpen = Status::inconclusive;
constexpr Status kExempt = Status::not_applicable;

constexpr std::string_view kReconnect = "Restart the connection while capturing, or capture across a reconnect.";
constexpr std::string_view kWholeFrames = "Capture again without losses: a larger capture buffer, a tap instead of a busy span port.";

constexpr auto kReasons = std::to_array<ReasonInfo>({
    {Reason::mutual_tls, "mutual_tls", kPass, "Mutual TLS",
     "The server asked for a certificate, the client proved that it holds the key of one, and the server went on.", ""},
    {Reason::mutual_tls_resumed, "mutual_tls_resumed", kPass, "Mutual TLS, resumed",
     "The session resumes one whose full handshake, seen in this audit, authenticated the client with a certificate.", ""},
    {Reason::mutual_tls_inferred, "mutual_tls_inferred", kPass, "Mutual TLS, inferred",
     "The sizes of the encrypted handshake records show a client certificate, and the policy accepts a strong inference.", ""},
    {Reason::tls_established, "tls_established", kPass, "TLS",
     "A TLS handshake completed with a suite that encrypts and authenticates the server.", ""},
    {Reason::protected_by_other, "protected_by_other", kPass, "Protected by other means",
     "The traffic is encrypted by a protocol other than TLS, which the policy accepts on this leg.", ""},
    {Reason::media_srtp, "media_srtp", kPass, "SRTP",
     "Of every stream a key made the authentication tags, or a DTLS handshake on the same way was completed before it with a profile that "
     "encrypts; and no payload is proved to be in clear.",
     ""},
    {Reason::media_inferred, "media_inferred", kPass, "Media that looks encrypted",
     "The packets of every stream are uniform as far as they go and fit no codec known to lack a header, and the policy accepts that.", ""},
    {Reason::media_declared_srtp, "media_declared_srtp", kPass, "SRTP by its signalling",
     "Offer and answer agreed SRTP for every stream, with keys that nobody on the way could read, and no payload was proved clear.", ""},

    {Reason::tls_without_client_certificate, "tls_without_client_certificate", kFail, "TLS without a client certificate",
     "The TLS handshake completed, but the client did not authenticate itself with a certificate.", ""},
    {Reason::suite_null, "suite_null", kFail, "TLS that does not encrypt",
     "The handshake completed with a NULL suite: the traffic is authenticated but readable.", ""},
    {Reason::suite_anonymous, "suite_anonymous", kFail, "TLS that does not authenticate the server",
     "The handshake completed with an anonymous suite: anyone in between can be the server.", ""},
    {Reason::suite_export, "suite_export", kFail, "TLS with an export suite",
     "The handshake completed with an export suite, whose keys are short enough to search.", ""},
    {Reason::suite_rc2, "suite_rc2", kFail, "TLS with RC2", "The handshake completed with an RC2 suite, which protects nothing today.", ""},
    {Reason::suite_des, "suite_des", kFail, "TLS with single DES",
     "The handshake completed with a single-DES suite, whose 56-bit keys are searched in hours.", ""},
    {Reason::signature_invalid, "signature_invalid", kFail, "Signature that does not verify",
     "A signature of the handshake is not that of the certificate's key: who the peer is was not proved, though the session went on.", ""},
    {Reason::version_ssl2, "version_ssl2", kFail, "SSL 2.0",
     "The session runs SSL 2.0, whose handshake an attacker can rewrite (RFC 6176).", ""},
    {Reason::pseudo_tls, "pseudo_tls", kFail, "Imitated TLS",
     "The bytes imitate a TLS hello so that a proxy lets them pass; what follows is not encrypted by TLS.", ""},
    {Reason::clear_traffic, "clear_traffic", kFail, "Traffic in clear", "The protocol was read in clear on this leg.", ""},
    {Reason::media_clear, "media_clear", kFail, "Media in clear",
     "The payload of an RTP stream is not encrypted: its octets prove it (what a cipher makes would look like it in less than one audit in "
     "10^9), or it is SRTP of which the tags or the handshake show a cipher that does not encrypt.",
     ""},
    {Reason::media_signalled_srtp_clear, "media_signalled_srtp_clear", kFail, "SRTP was agreed, and the media is in clear",
     "Offer and answer agreed SRTP, but the payload of the RTP stream is proved to be in clear: what the signalling promises is not true.",
     ""},
    {Reason::media_fell_back, "media_fell_back", kFail, "Fallback from SRTP to clear media",
     "SRTP was offered or in use on this hop, and a later answer agreed plain RTP; the payload is proved to be in clear.", ""},
    {Reason::srtp_key_readable, "srtp_key_readable", kFail, "SRTP whose key could be read",
     "The media is SRTP, but its master key travelled in signalling that anyone on the path could read: whoever has both can listen.", ""},
    {Reason::srtp_unencrypted, "srtp_unencrypted", kFail, "SRTP that does not encrypt",
     "Offer and answer agreed SRTP without encryption (UNENCRYPTED_SRTP, or a NULL suite): packets are authenticated and readable.", ""},
    {Reason::dtls_fingerprint_mismatch, "dtls_fingerprint_mismatch", kFail, "Certificate is not the one that was signalled",
     "The certificate in the DTLS handshake is none of those whose fingerprints the signalling gave: somebody else is in between.", ""},
    {Reason::autodiscover_in_clear, "autodiscover_in_clear", kFail, "Autodiscover in clear",
     "Clients ask over plain HTTP where their services are; every request that was read in clear on this connection asks that.", ""},
    {Reason::suite_not_listed, "suite_not_listed", kFail, "Suite that the document does not list",
     "The handshake completed with a suite that encrypts, but that is not among those that the row names for this leg.", ""},

    {Reason::version_ssl3, "version_ssl3", kFail, "SSL 3.0", "The server chose SSL 3.0.", ""},
    {Reason::version_tls1_0, "version_tls1_0", kFail, "TLS 1.0", "The server chose TLS 1.0 (or DTLS 1.0).", ""},
    {Reason::version_tls1_1, "version_tls1_1", kFail, "TLS 1.1", "The server chose TLS 1.1.", ""},
    {Reason::suite_rc4, "suite_rc4", kFail, "TLS with RC4", "The server chose an RC4 suite.", ""},
    {Reason::suite_triple_des, "suite_triple_des", kFail, "TLS with 3DES", "The server chose a 3DES suite.", ""},
    {Reason::suite_not_fips, "suite_not_fips", kFail, "Suite outside FIPS 140",
     "The topology states FIPS mode, and the server chose a suite with an algorithm that FIPS 140 does not approve.", ""},
    {Reason::group_not_fips, "group_not_fips", kFail, "Key exchange outside FIPS 140",
     "The topology states FIPS mode, and the keys were agreed in a group that FIPS 140 does not approve, or that is too small for it.", ""},
    {Reason::signature_not_fips, "signature_not_fips", kFail, "Signature outside FIPS 140",
     "The topology states FIPS mode, and a peer proved its key by a signature that FIPS 140 does not approve (SHA-1, MD5, EdDSA).", ""},
    {Reason::srtp_not_fips, "srtp_not_fips", kFail, "SRTP outside FIPS 140",
     "The topology states FIPS mode, and the media is protected by a suite that FIPS 140 does not approve.", ""},
    {Reason::version_downgraded, "version_downgraded", kFail, "TLS below what both peers can do",
     "The server's random says that it was asked for less than its best version (RFC 8446 section 4.1.3), and the client offered more than "
     "was chosen: somebody in between may have changed the offer.",
     ""},
    {Reason::version_fallback, "version_fallback", kFail, "Fallback to an older version of TLS",
     "The client said that it had tried a newer version before and fell back (TLS_FALLBACK_SCSV, RFC 7507), and the server went on.", ""},
    {Reason::no_forward_secrecy, "no_forward_secrecy", kFail, "TLS without forward secrecy",
     "The keys of the session depend on a long-lived secret alone (static RSA or DH, or a resumed secret without a new key share): who "
     "records the traffic can open it when that secret leaks.",
     ""},
    {Reason::dh_group_small, "dh_group_small", kFail, "Small Diffie-Hellman group",
     "The server's Diffie-Hellman prime has fewer than 2048 bits.", ""},
    {Reason::curve_small, "curve_small", kFail, "Small elliptic curve", "The key exchange used a curve of fewer than 224 bits.", ""},
    {Reason::signature_sha1, "signature_sha1", kFail, "Handshake signed with MD5 or SHA-1",
     "A peer proved its key with a signature over MD5 or SHA-1, in a version that has better ones.", ""},
    {Reason::compression, "compression", kFail, "TLS with compression",
     "The session compresses before it encrypts, so that lengths tell of the content (CRIME).", ""},
    {Reason::no_extended_master_secret, "no_extended_master_secret", kFail, "TLS without extended master secret",
     "The session's secret is not bound to its handshake (RFC 7627).", ""},
    {Reason::no_secure_renegotiation, "no_secure_renegotiation", kFail, "TLS without secure renegotiation",
     "A renegotiation would not be bound to the session before it (RFC 5746).", ""},
    {Reason::no_post_quantum, "no_post_quantum", kFail, "Key exchange that a quantum computer opens",
     "The key exchange has no part that is made to withstand a quantum computer (ML-KEM): who records the traffic may open it later.", ""},
    {Reason::password_in_clear, "password_in_clear", kFail, "Password in clear",
     "A peer authenticated itself with a password that can be read on the wire.", ""},
    {Reason::token_in_clear, "token_in_clear", kFail, "Session token in clear",
     "A cookie or bearer token was sent in clear: whoever reads it can act in the user's name.", ""},
    {Reason::challenge_response_in_clear, "challenge_response_in_clear", kFail, "Challenge-response authentication in clear",
     "A peer answered a challenge (NTLM, Digest, SCRAM) in clear: passwords can be guessed from it without being noticed.", ""},
    {Reason::sasl_without_tls, "sasl_without_tls", kFail, "SASL without TLS",
     "A peer authenticated itself by SASL before, or without, TLS on this stream.", ""},
    {Reason::sips_promise_broken, "sips_promise_broken", kFail, "sips: over clear transport",
     "A sips: address promises TLS on every hop (RFC 3261 section 26.2.2), and this hop is in clear.", ""},
    {Reason::upgrade_stripped, "upgrade_stripped", kFail, "Offer of TLS stripped",
     "Earlier in the audit this server had TLS to offer on the same port; this time its answer was without, and the session went on in "
     "clear. Who removes the offer on the way reads all that follows; or the server was changed in between.",
     ""},
    {Reason::rtcp_in_clear, "rtcp_in_clear", kFail, "RTCP in clear beside SRTP",
     "SRTP was agreed for the media, but its control packets are in clear: names, addresses and who talks when can be read.", ""},
    {Reason::srtp_unauthenticated, "srtp_unauthenticated", kFail, "SRTP without authentication",
     "Offer and answer agreed UNAUTHENTICATED_SRTP: packets can be changed and injected on the way.", ""},
    {Reason::srtcp_unencrypted, "srtcp_unencrypted", kFail, "SRTCP that does not encrypt",
     "Offer and answer agreed UNENCRYPTED_SRTCP: control packets are authenticated and readable.", ""},
    {Reason::srtp_short_tag, "srtp_short_tag", kFail, "SRTP with a short tag",
     "The suite that was agreed has an authentication tag of 32 bits (RFC 3711 section 7.5).", ""},
    {Reason::srtp_suite_not_listed, "srtp_suite_not_listed", kFail, "SRTP suite that the policy does not list",
     "The suite that the answer took, or that DTLS chose, encrypts, but is none of those that the policy names for SRTP.", ""},
    {Reason::srtp_key_reused, "srtp_key_reused", kFail, "SRTP key used twice",
     "The same master key protects another direction, stream or call: where the keystreams meet, their difference can be read.", ""},
    {Reason::digits_in_clear, "digits_in_clear", kFail, "Dialled digits in clear",
     "Telephone events (RFC 4733) were sent in a stream that is in clear: PINs and card numbers that callers key in can be read.", ""},

    {Reason::client_certificate_encrypted, "client_certificate_encrypted", kOpen, "TLS 1.3 hides the client certificate",
     "In TLS 1.3 the certificate messages are encrypted: whether the client authenticated itself cannot be read.",
     "Give a key log of one of the peers (--keylog), or a capture that carries its secrets."},
    {Reason::full_handshake_not_seen, "full_handshake_not_seen", kOpen, "Resumed session, full handshake not seen",
     "The session resumes an earlier one, so it shows no certificates; the earlier handshake is not in this audit.",
     "Capture across a reconnect after the session cache expired, or restart one of the peers."},
    {Reason::renegotiated, "renegotiated", kOpen, "Renegotiated inside the encryption",
     "A second handshake ran inside the encryption; it may have asked for a client certificate.",
     "Give a key log of one of the peers (--keylog)."},
    {Reason::joined_mid_stream, "joined_mid_stream", kOpen, "Handshake before the capture",
     "The capture joined a running TLS session; its handshake was not captured.", kReconnect},
    {Reason::beginning_not_captured, "beginning_not_captured", kOpen, "Beginning of the connection not captured",
     "The handshake was captured, but not how its connection began: what was said in clear before TLS, if anything, is not known.",
     kReconnect},
    {Reason::login_alone_in_tls, "login_alone_in_tls", kOpen, "TLS for the login alone",
     "The peers agreed on TLS for the login, or the answer that says so was not seen, and nothing that follows it was read.",
     "Capture the session from its start and for longer; what follows the login is in clear when the server's option says off."},
    {Reason::client_not_seen, "client_not_seen", kOpen, "Client's packets missing",
     "Only the server's packets were captured, so half of the handshake is missing.", "Capture both directions of the span port."},
    {Reason::server_not_seen, "server_not_seen", kOpen, "Server's packets missing",
     "Only the client's packets were captured, so half of the handshake is missing.", "Capture both directions of the span port."},
    {Reason::handshake_gap, "handshake_gap", kOpen, "Handshake with gaps", "Octets of the handshake were not captured.", kWholeFrames},
    {Reason::frames_truncated, "frames_truncated", kOpen, "Frames cut short",
     "The capture kept only the beginning of the handshake's frames.", "Capture whole frames (tcpdump -s 0)."},
    {Reason::handshake_unreadable, "handshake_unreadable", kOpen, "Handshake not readable", "A message of the handshake could not be read.",
     "Look at the frame; if the peer is right and this reader is wrong, report it."},
    {Reason::capture_ended, "capture_ended", kOpen, "Handshake not finished", "The capture or the flow ended before the handshake did.",
     "Capture for longer."},
    {Reason::conflicting_octets, "conflicting_octets", kOpen, "Octets sent twice with different content",
     "The same octets of the stream were sent twice with different content; which of them the peer read is not known.",
     "Find out who sends the second copy; capture next to the server."},
    {Reason::flow_evicted, "flow_evicted", kOpen, "Flow given up for lack of memory",
     "More flows were open than the flow table holds, and this one was closed early.", "Audit with a capture filter, or smaller captures."},
    {Reason::client_auth_unknown, "client_auth_unknown", kOpen, "Client authentication not known",
     "The session was established, but what was seen does not tell whether the client authenticated itself.", kReconnect},
    {Reason::inferred_only, "inferred_only", kOpen, "Client certificate only inferred",
     "Record sizes suggest an answer, but an inference of this strength is no evidence under this policy.",
     "Give a key log of one of the peers (--keylog)."},
    {Reason::suite_unknown, "suite_unknown", kOpen, "Unknown version or suite",
     "The negotiated version or suite was not seen, or is assigned to nobody, so its strength is not known.", kReconnect},
    {Reason::fips_not_evidenced, "fips_not_evidenced", kOpen, "FIPS mode not shown",
     "The topology states FIPS mode, and nothing in the capture names an algorithm that protects this traffic: the suite of the media, or "
     "the server's signature in a TLS 1.3 handshake.",
     "Give the secrets of the connection or of the signalling (--keylog), the keys of the media (--srtp-keys), or capture its handshake."},
    {Reason::clear_octets_before_tls, "clear_octets_before_tls", kOpen, "Clear octets before TLS",
     "The peers exchanged octets in clear before TLS began; what they said was not read.", "Look at the first frames of the flow."},
    {Reason::octets_after_tls, "octets_after_tls", kOpen, "Octets that are no TLS after the handshake",
     "The handshake completed, but later octets on the same connection are no TLS records: what follows may be in the clear.",
     "Look at the connection from there on; if it is TLS after all, the capture or this program is wrong."},
    {Reason::data_without_handshake, "data_without_handshake", kOpen, "Records of data without a whole handshake",
     "The handshake did not run to its end, yet records of application data were sent: what protects them, if anything, is not known.",
     "Look at the frames of the data: octets in records without a handshake only look like TLS."},
    {Reason::protocol_not_recognised, "protocol_not_recognised", kOpen, "Protocol not recognised",
     "The leg must be TLS, but no TLS was recognised, and what it carries instead was not either.",
     "Look at the first frames of the flow; capture it from its start."},
    {Reason::media_not_judged, "media_not_judged", kOpen, "Too little to tell of the media",
     "Of at least one stream too little was seen to tell whether its payload is encrypted, or media was set up and none was recognised.",
     "Capture for longer, and whole frames (tcpdump -s 0)."},
    {Reason::media_not_captured, "media_not_captured", kOpen, "Control packets without their media",
     "Nothing but control packets (RTCP) in clear was seen on these ports, and not the media that they are about.",
     "Capture the media's ports, too: by custom the even port below that of its control packets (RFC 3550 section 11)."},
    {Reason::media_encrypted_unidentified, "media_encrypted_unidentified", kOpen, "Media that looks encrypted",
     "The packets of every stream are uniform as far as they go and fit no codec known to lack a header. That is no proof of SRTP.",
     "Capture the signalling or the DTLS handshake that keys the media, or accept it in a policy of your own (accept_inferred_media)."},
    {Reason::other_protection, "other_protection", kOpen, "Encrypted by another protocol",
     "The leg must be TLS; it is encrypted by a protocol other than TLS, and what is inside cannot be seen.",
     "Capture inside the tunnel, or accept it in a policy of your own (accept_other_protection)."},
    {Reason::protection_not_proved, "protection_not_proved", kOpen, "A security layer that may only sign",
     "The protocol's own security layer is in use; whether it encrypts or only signs cannot be told from outside.",
     "Look at the setting of the server and of the client (LDAP signing and sealing, RDP encryption level), or use TLS."},
    {Reason::requests_missed, "requests_missed", kOpen, "Clear by design as far as it was seen",
     "What was read of this leg may be in clear, or is encrypted, but parts of the connection were not captured, or not read.",
     kWholeFrames},
    {Reason::clear_of_unknown_role, "clear_of_unknown_role", kOpen, "Traffic in clear between unknown roles",
     "A protocol was read in clear. Whether it must be protected depends on what the ends are, and that is not known.",
     "Give both addresses a role in the topology file (--topology)."},
    {Reason::role_unknown, "role_unknown", kOpen, "Role unknown",
     "What the ends of this leg are is not known, so neither is the row that it belongs to.",
     "Give both addresses a role in the topology file (--topology)."},
    {Reason::source_hidden, "source_hidden", kOpen, "Source hidden by a load balancer",
     "A load balancer stands for many sources here: clients and servers cannot be told apart.",
     "Capture on the other side of the load balancer."},
    {Reason::leg_not_supported, "leg_not_supported", kOpen, "Leg that the product does not have",
     "By its documents the product has no such leg, so nothing says how it is to be protected. Nothing was read in clear.",
     "Find out what listens there: correct its role in the topology file (--topology), or judge it by the policy of its own product."},

    {Reason::no_payload, "no_payload", kExempt, "Nothing sent", "A connection without a byte of payload: a probe or a health check.", ""},
    {Reason::no_media, "no_media", kExempt, "No media sent",
     "Addresses were tried, a relay was asked, or keys or control packets were exchanged, but no media passed: there is nothing to "
     "protect.",
     ""},
    {Reason::control_packets, "control_packets", kExempt, "Control packets of media",
     "Nothing but control packets (RTCP) passes on these ports. They are judged with the media that they are about, in a flow of its own.",
     ""},
    {Reason::handshake_aborted, "handshake_aborted", kExempt, "Handshake given up",
     "The handshake was refused or given up; no traffic was carried.", ""},
    {Reason::client_certificate_rejected, "client_certificate_rejected", kExempt, "Client certificate rejected",
     "The server refused the client's certificate, or its absence; no traffic was carried.", ""},
    {Reason::clear_by_design, "clear_by_design", kExempt, "Clear by design", "The documents leave this traffic in clear on purpose.", ""},
    {Reason::reported_only, "reported_only", kExempt, "Reported, not judged", "The policy lists this traffic without a requirement.", ""},
    {Reason::row_disabled, "row_disabled", kExempt, "Row disabled", "The policy disables this row.", ""},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    if (kReasons[i].reason != static_cast<Reason>(i)) return false;
    if ((kReasons[i].status == Status::inconclusive) == kReasons[i].cure.empty()) return false;
  }
  return kReasons.size() == kNumReasons;
}
static_assert(in_order(), "the table has one line per reason, in the order of the enumeration, and every open one names its cure");

}  // namespace

std::span<const ReasonInfo> all_reasons() { return kReasons; }

const ReasonInfo& info(Reason reason) { return kReasons[static_cast<std::size_t>(reason)]; }

std::optional<Reason> find_reason(std::string_view code) {
  const auto found = std::ranges::find(kReasons, code, &ReasonInfo::code);
  if (found == kReasons.end()) return std::nullopt;
  return found->reason;
}

}  // namespace sealtrace
