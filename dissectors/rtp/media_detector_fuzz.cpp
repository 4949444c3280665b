// Of any packets a detector's verdict is the same with repetitions between them as without, its evidence is finite and does not depend on
// what comes later, a packet that is cut never leads to "encrypted", and a verdict comes within a thousand packets.
//
// Input: runs of [flags, timestamp step, length, octets]. Bit 0 of the flags: repeat the packet; bit 1: the timestamp stays; bits 2 and 3:
// cut.
#include <algorithm>
#include <cstdlib>

#include "dissectors/rtp/media_detector.hpp"
#include "wire/byte_reader.hpp"

using namespace sealtrace;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ParseScope scope;
  ByteReader reader{{data, size}, scope};
  MediaDetector plain{bits(32)}, repeated{bits(32)};
  RtpHeader header;
  header.payload_type = 97;
  bool any_cut = false;
  std::uint32_t fed = 0;
  while (reader.more()) {
    const std::uint8_t flags = reader.u8("flags");
    const std::uint8_t step = reader.u8("step");
    const std::size_t length = reader.u8("length");
    const Bytes payload = reader.bytes(std::min(length, reader.remaining()), "payload");
    const bool cut = (flags & 0x0C) == 0x0C;
    ++header.sequence_number;
    if ((flags & 2) == 0) header.timestamp += step;
    any_cut |= cut && !payload.empty();
    fed += payload.empty() ? 0 : 1;
    const MediaCall call = plain.take(header, payload, cut);
    const MediaCall same = repeated.take(header, payload, cut);
    require(call == same && plain.evidence_of_clear() == repeated.evidence_of_clear());
    require(plain.num_packets() == fed && fed <= 1000);
    if (call == MediaCall::encrypted) require(!any_cut && plain.evidence_of_clear() <= bits(6) && fed >= 8);
    if (call == MediaCall::clear) require(plain.evidence_of_clear() >= bits(32));
    if (call != MediaCall::open) break;
    if ((flags & 1) != 0) require(repeated.take(header, payload, cut) == MediaCall::open && repeated.num_packets() == fed);
  }
  return 0;
}
