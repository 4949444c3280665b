// A message that was read whole is not whole when cut, a datagram's facts lie inside it, and a stream tells the same facts in whatever
// pieces it comes.
//
// Input: the messages of a stream, each behind its length, from both sides in turn; the same octets are also taken as one datagram.
#include <cstdlib>

#include "dissect/scripted_flow.hpp"
#include "dissectors/dns/dns_session.hpp"

using namespace sealtrace;

namespace {

void check_message(Bytes octets) {
  const DnsReading reading = read_dns_message(octets, ParseErrorCode::malformed, DnsDepth::answers);
  if (reading.message.parsed_bytes > octets.size()) std::abort();
  if (reading.message.answers.size() > kMaxDnsAnswersKept) std::abort();
  for (const DnsAnswer& answer : reading.message.answers) {
    if (answer.names.owner().size() > kMaxDnsNameBytes || answer.names.target().size() > kMaxDnsNameBytes) std::abort();
  }
  if (!reading.whole) return;
  const std::size_t step = 1 + octets.size() / 256;
  for (std::size_t length = 0; length < octets.size(); length += step) {
    const DnsReading cut = read_dns_message(octets.first(length), ParseErrorCode::truncated, DnsDepth::walk);
    if (cut.whole || cut.error.code != ParseErrorCode::truncated) std::abort();
  }
}

void check_datagram(Bytes octets) {
  testing::ScriptedFlow flow{kDnsDissector};
  flow.datagrams({testing::from_server(std::string{as_text(octets)}), testing::from_server(std::string{as_text(octets)})});
  for (const Fact& fact : flow.facts) {
    if (fact.evidence.offset + fact.evidence.length > octets.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input{data, size};
  check_message(input);
  check_datagram(input);
  std::vector<testing::Said> script;
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::size_t length = reader.u16("length");
    std::string said{static_cast<char>(length >> 8), static_cast<char>(length & 0xFF)};
    said += as_text(reader.bytes(std::min(length, reader.remaining()), "message"));
    script.push_back({.sender = script.size() % 2 == 0 ? Side::initiator : Side::responder, .octets = std::move(said)});
  }
  const auto whole = testing::ScriptedFlow{kDnsDissector}.stream(script).words;
  for (const std::size_t piece_bytes : {1U, 3U, 7U}) {
    if (size > 4096 && piece_bytes == 1) continue;
    if (testing::ScriptedFlow{kDnsDissector}.stream(script, piece_bytes).words != whole) std::abort();
  }
  return 0;
}
