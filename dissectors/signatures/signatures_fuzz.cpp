// Streams tell the same facts in whatever pieces they come, facts lie inside their chunk, and a matcher that refused the beginning of a
// stream takes no more of it.
//
// Input: the port of the server; then runs of [head, length, octets]. The head's lowest bit is the side, its next bit makes it a datagram.
#include <cstdlib>

#include "dissect/scripted_flow.hpp"
#include "dissectors/signatures/signatures_session.hpp"
#include "wire/byte_reader.hpp"

using namespace sealtrace;

namespace {

struct Script {
  std::uint16_t port = 0;
  std::vector<testing::Said> stream;
  std::vector<testing::Said> datagrams;
};

Script read_script(Bytes input) {
  Script script;
  ParseScope scope;
  ByteReader reader{input, scope};
  script.port = reader.u16("port");
  while (reader.more()) {
    const std::uint8_t head = reader.u8("head");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "octets");
    auto& list = (head & 2) != 0 ? script.datagrams : script.stream;
    list.push_back({.sender = (head & 1) != 0 ? Side::responder : Side::initiator, .octets = std::string{as_text(octets)}});
  }
  return script;
}

std::vector<std::string> hear(const Script& script, std::size_t piece_bytes, std::size_t size) {
  testing::ScriptedFlow flow{kSignaturesDissector};
  flow.server_port = script.port;
  flow.stream(script.stream, piece_bytes).end();
  for (const Fact& fact : flow.facts) {
    if (fact.evidence.offset + fact.evidence.length > size) std::abort();
  }
  return flow.words;
}

void check_datagrams(const Script& script) {
  testing::ScriptedFlow flow{kSignaturesDissector};
  flow.server_port = script.port;
  flow.datagrams(script.datagrams).end();
  std::size_t longest = 0;
  for (const testing::Said& said : script.datagrams) longest = std::max(longest, said.octets.size());
  for (const Fact& fact : flow.facts) {
    if (fact.evidence.offset + fact.evidence.length > longest) std::abort();
  }
}

void check_probe(std::uint16_t port, Bytes octets) {
  bool refused = false;
  bool taken = false;
  for (std::size_t length = 1; length <= std::min<std::size_t>(octets.size(), 160); ++length) {
    const Recognition recognition = kSignaturesDissector.probe(
        {.bytes = octets.first(length), .transport = Transport::tcp, .at_start = true, .source_port = 0, .destination_port = port});
    if (refused && recognition != Recognition::no) std::abort();
    if (taken && recognition != Recognition::yes) std::abort();
    refused = recognition == Recognition::no;
    taken = recognition == Recognition::yes;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 12;
  const Bytes input{data, std::min(size, kMaxInput)};
  const Script script = read_script(input);
  const auto whole = hear(script, 0xFFFFFFFF, input.size());
  for (const std::size_t piece_bytes : {1U, 7U, 100U}) {
    if (hear(script, piece_bytes, input.size()) != whole) std::abort();
  }
  check_datagrams(script);
  for (const testing::Said& said : script.stream) check_probe(script.port, as_bytes(said.octets));
  return 0;
}
