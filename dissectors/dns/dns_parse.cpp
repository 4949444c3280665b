#include "dissectors/dns/dns_parse.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "model/ascii.hpp"

namespace sealtrace {
namespace {

constexpr std::uint8_t kPointer = 0xC0;  // the two top bits of a length octet (RFC 1035 section 4.1.4)
constexpr std::uint8_t kMaxLabelBytes = 63;
constexpr std::uint16_t kClassFlag = 0x8000;

/// kIsHostOctet: what names of hosts and services hold.
constexpr std::array<bool, 256> kIsHostOctet = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/*+"}) {
    table[static_cast<std::uint8_t>(c)] = true;
  }
  return table;
}();

/// kToldOctet is how an octet of a label is told: in lower case, '?' for a dot and what is not printable ASCII.
constexpr std::array<char, 256> kToldOctet = [] {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    table[i] = c >= ' ' && c < 0x7F && c != '.' ? lower_letter(c) : '?';
  }
  return table;
}();

/// Walked is what moving past a name tells.
struct Walked {
  bool host_name = true;
  bool netbios = false;
};

/// walk_name moves past a name: labels up to the empty one, or up to a pointer.
Walked walk_name(ByteReader& message) {
  constexpr std::size_t kNetbiosLabelBytes = 32;  // sixteen octets as letters A to P (RFC 1001 section 14.1)
  Walked walked;
  std::size_t name_bytes = 1;
  bool first = true;
  while (message.scope().ok()) {
    const std::uint8_t length = message.u8("label");
    if (length == 0) break;
    if ((length & kPointer) == kPointer) {
      const std::size_t target = static_cast<std::size_t>(length & ~kPointer) << 8 | message.u8("pointer");
      message.require(target >= kDnsHeaderBytes && target + 2 < message.offset(), "pointer");
      break;
    }
    name_bytes += 1U + length;
    message.require(length <= kMaxLabelBytes && name_bytes <= kMaxDnsNameBytes, "label");
    const Bytes label = message.bytes(length, "label");
    for (const std::uint8_t octet : label) walked.host_name &= kIsHostOctet[octet];
    if (first) {
      walked.netbios =
          label.size() == kNetbiosLabelBytes && std::ranges::all_of(label, [](std::uint8_t c) { return c >= 'A' && c <= 'P'; });
    }
    first = false;
  }
  return walked;
}

/// is_class takes the classes of RFC 1035 section 3.2.4, NONE and ANY (RFC 2136 section 1.3), with multicast DNS's flag.
bool is_class(std::uint16_t number) {
  const std::uint16_t plain = number & static_cast<std::uint16_t>(~kClassFlag);
  return (plain >= 1 && plain <= 4) || plain == 254 || plain == 255;
}

bool is_netbios_type(DnsType type) { return type == DnsType::nb || type == DnsType::srv; }  // NBSTAT has SRV's number

void read_question(ByteReader& message, DnsMessage& read) {
  const Walked name = walk_name(message);
  const DnsType type{message.u16("QTYPE")};
  const std::uint16_t number = message.u16("QCLASS");
  message.require(static_cast<std::uint16_t>(type) != 0, "QTYPE");
  message.require(is_class(number), "QCLASS");
  if (!message.scope().ok()) return;
  if (!read.question_or_record) read.netbios = name.netbios && is_netbios_type(type);
  read.host_names_only = read.host_names_only && name.host_name;
  read.has_class_flag = read.has_class_flag || (number & kClassFlag) != 0;
  read.question_or_record = true;
}

struct Record {
  std::size_t name_offset = 0;
  std::size_t data_offset = 0;
  DnsType type{};
  Bytes data;
};

bool names_address_or_host(DnsType type) {
  return type == DnsType::a || type == DnsType::aaaa || type == DnsType::cname || type == DnsType::ptr || type == DnsType::srv;
}

/// read_answer copies a record of the answer section, if it is of a type that names an address or a host.
void read_answer(ByteReader& message, Bytes whole, const Record& record, DnsMessage& read) {
  if (read.answers.size() >= kMaxDnsAnswersKept || !names_address_or_host(record.type)) return;
  DnsAnswer answer;
  answer.type = static_cast<std::uint16_t>(record.type);
  std::size_t target = 0;
  ByteReader data{record.data, message.scope()};
  switch (record.type) {
    case DnsType::a:
      if (record.data.size() != 4) return message.require(false, "RDLENGTH");
      answer.address = IpAddress::v4(record.data.first<4>());
      answer.has_address = true;
      break;
    case DnsType::aaaa:
      if (record.data.size() != 16) return message.require(false, "RDLENGTH");
      answer.address = IpAddress::v6(record.data.first<16>());
      answer.has_address = true;
      break;
    case DnsType::cname:
    case DnsType::ptr: target = record.data_offset; break;
    case DnsType::srv:  // RFC 2782
      if (record.data.size() < 7) return message.require(false, "RDLENGTH");
      data.skip(2, "Priority");
      data.skip(2, "Weight");
      answer.port = data.u16("Port");
      target = record.data_offset + data.offset();
      break;
    case DnsType::nb:
    case DnsType::opt: break;  // not among those that are told
  }
  std::array<DnsNameText, 2> texts;  // not cleared: expand_dns_name says what it wrote
  const auto owner = expand_dns_name(whole, record.name_offset, texts[0]);
  if (!owner) return message.require(false, "NAME");
  const auto host = target != 0 ? expand_dns_name(whole, target, texts[1]) : Parsed<std::string_view>{};
  if (!host) return message.require(false, "RDATA");
  answer.names = {*owner, *host};
  read.answers.push_back(std::move(answer));
}

void read_record(ByteReader& message, Bytes whole, DnsMessage& read, bool keep) {
  Record record;
  record.name_offset = message.offset();
  const Walked name = walk_name(message);
  record.type = DnsType{message.u16("TYPE")};
  const std::uint16_t number = message.u16("CLASS");
  message.skip(4, "TTL");
  const std::uint16_t length = message.u16("RDLENGTH");
  const bool is_option = record.type == DnsType::opt;  // its CLASS is a size (RFC 6891 section 6.1.2)
  message.require(static_cast<std::uint16_t>(record.type) != 0, "TYPE");
  message.require(is_option || is_class(number), "CLASS");
  record.data_offset = message.offset();
  record.data = message.bytes(length, "RDATA");
  if (!message.scope().ok()) return;
  if (!read.question_or_record) {
    read.netbios = name.netbios && is_netbios_type(record.type);
    read.host_names_only = name.host_name;
  }
  read.has_class_flag = read.has_class_flag || (!is_option && (number & kClassFlag) != 0);
  read.question_or_record = true;
  if (keep && !read.netbios) read_answer(message, whole, record, read);
}

}  // namespace

Parsed<std::string_view> expand_dns_name(Bytes message, std::size_t offset, DnsNameText& text) {
  std::size_t num_chars = 0;
  std::size_t num_jumps = 0;
  std::size_t name_bytes = 1;
  const ParseError loop{.code = ParseErrorCode::malformed, .offset = offset, .field = "NAME"};
  for (std::size_t at = offset, bound = message.size(); at < bound;) {
    const std::uint8_t length = message[at];
    if (length == 0) return std::string_view{text.data(), num_chars};
    if ((length & kPointer) == kPointer) {
      if (at + 1 >= bound || ++num_jumps > kMaxDnsNameJumps) break;
      const std::size_t target = static_cast<std::size_t>(length & ~kPointer) << 8 | message[at + 1];
      if (target >= at || target < kDnsHeaderBytes) break;
      bound = at;  // what a pointer leads to ends before the pointer
      at = target;
      continue;
    }
    name_bytes += 1U + length;
    if (length > kMaxLabelBytes || name_bytes > kMaxDnsNameBytes || at + length >= bound) break;
    if (num_chars != 0) text[num_chars++] = '.';
    const Bytes label = message.subspan(at + 1, length);
    std::transform(label.begin(), label.end(), text.begin() + num_chars, [](std::uint8_t octet) { return kToldOctet[octet]; });
    num_chars += length;
    at += 1U + length;
  }
  return std::unexpected(loop);
}

DnsReading read_dns_message(Bytes octets, ParseErrorCode short_read, DnsDepth depth) {
  constexpr std::uint16_t kReserved = 0x0040;  // Z (RFC 1035 section 4.1.1, RFC 2535 section 6.1)
  DnsReading reading;
  DnsMessage& read = reading.message;
  ParseScope scope{short_read};
  ByteReader message{octets, scope};
  message.skip(2, "ID");
  const std::uint16_t flags = message.u16("flags");
  read.response = (flags & 0x8000) != 0;
  read.opcode = DnsOpcode{static_cast<std::uint8_t>(flags >> 11 & 0xF)};
  read.rcode = static_cast<std::uint8_t>(flags & 0xF);
  message.require((flags & kReserved) == 0, "Z");
  message.require(static_cast<std::uint8_t>(read.opcode) <= 9 && static_cast<std::uint8_t>(read.opcode) != 3, "OPCODE");
  message.require(read.response || read.rcode == 0, "RCODE");
  read.num_questions = message.u16("QDCOUNT");
  read.num_answers = message.u16("ANCOUNT");
  const std::uint16_t num_authority = message.u16("NSCOUNT");
  const std::uint16_t num_additional = message.u16("ARCOUNT");
  for (const std::uint16_t count : {read.num_questions, read.num_answers, num_authority, num_additional}) {
    message.require(count <= kMaxDnsRecords, "COUNT");
  }
  message.require(read.num_questions <= kMaxDnsQuestions, "QDCOUNT");
  reading.error = scope.error();
  if (!scope.ok()) return reading;
  read.parsed_bytes = message.offset();
  const auto each = [&](std::uint16_t count, auto&& step) {
    for (std::uint16_t i = 0; i < count && scope.ok(); ++i) {
      step();
      if (scope.ok()) read.parsed_bytes = message.offset();
    }
  };
  if (depth == DnsDepth::answers) read.answers.reserve(std::min<std::size_t>(read.num_answers, kMaxDnsAnswersKept));
  each(read.num_questions, [&] { read_question(message, read); });
  each(read.num_answers, [&] { read_record(message, octets, read, depth == DnsDepth::answers); });
  each(num_authority, [&] { read_record(message, octets, read, false); });
  each(num_additional, [&] { read_record(message, octets, read, false); });
  message.finished("RDATA");
  reading.whole = scope.ok();
  reading.error = scope.error();
  return reading;
}

}  // namespace sealtrace
