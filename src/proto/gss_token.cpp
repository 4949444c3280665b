#include "proto/gss_token.hpp"

#include <algorithm>
#include <array>

#include "proto/base64.hpp"

namespace sealtrace {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kNtlmSignature = "NTLMSSP\0"sv;  // [MS-NLMP] section 2.2.1
constexpr std::uint32_t kNtlmAuthenticate = 3;
// OIDs with tag and length.
constexpr std::string_view kKerberosOid = "\x06\x09\x2A\x86\x48\x86\xF7\x12\x01\x02\x02"sv;           // 1.2.840.113554.1.2.2
constexpr std::string_view kMicrosoftKerberosOid = "\x06\x09\x2A\x86\x48\x82\xF7\x12\x01\x02\x02"sv;  // 1.2.840.48018.1.2.2
constexpr std::string_view kNtlmOid = "\x06\x0A\x2B\x06\x01\x04\x01\x82\x37\x02\x02\x0A"sv;           // 1.3.6.1.4.1.311.2.2.10
constexpr std::string_view kSpnegoOid = "\x06\x06\x2B\x06\x01\x05\x05\x02"sv;                         // 1.3.6.1.5.5.2
constexpr std::string_view kApReqTokenId = "\x01\x00"sv;                                              // RFC 4121 section 4.1
constexpr char kApReqTag = '\x6E';                                                                    // [APPLICATION 14]

std::string_view front_of(Bytes token) { return as_text(token.first(std::min(token.size(), kMaxGssTokenBytes))); }
bool holds(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

/// has_ntlm_response says whether an AUTHENTICATE_MESSAGE carries a response: an anonymous one has none.
bool has_ntlm_response(std::string_view message) {
  ParseScope scope;
  ByteReader reader{as_bytes(message), scope};
  reader.skip(kNtlmSignature.size(), "Signature");
  reader.supported(reader.u32_le("MessageType") == kNtlmAuthenticate, "MessageType");
  reader.skip(8, "LmChallengeResponseFields");
  const std::uint16_t nt_response_bytes = reader.u16_le("NtChallengeResponseFields.Len");
  return scope.ok() && nt_response_bytes != 0;
}

/// has_ap_req looks for Kerberos' mechanism, its token identifier, and the tag of the message that carries a ticket.
bool has_ap_req(std::string_view token) {
  for (std::size_t at = token.find(kKerberosOid); at != std::string_view::npos; at = token.find(kKerberosOid, at + 1)) {
    const std::string_view inner = token.substr(at + kKerberosOid.size());
    if (inner.starts_with(kApReqTokenId) && inner.size() > kApReqTokenId.size() && inner[kApReqTokenId.size()] == kApReqTag) return true;
  }
  return false;
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

/// take_mechanism takes an OBJECT IDENTIFIER where there is one; absent when it is of no mechanism that is known.
std::optional<AuthenticationScheme> take_mechanism(ByteReader& reader) {
  const std::string_view text = as_text(reader.rest());
  if (!text.starts_with('\x06')) return std::nullopt;
  reader.skip(1, "tag");
  reader.skip(reader.u8("length"), "OBJECT IDENTIFIER");
  if (text.starts_with(kKerberosOid) || text.starts_with(kMicrosoftKerberosOid)) return AuthenticationScheme::kerberos;
  return text.starts_with(kNtlmOid) ? std::optional{AuthenticationScheme::ntlm} : std::nullopt;
}

/// response_scheme reads NegTokenResp: negState, supportedMech, responseToken, each of which may be missing (RFC 4178 section 4.2.2).
AuthenticationScheme response_scheme(ByteReader& reader) {
  if (!enter(reader, 0x30)) return AuthenticationScheme::negotiate;
  if (enter(reader, 0xA0)) reader.skip(3, "negState");
  if (enter(reader, 0xA1)) {
    if (const auto named = take_mechanism(reader)) return *named;
  }
  if (enter(reader, 0xA2) && enter(reader, 0x04)) {
    if (as_text(reader.rest()).starts_with(kNtlmSignature)) return AuthenticationScheme::ntlm;
    if (enter(reader, 0x60)) return take_mechanism(reader).value_or(AuthenticationScheme::negotiate);
  }
  return AuthenticationScheme::negotiate;
}

}  // namespace

AuthenticationScheme negotiated_scheme(std::string_view token68) {
  constexpr std::size_t kMaxFrontBytes = 128;  // the headers of SPNEGO and the mechanism that stands first lie in less
  std::array<std::uint8_t, kMaxFrontBytes> octets{};
  const Bytes token = Bytes{octets}.first(decode_base64_front(token68, octets).num_octets);
  if (as_text(token).starts_with(kNtlmSignature)) return AuthenticationScheme::ntlm;
  ParseScope scope;
  ByteReader reader{token, scope};
  if (enter(reader, 0xA1)) return response_scheme(reader);
  if (!enter(reader, 0x60)) return AuthenticationScheme::negotiate;
  const bool spnego = as_text(reader.rest()).starts_with(kSpnegoOid);
  const auto outer = take_mechanism(reader);
  if (!spnego) return outer.value_or(AuthenticationScheme::negotiate);
  // NegTokenInit: [0] SEQUENCE { mechTypes [0] SEQUENCE OF OID, most preferred first }.
  for (const std::uint8_t tag : std::array<std::uint8_t, 4>{0xA0, 0x30, 0xA0, 0x30}) {
    if (!enter(reader, tag)) return AuthenticationScheme::negotiate;
  }
  return take_mechanism(reader).value_or(AuthenticationScheme::negotiate);
}

std::optional<AuthenticationScheme> gss_credential(Bytes token) {
  const std::string_view text = front_of(token);
  if (has_ap_req(text)) return AuthenticationScheme::kerberos;
  const std::size_t ntlm = text.find(kNtlmSignature);
  if (ntlm != std::string_view::npos && has_ntlm_response(text.substr(ntlm))) return AuthenticationScheme::ntlm;
  return std::nullopt;
}

std::vector<AuthenticationScheme> gss_mechanisms(Bytes token) {
  const std::string_view text = front_of(token);
  std::vector<AuthenticationScheme> mechanisms;
  if (holds(text, kKerberosOid) || holds(text, kMicrosoftKerberosOid)) mechanisms.push_back(AuthenticationScheme::kerberos);
  if (holds(text, kNtlmOid) || holds(text, kNtlmSignature)) mechanisms.push_back(AuthenticationScheme::ntlm);
  if (mechanisms.empty() && holds(text, kSpnegoOid)) mechanisms.push_back(AuthenticationScheme::negotiate);
  return mechanisms;
}

}  // namespace sealtrace
