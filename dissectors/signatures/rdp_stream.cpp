#include "dissectors/signatures/rdp_stream.hpp"

#include <algorithm>
#include <optional>

#include "dissectors/signatures/once.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {
namespace {

using namespace std::string_view_literals;

constexpr StaticText kName{"rdp"};
constexpr std::uint8_t kTpktVersion = 3;  // RFC 1006 section 6
constexpr std::size_t kTpktHeaderBytes = 4;
constexpr std::size_t kX224HeaderBytes = 7;  // length indicator, code, two references, class
constexpr std::uint8_t kConnectionRequest = 0xE0;
constexpr std::uint8_t kConnectionConfirm = 0xD0;
constexpr std::size_t kNegotiationBytes = 8;

enum class NegotiationType : std::uint8_t { request = 1, response = 2, failure = 3 };
// Protocols that begin with TLS: SSL, HYBRID, RDSTLS, HYBRID_EX, RDSAAD ([MS-RDPBCGR] section 2.2.1.1.1).
constexpr std::uint32_t kTlsProtocols = 0x01 | 0x02 | 0x04 | 0x08 | 0x10;

struct Negotiation {
  NegotiationType type{};
  std::uint32_t protocols = 0;
};

/// read_negotiation reads RDP_NEG_REQ, RDP_NEG_RSP or RDP_NEG_FAILURE behind the X.224 header, and behind a cookie or a routing token.
std::optional<Negotiation> read_negotiation(Bytes data) {
  const std::size_t end_of_cookie = as_text(data).find("\r\n");
  if (end_of_cookie != std::string_view::npos) data = data.subspan(end_of_cookie + 2);
  ParseScope scope;
  ByteReader reader{data, scope};
  const NegotiationType type{reader.u8("type")};
  reader.skip(1, "flags");
  reader.require(reader.u16_le("length") == kNegotiationBytes, "length");
  const std::uint32_t protocols = reader.u32_le("protocols");
  const bool known = type == NegotiationType::request || type == NegotiationType::response || type == NegotiationType::failure;
  if (!scope.ok() || !known) return std::nullopt;
  return Negotiation{.type = type, .protocols = protocols};
}

/// read_encryption finds TS_UD_SC_SEC1 in the settings of a Connect Response: its type, a length, then encryptionMethod and
/// encryptionLevel. The settings lie behind encodings of T.124 and T.125 that say nothing else of use here.
std::optional<std::uint32_t> read_encryption(Bytes packet) {
  constexpr std::string_view kServerSecurity = "\x02\x0C"sv;  // SC_SECURITY, little-endian
  constexpr std::uint32_t kMethods = 0x01 | 0x02 | 0x08 | 0x10;
  const std::string_view text = as_text(packet);
  for (std::size_t at = text.find(kServerSecurity); at != std::string_view::npos; at = text.find(kServerSecurity, at + 1)) {
    ParseScope scope;
    ByteReader reader{packet.subspan(at + kServerSecurity.size()), scope};
    const std::uint16_t length = reader.u16_le("length");
    const std::uint32_t method = reader.u32_le("encryptionMethod");
    const std::uint32_t level = reader.u32_le("encryptionLevel");
    if (scope.ok() && length >= 12 && (method & ~kMethods) == 0 && level <= 4 && (method == 0) == (level == 0)) return method;
  }
  return std::nullopt;
}

}  // namespace

