// Assigned numbers of TLS and DTLS. Sources: IANA "Transport Layer Security (TLS) Parameters" and the RFCs named below.
// Unknown values are kept: every enum may hold any value of its width.
#pragma once

#include <cstdint>
#include <string_view>

namespace sealtrace {

/// TlsVersion is the protocol version as it stands on the wire. Drafts of TLS 1.3 (0x7F00 + draft, 0x7E02 and others)
/// are folded to `tls1_3` by normalise_version, DTLS versions stay themselves.
enum class TlsVersion : std::uint16_t {
  none = 0,
  ssl2 = 0x0002,
  ssl3 = 0x0300,
  tls1_0 = 0x0301,
  tls1_1 = 0x0302,
  tls1_2 = 0x0303,
  tls1_3 = 0x0304,
  dtls1_0_openssl = 0x0100,  ///< DTLS1_BAD_VER of old OpenSSL and Cisco AnyConnect
  dtls1_0 = 0xFEFF,
  dtls1_2 = 0xFEFD,
  dtls1_3 = 0xFEFC,
};

/// is_1_3 tells TLS 1.3 and DTLS 1.3, in which everything behind the ServerHello is encrypted.
constexpr bool is_1_3(TlsVersion version) { return version == TlsVersion::tls1_3 || version == TlsVersion::dtls1_3; }

constexpr bool is_dtls(TlsVersion version) {
  return static_cast<std::uint16_t>(version) >> 8 == 0xFE || version == TlsVersion::dtls1_0_openssl;
}

/// DowngradeSentinel is what the last octets of a server's random say of its choice (RFC 8446 section 4.1.3): a server that can TLS 1.3
/// went down to 1.2, or one that can 1.2 at least went further.
enum class DowngradeSentinel : std::uint8_t { none, to_tls1_2, to_tls1_1_or_below };

/// tls_of gives the version of TLS that a version of DTLS is made of (RFC 4347, RFC 6347): its key schedule, signatures and record
/// protection are that one's. What is no such version stays itself; old OpenSSL's DTLS differs in its transcript and is not one of them.
constexpr TlsVersion tls_of(TlsVersion version) {
  if (version == TlsVersion::dtls1_0) return TlsVersion::tls1_1;
  return version == TlsVersion::dtls1_2 ? TlsVersion::tls1_2 : version;
}

/// is_tls13_draft is true for 0x7Fxx (IETF drafts), 0x7Exx (Google's experiments) and 0xFBxx (Facebook's).
constexpr bool is_tls13_draft(std::uint16_t wire) { return wire >> 8 == 0x7F || wire >> 8 == 0x7E || wire >> 8 == 0xFB; }

/// normalise_version reads a version of the wire: drafts of TLS 1.3 become tls1_3, everything else stays itself.
constexpr TlsVersion normalise_version(std::uint16_t wire) { return is_tls13_draft(wire) ? TlsVersion::tls1_3 : TlsVersion{wire}; }

/// label is the version as the contract spells it: ssl2 ssl3 1.0 1.1 1.2 1.3; empty for a value nobody assigned.
constexpr std::string_view label(TlsVersion version) {
  switch (version) {
    case TlsVersion::none: return {};
    case TlsVersion::ssl2: return "ssl2";
    case TlsVersion::ssl3: return "ssl3";
    case TlsVersion::tls1_0:
    case TlsVersion::dtls1_0_openssl:
    case TlsVersion::dtls1_0: return "1.0";
    case TlsVersion::tls1_1: return "1.1";
    case TlsVersion::tls1_2:
    case TlsVersion::dtls1_2: return "1.2";
    case TlsVersion::tls1_3:
    case TlsVersion::dtls1_3: return "1.3";
  }
  return {};
}

/// CipherSuite is the two octets of a suite (RFC 5246 section 7.4.1.2), or the first two of the three of an SSLv2 cipher kind,
/// which tell the assigned kinds apart.
enum class CipherSuite : std::uint16_t {};
/// NamedGroup (RFC 8446 section 4.2.7), SignatureScheme (section 4.2.3), AlertDescription (section 6).
enum class NamedGroup : std::uint16_t {};
enum class SignatureScheme : std::uint16_t {};
enum class AlertDescription : std::uint8_t { close_notify = 0, no_certificate = 41 };
enum class AlertLevel : std::uint8_t { warning = 1, fatal = 2 };

/// CipherSuiteInfo describes one assigned suite. `name` is IANA's (or, for suites that only exist in the field, the
/// name their implementers use).
struct CipherSuiteInfo {
  CipherSuite code{};
  std::string_view name;
};

/// find_cipher_suite gives the assigned suite of `code`, or nullptr. SSLv2 kinds are looked up by find_ssl2_cipher_kind.
const CipherSuiteInfo* find_cipher_suite(CipherSuite code);
const CipherSuiteInfo* find_ssl2_cipher_kind(CipherSuite code);

/// group_name, signature_scheme_name and alert_name give IANA's names; empty for a value nobody assigned.
std::string_view group_name(NamedGroup group);
std::string_view signature_scheme_name(SignatureScheme scheme);
std::string_view alert_name(AlertDescription description);

/// CipherTraits are what a suite's name says of its strength; each is a fact of the name, not a judgement.
struct CipherTraits {
  bool null_encryption = false;  ///< _WITH_NULL_
  bool export_grade = false;     ///< _EXPORT_, EXPORT1024
  bool anonymous = false;        ///< DH_anon, ECDH_anon, TLS_NULL_
  bool rc2 = false;
  bool rc4 = false;
  bool des = false;  ///< single DES
  bool triple_des = false;
  bool forward_secret = false;  ///< DHE, ECDHE, or a TLS 1.3 suite
  bool known = false;           ///< the suite is assigned; the rest is meaningless otherwise

  /// protects_nothing: readable, without a server that is known, or under keys that are searched.
  [[nodiscard]] constexpr bool protects_nothing() const { return known && (null_encryption || anonymous || export_grade || rc2 || des); }
  /// protects says that the suite is assigned and is none of those.
  [[nodiscard]] constexpr bool protects() const { return known && !protects_nothing(); }
};

CipherTraits cipher_traits(CipherSuite code);

/// KeyExchange is how a suite of TLS 1.2 and below agrees on its secret, as far as it shapes ServerKeyExchange.
enum class KeyExchange : std::uint8_t {
  unknown,
  rsa,
  rsa_export,
  dh,
  dhe,
  dh_anon,
  ecdh,
  ecdhe,
  ecdh_anon,
  psk,
  dhe_psk,
  ecdhe_psk,
  rsa_psk,
  other
};

/// key_exchange reads it off the suite's name; `unknown` for a suite nobody assigned, `other` for SRP, Kerberos, GOST, TLS 1.3 and the
/// like.
KeyExchange key_exchange(CipherSuite code);

}  // namespace sealtrace
