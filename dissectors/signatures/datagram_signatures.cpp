// Matchers of datagrams. Each rejects on its first octet where it can, and reads no more than tells the protocol.
#include <algorithm>
#include <array>

#include "dissectors/signatures/der.hpp"
#include "dissectors/signatures/signature.hpp"
#include "proto/text_head.hpp"

namespace sealtrace::datagram {
namespace {

using namespace std::string_view_literals;

constexpr Sight kNone{};

Sight sure(StaticText words = {}) { return {.certainty = Certainty::sure, .words = words}; }

std::string_view first_line(Bytes bytes) {
  constexpr std::size_t kMaxLineBytes = 256;
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kMaxLineBytes)));
  return text.substr(0, std::min(text.find('\r'), text.find('\n')));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// remember keeps what the answer to a datagram will repeat.
void remember(Memory& memory, Side sender, std::uint64_t token) {
  memory.used = true;
  memory.sender = sender;
  memory.token = token;
}

bool begins_with(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() && bytes[0] == static_cast<std::uint8_t>(text[0]) && as_text(bytes.first(text.size())) == text;
}

}  // namespace

Sight ras(const Look& look, Memory& /*memory*/) {
  // protocolIdentifier { itu-t recommendation h 2250 version(0) n } stands behind a choice, optional fields and requestSeqNum.
  constexpr std::string_view kProtocolIdentifier = "\x06\x00\x08\x91\x4A\x00"sv;
  constexpr std::size_t kMaxBefore = 8;
  const std::string_view front = as_text(look.bytes.first(std::min(look.bytes.size(), kMaxBefore + kProtocolIdentifier.size())));
  const std::size_t at = front.find(kProtocolIdentifier);
  return at != std::string_view::npos && at >= 3 ? sure() : kNone;
}

Sight mgcp(const Look& look, Memory& /*memory*/) {
  constexpr std::array kVerbs{"EPCF"sv, "CRCX"sv, "MDCX"sv, "DLCX"sv, "RQNT"sv, "NTFY"sv, "AUEP"sv, "AUCX"sv, "RSIP"sv};
  if (look.bytes.size() < 6) return kNone;
  const char first = static_cast<char>(look.bytes[0]);
  if (!is_digit(first) && (first < 'A' || first > 'Z')) return kNone;
  std::string_view rest = first_line(look.bytes);
  if (is_digit(first)) {
    // A response is three digits and a transaction: too little without the port.
    const std::string_view code = next_word(rest, ' ');
    const std::string_view transaction = next_word(rest, ' ');
    const bool fits = code.size() == 3 && decimal(code) && !transaction.empty() && decimal(transaction);
    return look.hinted && fits ? sure("response") : kNone;
  }
  const std::string_view verb = next_word(rest, ' ');
  if (std::ranges::find(kVerbs, verb) == kVerbs.end()) return kNone;
  return rest.find("MGCP ") != std::string_view::npos ? sure() : kNone;
}

Sight iax2(const Look& look, Memory& /*memory*/) {
  constexpr std::uint8_t kFullFrame = 0x80;
  constexpr std::uint8_t kIax = 6;
  constexpr std::uint8_t kNew = 1;
  constexpr std::string_view kVersion = "\x0B\x02\x00\x02"sv;  // its VERSION element has to be the first
  constexpr std::size_t kTypeAt = 10;
  if (look.bytes.size() <= kTypeAt || (look.bytes[0] & kFullFrame) == 0 || look.bytes[kTypeAt] != kIax) return kNone;
  ParseScope scope;
  ByteReader frame{look.bytes, scope};
  frame.skip(2, "Source Call Number");
  frame.require(frame.u16("Destination Call Number") == 0, "Destination Call Number");
  frame.skip(4, "timestamp");
  frame.require(frame.u16("OSeqno") == 0, "OSeqno");
  frame.skip(1, "Frame Type");
  frame.require(frame.u8("Subclass") == kNew, "Subclass");
  frame.require(as_text(frame.bytes(kVersion.size(), "VERSION")) == kVersion, "VERSION");
  return scope.ok() ? sure() : kNone;
}

Sight kerberos(const Look& look, Memory& /*memory*/) {
  const Sight sight = kerberos_message(look.bytes);
  return sight.certainty == Certainty::sure ? sight : kNone;
}

