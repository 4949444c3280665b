// SessionDescribed: what SDP in SIP says of media: where each side receives it, how it is to be protected, by which keys.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ip_address.hpp"
#include "model/srtp.hpp"

namespace sealtrace {

/// MediaKind is the `media` of an m= line (RFC 8866 section 5.14; x-data, applicationsharing: [MS-SDPEXT]).
enum class MediaKind : std::uint8_t { other, audio, video, application_sharing, data, message, image, application, text };
inline constexpr std::array<std::string_view, 9> kMediaKindNames{"other", "audio",       "video", "applicationsharing", "x-data", "message",
                                                                 "image", "application", "text"};
constexpr std::string_view to_string(MediaKind kind) { return kMediaKindNames[static_cast<std::size_t>(kind)]; }

/// MediaProto is the `proto` of an m= line as far as it is media in RTP (RFC 3551, 3711, 4585, 5124, 4571, 4572, 5764, 7850).
enum class MediaProto : std::uint8_t {
  other,
  rtp_avp,
  rtp_avpf,
  rtp_savp,
  rtp_savpf,
  udp_tls_rtp_savp,
  udp_tls_rtp_savpf,
  tcp_rtp_avp,
  tcp_rtp_avpf,
  tcp_rtp_savp,
  tcp_rtp_savpf,
  tcp_dtls_rtp_savp,
  tcp_dtls_rtp_savpf,
  tcp_tls_rtp_avp,
  tcp_tls_rtp_avpf,
  tcp_tls_rtp_savp,
  tcp_tls_rtp_savpf,
};
inline constexpr std::array<std::string_view, 17> kMediaProtoNames{"other",
                                                                   "RTP/AVP",
                                                                   "RTP/AVPF",
                                                                   "RTP/SAVP",
                                                                   "RTP/SAVPF",
                                                                   "UDP/TLS/RTP/SAVP",
                                                                   "UDP/TLS/RTP/SAVPF",
                                                                   "TCP/RTP/AVP",
                                                                   "TCP/RTP/AVPF",
                                                                   "TCP/RTP/SAVP",
                                                                   "TCP/RTP/SAVPF",
                                                                   "TCP/DTLS/RTP/SAVP",
                                                                   "TCP/DTLS/RTP/SAVPF",
                                                                   "TCP/TLS/RTP/AVP",
                                                                   "TCP/TLS/RTP/AVPF",
                                                                   "TCP/TLS/RTP/SAVP",
                                                                   "TCP/TLS/RTP/SAVPF"};
constexpr std::string_view to_string(MediaProto proto) { return kMediaProtoNames[static_cast<std::size_t>(proto)]; }

/// is_secure_profile says that the profile is SAVP or SAVPF: media without SRTP does not conform to it (RFC 3711 section 12).
constexpr bool is_secure_profile(MediaProto proto) { return to_string(proto).find("SAVP") != std::string_view::npos; }
/// is_dtls_profile says that keys come from DTLS on the media path (RFC 5764 section 8, RFC 7850).
constexpr bool is_dtls_profile(MediaProto proto) {
  return to_string(proto).starts_with("UDP/TLS") || to_string(proto).starts_with("TCP/DTLS");
}
/// is_rtp_profile says that the line is media in RTP.
constexpr bool is_rtp_profile(MediaProto proto) { return proto != MediaProto::other; }

/// MediaDirection (RFC 8866 section 6.7), as the describing side states it.
enum class MediaDirection : std::uint8_t { sendrecv, sendonly, recvonly, inactive };

/// EncryptionAttribute is a=encryption ([MS-SDP] section 3.1.5).
enum class EncryptionAttribute : std::uint8_t { absent, required, optional, rejected };

/// SdpCrypto is one a=crypto or a=cryptoscale line (RFC 4568 section 9.1, [MS-SDPEXT] section 3.1.5.2). `suite` is absent for one that
/// is not known, and then there are no keys. A master key list has one key for each MKI.
struct SdpCrypto {
  std::uint32_t tag = 0;
  bool scale = false;
  std::optional<SrtpSuite> suite;
  std::string suite_name;  ///< as sent
  std::vector<SrtpMasterKey> keys;
  bool unencrypted_srtp = false;
  bool unencrypted_srtcp = false;
  bool unauthenticated_srtp = false;
};

/// MikeyMethod is how a MIKEY message agrees on a key, by its data type (RFC 3830 section 6.1, RFC 4650, RFC 4738, RFC 6043, RFC 6509).
enum class MikeyMethod : std::uint8_t {
  unknown,
  pre_shared_key,
  public_key,
  diffie_hellman,
  diffie_hellman_hmac,
  rsa_reverse,
  ticket,
  sakke
};
inline constexpr std::array<std::string_view, 8> kMikeyMethodNames{"unknown", "psk",   "public_key", "dh",
                                                                   "dhhmac",  "rsa_r", "ticket",     "sakke"};
constexpr std::string_view to_string(MikeyMethod method) { return kMikeyMethodNames[static_cast<std::size_t>(method)]; }

/// SdpMikey is one a=key-mgmt:mikey line (RFC 4567 section 3.1). `key_in_clear`: its KEMAC holds key data under NULL encryption
/// (RFC 3830 section 6.2). The other three are its security policy for SRTP (section 6.10.1).
struct SdpMikey {
  MikeyMethod method{};
  bool key_in_clear = false;
  bool unencrypted_srtp = false;
  bool unencrypted_srtcp = false;
  bool unauthenticated_srtp = false;
};

/// SdpFingerprint is one a=fingerprint line (RFC 8122 section 5). `algorithm` is in lower case.
struct SdpFingerprint {
  std::string algorithm;
  std::vector<std::uint8_t> octets;

  bool operator==(const SdpFingerprint&) const = default;
};

/// kMaxMediaLines bounds the m= sections of one description that are kept: clients offer two or three.
inline constexpr std::size_t kMaxMediaLines = 16;

/// MediaDescription is one m= section with what of the session level holds for it. `endpoint` is where the describing side receives;
/// `has_address` is false without a c= line that names an IP address. Port 0: rejected or not in use (RFC 3264 section 6).
struct MediaDescription {
  MediaKind kind{};
  MediaProto proto{};
  std::string protocol;  ///< `proto` as sent
  Endpoint endpoint;
  Endpoint rtcp;  ///< a=rtcp (RFC 3605), else the next port
  bool has_address = false;
  bool rtcp_mux = false;
  bool desktop_sharing = false;  ///< applicationsharing, or a label or attribute that says so
  bool bundled = false;          ///< its mid is in a=group:BUNDLE (RFC 9143)
  MediaDirection direction{};
  EncryptionAttribute encryption{};
  bool key_field = false;            ///< k= with a key in it (RFC 4566 section 5.12)
  bool zrtp = false;                 ///< a=zrtp-hash (RFC 6189 section 8)
  bool secure_potential = false;     ///< a=pcfg offers a transport capability with SAVP (RFC 5939)
  std::vector<Endpoint> candidates;  ///< ICE (RFC 8839 section 5.1, [MS-ICE])
  std::vector<SdpCrypto> cryptos;
  std::vector<SdpFingerprint> fingerprints;
  std::optional<SdpMikey> mikey;
  std::bitset<128> payload_types;
  std::bitset<128> telephone_event_types;  ///< payload types of telephone-event (RFC 4733)
};

}  // namespace sealtrace
