#include "dissectors/dns/dns_session.hpp"

#include <algorithm>
#include <utility>

#include "proto/unreadable_fact.hpp"
#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kLengthBytes = 2;  // RFC 1035 section 4.2.2
constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kNetbiosNamePort = 137;
constexpr std::uint16_t kMdnsPort = 5353;
constexpr std::uint16_t kLlmnrPort = 5355;
constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;  // spreads what is told apart over a hash
constexpr StaticText kDns{"dns"};
constexpr StaticText kMdns{"mdns"};
constexpr StaticText kLlmnr{"llmnr"};
constexpr StaticText kNbns{"nbns"};

bool has_port(const ProbeInput& input, std::uint16_t port) { return input.source_port == port || input.destination_port == port; }

/// by_port names the protocol whose port the flow uses; empty for none. The form of all four is the same.
std::string_view by_port(const ProbeInput& input) {
  if (has_port(input, kMdnsPort)) return kMdns;
  if (has_port(input, kLlmnrPort)) return kLlmnr;
  if (has_port(input, kNetbiosNamePort)) return kNbns;
  return has_port(input, kDnsPort) ? kDns : std::string_view{};
}

/// plausible says whether a message that was read at least up to its first question or record is DNS rather than octets that happen to
/// have its form. Flows on other ports have to ask for names of hosts.
bool plausible(const DnsMessage& message, std::string_view port_name) {
  if (!message.question_or_record) return false;
  if (message.has_class_flag && port_name != kMdns) return false;
  if (!message.response && message.num_questions == 0) return false;
  if (!message.response && message.opcode == DnsOpcode::query && message.num_answers != 0 && port_name != kMdns) return false;
  return !port_name.empty() || message.netbios || (message.host_names_only && message.num_questions <= 1);
}

/// Judgement is a recognition and the name of what was recognised.
struct Judgement {
  Recognition recognition = Recognition::no;
  std::string_view name;
};

Judgement judgement_of(const DnsMessage& message, std::string_view port_name) {
  if (!plausible(message, port_name)) return {};
  if (message.netbios) return {.recognition = Recognition::yes, .name = kNbns};
  return {.recognition = Recognition::yes, .name = port_name.empty() ? kDns : port_name};
}

/// judge reads one message of which `octets` are there; `whole` when there is no more of it.
Judgement judge(Bytes octets, bool whole, std::string_view port_name) {
  const DnsReading reading = read_dns_message(octets, ParseErrorCode::need_more, DnsDepth::walk);
  if (reading.whole) return judgement_of(reading.message, port_name);
  if (reading.error.code != ParseErrorCode::need_more || whole) return {};
  if (!reading.message.question_or_record) return {.recognition = Recognition::need_more, .name = {}};
  return judgement_of(reading.message, port_name);
}

/// judge_stream reads the length in front of a message. A stream that is joined further on has to begin with one that is there whole.
Judgement judge_stream(Bytes bytes, bool at_start, std::string_view port_name) {
  ParseScope scope;
  ByteReader stream{bytes, scope};
  const std::size_t length = stream.u16("length");
  stream.require(length > kDnsHeaderBytes, "length");
  if (!scope.ok()) {
    const bool more = scope.error().code == ParseErrorCode::need_more;
    return {.recognition = more ? Recognition::need_more : Recognition::no, .name = {}};
  }
  const bool whole = stream.remaining() >= length;
  if (!at_start && !whole) return {};
  return judge(stream.rest().first(std::min(stream.remaining(), length)), whole, port_name);
}

Judgement judge_input(const ProbeInput& input) {
  const std::string_view port_name = by_port(input);
  if (input.transport == Transport::tcp) return judge_stream(input.bytes, input.at_start, port_name);
  // A datagram that the capture cut may end anywhere behind its first question.
  const Judgement judgement = judge(input.bytes, false, port_name);
  return judgement.recognition == Recognition::yes ? judgement : Judgement{};
}

/// may_be refuses, before a message is read, the names that by_port and the first label rule out. A stream waits for its octets under the
/// name of its port alone.
bool may_be(std::string_view name, const ProbeInput& input) {
  constexpr std::uint8_t kNetbiosLabelBytes = 32;
  const std::string_view port_name = by_port(input);
  if (name == (port_name.empty() ? kDns : port_name)) return true;
  const std::size_t first_label = kDnsHeaderBytes + (input.transport == Transport::tcp ? kLengthBytes : 0);
  return name == kNbns && input.bytes.size() > first_label && input.bytes[first_label] == kNetbiosLabelBytes;
}

