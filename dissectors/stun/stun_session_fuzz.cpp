// A stream gives the same facts and the same datagrams inside however it is cut, up to a hand-over at the same octet; evidence and what is
// handed back lie inside what was sent; a probe that refused the beginning of a stream never takes more of it; datagrams are judged
// alike twice.
//
// Input: runs of [side, two octets of length, octets].
#include <cstdlib>
#include <string>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/stun/stun_session.hpp"

using namespace sealtrace;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<testing::Said> script_of(Bytes input) {
  std::vector<testing::Said> script;
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t side = reader.u8("side");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "octets");
    script.push_back({.sender = (side & 1) != 0 ? Side::responder : Side::initiator, .octets = std::string{as_text(octets)}});
  }
  return script;
}

void check_probe(Bytes octets) {
  bool refused = false;
  bool taken = false;
  for (std::size_t length = 0; length <= std::min<std::size_t>(octets.size(), 96); ++length) {
    const Recognition recognition = kStunDissector.probe({.bytes = octets.first(length), .transport = Transport::tcp});
    require(!refused || recognition == Recognition::no);
    require(!taken || recognition == Recognition::yes);
    refused = recognition == Recognition::no;
    taken = recognition == Recognition::yes;
  }
}

testing::ScriptedFlow streamed(const std::vector<testing::Said>& script, std::size_t piece) {
  testing::ScriptedFlow flow{kStunDissector};
  flow.stream(script, piece);
  return flow;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 13;
  const std::vector<testing::Said> script = script_of({data, std::min(size, kMaxInput)});
  std::size_t sent = 0;
  for (const testing::Said& said : script) {
    check_probe(as_bytes(said.octets));
    sent += said.octets.size();
  }
  testing::ScriptedFlow datagrams{kStunDissector};
  datagrams.datagrams(script);
  require(datagrams.facts.size() <= 64 && datagrams.answers.size() == script.size());
  for (const Datagram answer : datagrams.answers) require(answer != Datagram::done);
  // A session is opened for a stream that was recognised.
  if (script.empty() || kStunDissector.probe({.bytes = as_bytes(script[0].octets)}) != Recognition::yes) return 0;
  const testing::ScriptedFlow whole = streamed(script, 0xFFFF);
  std::size_t inside = 0;
  for (const auto& [channel, octets] : whole.inside) inside += octets.size();
  require(inside <= sent);
  for (const Fact& fact : whole.facts) require(fact.evidence.offset + std::uint64_t{fact.evidence.length} <= sent);
  for (const std::size_t piece : {1U, 7U}) {
    const testing::ScriptedFlow pieces = streamed(script, piece);
    require(pieces.handed_over == whole.handed_over && pieces.words == whole.words && pieces.inside == whole.inside);
  }
  return 0;
}
