// Matchers of streams: what one side sends first. They wait (need_more) only while the octets so far could be theirs.
#include <algorithm>
#include <array>

#include "dissectors/signatures/dcerpc_stream.hpp"
#include "dissectors/signatures/der.hpp"
#include "dissectors/signatures/rdp_stream.hpp"
#include "dissectors/signatures/signature.hpp"
#include "proto/text_head.hpp"

namespace sealtrace {

Sight kerberos_message(Bytes octets) {
  struct Kind {
    std::uint8_t tag;
    StaticText words;
  };
  constexpr std::array kKinds{Kind{0x6A, "AS request"}, Kind{0x6B, "AS response"}, Kind{0x6C, "TGS request"}, Kind{0x6D, "TGS response"},
                              Kind{0x7E, "error message"}};
  constexpr std::uint8_t kVersion = 5;
  if (octets.empty()) return {.certainty = Certainty::need_more};
  const auto kind = std::ranges::find(kKinds, octets[0], &Kind::tag);
  if (kind == kKinds.end()) return {};
  ParseScope scope;
  ByteReader reader{octets, scope};
  reader.skip(1, "KRB");
  read_der_length(reader, "KRB");
  reader.require(reader.u8("KRB") == kDerSequence || !scope.ok(), "KRB");
  read_der_length(reader, "KRB");
  // pvno is [1] in requests, [0] in what answers them (RFC 4120 sections 5.4.1, 5.4.2, 5.9.1).
  const std::uint8_t tag = kind->tag == 0x6A || kind->tag == 0x6C ? 0xA1 : 0xA0;
  reader.require(reader.u8("pvno") == tag || !scope.ok(), "pvno");
  reader.require(reader.u8("pvno") == 3 || !scope.ok(), "pvno");
  reader.require(reader.u16("pvno") == 0x0201 || !scope.ok(), "pvno");
  reader.require(reader.u8("pvno") == kVersion || !scope.ok(), "pvno");
  if (scope.ok()) return {.certainty = Certainty::sure, .words = kind->words};
  return {.certainty = scope.error().code == ParseErrorCode::need_more ? Certainty::need_more : Certainty::none};
}

}  // namespace sealtrace

namespace sealtrace::stream {
namespace {

using namespace std::string_view_literals;

constexpr Sight kNone{};
constexpr Sight kWait{.certainty = Certainty::need_more};

Sight sure(StaticText words = {}) { return {.certainty = Certainty::sure, .words = words}; }
Sight sure_or_wait(const ParseScope& scope) {
  if (scope.ok()) return sure();
  return scope.error().code == ParseErrorCode::need_more ? kWait : kNone;
}

/// begins says how far `bytes` begin with `text`: they do, they could, they do not.
Certainty begins(Bytes bytes, std::string_view text) {
  const std::size_t shared = std::min(bytes.size(), text.size());
  if (as_text(bytes.first(shared)) != text.substr(0, shared)) return Certainty::none;
  return shared == text.size() ? Certainty::sure : Certainty::need_more;
}

constexpr std::size_t kMaxLineBytes = 512;  // RFC 5321 section 4.5.3.1.5

/// whole_line gives the first line without its end, or nothing while it is not there, or too long.
std::optional<std::string_view> whole_line(Bytes bytes) {
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kMaxLineBytes)));
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  return trimmed(text.substr(0, end));
}

bool has_word(std::string_view line, std::string_view upper_case_word) {
  return std::ranges::search(line, upper_case_word, [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; }).begin() !=
         line.end();
}

/// greeting waits for a first line that begins with `start`.
Sight greeting(Bytes bytes, std::string_view start, bool (*fits)(std::string_view line, bool hinted), bool hinted) {
  const Certainty front = begins(bytes, start);
  if (front != Certainty::sure) return {.certainty = front};
  const auto line = whole_line(bytes);
  if (!line) return bytes.size() < kMaxLineBytes ? kWait : kNone;
  return fits(*line, hinted) ? sure() : kNone;
}

}  // namespace

Sight h225(const Look& look, Memory& /*memory*/) {
  constexpr std::array<std::uint8_t, 13> kTypes{0x01, 0x02, 0x03, 0x05, 0x07, 0x0D, 0x0F, 0x5A, 0x62, 0x6E, 0x7B, 0x7D, 0x4D};
  ParseScope scope;
  ByteReader packet{look.bytes, scope};
  packet.require(packet.u8("TPKT version") == 3 || !scope.ok(), "TPKT version");
  packet.require(packet.u8("TPKT reserved") == 0 || !scope.ok(), "TPKT reserved");
  packet.require(packet.u16("TPKT length") >= 9 || !scope.ok(), "TPKT length");
  packet.require(packet.u8("Protocol discriminator") == 0x08 || !scope.ok(), "Protocol discriminator");
  packet.require(packet.u8("Length of call reference") == 2 || !scope.ok(), "Length of call reference");
  packet.skip(2, "Call reference");
  const std::uint8_t type = packet.u8("Message type");
  packet.require(!scope.ok() || std::ranges::find(kTypes, type) != kTypes.end(), "Message type");
  return sure_or_wait(scope);
}

