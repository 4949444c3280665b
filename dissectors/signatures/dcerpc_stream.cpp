#include "dissectors/signatures/dcerpc_stream.hpp"

#include <algorithm>

#include "proto/gss_token.hpp"

namespace sealtrace {
namespace {

constexpr StaticText kName{"dcerpc"};
constexpr std::size_t kTrailerHeaderBytes = 8;  // auth_type, auth_level, auth_pad_length, auth_reserved, auth_context_id
constexpr std::uint8_t kPrivacyLevel = 6;       // RPC_C_AUTHN_LEVEL_PKT_PRIVACY ([MS-RPCE] section 2.2.1.1.8)
constexpr std::size_t kMaxTokenBytes = 8192;    // what is looked at of a token
constexpr std::uint8_t kLastType = 19;          // orphaned

/// PDU types (C706 section 12.6.4.1, [MS-RPCE] section 2.2.2.5) that are named.
enum class PduType : std::uint8_t {
  request = 0,
  response = 2,
  fault = 3,
  bind = 11,
  bind_ack = 12,
  bind_nak = 13,
  alter_context = 14,
  alter_context_response = 15,
  auth3 = 16
};

StaticText words_of(std::uint8_t type) {
  switch (PduType{type}) {
    case PduType::request: return "request";
    case PduType::response: return "response";
    case PduType::fault: return "fault";
    case PduType::bind: return "bind";
    case PduType::bind_ack: return "bind acknowledgement";
    case PduType::bind_nak: return "bind refusal";
    case PduType::alter_context: return "alter context";
    case PduType::alter_context_response: return "alter context response";
    case PduType::auth3: return "authentication";
  }
  return "other message";
}

/// carries_stub says whether a PDU carries what a caller sends or gets, which is what privacy encrypts.
bool carries_stub(std::uint8_t type) {
  return PduType{type} == PduType::request || PduType{type} == PduType::response || PduType{type} == PduType::fault;
}

}  // namespace

Parsed<DcerpcHeader> parse_dcerpc_header(Bytes stream) {
  ParseScope scope;
  ByteReader reader{stream, scope};
  const auto must = [&](bool condition, std::string_view field) { reader.require(condition || !scope.ok(), field); };
  DcerpcHeader header;
  must(reader.u8("rpc_vers") == 5, "rpc_vers");
  must(reader.u8("rpc_vers_minor") <= 1, "rpc_vers_minor");
  header.type = reader.u8("PTYPE");
  must(header.type <= kLastType, "PTYPE");
  reader.skip(1, "pfc_flags");
  const std::uint8_t integers = reader.u8("packed_drep");
  header.little_endian = integers == 0x10;
  must(integers == 0x10 || integers == 0x00, "packed_drep");
  must(reader.u8("packed_drep") <= 3, "packed_drep");
  must(reader.u16("packed_drep") == 0, "packed_drep");
  header.frag_length = header.little_endian ? reader.u16_le("frag_length") : reader.u16("frag_length");
  header.auth_length = header.little_endian ? reader.u16_le("auth_length") : reader.u16("auth_length");
  const std::size_t trailer_bytes = header.auth_length == 0 ? 0 : kTrailerHeaderBytes + header.auth_length;
  must(header.frag_length >= kDcerpcHeaderBytes + trailer_bytes, "frag_length");
  reader.skip(4, "call_id");
  return scope.finish(header);
}

Sight probe_dcerpc(Bytes bytes) {
  const auto header = parse_dcerpc_header(bytes);
  if (header) return {.certainty = Certainty::sure};
  return {.certainty = header.error().code == ParseErrorCode::need_more ? Certainty::need_more : Certainty::none};
}

Progress DcerpcStream::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = halves_[index(chunk.sender)];
  if (half.lost) {
    if (probe_dcerpc(chunk.bytes).certainty != Certainty::sure) return {.consumed = chunk.bytes.size()};
    half.lost = false;
  }
  if (half.trailer_bytes != 0) {
    const std::size_t wanted = std::min<std::size_t>(half.trailer_bytes, kTrailerHeaderBytes + kMaxTokenBytes);
    if (chunk.bytes.size() < wanted) return wait_for(wanted);
    ParseScope scope;
    ByteReader trailer{chunk.bytes.first(wanted), scope};
    trailer.skip(1, "auth_type");
    const std::uint8_t level = trailer.u8("auth_level");
    trailer.skip(6, "auth_context_id");
    on_pdu(half.type, level == kPrivacyLevel, chunk, kTrailerHeaderBytes, facts);
    if (const auto scheme = gss_credential(trailer.rest()); scheme && !carries_stub(half.type))
      once_.credential(*scheme, chunk, kTrailerHeaderBytes, facts);
    return {.consumed = std::exchange(half.trailer_bytes, 0)};
  }
  // Fields are judged once the header is whole, so that it does not matter how it comes.
  if (chunk.bytes.size() < kDcerpcHeaderBytes) return wait_for(kDcerpcHeaderBytes);
  const auto header = parse_dcerpc_header(chunk.bytes);
  if (!header) {
    facts.report(chunk.fact(MessageUnreadable{.field = header.error().field, .malformed = true}, 0, 1));
    return side_done(chunk);
  }
  if (header->auth_length == 0) {
    on_pdu(header->type, false, chunk, kDcerpcHeaderBytes, facts);
    return {.consumed = header->frag_length};
  }
  half.type = header->type;
  half.trailer_bytes = static_cast<std::uint32_t>(kTrailerHeaderBytes + header->auth_length);
  return {.consumed = header->frag_length - std::uint64_t{half.trailer_bytes}};
}

void DcerpcStream::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  halves_[index(sender)] = {.lost = true};
  facts.report(
      {.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = false}, .sender = sender, .time = {}, .evidence = {}});
}

void DcerpcStream::on_pdu(std::uint8_t type, bool privacy, const Chunk& chunk, std::size_t length, FactSink& facts) {
  constexpr std::string_view kPrivacy = "packet privacy";
  if (privacy && carries_stub(type)) {
    return once_.report(kPrivacy, OtherProtection{.protocol = kName, .how = kPrivacy}, chunk, 0, length, facts);
  }
  once_.clear(kName, words_of(type), chunk, length, facts);
}

}  // namespace sealtrace
