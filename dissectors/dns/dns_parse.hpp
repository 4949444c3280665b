// Messages of the Domain Name System (RFC 1035 section 4), and of those that share its form: multicast DNS (RFC 6762), LLMNR (RFC
// 4795) and the NetBIOS name service (RFC 1002 section 4.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/application_facts.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

/// DnsType (IANA "Resource Record (RR) TYPEs"): those that are read. Other values are kept.
enum class DnsType : std::uint16_t { a = 1, cname = 5, ptr = 12, aaaa = 28, nb = 32, srv = 33, opt = 41 };

/// DnsOpcode (IANA "DNS OpCodes"; RFC 1002 section 4.2.1.1 has its own numbers from 5 on).
enum class DnsOpcode : std::uint8_t { query = 0, inverse_query = 1, status = 2, notify = 4, update = 5, stateful = 6, refresh = 8 };

/// kMaxDnsNameBytes is the bound of RFC 1035 section 2.3.4; kMaxDnsNameJumps of the pointers followed in one name, each of which has to
/// lead back. More than a few serve no compression.
inline constexpr std::size_t kMaxDnsNameBytes = 255;
inline constexpr std::size_t kMaxDnsNameJumps = 32;
/// kMaxDnsRecords bounds the records of one section: what fits 65535 octets could be thousands, what resolvers send are dozens.
inline constexpr std::uint16_t kMaxDnsRecords = 512;
/// kMaxDnsQuestions bounds the questions: resolvers ask one, multicast DNS some dozens at once.
inline constexpr std::uint16_t kMaxDnsQuestions = 64;
/// kMaxDnsAnswersKept bounds the answers of one message that are told.
inline constexpr std::size_t kMaxDnsAnswersKept = 64;
inline constexpr std::size_t kDnsHeaderBytes = 12;

/// DnsMessage is what is read of a message. `parsed_bytes` counts the octets of whole sections and records.
struct DnsMessage {
  bool response = false;
  DnsOpcode opcode{};
  std::uint8_t rcode = 0;
  std::uint16_t num_questions = 0;
  std::uint16_t num_answers = 0;
  bool netbios = false;             ///< the first name is in the encoding of RFC 1001 section 14.1 and its type NB or NBSTAT
  bool host_names_only = true;      ///< names asked hold letters, digits, '-', '_', '/', '*', '+' alone
  bool question_or_record = false;  ///< at least one question or record was read whole
  bool has_class_flag = false;      ///< a class has its top bit set, which only multicast DNS does (RFC 6762 sections 5.4, 10.2)
  std::vector<DnsAnswer> answers;   ///< A, AAAA, CNAME, PTR, SRV of the answer section
  std::size_t parsed_bytes = 0;
};

/// DnsDepth says whether answers are copied or only walked over (probing makes no strings).
enum class DnsDepth : std::uint8_t { walk, answers };

/// read_dns_message reads as much of a whole message as there is. `error`, when set, says why it stopped before the end; what was read
/// until then is in the message. Octets behind the last record are malformed. `short_read` as in ParseScope.
struct DnsReading {
  DnsMessage message;
  ParseError error;
  bool whole = false;
};
DnsReading read_dns_message(Bytes octets, ParseErrorCode short_read, DnsDepth depth);

/// DnsNameText is room for a name in dotted form. It is not cleared.
using DnsNameText = std::array<char, kMaxDnsNameBytes>;

/// expand_dns_name writes the name at `offset` of a message into `text`, dotted and in lower case, without the last dot, and gives what it
/// wrote; octets that are not printable ASCII, and dots inside a label, become '?'. Pointers have to lead back (RFC 1035 section 4.1.4), so
/// that none loops. Fails as malformed.
Parsed<std::string_view> expand_dns_name(Bytes message, std::size_t offset, DnsNameText& text);

}  // namespace sealtrace