template <const StaticText& kName>
Recognition probe(const ProbeInput& input) {
  if (!may_be(kName, input)) return Recognition::no;
  const Judgement judgement = judge_input(input);
  return judgement.recognition == Recognition::yes && judgement.name != kName ? Recognition::no : judgement.recognition;
}

template <const StaticText& kName>
std::unique_ptr<Session> open(const Services& services) {
  return std::make_unique<DnsSession>(kName, services.hash_key);
}

/// hash_of stands for all that an answer tells.
std::uint64_t hash_of(const DnsAnswer& answer, std::uint64_t key) {
  const std::uint64_t names = keyed_hash(as_bytes(answer.names.text()), key ^ answer.names.owner().size());
  const std::uint64_t numbers = std::uint64_t{answer.type} << 16 | answer.port;
  return keyed_hash(answer.address.octets(), key ^ names) ^ numbers * kOdd;
}

}  // namespace

const Dissector kDnsDissector{.name = kDns, .probe = probe<kDns>, .open = open<kDns>};
const Dissector kMdnsDissector{.name = kMdns, .probe = probe<kMdns>, .open = open<kMdns>};
const Dissector kLlmnrDissector{.name = kLlmnr, .probe = probe<kLlmnr>, .open = open<kLlmnr>};
const Dissector kNbnsDissector{.name = kNbns, .probe = probe<kNbns>, .open = open<kNbns>};

Datagram DnsSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  const ParseErrorCode short_read = chunk.cut ? ParseErrorCode::truncated : ParseErrorCode::malformed;
  // Never done: behind any number of answers another protocol may come on the same five-tuple.
  DnsReading reading = read_dns_message(chunk.bytes, short_read, seen_enough() ? DnsDepth::walk : DnsDepth::answers);
  const bool readable = reading.whole || reading.error.code == ParseErrorCode::truncated;
  const bool header_alone = reading.whole && chunk.bytes.size() == kDnsHeaderBytes;  // a server that refuses what it cannot read
  if (!readable || (!reading.message.question_or_record && !header_alone)) return Datagram::not_mine;
  tell(std::move(reading.message), chunk, chunk.bytes.size(), facts);
  return Datagram::taken;
}

Progress DnsSession::on_stream(const Chunk& chunk, FactSink& facts) {
  bool& lost = lost_[index(chunk.sender)];
  if (lost && judge_stream(chunk.bytes, false, name_).recognition != Recognition::yes) return {.consumed = chunk.bytes.size()};
  lost = false;
  if (chunk.bytes.size() < kLengthBytes) return {.consumed = 0, .need = kLengthBytes};
  ParseScope scope;
  ByteReader stream{chunk.bytes, scope};
  const std::size_t length = stream.u16("length");
  const std::size_t end = kLengthBytes + length;
  if (chunk.bytes.size() < end) return {.consumed = 0, .need = static_cast<std::uint32_t>(end)};
  DnsReading reading = read_dns_message(stream.bytes(length, "message"), ParseErrorCode::malformed, DnsDepth::answers);
  if (!reading.whole) {
    facts.report(chunk.fact(unreadable_fact(reading.error), 0, end));
    return {.consumed = end, .need = 1, .done = true};
  }
  tell(std::move(reading.message), chunk, end, facts);
  return {.consumed = end, .need = 1, .done = seen_enough()};
}

void DnsSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  lost_[index(sender)] = true;
  facts.report(
      {.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = false}, .sender = sender, .time = {}, .evidence = {}});
}

void DnsSession::tell(DnsMessage&& message, const Chunk& chunk, std::size_t length, FactSink& facts) {
  bool& told = told_[message.response ? 1 : 0];
  if (!told) {
    const ReadInClear read{.protocol = name_, .what = message.response ? StaticText{"response"} : "query"};
    facts.report(chunk.fact(read, 0, length));
    told = true;
  }
  if (!message.response) return;  // known answers of multicast DNS are what the asker believes (RFC 6762 section 7.1)
  if (answers_.empty()) answers_.reserve(message.answers.size());  // most flows are of one question
  for (DnsAnswer& answer : message.answers) {
    if (answers_full_) return;
    const std::uint64_t hash = hash_of(answer, hash_key_);
    if (std::ranges::find(answers_, hash) != answers_.end()) continue;
    if (answers_.size() == kMaxDnsAnswersPerFlow) {
      answers_full_ = true;
      facts.report(chunk.fact(BudgetExceeded{.budget = "dns_answers"}, 0, length));
      return;
    }
    answers_.push_back(hash);
    facts.report(chunk.fact(std::move(answer), 0, length));
  }
}

}  // namespace sealtrace
