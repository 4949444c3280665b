#include "proto/mikey.hpp"

#include <cstddef>
#include <cstdint>

#include "proto/base64.hpp"
#include "proto/text_head.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {
namespace {

/// kMaxMikeyBytes: a message with two certificates has three thousand octets.
constexpr std::size_t kMaxMikeyBytes = 8192;

/// PayloadType of RFC 3830 section 6.1, as far as a length can be told.
enum class PayloadType : std::uint8_t {
  last = 0,
  kemac = 1,
  pke = 2,
  dh = 3,
  sign = 4,
  timestamp = 5,
  id = 6,
  cert = 7,
  chash = 8,
  verification = 9,
  security_policy = 10,
  rand = 11,
  error = 12,
  key_data = 20,
  general_extension = 21,
};

MikeyMethod method_of(std::uint8_t data_type) {
  if (data_type <= 1) return MikeyMethod::pre_shared_key;  // RFC 3830 section 6.1
  if (data_type <= 3) return MikeyMethod::public_key;
  if (data_type <= 5) return MikeyMethod::diffie_hellman;
  if (data_type == 6) return MikeyMethod::unknown;                     // an error message
  if (data_type <= 8) return MikeyMethod::diffie_hellman_hmac;         // RFC 4650
  if (data_type <= 10) return MikeyMethod::rsa_reverse;                // RFC 4738
  if (data_type <= 18) return MikeyMethod::ticket;                     // RFC 6043
  return data_type == 26 ? MikeyMethod::sakke : MikeyMethod::unknown;  // RFC 6509
}

/// skip_generic_id passes over one session of a GENERIC-ID map (RFC 6043 section 6.1.1).
void skip_generic_id(ByteReader& reader) {
  constexpr std::uint8_t kNumPoliciesMask = 0x7F;  // below the S flag
  reader.skip(2, "CS ID, Prot type");
  reader.skip(reader.u8("S, #P") & kNumPoliciesMask, "Ps");
  reader.skip(reader.u16("Session Data Length"), "Session Data");
  reader.skip(reader.u8("SPI Length"), "SPI");
}

/// read_csb_map passes over the map of crypto sessions (section 6.1.1). A map of another type has no length that could be told.
void read_csb_map(ByteReader& reader) {
  constexpr std::uint8_t kSrtpId = 0;
  constexpr std::uint8_t kGenericId = 2;   // 1 is an empty map (RFC 4563 section 3)
  constexpr std::size_t kSrtpIdBytes = 9;  // policy, SSRC, ROC
  const std::uint8_t num_sessions = reader.u8("#CS");
  const std::uint8_t map_type = reader.u8("CS ID map type");
  reader.supported(map_type <= kGenericId, "CS ID map type");
  if (map_type == kSrtpId) reader.skip(num_sessions * kSrtpIdBytes, "CS ID map info");
  for (unsigned session = 0; map_type == kGenericId && session < num_sessions && reader.scope().ok(); ++session) skip_generic_id(reader);
}

std::size_t mac_bytes(std::uint8_t algorithm, ByteReader& reader) {
  constexpr std::uint8_t kHmacSha1 = 1;    // section 6.2
  constexpr std::uint8_t kHmacSha256 = 2;  // RFC 6043 section 6.1
  reader.supported(algorithm <= kHmacSha256, "MAC alg");
  return algorithm == kHmacSha1 ? 20 : algorithm == kHmacSha256 ? 32 : 0;
}

/// read_kemac: key data under NULL encryption is there for everybody (section 6.2).
void read_kemac(ByteReader& reader, SdpMikey& mikey) {
  constexpr std::uint8_t kNullEncryption = 0;
  const std::uint8_t encryption = reader.u8("Encr alg");
  const Bytes data = reader.bytes(reader.u16("Encr data len"), "Encr data");
  reader.skip(mac_bytes(reader.u8("Mac alg"), reader), "MAC");
  if (encryption == kNullEncryption && !data.empty() && reader.scope().ok()) mikey.key_in_clear = true;
}

/// read_security_policy reads what SRTP is to do (section 6.10.1). What it does not say, it leaves at its default.
void read_security_policy(ByteReader& reader, SdpMikey& mikey) {
  constexpr std::uint8_t kSrtp = 0, kEncryptionAlgorithm = 0, kSrtpEncryption = 7, kSrtcpEncryption = 8, kSrtpAuthentication = 10;
  reader.skip(1, "Policy no");
  const std::uint8_t protocol = reader.u8("Prot type");
  ByteReader parameters = reader.block16("Policy param");
  while (protocol == kSrtp && parameters.more()) {
    const std::uint8_t type = parameters.u8("type");
    ByteReader value = parameters.block8("value");
    const bool off = value.remaining() == 1 && value.u8("value") == 0;
    mikey.unencrypted_srtp |= off && (type == kEncryptionAlgorithm || type == kSrtpEncryption);
    mikey.unencrypted_srtcp |= off && (type == kEncryptionAlgorithm || type == kSrtcpEncryption);
    mikey.unauthenticated_srtp |= off && type == kSrtpAuthentication;
  }
}

void skip_public_value(ByteReader& reader) {  // section 6.4
  constexpr std::uint8_t kGroup5 = 0, kGroup1 = 1, kGroup2 = 2;
  const std::uint8_t group = reader.u8("DH-Group");
  reader.supported(group <= kGroup2, "DH-Group");
  reader.skip(group == kGroup5 ? 192 : group == kGroup1 ? 96 : 128, "DH-value");
  constexpr std::uint8_t kKeyValidityMask = 0x0F;
  reader.supported((reader.u8("KV") & kKeyValidityMask) <= 1, "KV");
}

/// read_payload reads one payload behind its "next payload" octet; one of unknown length fails as unsupported.
void read_payload(PayloadType type, ByteReader& reader, SdpMikey& mikey) {
  constexpr std::uint16_t kLengthMask = 0x0FFF;  // behind four bits of type, section 6.5
  constexpr std::uint16_t kPkeLengthMask = 0x3FFF;
  switch (type) {
    case PayloadType::kemac: return read_kemac(reader, mikey);
    case PayloadType::pke: return reader.skip(reader.u16("Data len") & kPkeLengthMask, "Data");
    case PayloadType::dh: return skip_public_value(reader);
    case PayloadType::timestamp: {
      const std::uint8_t timestamp = reader.u8("TS type");
      reader.supported(timestamp <= 2, "TS type");
      return reader.skip(timestamp == 2 ? 4 : 8, "TS value");
    }
    case PayloadType::id:
    case PayloadType::cert: reader.skip(1, "Type"); return reader.skip(reader.u16("length"), "Data");
    case PayloadType::security_policy: return read_security_policy(reader, mikey);
    case PayloadType::rand: return reader.skip(reader.u8("RAND len"), "RAND");
    case PayloadType::error: return reader.skip(3, "Error no");
    case PayloadType::general_extension: reader.skip(1, "Type"); return reader.skip(reader.u16("Length"), "Data");
    case PayloadType::sign: return reader.skip(reader.u16("S type") & kLengthMask, "Signature");
    case PayloadType::verification: return reader.skip(mac_bytes(reader.u8("Auth alg"), reader), "Ver data");
    case PayloadType::last:
    case PayloadType::chash:
    case PayloadType::key_data: break;
  }
  reader.supported(false, "next payload");
}

}  // namespace

