// Input: datagrams, each behind one octet (the sender in the top bit, cut by the snaplen in the next) and two octets of length.
// Oracle: evidence lies inside its datagram; records sent one to a datagram give the same facts as records sent together; the
// same datagrams give the same facts; facts are bounded by what was sent.
#include "dissectors/dtls/dtls_fuzzed.hpp"

namespace {

using namespace sealtrace;
using namespace sealtrace::testing::dtls;

/// kHello is a ClientHello cut by the snaplen: after it the session takes what follows for DTLS without TURN.
constexpr std::uint8_t kHello[]{0x16, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x90, 0x01, 0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0x84, 0xFE, 0xFD};

FuzzedDatagrams datagrams_of(Bytes input) {
  FuzzedDatagrams datagrams{{.sender = Side::initiator, .cut = true, .octets = {std::begin(kHello), std::end(kHello)}}};
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t flags = reader.u8("flags");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "datagram");
    datagrams.push_back({.sender = (flags & 0x80) != 0 ? Side::responder : Side::initiator,
                         .cut = (flags & 0x40) != 0,
                         .octets = {octets.begin(), octets.end()}});
  }
  return datagrams;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const FuzzedDatagrams datagrams = datagrams_of({data, size});
  const Said together = said_of(datagrams, nullptr);
  require(together.kinds == said_of(datagrams, nullptr).kinds);
  require(together.kinds == said_of(one_record_each(datagrams), nullptr).kinds);
  // A fact needs a handshake header, or is one of the bounded ones; each message may be preceded by gaps of both sides.
  require(together.kinds.size() <= 16 + 12 * kMaxProtectedFacts + size / 4);
  return 0;
}
