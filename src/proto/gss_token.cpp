#include "proto/gss_token.hpp"

#include <algorithm>
#include <array>

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

}  // namespace

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