Sight dcerpc(const Look& look, Memory& /*memory*/) {
  constexpr std::uint8_t kVersion = 4;
  constexpr std::uint8_t kLastType = 10;  // cancel_ack (C706 section 12.1)
  constexpr std::size_t kHeaderBytes = 80;
  if (look.bytes.size() < kHeaderBytes || look.bytes[0] != kVersion || look.bytes[1] > kLastType) return kNone;
  ParseScope scope;
  ByteReader header{look.bytes, scope};
  header.skip(4, "flags2");
  const std::uint8_t integers = header.u8("drep");
  header.require(integers == 0x10 || integers == 0x00, "drep");
  header.require(header.u8("drep") <= 3, "drep");
  header.require(header.u8("drep") == 0, "drep");
  header.skip(67, "object");
  const std::uint16_t length = integers == 0 ? header.u16("len") : header.u16_le("len");
  header.require(length >= look.bytes.size() - kHeaderBytes || length == 0, "len");
  return scope.ok() ? sure() : kNone;
}

Sight ike(const Look& look, Memory& /*memory*/) {
  // On port 4500 four octets of zero tell IKE from ESP (RFC 3948 section 2.2).
  Bytes message = look.bytes;
  if (message.size() > 4 && std::ranges::all_of(message.first(4), [](std::uint8_t octet) { return octet == 0; }))
    message = message.subspan(4);
  constexpr std::size_t kVersionAt = 17;
  constexpr std::uint8_t kVersion1 = 0x10;
  constexpr std::uint8_t kVersion2 = 0x20;
  if (message.size() <= kVersionAt || (message[kVersionAt] != kVersion1 && message[kVersionAt] != kVersion2)) return kNone;
  ParseScope scope;
  ByteReader header{message, scope};
  header.require(header.u64("Initiator SPI") != 0, "Initiator SPI");
  header.skip(8, "Responder SPI");
  const std::uint8_t next_payload = header.u8("Next Payload");
  const std::uint8_t version = header.u8("Version");
  const std::uint8_t exchange = header.u8("Exchange Type");
  const std::uint8_t flags = header.u8("Flags");
  header.skip(4, "Message ID");
  const std::uint32_t length = header.u32("Length");
  if (!scope.ok() || length < message.size() || length > 0xFFFF) return kNone;
  const bool first = version == kVersion1 && (next_payload <= 20 || next_payload == 130) && flags <= 7 &&
                     ((exchange >= 1 && exchange <= 6) || (exchange >= 32 && exchange <= 33));
  if (first) return sure("IKE version 1 exchange");
  const bool second = version == kVersion2 && (next_payload == 0 || (next_payload >= 33 && next_payload <= 54)) && (flags & ~0x38U) == 0 &&
                      exchange >= 34 && exchange <= 44;
  return second ? sure("IKE version 2 exchange") : kNone;
}

namespace {

/// index_of finds the index that `sender` writes to its peer; nullptr for one that was not seen.
Memory::Index* index_of(Memory& memory, Side sender, std::uint32_t number) {
  const auto found =
      std::ranges::find_if(memory.indices, [&](const Memory::Index& known) { return known.sender == sender && known.number == number; });
  return found == memory.indices.end() ? nullptr : &*found;
}

void note_index(Memory& memory, const Memory::Index& index) {
  constexpr std::size_t kMaxIndices = 8;  // of both sides, the sessions before and after a new handshake
  if (memory.indices.size() == kMaxIndices) memory.indices.erase(memory.indices.begin());
  memory.indices.push_back(index);
  memory.used = true;
}

/// wireguard_data: a session whose index a handshake named, or whose counter went on, is known by its index alone. Packets are padded to 16
/// octets, but not beyond what the link takes.
Certainty wireguard_data(const Look& look, Memory& memory, std::uint32_t number, std::uint64_t counter) {
  constexpr std::uint64_t kMaxLost = 4096;  // datagrams that may be missing between two that are compared
  Memory::Index* const known = index_of(memory, look.sender, number);
  if (known != nullptr) {
    known->sure |= counter > known->counter && counter - known->counter <= kMaxLost;
    known->counter = counter;
    return known->sure ? Certainty::sure : Certainty::maybe;
  }
  if (look.bytes.size() % 16 != 0) return Certainty::none;
  note_index(memory, {.sender = look.sender, .number = number, .counter = counter});
  return Certainty::maybe;
}

/// wireguard_response: it answers an initiation, or belongs to a flow that is known.
bool wireguard_response(const Look& look, Memory& memory, std::uint32_t number, std::uint32_t receiver) {
  const Memory::Index* const answered = index_of(memory, look.sender, receiver);
  const bool answers = memory.sure || (answered != nullptr && answered->sure);
  if (answers) note_index(memory, {.sender = other(look.sender), .number = number, .sure = true});
  return answers;
}

}  // namespace