Sight msrp(const Look& look, Memory& /*memory*/) {
  constexpr std::size_t kMaxTransactionBytes = 32;
  const Certainty front = begins(look.bytes, "MSRP ");
  if (front != Certainty::sure) return {.certainty = front};
  const auto line = whole_line(look.bytes);
  if (!line) return look.bytes.size() < kMaxLineBytes ? kWait : kNone;
  std::string_view rest = *line;
  next_word(rest, ' ');
  const std::string_view transaction = next_word(rest, ' ');
  const std::string_view what = next_word(rest, ' ');
  if (transaction.empty() || transaction.size() > kMaxTransactionBytes || what.empty()) return kNone;
  if (decimal(what) && what.size() == 3) return sure("response");
  const bool method = std::ranges::all_of(what, [](char c) { return c >= 'A' && c <= 'Z'; });
  return method && rest.empty() ? sure() : kNone;
}

Sight c3p(const Look& look, Memory& /*memory*/) {
  const Certainty front = begins(look.bytes, "POST ");
  if (front != Certainty::sure) return {.certainty = front};
  const auto head = parse_text_head(look.bytes);
  if (!head) return head.error().code == ParseErrorCode::need_more ? kWait : kNone;
  const TextField* type = head->find("Content-Type");
  if (type == nullptr) return kNone;
  std::string_view value = type->value;
  return same_word(next_word(value, ';'), "application/cccp+xml") ? sure() : kNone;
}

Sight sccp(const Look& look, Memory& /*memory*/) {
  constexpr std::uint32_t kMaxBytes = 4096;
  constexpr std::uint32_t kLastVersion = 0x20;
  constexpr std::uint32_t kRegister = 0x0001;
  constexpr std::uint32_t kLastMessage = 0x015F;
  ParseScope scope;
  ByteReader message{look.bytes, scope};
  const std::uint32_t length = message.u32_le("length");
  message.require(!scope.ok() || (length >= 4 && length <= kMaxBytes), "length");
  const std::uint32_t version = message.u32_le("header version");
  message.require(!scope.ok() || version <= kLastVersion, "header version");
  const std::uint32_t id = message.u32_le("message id");
  message.require(!scope.ok() || id <= kLastMessage, "message id");
  if (look.hinted && scope.ok()) return sure();
  // On another port a phone has to register under its name.
  message.require(!scope.ok() || id == kRegister, "message id");
  message.require(as_text(message.bytes(3, "device name")) == "SEP" || !scope.ok(), "device name");
  return sure_or_wait(scope);
}

Sight kerberos(const Look& look, Memory& /*memory*/) {
  constexpr std::uint32_t kMaxBytes = 1U << 20;
  ParseScope scope;
  ByteReader reader{look.bytes, scope};
  const std::uint32_t length = reader.u32("length");
  if (!scope.ok()) return !look.bytes.empty() && look.bytes[0] != 0 ? kNone : kWait;
  if (length < 16 || length > kMaxBytes) return kNone;
  return kerberos_message(reader.rest());
}

Sight msmq(const Look& look, Memory& /*memory*/) {
  constexpr std::uint8_t kVersion = 0x10;
  constexpr std::uint32_t kSignature = 0x524F494C;  // "LIOR"
  ParseScope scope;
  ByteReader header{look.bytes, scope};
  header.require(header.u8("VersionNumber") == kVersion || !scope.ok(), "VersionNumber");
  header.skip(1, "Reserved");
  header.skip(2, "Flags");
  header.require(header.u32_le("Signature") == kSignature || !scope.ok(), "Signature");
  return sure_or_wait(scope);
}

Sight openvpn(const Look& look, Memory& /*memory*/) {
  // A client's reset without HMAC: nothing to acknowledge, packet 0. With one there is too little that is fixed.
  constexpr std::uint16_t kResetBytes = 14;
  constexpr std::uint8_t kClientReset = 7 << 3;
  ParseScope scope;
  ByteReader packet{look.bytes, scope};
  packet.require(packet.u16("length") == kResetBytes || !scope.ok(), "length");
  packet.require(packet.u8("opcode") == kClientReset || !scope.ok(), "opcode");
  packet.skip(8, "Session ID");
  packet.require(packet.u8("Packet ID Array Length") == 0 || !scope.ok(), "Packet ID Array Length");
  packet.require(packet.u32("Packet ID") == 0 || !scope.ok(), "Packet ID");
  return sure_or_wait(scope);
}