Sight probe_rdp(Bytes bytes, bool hinted) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  reader.require(reader.u8("TPKT version") == kTpktVersion || !scope.ok(), "TPKT version");
  reader.require(reader.u8("TPKT reserved") == 0 || !scope.ok(), "TPKT reserved");
  const std::size_t length = reader.u16("TPKT length");
  reader.require(length >= kTpktHeaderBytes + kX224HeaderBytes || !scope.ok(), "TPKT length");
  const std::size_t indicator = reader.u8("LI");
  reader.require(indicator + 1 + kTpktHeaderBytes == length || !scope.ok(), "LI");
  const std::uint8_t code = reader.u8("code");
  reader.require(code == kConnectionRequest || code == kConnectionConfirm || !scope.ok(), "code");
  reader.skip(5, "class");
  if (!scope.ok()) return {.certainty = scope.error().code == ParseErrorCode::need_more ? Certainty::need_more : Certainty::none};
  if (bytes.size() < length) return {.certainty = Certainty::need_more};
  const Bytes data = bytes.first(length).subspan(kTpktHeaderBytes + kX224HeaderBytes);
  if (hinted) return {.certainty = Certainty::sure};
  const bool cookie = code == kConnectionRequest && as_text(data).starts_with("Cookie: ");
  return {.certainty = cookie || read_negotiation(data) ? Certainty::sure : Certainty::none};
}

Progress RdpStream::on_stream(const Chunk& chunk, FactSink& facts) {
  if (finished_) return side_done(chunk);
  if (chunk.sender == Side::initiator && requested_ && !confirmed_) return wait_for(chunk.bytes.size() + 1);
  ParseScope scope;
  ByteReader reader{chunk.bytes, scope};
  const std::uint8_t version = reader.u8("TPKT version");
  reader.skip(1, "TPKT reserved");
  const std::size_t length = reader.u16("TPKT length");
  if (!scope.ok()) return wait_for(kTpktHeaderBytes);
  if (version != kTpktVersion || length < kTpktHeaderBytes) {
    finished_ = true;
    return side_done(chunk);
  }
  if (chunk.bytes.size() < length) return wait_for(length);
  const Bytes packet = chunk.bytes.first(length).subspan(kTpktHeaderBytes);
  return chunk.sender == Side::initiator ? on_client(packet, chunk, facts) : on_server(packet, chunk, facts);
}

void RdpStream::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  finished_ = true;
  facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = true}, .sender = sender, .time = {}, .evidence = {}});
}

Progress RdpStream::on_client(Bytes packet, const Chunk& chunk, FactSink& facts) {
  const std::size_t length = kTpktHeaderBytes + packet.size();
  const bool is_request = packet.size() >= kX224HeaderBytes && packet[1] == kConnectionRequest;
  if (!is_request || requested_) return {.consumed = length};
  requested_ = true;
  facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = "connection request"}, 0, length));
  const auto negotiation = read_negotiation(packet.subspan(kX224HeaderBytes));
  if (negotiation && negotiation->type == NegotiationType::request && (negotiation->protocols & kTlsProtocols) != 0)
    facts.report(chunk.fact(UpgradeStep{.dialect = kName, .phase = UpgradePhase::requested}, 0, length));
  return {.consumed = length};
}

Progress RdpStream::on_server(Bytes packet, const Chunk& chunk, FactSink& facts) {
  const std::size_t length = kTpktHeaderBytes + packet.size();
  const bool is_confirm = packet.size() >= kX224HeaderBytes && packet[1] == kConnectionConfirm;
  if (is_confirm && !confirmed_) {
    confirmed_ = true;
    const auto negotiation = read_negotiation(packet.subspan(kX224HeaderBytes));
    if (negotiation && negotiation->type == NegotiationType::response && (negotiation->protocols & kTlsProtocols) != 0) {
      facts.report(chunk.fact(UpgradeStep{.dialect = kName, .phase = UpgradePhase::accepted}, 0, length));
      return {.consumed = length, .need = 1, .done = false, .hand_over = true};
    }
    if (negotiation && negotiation->type == NegotiationType::failure)
      facts.report(chunk.fact(UpgradeStep{.dialect = kName, .phase = UpgradePhase::refused}, 0, length));
    return {.consumed = length};
  }
  const auto method = read_encryption(packet);
  if (!method) return {.consumed = length};
  finished_ = true;
  if (*method == 0) {
    facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = "session without encryption"}, 0, length));
  } else {
    facts.report(chunk.fact(OtherProtection{.protocol = kName, .how = "standard RDP security"}, 0, length));
  }
  return side_done(chunk);
}

}  // namespace sealtrace
