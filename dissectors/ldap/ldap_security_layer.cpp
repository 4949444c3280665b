#include "dissectors/ldap/ldap_security_layer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "dissectors/ldap/ldap_credentials.hpp"
#include "dissectors/ldap/ldap_parse.hpp"

namespace sealtrace {
namespace {

/// kJudgedBytes is how much of a buffer is looked at: the longest token header, and the head of a message behind it.
constexpr std::size_t kJudgedBytes = 64;
/// kSignatureBytes is the length of NTLM's signature ([MS-NLMP] section 2.2.2.9) and of DIGEST-MD5's trailer (RFC 2831 section 2.3).
constexpr std::uint32_t kSignatureBytes = 16;

/// kerberos_wrap reads the header of a Wrap token (RFC 4121 section 4.2.6.2): whether it is sealed; nothing when it is none.
std::optional<bool> kerberos_wrap(Bytes token) {
  constexpr std::uint8_t kSealed = 0x02;
  constexpr std::uint8_t kAllFlags = 0x07;
  ParseScope scope;
  ByteReader reader{token, scope};
  const std::uint16_t tok_id = reader.u16("TOK_ID");
  const std::uint8_t flags = reader.u8("Flags");
  const std::uint8_t filler = reader.u8("Filler");
  reader.skip(4 + 8, "EC, RRC, SND_SEQ");
  if (!scope.ok() || tok_id != 0x0504 || filler != 0xFF || flags > kAllFlags) return std::nullopt;
  return (flags & kSealed) != 0;
}

/// kerberos_old_wrap reads the header of the older Wrap token (RFC 1964 section 1.2.2, RFC 4757 section 7.3).
std::optional<bool> kerberos_old_wrap(Bytes token) {
  constexpr std::uint16_t kSealAlgNone = 0xFFFF;
  ParseScope scope;
  ByteReader reader{token, scope};
  const BerHeader header = read_ber_header(reader, "InitialContextToken");
  const Bytes mechanism = reader.bytes(kKerberosMechanism.size(), "thisMech");
  const std::uint16_t tok_id = reader.u16("TOK_ID");
  reader.u16("SGN_ALG");
  const std::uint16_t seal_alg = reader.u16("SEAL_ALG");
  const std::uint16_t filler = reader.u16("Filler");
  const bool is_wrap = scope.ok() && header.tag == ber_application(0, BerForm::constructed) &&
                       std::ranges::equal(mechanism, kKerberosMechanism) && tok_id == 0x0201 && filler == 0xFFFF;
  if (!is_wrap) return std::nullopt;
  return seal_alg != kSealAlgNone;
}

/// is_message tells whether an LDAP message that fits into `length` octets begins here.
bool is_message(Bytes octets, std::uint32_t length) {
  const auto head = parse_ldap_head(octets);
  return head && head->message_bytes <= length;
}

LdapLayer layer_of(Bytes token, std::uint32_t length) {
  const auto wrap = kerberos_wrap(token);
  const auto sealed = wrap ? wrap : kerberos_old_wrap(token);
  if (sealed) return *sealed ? LdapLayer::sealed : LdapLayer::readable;
  if (length <= kSignatureBytes) return LdapLayer::opaque;
  const std::uint32_t content = length - kSignatureBytes;
  if (is_message(token, content)) return LdapLayer::readable;
  if (token.size() > kSignatureBytes && is_message(token.subspan(kSignatureBytes), content)) return LdapLayer::readable;
  constexpr std::array<std::uint8_t, 4> kNtlmVersion{1, 0, 0, 0};
  return std::ranges::equal(token.first(kNtlmVersion.size()), kNtlmVersion) ? LdapLayer::token : LdapLayer::opaque;
}

}  // namespace

Parsed<LdapBuffer> parse_ldap_buffer(Bytes octets) {
  ParseScope scope;
  ByteReader reader{octets, scope};
  LdapBuffer buffer;
  buffer.length = reader.u32("buffer length");
  reader.require(buffer.length > 0 && buffer.length <= kMaxLayerBufferBytes, "buffer length");
  const Bytes token = reader.bytes(std::min<std::size_t>(buffer.length, kJudgedBytes), "buffer");
  if (scope.ok()) buffer.layer = layer_of(token, buffer.length);
  return scope.finish(buffer);
}

}  // namespace sealtrace
