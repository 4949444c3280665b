#include "proto/sdp.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "proto/base64.hpp"
#include "proto/mikey.hpp"
#include "proto/text_head.hpp"
#include "wire/hex_digit.hpp"
#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

/// kMaxSdpWordBytes bounds a word that is kept.
constexpr std::size_t kMaxSdpWordBytes = 64;

/// word takes the next word off `rest`, whatever stands between the words.
std::string_view word(std::string_view& rest) {
  rest = trimmed(rest);
  return next_word(rest, ' ');
}

/// for_each_word calls visit(word) for each word of `text`.
template <typename Visit>
void for_each_word(std::string_view text, Visit visit) {
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) visit(next_word(text, ' '));
}

std::string kept(std::string_view text) { return std::string{text.substr(0, kMaxSdpWordBytes)}; }

bool has_prefix(std::string_view text, std::string_view prefix) { return same_word(text.substr(0, prefix.size()), prefix); }

std::optional<std::uint16_t> port_of(std::string_view text) {
  const auto port = decimal(text);
  if (!port || *port > 0xFFFF) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

/// kMaxInlineBytes: the longest key and salt is 46 octets (RFC 6188).
constexpr std::size_t kMaxInlineBytes = 64;
/// kMaxOriginBytes of an o= line are kept: user name, two numbers of twenty digits, an address or a host's name.
constexpr std::size_t kMaxOriginBytes = 256;

/// parse_mki reads "value:length" (RFC 4568 section 6.1): the value as a big-endian number of that many octets.
std::optional<SecretOctets> parse_mki(std::string_view text) {
  const std::string_view number = next_word(text, ':');
  const auto length = decimal(text);
  if (!length || *length == 0 || *length > 128 || number.empty()) return std::nullopt;
  std::vector<std::uint8_t> octets(*length);
  for (const char digit : number) {
    if (digit < '0' || digit > '9') return std::nullopt;
    unsigned carry = static_cast<unsigned>(digit - '0');
    for (std::size_t i = octets.size(); i-- > 0;) {
      carry += octets[i] * 10U;
      octets[i] = static_cast<std::uint8_t>(carry & 0xFFU);
      carry >>= 8;
    }
    if (carry != 0) return std::nullopt;  // it does not fit
  }
  return SecretOctets{octets};
}

/// parse_key reads one "inline:key|lifetime|mki" of a suite.
std::optional<SrtpMasterKey> parse_key(std::string_view text, SrtpSuite suite) {
  constexpr std::string_view kInline = "inline:";
  if (!has_prefix(text, kInline)) return std::nullopt;
  text.remove_prefix(kInline.size());
  auto octets = decode_base64(next_word(text, '|'), kMaxInlineBytes);
  const SrtpSuiteTraits& fixed = traits(suite);
  if (!octets || octets->size() != std::size_t{fixed.key_bytes} + fixed.salt_bytes) return std::nullopt;
  SrtpMasterKey key;
  key.suite = suite;
  key.key_and_salt = std::move(*octets);
  while (!text.empty()) {
    const std::string_view part = next_word(text, '|');
    if (part.find(':') == std::string_view::npos) continue;  // a lifetime
    auto mki = parse_mki(part);
    if (!mki) return std::nullopt;
    key.mki = std::move(*mki);
  }
  return key;
}

std::optional<SrtpSuite> find_suite(std::string_view name) {
  for (std::size_t i = 0; i < kSrtpSuites.size(); ++i) {
    if (same_word(kSrtpSuites[i].name, name)) return SrtpSuite{static_cast<std::uint8_t>(i)};
  }
  // draft-ietf-avt-srtp-big-aes, as some endpoints still write it
  constexpr auto kOtherNames = std::to_array<std::pair<std::string_view, SrtpSuite>>({
      {"AES_CM_192_HMAC_SHA1_80", SrtpSuite::aes_192_cm_hmac_sha1_80},
      {"AES_CM_192_HMAC_SHA1_32", SrtpSuite::aes_192_cm_hmac_sha1_32},
      {"AES_CM_256_HMAC_SHA1_80", SrtpSuite::aes_256_cm_hmac_sha1_80},
      {"AES_CM_256_HMAC_SHA1_32", SrtpSuite::aes_256_cm_hmac_sha1_32},
  });
  for (const auto& [other, suite] : kOtherNames) {
    if (same_word(other, name)) return suite;
  }
  return std::nullopt;
}

/// take_parameter reads one session parameter (RFC 4568 section 6.3).
void take_parameter(std::string_view parameter, SdpCrypto& crypto, std::uint8_t& rate) {
  if (same_word(parameter, "UNENCRYPTED_SRTP")) crypto.unencrypted_srtp = true;
  if (same_word(parameter, "UNENCRYPTED_SRTCP")) crypto.unencrypted_srtcp = true;
  if (same_word(parameter, "UNAUTHENTICATED_SRTP")) crypto.unauthenticated_srtp = true;
  if (!has_prefix(parameter, "KDR=")) return;
  const auto exponent = decimal(parameter.substr(4));
  if (exponent && *exponent <= 24) rate = static_cast<std::uint8_t>(*exponent);
}

/// named gives the value that `text` names; the first one, which stands for all others, when none does.
template <typename Enum, std::size_t kNumNames>
Enum named(const std::array<std::string_view, kNumNames>& names, std::string_view text) {
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (same_word(names[i], text)) return Enum{static_cast<std::uint8_t>(i)};
  }
  return Enum{};
}

