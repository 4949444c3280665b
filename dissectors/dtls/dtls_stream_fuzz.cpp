// Input: one octet, then the initiator's side of a TCP stream of TURN. Oracle: the stream in pieces gives the same facts as the
// stream at once, and a frame that was read stays what it is when more follows.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace {

using namespace sealtrace;

void require(bool condition) {
  if (!condition) std::abort();
}

class Nowhere final : public Origin {
 public:
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    return {
        .capture = {}, .frame = FrameNumber{1}, .offset = static_cast<std::uint32_t>(offset), .length = static_cast<std::uint32_t>(length)};
  }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }
};

class Kinds final : public FactSink {
 public:
  void report(Fact fact) override { kinds.push_back(fact.body.index()); }
  std::vector<std::size_t> kinds;
};

std::vector<std::size_t> dissected(Bytes stream, std::size_t piece) {
  static CertificateStore certificates{7};  // making one costs more than a run
  DtlsSession session{{.certificates = &certificates, .hash_key = 7}};
  Kinds sink;
  const Nowhere origin;
  std::size_t begin = 0;
  for (std::size_t end = 0; end < stream.size() && begin < stream.size();) {
    end = std::min(stream.size(), end + piece);
    if (begin >= end) continue;  // octets that the session did not want to see
    const Progress progress =
        session.on_stream({.sender = Side::initiator, .bytes = stream.subspan(begin, end - begin), .cut = false, .origin = &origin}, sink);
    if (progress.done) break;
    begin += progress.consumed;
  }
  return sink.kinds;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes stream{data + 1, size - 1};
  std::vector<std::size_t> at_once = dissected(stream, std::max<std::size_t>(stream.size(), 1));
  require(at_once == dissected(stream, std::size_t{data[0]} + 1));
  if (const auto frame = parse_turn_frame(stream)) {
    require(frame->data_offset + frame->data.size() <= stream.size());
    for (std::size_t length = 0; length < std::min<std::size_t>(stream.size(), 64); ++length) {
      const auto part = parse_turn_frame(stream.first(length));
      require(part ? part->frame_bytes == frame->frame_bytes : part.error().code == ParseErrorCode::need_more);
    }
  }
  return 0;
}
