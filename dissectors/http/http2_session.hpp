// Http2Session: follows one HTTP/2 connection in the clear (RFC 9113), by prior knowledge or behind an h2c upgrade.
#pragma once

#include <array>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/http/hpack.hpp"
#include "dissectors/http/http2_frame.hpp"
#include "dissectors/http/http_head.hpp"

namespace sealtrace {

extern const Dissector kHttp2Dissector;

/// kMaxFieldBlockBytes bounds a field block with its continuations, as a head of HTTP/1 is bounded.
inline constexpr std::size_t kMaxFieldBlockBytes = 65'536;

/// Http2Session walks the frames of both sides, passes over what lies in them, and decodes field blocks. What cannot be read ends the
/// reading of that side: without every block before it none is right.
class Http2Session final : public Session {
 public:
  explicit Http2Session(const Services& services);
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  struct Half {
    explicit Half(std::uint64_t hash_key) : reporter{hash_key} {}
    HpackDecoder decoder;
    HttpReporter reporter;
    std::vector<std::uint8_t> block;  ///< of a HEADERS or PUSH_PROMISE frame that is continued
    std::uint32_t block_stream_id = 0;
    bool in_block = false;
    bool pushed = false;  ///< the block is a promised request: the server wrote it
    bool begun = false;
    bool done = false;
    Evidence last_evidence{};
    Timestamp last_time{};
  };
  Half& half(Side side) { return halves_[index(side)]; }
  Progress begin(Half& half, const Chunk& chunk);
  Progress read_frame(Half& half, const Chunk& chunk, FactSink& facts);
  Progress read_payload(Half& half, const Http2FrameHeader& header, const Chunk& chunk, FactSink& facts);
  Progress give_up(Half& half, const ParseError& error, const Chunk& chunk, FactSink& facts);

  std::array<Half, 2> halves_;
};

}  // namespace sealtrace