/// parse_candidate reads an ICE candidate (RFC 8839 section 5.1) or one of draft 6, as [MS-ICE] has it: user name, component, password,
/// transport, preference, address, port.
std::optional<Endpoint> parse_candidate(std::string_view value) {
  std::array<std::string_view, 8> words;
  for (std::string_view& next : words) next = word(value);
  const bool of_rfc = same_word(words[6], "typ");
  const std::string_view transport = of_rfc ? words[2] : words[3];
  if (!has_prefix(transport, "UDP") && !has_prefix(transport, "TCP")) return std::nullopt;
  const auto address = IpAddress::parse(of_rfc ? words[4] : words[5]);
  const auto port = port_of(of_rfc ? words[5] : words[6]);
  if (!address || !port) return std::nullopt;
  return Endpoint{.address = *address, .port = *port};
}

/// parse_connection reads "IN IP4 address/ttl" (RFC 8866 section 5.7).
std::optional<IpAddress> parse_connection(std::string_view value) {
  if (!same_word(word(value), "IN")) return std::nullopt;
  word(value);
  std::string_view address = word(value);
  return IpAddress::parse(next_word(address, '/'));
}

/// parse_fingerprint reads "sha-256 AB:CD:..." (RFC 8122 section 5).
std::optional<SdpFingerprint> parse_fingerprint(std::string_view value) {
  constexpr std::size_t kMaxDigestBytes = 64;
  SdpFingerprint fingerprint{.algorithm = lower_case(word(value), 16), .octets = {}};
  value = trimmed(value);
  while (!value.empty()) {
    const std::string_view pair = next_word(value, ':');
    if (pair.size() != 2 || hex_digit(pair[0]) < 0 || hex_digit(pair[1]) < 0 || fingerprint.octets.size() == kMaxDigestBytes)
      return std::nullopt;
    fingerprint.octets.push_back(static_cast<std::uint8_t>(hex_digit(pair[0]) << 4 | hex_digit(pair[1])));
  }
  if (fingerprint.octets.empty()) return std::nullopt;
  return fingerprint;
}

bool take_direction(std::string_view name, MediaDirection& direction) {
  constexpr std::array<std::string_view, 4> kDirections{"sendrecv", "sendonly", "recvonly", "inactive"};
  const auto* found = std::ranges::find(kDirections, name);
  if (found == kDirections.end()) return false;
  direction = MediaDirection{static_cast<std::uint8_t>(found - kDirections.begin())};
  return true;
}

EncryptionAttribute encryption_attribute(std::string_view value) {
  if (same_word(value, "required")) return EncryptionAttribute::required;
  if (same_word(value, "optional")) return EncryptionAttribute::optional;
  return same_word(value, "rejected") ? EncryptionAttribute::rejected : EncryptionAttribute::absent;
}

}  // namespace

