// A packet that was read keeps its header with octets behind it, and no cut of its header is one; evidence lies inside the packet; a
// session says the same when nothing but short packets comes between.
#include <cstdlib>

#include "dissect/scripted_fuzz.hpp"
#include "dissectors/esp/esp_session.hpp"

using namespace sealtrace;

namespace {

std::vector<std::string> words_of(const Dissector& dissector, const std::vector<testing::Said>& datagrams) {
  testing::ScriptedFlow flow{dissector};
  flow.datagrams(datagrams).end();
  return flow.words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<testing::Said> datagrams, with_short_ones;
  for (const auto& [said, _] : testing::fuzzed_script({data, size})) {
    const Bytes packet = as_bytes(said.octets);
    if (const auto header = parse_esp(packet)) {
      if (header->spi <= kLastReservedSpi || header->payload.size() + 8 != packet.size()) std::abort();
      for (std::size_t length = 0; length < 8; ++length) {
        if (parse_esp(packet.first(length))) std::abort();
      }
    }
    datagrams.push_back(said);
    with_short_ones.push_back(said);
    with_short_ones.push_back({.sender = said.sender, .octets = said.octets.substr(0, 4)});
  }
  for (const Dissector& dissector : {testing::checked<kEspDissector>, testing::checked<kEspInUdpDissector>}) {
    if (words_of(dissector, datagrams) != words_of(dissector, with_short_ones)) std::abort();
  }
  return 0;
}