Sight wireguard(const Look& look, Memory& memory) {
  constexpr StaticText kHandshake{"WireGuard handshake"};
  constexpr std::size_t kInitiationBytes = 148;
  constexpr std::size_t kResponseBytes = 92;
  constexpr std::size_t kCookieReplyBytes = 64;
  constexpr std::size_t kMinDataBytes = 16 + 16;  // header, tag
  const std::size_t size = look.bytes.size();
  if (size == 0 || look.bytes[0] < 1 || look.bytes[0] > 4) return kNone;
  ParseScope scope;
  ByteReader message{look.bytes, scope};
  const std::uint8_t type = message.u8("message_type");
  message.require(message.u24("reserved_zero") == 0, "reserved_zero");
  const std::uint32_t index = message.u32_le(type == 1 || type == 2 ? "sender_index" : "receiver_index");
  if (!scope.ok()) return kNone;
  const auto handshake = [&](bool sure) {
    return Sight{.certainty = sure ? Certainty::sure : Certainty::maybe, .words = kHandshake, .standing = Standing::clear};
  };
  if (type == 1 && size == kInitiationBytes) {
    note_index(memory, {.sender = other(look.sender), .number = index, .sure = true});
    return handshake(memory.sure);
  }
  if (type == 2 && size == kResponseBytes) return handshake(wireguard_response(look, memory, index, message.u32_le("receiver_index")));
  if (type == 3 && size == kCookieReplyBytes) return handshake(index_of(memory, look.sender, index) != nullptr);
  if (type != 4 || size < kMinDataBytes) return kNone;
  return {.certainty = wireguard_data(look, memory, index, message.u64_le("counter")), .words = "WireGuard transport data"};
}

Sight openvpn(const Look& look, Memory& memory) {
  // P_CONTROL_HARD_RESET_CLIENT_V2 and V3, P_CONTROL_HARD_RESET_SERVER_V2, with key id 0.
  constexpr std::uint8_t kClientReset = 7 << 3;
  constexpr std::uint8_t kClientResetV3 = 10 << 3;
  constexpr std::uint8_t kServerReset = 8 << 3;
  constexpr std::size_t kMinBytes = 14;
  constexpr std::size_t kMaxServerBytes = 256;
  if (look.bytes.size() < kMinBytes) return kNone;
  const std::uint8_t opcode = look.bytes[0];
  if (opcode != kClientReset && opcode != kClientResetV3 && opcode != kServerReset) return kNone;
  ParseScope scope;
  ByteReader packet{look.bytes, scope};
  packet.skip(1, "opcode");
  const std::uint64_t session_id = packet.u64("Session ID");
  if (opcode == kClientReset || opcode == kClientResetV3) {
    remember(memory, look.sender, session_id);
    return {.certainty = Certainty::maybe};
  }
  if (look.bytes.size() > kMaxServerBytes) return kNone;
  if (!memory.used || memory.sender == look.sender) return {.certainty = Certainty::maybe};
  // The answer acknowledges the client's packet and repeats its session id, behind an HMAC where there is one.
  for (Bytes rest = packet.rest(); rest.size() >= sizeof session_id; rest = rest.subspan(1)) {
    ByteReader window{rest, scope};
    if (window.u64("Remote Session ID") == memory.token) return sure();
  }
  return kNone;
}

namespace {

/// crc_32c is the checksum of SCTP (RFC 9260 appendix A), which ZRTP takes over.
std::uint32_t crc_32c(Bytes octets) {
  constexpr std::uint32_t kPolynomial = 0x82F6'3B78;  // reflected
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const std::uint8_t octet : octets) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
  }
  return ~crc;
}

}  // namespace

Sight zrtp(const Look& look, Memory& /*memory*/) {
  constexpr std::uint32_t kMagicCookie = 0x5A52'5450;  // "ZRTP"
  constexpr std::uint16_t kPreamble = 0x505A;
  constexpr std::size_t kCrcBytes = 4;
  constexpr std::size_t kMinBytes = 12 + 12 + kCrcBytes;  // header, the shortest message
  if (look.bytes.size() < kMinBytes || look.bytes[0] >> 4 != 1) return kNone;
  ParseScope scope;
  ByteReader packet{look.bytes, scope};
  packet.skip(4, "Sequence Number");
  packet.require(packet.u32("Magic Cookie") == kMagicCookie, "Magic Cookie");
  packet.skip(4, "Source Identifier");
  packet.require(packet.u16("preamble") == kPreamble, "preamble");
  const std::size_t message_bytes = std::size_t{packet.u16("length")} * 4;
  packet.require(12 + message_bytes + kCrcBytes == look.bytes.size(), "length");
  if (!scope.ok()) return kNone;
  ByteReader end{look.bytes.last(kCrcBytes), scope};
  return end.u32_le("CRC") == crc_32c(look.bytes.first(look.bytes.size() - kCrcBytes)) ? sure() : kNone;
}

