// The session counts no packet twice, points only into datagrams that were sent, says that it is sure before it takes anything, gives up a
// guess in bounded time, and a header that was read is read alike with octets behind it.
//
// Input: runs of [side, length, octets]; the octets are put behind a first octet of version 2 when the side's next bit is set, so that
// streams are found.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/rtp/rtp_parse.hpp"
#include "dissectors/rtp/rtp_session.hpp"

using namespace sealtrace;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<testing::Said> script_of(Bytes input) {
  std::vector<testing::Said> script;
  ParseScope scope;
  ByteReader reader{input, scope};
  std::size_t sequence_number = 0;
  while (reader.more()) {
    const std::uint8_t side = reader.u8("side");
    const std::size_t length = reader.u8("length");
    std::string octets{as_text(reader.bytes(std::min(length, reader.remaining()), "octets"))};
    if ((side & 2) != 0 && octets.size() >= 8) {
      octets[0] = static_cast<char>(0x80 | (octets[0] & 0x3F));
      octets[2] = 0;
      octets[3] = static_cast<char>(++sequence_number);
    }
    script.push_back({.sender = (side & 1) != 0 ? Side::responder : Side::initiator, .octets = std::move(octets)});
  }
  return script;
}

void check_header(Bytes packet) {
  const auto header = parse_rtp_header(packet);
  if (!header) return;
  require(header->payload_offset <= packet.size());
  const auto alone = parse_rtp_header(packet.first(header->payload_offset));
  require(alone && alone->ssrc == header->ssrc && alone->payload_offset == header->payload_offset);
  for (std::size_t length = 0; length < header->payload_offset; ++length) require(!parse_rtp_header(packet.first(length)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<testing::Said> script = script_of({data, std::min<std::size_t>(size, 1U << 14)});
  for (const testing::Said& said : script) check_header(as_bytes(said.octets));
  testing::ScriptedFlow flow{kRtpDissector};
  flow.datagrams(script);
  flow.end();
  bool sure = false;
  std::uint64_t counted = 0;
  for (const Fact& fact : flow.facts) {
    require(fact.evidence.known() && value(fact.evidence.frame) <= script.size());
    require(fact.evidence.offset + std::uint64_t{fact.evidence.length} <= script[value(fact.evidence.frame) - 1].octets.size());
    sure = sure || std::holds_alternative<ProtocolRecognised>(fact.body);
    if (!is_application_fact(fact.body)) continue;
    require(sure);
    if (const auto* source = fact_if<RtpSourceSeen>(&fact.body)) counted += source->num_packets;
    if (const auto* rtcp = fact_if<RtcpSeen>(&fact.body)) counted += rtcp->num_packets + rtcp->num_opaque;
  }
  require(counted <= script.size() && flow.facts.size() <= 2 + 2 * 32 + 64 + 2 * 48 + 2 + 2);
  const auto taken = std::ranges::find(flow.answers, Datagram::taken);
  require(taken == flow.answers.end() || sure);
  return 0;
}