Parsed<SdpMikey> parse_mikey(Bytes message) {
  constexpr std::uint8_t kVersion = 1;
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{message, scope};
  SdpMikey mikey;
  reader.supported(reader.u8("version") == kVersion, "version");
  mikey.method = method_of(reader.u8("data type"));
  PayloadType next{reader.u8("next payload")};
  reader.skip(1, "V, PRF func");
  reader.skip(4, "CSB ID");
  if (!scope.ok()) return std::unexpected(scope.error());
  ParseScope payloads{ParseErrorCode::malformed};
  ByteReader rest{reader.rest(), payloads};
  read_csb_map(rest);
  while (next != PayloadType::last && rest.more()) {
    const auto type = next;
    // A signature ends the message and has no "next payload" (section 6.5).
    next = type == PayloadType::sign ? PayloadType::last : PayloadType{rest.u8("next payload")};
    read_payload(type, rest, mikey);
  }
  return mikey;  // what came before an unknown payload holds
}

std::optional<SdpMikey> parse_sdp_mikey(std::string_view value) {
  value = trimmed(value);
  if (!same_word(next_word(value, ' '), "mikey")) return std::nullopt;
  const std::optional<SecretOctets> octets = decode_base64(trimmed(value), kMaxMikeyBytes);
  if (!octets) return SdpMikey{};
  return parse_mikey(octets->octets()).value_or(SdpMikey{});
}

}  // namespace sealtrace
