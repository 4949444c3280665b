// A stream of TDS packets tells the same facts in whatever pieces it comes, also behind a loss, and every fact lies inside its chunk.
//
// Input: runs of [head, length, octets]; the head's lowest bit is the side, its next bit a loss before.
#include <cstdlib>

#include "dissect/scripted_flow.hpp"
#include "dissectors/tds/tds_session.hpp"

using namespace sealtrace;

namespace {

std::vector<std::string> hear(Bytes input, std::size_t piece_bytes) {
  testing::ScriptedFlow flow{kTdsDissector};
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t head = reader.u8("head");
    const Side sender = (head & 1) != 0 ? Side::responder : Side::initiator;
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "octets");
    // A side that lost octets looks for a frame where a segment begins: there the pieces are part of what is said.
    if ((head & 2) != 0 && piece_bytes == 0xFFFFFFFF) flow.gap(sender, 100);
    flow.stream({{.sender = sender, .octets = std::string{as_text(octets)}}}, piece_bytes);
  }
  for (const Fact& fact : flow.facts) {
    if (fact.evidence.offset + fact.evidence.length > input.size()) std::abort();
  }
  return flow.words;
}

Bytes without_losses(Bytes input, std::vector<std::uint8_t>& room) {
  room.assign(input.begin(), input.end());
  for (std::size_t at = 0; at + 2 < room.size(); at += 3U + (static_cast<std::size_t>(room[at + 1]) << 8 | room[at + 2])) {
    room[at] &= 1U;
  }
  return room;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 14;
  const Bytes input{data, std::min(size, kMaxInput)};
  hear(input, 0xFFFFFFFF);
  std::vector<std::uint8_t> room;
  const Bytes kept = without_losses(input, room);
  const auto whole = hear(kept, 0xFFFFFFFF);
  for (const std::size_t piece_bytes : {1U, 7U, 100U}) {
    if (hear(kept, piece_bytes) != whole) std::abort();
  }
  return 0;
}