MediaProto media_proto(std::string_view text) { return named<MediaProto>(kMediaProtoNames, text); }

SdpCrypto parse_sdp_crypto(std::string_view value, bool scale) {
  SdpCrypto crypto;
  crypto.scale = scale;
  crypto.tag = decimal(word(value)).value_or(0);
  if (scale) word(value);
  crypto.suite_name = kept(word(value));
  crypto.suite = find_suite(crypto.suite_name);
  std::string_view keys = word(value);
  std::uint8_t rate = SrtpMasterKey{}.key_derivation_rate_log2;
  for_each_word(value, [&](std::string_view parameter) { take_parameter(parameter, crypto, rate); });
  while (crypto.suite && !keys.empty() && crypto.keys.size() < kMaxSdpKeys) {
    auto key = parse_key(next_word(keys, ';'), *crypto.suite);
    if (!key) continue;
    key->key_derivation_rate_log2 = rate;
    key->unencrypted_srtp = crypto.unencrypted_srtp;
    key->unencrypted_srtcp = crypto.unencrypted_srtcp;
    key->unauthenticated_srtp = crypto.unauthenticated_srtp;
    crypto.keys.push_back(std::move(*key));
  }
  return crypto;
}

void SdpReader::take(std::string_view line) {
  if (line.size() < 2 || line[1] != '=') return;
  const std::string_view value = line.substr(2);
  if (line[0] == 'm') return take_media(value);
  if (passing_) return;
  switch (line[0]) {
    case 'a': return take_attribute(value);
    case 'c':
      if (const auto address = parse_connection(value)) {
        level().endpoint.address = *address;
        level().has_address = true;
      }
      return;
    case 'o': session_.origin = OpaqueHash{value.empty() ? 0 : keyed_hash(as_bytes(value.substr(0, kMaxOriginBytes)), hash_key_)}; return;
    case 'k': level().key_field = has_prefix(value, "base64:") || has_prefix(value, "clear:"); return;
    default: return;
  }
}

void SdpReader::take_media(std::string_view value) {
  passing_ = session_.media.size() == kMaxSdpMedia;
  session_.left_out = session_.left_out || passing_;
  if (passing_) return;
  in_media_ = true;
  MediaDescription& media = session_.media.emplace_back();
  media.kind = named<MediaKind>(kMediaKindNames, word(value));
  std::string_view port = word(value);
  media.endpoint.port = port_of(next_word(port, '/')).value_or(0);
  media.protocol = kept(word(value));
  media.proto = media_proto(media.protocol);
  media.desktop_sharing = media.kind == MediaKind::application_sharing;
  if (!is_rtp_profile(media.proto)) return;
  for_each_word(value, [&](std::string_view format) {
    const auto type = decimal(format);
    if (type && *type < media.payload_types.size()) media.payload_types.set(*type);
  });
}

void SdpReader::take_group(std::string_view value) {
  if (!same_word(word(value), "BUNDLE")) return;
  for_each_word(value, [&](std::string_view mid) {
    if (bundle_.size() < kMaxSdpMedia) bundle_.push_back(kept(mid));
  });
}

/// take_mapping reads a=rtpmap (RFC 8866 section 6.6) for the names that matter.
void SdpReader::take_mapping(std::string_view value) {
  const auto type = decimal(word(value));
  const std::string_view encoding = next_word(value, '/');
  if (type && *type < 128 && same_word(encoding, "telephone-event")) level().telephone_event_types.set(*type);
}

/// take_capability reads a=tcap: a number, then protocols (RFC 5939 section 3.4.1).
void SdpReader::take_capability(std::string_view value) {
  word(value);
  for_each_word(value, [&](std::string_view protocol) {
    const bool secure = is_secure_profile(media_proto(protocol));
    if (secure && in_media_) media_has_secure_tcap_.set(current());
    if (secure && !in_media_) session_secure_tcap_ = true;
  });
}

