#include "dissectors/postgresql/postgresql_parse.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

constexpr std::string_view kClientTypes = "BCDEFHPQSXcdfp";
constexpr std::string_view kServerTypes = "123ACDEGHIKNRSTVWZcdnstv";
constexpr std::uint32_t kMaxMessageBytes = 1U << 30;  // PQ_LARGE_MESSAGE_LIMIT

bool fits(PostgresqlRequest request, std::uint32_t length) {
  constexpr std::uint32_t kMinStartupBytes = kPostgresqlOpeningBytes + 1;  // the terminator of no parameters
  constexpr std::uint32_t kMaxCancelBytes = 12 + 256;                      // the key of protocol 3.2
  switch (request) {
    case PostgresqlRequest::ssl:
    case PostgresqlRequest::gss_encryption: return length == kPostgresqlOpeningBytes;
    case PostgresqlRequest::cancel: return length >= 16 && length <= kMaxCancelBytes;
    case PostgresqlRequest::startup: return length >= kMinStartupBytes && length <= kMaxPostgresqlStartupBytes;
  }
  return false;
}

}  // namespace

Parsed<PostgresqlOpening> parse_postgresql_opening(Bytes stream) {
  constexpr std::uint32_t kMinorBits = 0xF;  // minor versions of protocol 3: 0 and 2, and what asks for the newest
  ParseScope scope;
  ByteReader reader{stream, scope};
  PostgresqlOpening opening;
  opening.length = reader.u32("length");
  // Nothing longer begins this protocol: that is known before the code.
  reader.supported(opening.length <= kMaxPostgresqlStartupBytes, "length");
  const std::uint32_t code = reader.u32("code");
  const bool startup = (code & ~kMinorBits) == static_cast<std::uint32_t>(PostgresqlRequest::startup);
  opening.request = startup ? PostgresqlRequest::startup : PostgresqlRequest{code};
  const bool assigned = startup || (code >= static_cast<std::uint32_t>(PostgresqlRequest::cancel) &&
                                    code <= static_cast<std::uint32_t>(PostgresqlRequest::gss_encryption));
  reader.supported(assigned || !scope.ok(), "code");
  reader.require(!scope.ok() || fits(opening.request, opening.length), "length");
  return scope.finish(opening);
}

Parsed<PostgresqlHead> parse_postgresql_head(Bytes stream, bool from_server) {
  ParseScope scope;
  ByteReader reader{stream, scope};
  PostgresqlHead head;
  head.type = static_cast<char>(reader.u8("type"));
  reader.supported(!scope.ok() || (from_server ? kServerTypes : kClientTypes).find(head.type) != std::string_view::npos, "type");
  const std::uint32_t length = reader.u32("length");
  reader.require(!scope.ok() || (length >= 4 && length <= kMaxMessageBytes), "length");
  head.length = std::uint64_t{length} + 1;
  return scope.finish(head);
}

Parsed<PostgresqlAuthentication> parse_postgresql_authentication(Bytes message) {
  ParseScope scope;
  ByteReader reader{message, scope};
  reader.skip(kPostgresqlHeadBytes, "head");
  const PostgresqlAuthentication authentication{reader.u32("authentication")};
  return scope.finish(authentication);
}

std::string_view postgresql_sasl_mechanism(Bytes message) {
  constexpr std::size_t kMaxMechanismBytes = 20;  // RFC 4422 section 3.1
  if (message.size() <= kPostgresqlHeadBytes) return {};
  const std::string_view body = as_text(message.subspan(kPostgresqlHeadBytes));
  const std::size_t end = body.substr(0, kMaxMechanismBytes + 1).find('\0');
  if (end == std::string_view::npos || end == 0 || body.size() < end + 1 + 4) return {};
  const std::string_view name = body.substr(0, end);
  const bool is_name =
      std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
  return is_name ? name : std::string_view{};
}

GssPacket gss_packet_kind(Bytes token) {
  constexpr std::uint16_t kWrap = 0x0504;                                                   // RFC 4121 section 4.2.6.2
  constexpr std::uint8_t kSealed = 0x02;                                                    // section 4.2.2
  constexpr std::uint8_t kInitialToken = 0x60, kSpnegoInit = 0xA0, kSpnegoResponse = 0xA1;  // RFC 2743 section 3.1, RFC 4178 section 4.2
  constexpr std::uint16_t kOldWrap = 0x0201, kNotSealed = 0xFFFF;                           // RFC 1964 section 1.2.2
  if (token.empty()) return GssPacket::unknown;
  ParseScope scope;
  ByteReader reader{token, scope};
  if (token[0] == kSpnegoInit || token[0] == kSpnegoResponse) return GssPacket::context;
  if (token[0] != kInitialToken) {
    const bool wrap = reader.u16("TOK_ID") == kWrap;
    const bool sealed = (reader.u8("Flags") & kSealed) != 0;
    if (!wrap || !scope.ok()) return GssPacket::unknown;
    return sealed ? GssPacket::sealed : GssPacket::not_sealed;
  }
  constexpr std::uint8_t kLongLength = 0x80, kNumOctetsMask = 0x7F;
  reader.skip(1, "tag");
  const std::uint8_t length = reader.u8("length");
  if ((length & kLongLength) != 0) reader.skip(length & kNumOctetsMask, "length");
  reader.skip(1, "thisMech tag");
  reader.skip(reader.u8("thisMech length"), "thisMech");
  if (reader.u16("TOK_ID") != kOldWrap || !scope.ok()) return GssPacket::context;
  reader.skip(2, "SGN_ALG");
  return reader.u16("SEAL_ALG") == kNotSealed || !scope.ok() ? GssPacket::not_sealed : GssPacket::old_seal;
}

}  // namespace sealtrace
