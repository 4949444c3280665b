// Decoder: from a captured frame to the TCP segment or UDP datagram in it.
#pragma once

#include <cstdint>

#include "decode/fast_path.hpp"
#include "decode/fragment_table.hpp"
#include "decode/link_layer.hpp"
#include "decode/segment.hpp"
#include "model/ids.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// Decoder walks link layers, tags, tunnels, IP and fragments of one frame after another. It belongs to one thread. What
/// it does with a frame depends on the frames it was given before only through fragments.
class Decoder {
 public:
  struct Limits {
    /// Headers of one frame, tags and extension headers counted one by one. Three nested VXLANs have 15; a frame made to be deep ends here.
    unsigned max_headers = 24;
    decode::FragmentLimits fragments;
  };

  Decoder() : Decoder{Limits{}} {}
  explicit Decoder(Limits limits) : limits_{limits}, fragments_{limits.fragments} {}

  /// decode takes apart `frame`, of which `wire_bytes` were on the wire. `out` is filled when the result is `segment`, and
  /// otherwise unspecified; its payload borrows from `frame`, or from the decoder until the next call. `time` ages fragments.
  DecodeResult decode(Bytes frame, std::uint32_t wire_bytes, LinkLayer link_layer, Timestamp time, Segment& out) {
    if (decode_plain(frame, wire_bytes, link_layer, out)) return DecodeResult::segment;
    return decode_by_walk(frame, wire_bytes, link_layer, time, out);
  }
  /// decode_plain is decode of the frames that nearly every capture is made of; false of all others, which are not counted then.
  [[gnu::always_inline]] bool decode_plain(Bytes frame, std::uint32_t wire_bytes, LinkLayer link_layer, Segment& out) {
    out.encapsulation = {};
    out.reassembled = false;
    if (link_layer != LinkLayer::ethernet || !decode::read_plain_frame({frame, wire_bytes}, out, counters_)) [[unlikely]] {
      return false;
    }
    ++counters_.segments;
    if (out.payload.size() < out.payload_wire_bytes) ++counters_.payload_cut;
    return true;
  }
  /// decode_by_walk is decode without its fast path: the same answers, header by header.
  DecodeResult decode_by_walk(Bytes frame, std::uint32_t wire_bytes, LinkLayer link_layer, Timestamp time, Segment& out);
  /// finish counts the datagrams that never became whole, and forgets them: the end of a capture.
  void finish() { fragments_.finish(counters_); }

  [[nodiscard]] const DecodeCounters& counters() const { return counters_; }

 private:
  void count(DecodeResult result);

  Limits limits_;
  DecodeCounters counters_;
  decode::FragmentTable fragments_;
};

}  // namespace sealtrace