void SdpReader::take_attribute(std::string_view value) {
  const std::size_t colon = value.find(':');
  const std::string_view name = trimmed(value.substr(0, colon));
  std::string_view rest = colon == std::string_view::npos ? std::string_view{} : trimmed(value.substr(colon + 1));
  MediaDescription& media = level();
  if (name == "crypto" || name == "cryptoscale") {
    if (media.cryptos.size() < kMaxSdpCryptos) {
      media.cryptos.push_back(parse_sdp_crypto(rest, name != "crypto"));
    } else {
      session_.left_out = true;
    }
  } else if (name == "candidate" || name == "x-candidate-ipv6") {
    const auto candidate = parse_candidate(rest);
    if (!candidate || std::ranges::find(media.candidates, *candidate) != media.candidates.end()) return;
    if (media.candidates.size() < kMaxSdpCandidates) {
      media.candidates.push_back(*candidate);
    } else {
      session_.left_out = true;
    }
  } else if (name == "fingerprint") {
    auto fingerprint = parse_fingerprint(rest);
    if (fingerprint && media.fingerprints.size() < kMaxSdpFingerprints) media.fingerprints.push_back(std::move(*fingerprint));
  } else if (name == "rtcp") {
    media.rtcp.port = port_of(word(rest)).value_or(0);
    if (const auto address = parse_connection(rest)) media.rtcp.address = *address;
  } else if (name == "acap") {  // an attribute that a potential configuration would have (RFC 5939 section 3.4.2)
    word(rest);
    if (!has_prefix(rest, "acap")) take_attribute(rest);
  } else if (name == "pcfg") {
    const bool secure = session_secure_tcap_ || (in_media_ && media_has_secure_tcap_.test(current()));
    media.secure_potential = media.secure_potential || secure;
  } else if (name == "tcap") {
    take_capability(rest);
  } else if (name == "rtpmap") {
    take_mapping(rest);
  } else if (name == "group") {
    take_group(rest);
  } else if (name == "encryption") {
    media.encryption = encryption_attribute(rest);
  } else if (name == "key-mgmt") {
    if (!media.mikey) media.mikey = parse_sdp_mikey(rest);
  } else if (name == "zrtp-hash") {
    media.zrtp = true;
  } else if (name == "mid") {
    if (!in_media_) return;
    mids_.resize(session_.media.size());
    mids_.back() = kept(rest);
  } else if (name == "rtcp-mux") {
    media.rtcp_mux = true;
  } else if (name == "label") {
    media.desktop_sharing = media.desktop_sharing || same_word(rest, "applicationsharing-video");
  } else if (has_prefix(name, "x-applicationsharing-")) {
    media.desktop_sharing = true;
  } else if (take_direction(name, media.direction)) {
    if (in_media_) media_has_direction_.set(current());
  }
}

SdpSession SdpReader::finish() {
  for (std::size_t i = 0; i < session_.media.size(); ++i) {
    MediaDescription& media = session_.media[i];
    if (!media.has_address) {
      media.endpoint.address = defaults_.endpoint.address;
      media.has_address = defaults_.has_address;
    }
    if (media.rtcp.port == 0 && media.endpoint.port != 0)
      media.rtcp.port = media.rtcp_mux ? media.endpoint.port : static_cast<std::uint16_t>(media.endpoint.port + 1U);
    if (media.rtcp.address == IpAddress{}) media.rtcp.address = media.endpoint.address;
    if (!media_has_direction_.test(i)) media.direction = defaults_.direction;
    if (media.fingerprints.empty()) media.fingerprints = defaults_.fingerprints;
    if (media.encryption == EncryptionAttribute::absent) media.encryption = defaults_.encryption;
    media.key_field = media.key_field || defaults_.key_field;
    if (!media.mikey) media.mikey = defaults_.mikey;
    media.zrtp = media.zrtp || defaults_.zrtp;
    if (media.cryptos.empty()) media.cryptos = defaults_.cryptos;
    media.bundled = i < mids_.size() && !mids_[i].empty() && std::ranges::find(bundle_, mids_[i]) != bundle_.end();
  }
  session_.desktop_sharing = defaults_.desktop_sharing;
  return std::move(session_);
}

SdpSession parse_sdp(std::string_view text, std::uint64_t hash_key) {
  SdpReader reader{hash_key};
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    reader.take(line);
  }
  return reader.finish();
}

}  // namespace sealtrace
