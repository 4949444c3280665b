// Fuzzes the flow layer with segments made of the input. Oracle: what a session is given of a side is never more than was
// sent, evidence names a frame that was added, buffers are empty and every flow is reported when all is finished.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "flow/flow_engine.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kMaxFacts = 8;
constexpr std::size_t kMaxReservedFacts = 4;

std::uint64_t frames_added = 0;
std::uint64_t octets_sent = 0;
std::uint64_t octets_given = 0;

void require(bool condition) {
  if (!condition) std::abort();
}

/// GreedySession lets each octet decide what it asks for next.
class GreedySession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override {
    require(!chunk.bytes.empty());
    const std::uint64_t frame = value(chunk.origin->at(0, chunk.bytes.size()).frame);
    require(frame >= 1 && frame <= frames_added);
    const std::uint8_t first = chunk.bytes[0];
    if (first < 0x10) facts.report(chunk.fact(TlsHeartbeat{}, 0, chunk.bytes.size()));
    if (first < 0x20) return {.consumed = 0, .need = static_cast<std::uint32_t>(chunk.bytes.size() + first)};
    if (first == 0xFF) return {.consumed = 1, .done = true};
    if (first == 0xFE) return {.consumed = 1, .hand_over = true};
    const std::uint64_t take = first > 0x80 ? first * 4U : std::min<std::uint64_t>(first - 0x1F, chunk.bytes.size());
    octets_given += std::min<std::uint64_t>(take, chunk.bytes.size());
    return {.consumed = take, .need = first % 7U};
  }
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override {
    if (chunk.bytes.size() > 4) {
      const OriginWithin origin{*chunk.origin, 2};
      facts.carried({.sender = chunk.sender, .bytes = chunk.bytes.subspan(2), .cut = chunk.cut, .origin = &origin}, chunk.bytes[0] % 3);
    }
    return static_cast<Datagram>(chunk.bytes.size() % 3);
  }
};

Recognition probe_any(const ProbeInput& input) {
  if (input.bytes.size() < 2) return Recognition::need_more;
  return input.bytes[0] % 3 == 0 ? Recognition::no : Recognition::yes;
}

constexpr Dissector kGreedy{.name = "greedy", .probe = probe_any, .open = [](const Services&) -> std::unique_ptr<Session> {
                              return std::make_unique<GreedySession>();
                            }};
constexpr Dissector kGuess{.name = "guess",
                           .probe = probe_any,
                           .open = [](const Services&) -> std::unique_ptr<Session> { return std::make_unique<GreedySession>(); },
                           .tentative = true};
constexpr std::array<const Dissector*, 2> kDissectors{&kGuess, &kGreedy};

struct CountingSink final : FlowSink {
  std::uint64_t flows = 0;
  void flow_ended(FlowProfile profile, std::vector<Fact> facts) override {
    ++flows;
    require(profile.first_frame <= profile.last_frame || profile.first_capture != profile.last_capture);
    require(facts.size() <= kMaxFacts + kMaxReservedFacts + 1);
  }
};

void run(const std::uint8_t* data, std::size_t size) {
  frames_added = octets_sent = octets_given = 0;
  FlowEngineOptions options{.limits = {}, .seed = {1, 2}, .services = {}, .dissectors = kDissectors, .worker = 0, .num_workers = 1};
  options.limits.max_flows_per_shard = 3;
  options.limits.max_buffered_bytes_per_side = 600;
  options.limits.max_buffered_bytes_per_shard = 900;
  options.limits.max_early_segments = 6;
  options.limits.max_facts_per_flow = kMaxFacts;
  options.limits.max_reserved_facts_per_flow = kMaxReservedFacts;
  CountingSink sink;
  FlowEngine engine{options, sink};
  Timestamp time{std::chrono::seconds{1000}};
  engine.advance(time);
  // Seven octets describe a segment; its payload is what follows, as far as it goes.
  for (std::size_t at = 0; at + 7 <= size;) {
    const std::uint8_t* const head = data + at;
    at += 7;
    const std::size_t length = std::min<std::size_t>(head[3], size - at);
    Segment& segment = engine.next_segment();
    segment = Segment{};
    const bool forward = (head[0] & 1) != 0;
    const Endpoint client{*IpAddress::parse("10.0.0.1"), static_cast<std::uint16_t>(1024 + (head[0] >> 5))};
    const Endpoint server{*IpAddress::parse("10.0.0.2"), 443};
    segment.source = forward ? client : server;
    segment.destination = forward ? server : client;
    segment.transport = (head[0] & 2) != 0 ? Transport::udp : Transport::tcp;
    segment.flags.bits = head[1];
    segment.sequence = 1000U + head[2] * 8U - ((head[0] & 4) != 0 ? 0x3FFU : 0U);
    segment.payload = Bytes{data + at, length};
    segment.payload_wire_bytes = static_cast<std::uint32_t>(length) + ((head[0] & 8) != 0 ? head[4] : 0U);
    segment.ip_bytes = 40 + segment.payload_wire_bytes;
    segment.reassembled = (head[0] & 16) != 0;
    segment.duplicate_key = static_cast<std::uint64_t>(head[5]) << 16;
    octets_sent += length;
    time += std::chrono::milliseconds{head[6] * head[6]};
    engine.add_segment({.time = time, .frame = FrameNumber{++frames_added}, .capture = CaptureId{0}});
    if (head[6] > 250) engine.advance(time);
  }
  engine.finish();
  require(sink.flows == engine.counters().flows);
  require(octets_given <= octets_sent);
}

}  // namespace
}  // namespace sealtrace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sealtrace::run(data, size);
  return 0;
}
