#include "policy/reason_texts.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sealtrace {

const PolicyTexts* reason_texts(Reason reason) {
  static const std::string kSuites = "nmap --script ssl-enum-ciphers -p {port} {server}";
  static const std::string kSignalled = "tshark -r CAPTURE -Y 'sdp.media || rtp'";
  static const std::array<std::pair<Reason, PolicyTexts>, 12> kTexts{{
      {Reason::suite_null,
       {.why = "The session looks like TLS to whoever configures it, and everything in it can be read on the path.",
        .remedy = "Take the NULL suites out of what {server} accepts, and out of what {client} offers.",
        .verify = kSuites}},
      {Reason::suite_anonymous,
       {.why = "Whoever stands in between ends the session, reads it and starts another one; neither side notices.",
        .remedy = "Take the anonymous (ADH, AECDH) suites out of what {server} accepts, and out of what {client} offers.",
        .verify = kSuites}},
      {Reason::suite_export,
       {.why = "Keys of 40 or 56 bits, or of an RSA or DH group of 512, are found in hours by anybody who recorded the session.",
        .remedy = "Take the export suites out of what {server} accepts, and out of what {client} offers.",
        .verify = kSuites}},
      {Reason::suite_rc2,
       {.why = "Who recorded the session can open it.",
        .remedy = "Take the RC2 suites out of what {server} accepts, and out of what {client} offers.",
        .verify = kSuites}},
      {Reason::suite_des,
       {.why = "Who recorded the session finds its key of 56 bits in hours.",
        .remedy = "Take the single-DES suites out of what {server} accepts, and out of what {client} offers.",
        .verify = kSuites}},
      {Reason::signature_invalid,
       {.why = "Somebody who does not hold the key of the certificate took part in this handshake, and was let in.",
        .remedy = "Find out who answers between {client} and {server}; update the side that went on after a signature that is none.",
        .verify = "sealtrace audit --verify-signatures CAPTURE"}},
      {Reason::version_ssl2,
       {.why = "Whoever is on the path changes the handshake unnoticed, and takes the weakest suite that both know.",
        .remedy = "Disable SSL 2.0 on {server} and on {client}.",
        .verify = "nmap --script sslv2 -p {port} {server}"}},
      {Reason::pseudo_tls,
       {.why = "What only imitates TLS protects nothing: whoever is on the path reads what follows, unless it is protected by itself.",
        .remedy = "Protect by itself what {client} and {server} send inside: SRTP for media.",
        .verify = "tshark -r CAPTURE -Y 'tcp.port == {port}'"}},
      {Reason::media_signalled_srtp_clear,
       {.why = "Whoever made this call was told that it is encrypted, and it can be recorded by anyone on the path.",
        .remedy = "Find out which of {client} and {server} sends plain RTP although it agreed SRTP, and update it.",
        .verify = kSignalled}},
      {Reason::srtp_key_readable,
       {.why = "Whoever recorded signalling and media can decrypt the call, now or years later.",
        .remedy = "Carry the signalling of both ends in TLS on every hop, or use DTLS-SRTP.",
        .verify = "tshark -r CAPTURE -Y 'sdp.media_attr contains \"inline:\"'"}},
      {Reason::srtp_unencrypted,
       {.why = "The media is labelled SRTP and can be recorded by anyone on the path.",
        .remedy = "Remove UNENCRYPTED_SRTP and NULL suites from what {client} and {server} offer and accept.",
        .verify = "tshark -r CAPTURE -Y 'sdp.media_attr contains \"UNENCRYPTED_SRTP\" || dtls.use_srtp.protection_profile'"}},
      {Reason::dtls_fingerprint_mismatch,
       {.why = "Whoever answered the handshake is not whom the signalling named: somebody may decrypt, listen and encrypt again.",
        .remedy = "Find out who changes fingerprints, or terminates DTLS, between {client} and {server}.",
        .verify = "tshark -r CAPTURE -Y 'sdp.media_attr contains \"fingerprint\" || dtls.handshake.certificate'"}},
  }};
  const auto* const found = std::ranges::find(kTexts, reason, &std::pair<Reason, PolicyTexts>::first);
  return found == kTexts.end() ? nullptr : &found->second;
}

}  // namespace sealtrace