Sight syslog(const Look& look, Memory& memory) {
  if (look.bytes.empty()) return kWait;
  const auto line = whole_line(look.bytes);
  if (look.bytes[0] == '<') {
    const std::string_view front = as_text(look.bytes.subspan(1));
    const std::size_t end_of_digits = std::min(front.find_first_not_of("0123456789"), front.size());
    if (end_of_digits > 3 || (end_of_digits < front.size() && (end_of_digits == 0 || front[end_of_digits] != '>'))) return kNone;
    if (!line) return look.bytes.size() < kMaxLineBytes ? kWait : kNone;
    return datagram::syslog({.bytes = as_bytes(*line), .hinted = false, .sender = look.sender}, memory);
  }
  // Octet counting (RFC 6587 section 3.4.1): the length, a space, the message.
  const std::string_view text = as_text(look.bytes.first(std::min<std::size_t>(look.bytes.size(), 8)));
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 5 || text[0] == '0') return kNone;
  if (digits + 1 >= text.size()) return digits == text.size() || text[digits] == ' ' ? kWait : kNone;
  if (text[digits] != ' ' || text[digits + 1] != '<') return kNone;
  constexpr std::size_t kEnough = 24;  // of the message: its priority, and a date or a version
  const Bytes message = look.bytes.subspan(digits + 1);
  if (decimal(text.substr(0, digits)).value_or(0) < kEnough) return kNone;
  if (message.size() < kEnough) return kWait;
  return datagram::syslog({.bytes = message.first(kEnough), .hinted = false, .sender = look.sender}, memory);
}

Sight ssh(const Look& look, Memory& /*memory*/) {
  const Certainty front = begins(look.bytes, "SSH-");
  if (front != Certainty::sure) return {.certainty = front};
  if (look.bytes.size() < 6) return kWait;
  const std::string_view version = as_text(look.bytes.subspan(4, 2));
  return version == "2." || version == "1." ? sure() : kNone;
}

Sight rdp(const Look& look, Memory& /*memory*/) { return probe_rdp(look.bytes, look.hinted); }
Sight dcerpc(const Look& look, Memory& /*memory*/) { return probe_dcerpc(look.bytes); }

Sight smtp(const Look& look, Memory& /*memory*/) {
  for (const std::string_view hello : {"EHLO "sv, "HELO "sv}) {
    const Certainty front = begins(look.bytes, hello);
    if (front != Certainty::none) return {.certainty = front};
  }
  const auto fits = [](std::string_view line, bool hinted) { return has_word(line, "SMTP") || (hinted && !has_word(line, "FTP")); };
  if (begins(look.bytes, "220-") == Certainty::sure) return greeting(look.bytes, "220-", fits, look.hinted);
  return greeting(look.bytes, "220 ", fits, look.hinted);
}

Sight ftp(const Look& look, Memory& /*memory*/) {
  const auto fits = [](std::string_view line, bool hinted) { return !has_word(line, "SMTP") && (has_word(line, "FTP") || hinted); };
  if (begins(look.bytes, "220-") == Certainty::sure) return greeting(look.bytes, "220-", fits, look.hinted);
  return greeting(look.bytes, "220 ", fits, look.hinted);
}

Sight imap(const Look& look, Memory& /*memory*/) {
  const auto fits = [](std::string_view line, bool hinted) { return hinted || has_word(line, "IMAP") || has_word(line, "CAPABILITY"); };
  if (begins(look.bytes, "* PREAUTH ") == Certainty::sure) return greeting(look.bytes, "* PREAUTH ", fits, look.hinted);
  const Sight ok = greeting(look.bytes, "* OK ", fits, look.hinted);
  return ok.certainty == Certainty::none ? Sight{.certainty = begins(look.bytes, "* PREAUTH ")} : ok;
}

Sight pop3(const Look& look, Memory& /*memory*/) {
  const auto fits = [](std::string_view line, bool hinted) { return hinted || has_word(line, "POP"); };
  const Certainty bare = begins(look.bytes, "+OK\r\n");
  if (bare == Certainty::sure) return look.hinted ? sure() : kNone;
  const Sight ok = greeting(look.bytes, "+OK ", fits, look.hinted);
  return ok.certainty == Certainty::none ? Sight{.certainty = bare} : ok;
}

}  // namespace sealtrace::stream
