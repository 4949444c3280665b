#include "dissectors/http/http_auth.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "dissectors/http/http_parse.hpp"
#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

using enum AuthenticationScheme;

struct Name {
  std::string_view text;
  AuthenticationScheme scheme{};
};

/// kSchemes (IANA "HTTP Authentication Schemes"; NTLM and TLS-DSK: [MS-NTHT], [MS-SIPAE]; Kerberos: [MS-SIPAE]).
constexpr std::array kSchemes{Name{"Basic", basic},         Name{"Digest", digest},     Name{"Bearer", bearer},  Name{"NTLM", ntlm},
                              Name{"Negotiate", negotiate}, Name{"Kerberos", kerberos}, Name{"TLS-DSK", tls_dsk}};

AuthenticationScheme scheme_named(std::string_view word) {
  const auto found = std::ranges::find_if(kSchemes, [&](const Name& name) { return same_word(name.text, word); });
  return found == kSchemes.end() ? other : found->scheme;
}

/// kTokenOctets is how much of a token is looked at: the headers of SPNEGO and the mechanism that stands first lie in less.
constexpr std::size_t kTokenOctets = 96;
struct TokenOctets {
  std::array<std::uint8_t, kTokenOctets> octets{};
  std::size_t size = 0;
};

constexpr int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

TokenOctets decode_base64(std::string_view text) {
  TokenOctets token;
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0 || token.size == kTokenOctets) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    token.octets[token.size++] = static_cast<std::uint8_t>(bits >> num_bits);
  }
  return token;
}

/// enter reads a DER header of this tag and stays before its content (X.690 section 8.1); how long the content is does not matter here,
/// for only the beginning of a token was decoded.
bool enter(ByteReader& reader, std::uint8_t tag) {
  if (reader.rest().empty() || reader.rest()[0] != tag) return false;
  reader.skip(1, "tag");
  const std::uint8_t length = reader.u8("length");
  if ((length & 0x80U) != 0) reader.skip(length & 0x7FU, "length");
  return reader.scope().ok();
}

/// oid reads an OBJECT IDENTIFIER's octets; empty where there is none.
Bytes oid(ByteReader& reader) {
  if (reader.rest().empty() || reader.rest()[0] != 0x06) return {};
  reader.skip(1, "tag");
  return reader.bytes(reader.u8("length"), "OBJECT IDENTIFIER");
}

// 1.3.6.1.5.5.2 (RFC 4178), 1.2.840.113554.1.2.2 (RFC 4121), 1.2.840.48018.1.2.2 and 1.3.6.1.4.1.311.2.2.10 ([MS-SPNG] section 2.2.1).
constexpr std::array<std::uint8_t, 6> kSpnegoOid{0x2B, 0x06, 0x01, 0x05, 0x05, 0x02};
constexpr std::array<std::uint8_t, 9> kKerberosOid{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02};
constexpr std::array<std::uint8_t, 9> kMsKerberosOid{0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02};
constexpr std::array<std::uint8_t, 10> kNtlmOid{0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A};

std::optional<AuthenticationScheme> mechanism(Bytes identifier) {
  if (std::ranges::equal(identifier, kKerberosOid) || std::ranges::equal(identifier, kMsKerberosOid)) return kerberos;
  if (std::ranges::equal(identifier, kNtlmOid)) return ntlm;
  return std::nullopt;
}

bool is_ntlm_message(Bytes token) { return as_text(token).starts_with("NTLMSSP"); }

/// response_scheme reads NegTokenResp: negState, supportedMech, responseToken, each of which may be missing (RFC 4178 section 4.2.2).
AuthenticationScheme response_scheme(ByteReader& reader) {
  if (!enter(reader, 0x30)) return negotiate;
  if (enter(reader, 0xA0)) reader.skip(3, "negState");
  if (enter(reader, 0xA1)) {
    if (const auto named = mechanism(oid(reader))) return *named;
  }
  if (enter(reader, 0xA2) && enter(reader, 0x04)) {
    if (is_ntlm_message(reader.rest())) return ntlm;
    if (enter(reader, 0x60)) return mechanism(oid(reader)).value_or(negotiate);
  }
  return negotiate;
}

}  // namespace

AuthenticationScheme negotiated_scheme(std::string_view token68) {
  const TokenOctets token = decode_base64(token68);
  const Bytes octets = Bytes{token.octets}.first(token.size);
  if (is_ntlm_message(octets)) return ntlm;
  ParseScope scope;
  ByteReader reader{octets, scope};
  if (enter(reader, 0xA1)) return response_scheme(reader);
  if (!enter(reader, 0x60)) return negotiate;
  const Bytes outer = oid(reader);
  if (!std::ranges::equal(outer, kSpnegoOid)) return mechanism(outer).value_or(negotiate);
  // NegTokenInit: [0] SEQUENCE { mechTypes [0] SEQUENCE OF OID, most preferred first }.
  if (!enter(reader, 0xA0) || !enter(reader, 0x30) || !enter(reader, 0xA0) || !enter(reader, 0x30)) return negotiate;
  return mechanism(oid(reader)).value_or(negotiate);
}

AuthenticationScheme http_credential_scheme(std::string_view value) {
  value = trimmed(value);
  const std::string_view word = value.substr(0, value.find_first_of(" \t"));
  const AuthenticationScheme scheme = scheme_named(word);
  return scheme == negotiate ? negotiated_scheme(trimmed(value.substr(word.size()))) : scheme;
}

SchemeSet http_challenge_schemes(std::string_view value) {
  SchemeSet schemes = 0;
  while (!value.empty()) {
    // One element of the list: up to a comma that is not quoted (RFC 9110 section 5.6.1).
    std::size_t end = 0;
    bool quoted = false;
    for (; end < value.size() && (quoted || value[end] != ','); ++end) {
      if (quoted && value[end] == '\\') {
        ++end;
      } else if (value[end] == '"') {
        quoted = !quoted;
      }
    }
    const std::string_view element = trimmed(value.substr(0, std::min(end, value.size())));
    value.remove_prefix(std::min(end + 1, value.size()));
    // A parameter is token BWS "=" value; a scheme is a token alone, or before a space and something else.
    const std::string_view word = element.substr(0, element.find_first_of(" \t"));
    const std::string_view rest = trimmed(element.substr(word.size()));
    const bool parameter_with_spaces = rest.starts_with('=') && !rest.starts_with("==");
    if (!is_http_token(word) || parameter_with_spaces) continue;
    const AuthenticationScheme scheme = scheme_named(word);
    schemes |= scheme_bit(scheme == negotiate ? negotiated_scheme(rest) : scheme);
  }
  return schemes;
}

}  // namespace sealtrace