Sight dhcp(const Look& look, Memory& /*memory*/) {
  constexpr std::uint32_t kMagicCookie = 0x63825363;
  if (look.bytes.empty() || (look.bytes[0] != 1 && look.bytes[0] != 2)) return kNone;
  ParseScope scope;
  ByteReader message{look.bytes, scope};
  message.skip(2, "htype");
  message.require(message.u8("hlen") <= 16, "hlen");
  message.skip(233, "hops");
  message.require(message.u32("options") == kMagicCookie, "options");
  return scope.ok() ? sure() : kNone;
}

Sight dhcpv6(const Look& look, Memory& /*memory*/) {
  constexpr std::uint8_t kLastType = 36;
  constexpr std::uint16_t kLastOption = 200;
  if (!look.hinted || look.bytes.size() < 8 || look.bytes[0] == 0 || look.bytes[0] > kLastType) return kNone;
  const bool relayed = look.bytes[0] == 12 || look.bytes[0] == 13;
  ParseScope scope;
  ByteReader message{look.bytes, scope};
  message.skip(relayed ? 34 : 4, "transaction-id");
  message.require(!message.empty(), "options");
  while (message.more()) {
    const std::uint16_t code = message.u16("option-code");
    message.require(code != 0 && code <= kLastOption, "option-code");
    message.skip(message.u16("option-len"), "option-data");
  }
  return scope.ok() ? sure() : kNone;
}

Sight ntp(const Look& look, Memory& memory) {
  constexpr std::size_t kHeaderBytes = 48;
  constexpr std::uint8_t kClientMode = 3;
  constexpr std::uint8_t kServerMode = 4;
  constexpr std::uint8_t kBroadcastMode = 5;
  constexpr std::size_t kMaxBytes = 1024;
  if (look.bytes.size() < kHeaderBytes || look.bytes.size() > kMaxBytes || look.bytes.size() % 4 != 0) return kNone;
  const unsigned version = look.bytes[0] >> 3 & 7U;
  const unsigned mode = look.bytes[0] & 7U;
  const std::uint8_t stratum = look.bytes[1];
  if (version < 1 || version > 4 || mode == 0 || mode > kBroadcastMode || stratum > 16) return kNone;
  ParseScope scope;
  ByteReader message{look.bytes, scope};
  message.skip(24, "LI, VN, Mode");
  const std::uint64_t origin = message.u64("Origin Timestamp");
  message.skip(8, "Receive Timestamp");
  const std::uint64_t transmit = message.u64("Transmit Timestamp");
  if (look.hinted) return sure();
  if (mode == kClientMode) {
    memory.used = false;
    if (transmit != 0) remember(memory, look.sender, transmit);
    return {.certainty = transmit != 0 ? Certainty::maybe : Certainty::none};
  }
  const bool answers = mode == kServerMode && memory.used && memory.sender != look.sender && memory.token == origin;
  return answers ? sure() : kNone;
}

Sight syslog(const Look& look, Memory& /*memory*/) {
  constexpr std::array kMonths{"Jan "sv, "Feb "sv, "Mar "sv, "Apr "sv, "May "sv, "Jun "sv,
                               "Jul "sv, "Aug "sv, "Sep "sv, "Oct "sv, "Nov "sv, "Dec "sv};
  constexpr std::uint32_t kMaxPriority = 191;
  if (look.bytes.size() < 5 || look.bytes[0] != '<') return kNone;
  const std::string_view line = first_line(look.bytes);
  const std::size_t end = line.find('>');
  if (end == std::string_view::npos || end < 2 || end > 4) return kNone;
  const auto priority = decimal(line.substr(1, end - 1));
  if (!priority || *priority > kMaxPriority) return kNone;
  const std::string_view rest = line.substr(end + 1);
  const bool dated = std::ranges::any_of(kMonths, [&](std::string_view month) { return rest.starts_with(month); });
  const bool versioned = rest.size() > 6 && rest.starts_with("1 ") && (rest[2] == '-' || is_digit(rest[2]));
  return dated || versioned || look.hinted ? sure() : kNone;
}

