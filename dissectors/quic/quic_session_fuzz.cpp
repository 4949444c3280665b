// A handshake's octets give the same facts however CRYPTO frames cut and shuffle them; evidence of any datagram, sealed or not, lies inside
// it; a header that was read leaves no datagram, and none of its cuts is whole.
//
// Input: one octet that chooses (bit 0: octets of the CRYPTO stream; else runs of datagrams as in scripted_fuzz.hpp, whose head's bit 1
// says that the octets are frames to be sealed), then the octets.
#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "dissect/scripted_fuzz.hpp"
#include "dissectors/quic/quic_peers.hpp"
#include "dissectors/quic/quic_session.hpp"

using namespace sealtrace;

namespace {

using testing::Said;
using testing::quic::crypto;
using testing::quic::QuicPeers;

/// Shown is what a flow told: kinds of facts, and words.
struct Shown {
  std::vector<std::size_t> kinds;
  std::vector<std::string> words;
  bool operator==(const Shown&) const = default;
};

Shown show(const std::vector<Said>& datagrams) {
  testing::ScriptedFlow flow{testing::checked<kQuicDissector>};
  flow.datagrams(datagrams);
  flow.end();
  Shown shown{.kinds = {}, .words = flow.words};
  for (const Fact& fact : flow.facts) shown.kinds.push_back(fact.body.index());
  return shown;
}

/// sent gives the stream in frames of at most `piece` octets, a packet each, in order or shuffled.
std::vector<Said> sent(const QuicPeers& peers, std::string_view stream, std::size_t piece, bool shuffled) {
  std::vector<std::size_t> offsets;
  for (std::size_t at = 0; at < stream.size(); at += piece) offsets.push_back(at);
  if (shuffled) std::shuffle(offsets.begin(), offsets.end(), std::mt19937{static_cast<unsigned>(stream.size())});
  std::vector<Said> datagrams{peers.client("")};  // the connection begins
  std::uint8_t number = 1;
  for (const std::size_t at : offsets) datagrams.push_back(peers.client(crypto(at, stream.substr(at, piece)), number++));
  return datagrams;
}

void check_header(Bytes datagram) {
  const auto header = parse_quic_long_header(datagram, false);
  if (!header) return;
  if (header->packet_bytes > datagram.size() || header->packet_number_offset > header->packet_bytes) std::abort();
  if (header->packet_number_offset == 0) return;
  for (std::size_t length = 0; length < header->packet_bytes; ++length) {
    if (parse_quic_long_header(datagram.first(length), false)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxStream = 4096;
  if (size == 0) return 0;
  static const QuicPeers peers;
  const Bytes rest = Bytes{data, size}.subspan(1);
  if ((data[0] & 1) != 0) {
    const std::string_view stream = as_text(rest.first(std::min(rest.size(), kMaxStream)));
    const Shown whole = show(sent(peers, stream, 1000, false));
    if (show(sent(peers, stream, 37 + data[0], true)) != whole) std::abort();
    return 0;
  }
  std::vector<Said> datagrams;
  std::uint8_t number = 0;
  for (const auto& [said, sealed] : testing::fuzzed_script(rest)) {
    if (!sealed) {
      check_header(as_bytes(said.octets));
      datagrams.push_back(said);
    } else if (said.octets.size() <= 1100) {
      datagrams.push_back(said.sender == Side::initiator ? peers.client(said.octets, number++) : peers.server(said.octets, number++));
    }
  }
  show(datagrams);
  return 0;
}