namespace {

/// snmp_v3 reads msgFlags (RFC 3412 section 6.4): bit 0 says authenticated, bit 1 encrypted.
Sight snmp_v3(ByteReader& message) {
  constexpr std::uint8_t kAuthenticated = 0x01;
  constexpr std::uint8_t kEncrypted = 0x02;
  ByteReader header = enter_der(message, kDerSequence, "msgGlobalData");
  enter_der(header, kDerInteger, "msgID");
  enter_der(header, kDerInteger, "msgMaxSize");
  ByteReader flags = enter_der(header, kDerOctetString, "msgFlags");
  const std::uint8_t value = flags.u8("msgFlags");
  if (!message.scope().ok()) return kNone;
  if ((value & kEncrypted) != 0) return {.certainty = Certainty::sure, .words = "SNMP 3 privacy", .standing = Standing::protects};
  // Discovery and reports carry neither (RFC 3414 section 4).
  return sure((value & kAuthenticated) != 0 ? StaticText{"SNMP 3 message without privacy"} : "SNMP 3 message without authentication");
}

}  // namespace

Sight snmp(const Look& look, Memory& /*memory*/) {
  constexpr std::uint8_t kFirstPdu = 0xA0;
  constexpr std::uint8_t kLastPdu = 0xA8;
  constexpr std::uint8_t kVersion3 = 3;
  if (look.bytes.empty() || look.bytes[0] != kDerSequence) return kNone;
  ParseScope scope;
  ByteReader datagram{look.bytes, scope};
  ByteReader message = enter_der(datagram, kDerSequence, "Message");
  ByteReader version = enter_der(message, kDerInteger, "version");
  const std::uint8_t number = version.u8("version");
  version.require(version.empty() && (number <= 1 || number == kVersion3), "version");
  if (!scope.ok()) return kNone;
  if (number == kVersion3) return snmp_v3(message);
  enter_der(message, kDerOctetString, "community");
  const std::uint8_t pdu = message.u8("data");
  if (!scope.ok() || pdu < kFirstPdu || pdu > kLastPdu) return kNone;
  Sight sight = sure(number == 0 ? StaticText{"SNMP 1 message"} : "SNMP 2c message");
  sight.credential = AuthenticationScheme::snmp_community;
  return sight;
}

Sight ssdp(const Look& look, Memory& /*memory*/) {
  if (begins_with(look.bytes, "M-SEARCH * HTTP/1.")) return sure("M-SEARCH request");
  if (begins_with(look.bytes, "NOTIFY * HTTP/1.")) return sure("NOTIFY request");
  if (!begins_with(look.bytes, "HTTP/1.1 200")) return kNone;
  const auto head = parse_text_head(look.bytes);
  return head && head->find("USN") != nullptr && head->find("ST") != nullptr ? sure("response") : kNone;
}

Sight ssrp(const Look& look, Memory& /*memory*/) {
  constexpr std::uint8_t kBroadcast = 0x02;
  constexpr std::uint8_t kUnicast = 0x03;
  constexpr std::uint8_t kInstance = 0x04;
  constexpr std::uint8_t kResponse = 0x05;
  constexpr std::size_t kMaxInstanceBytes = 34;
  if (look.bytes.empty()) return kNone;
  const std::uint8_t type = look.bytes[0];
  if (type == kResponse) {
    ParseScope scope;
    ByteReader message{look.bytes.subspan(1), scope};
    message.skip(2, "RESP_SIZE");
    return scope.ok() && as_text(message.rest()).starts_with("ServerName;") ? sure("response") : kNone;
  }
  if (!look.hinted) return kNone;
  if (type == kBroadcast || type == kUnicast) return look.bytes.size() == 1 ? sure() : kNone;
  const bool named = type == kInstance && look.bytes.size() >= 3 && look.bytes.size() <= kMaxInstanceBytes && look.bytes.back() == 0;
  return named && std::ranges::all_of(look.bytes.subspan(1, look.bytes.size() - 2), [](std::uint8_t c) { return c > ' '; }) ? sure()
                                                                                                                            : kNone;
}

Sight netbios(const Look& look, Memory& /*memory*/) {
  constexpr std::uint8_t kDirectUnique = 0x10;
  constexpr std::uint8_t kBroadcast = 0x12;
  constexpr std::size_t kNameBytes = 32;
  if (look.bytes.empty() || look.bytes[0] < kDirectUnique || look.bytes[0] > kBroadcast) return kNone;
  ParseScope scope;
  ByteReader message{look.bytes, scope};
  message.skip(1, "MSG_TYPE");
  message.require(message.u8("FLAGS") <= 0x0F, "FLAGS");
  message.skip(12, "DGM_ID");
  const Bytes name = message.block8("SOURCE_NAME").rest();
  const bool fits =
      scope.ok() && name.size() == kNameBytes && std::ranges::all_of(name, [](std::uint8_t c) { return c >= 'A' && c <= 'P'; });
  return fits ? sure() : kNone;
}

}  // namespace sealtrace::datagram
