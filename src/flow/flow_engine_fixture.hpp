// FlowEngineTest: an engine with two small protocols of its own, and what is sent to it. Only tests include it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flow/flow_engine.hpp"

namespace sealtrace::testing {

/// Heard is what the sessions of the engine under test were given.
struct Heard {
  std::string text[2];
  std::uint64_t gaps[2] = {0, 0};
  std::vector<std::string> datagrams;
  int ends = 0;
  std::vector<std::pair<std::uint64_t, char>> frames;  // frame and the octet it carried
};
inline Heard* heard = nullptr;  ///< of the test that runs: the dissectors are constants and take no argument

/// EchoSession speaks a protocol for these tests: streams begin with "@"; "#nn" asks to skip nn octets unseen; everything else is
/// written down.
class EchoSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override {
    const std::string_view text = as_text(chunk.bytes);
    if (text[0] == '#') {
      if (text.size() < 3) return {.consumed = 0, .need = 3};
      return {.consumed = 3U + static_cast<unsigned>((text[1] - '0') * 10 + (text[2] - '0'))};
    }
    heard->text[index(chunk.sender)] += text[0];
    heard->frames.emplace_back(value(chunk.origin->at(0, 1).frame), text[0]);
    if (text[0] == '!') facts.report(chunk.fact(TlsHeartbeat{}, 0, 1));
    if (text[0] == '%') facts.report(chunk.fact(CredentialSent{.scheme = AuthenticationScheme::basic}, 0, 1));
    if (text[0] == '$') return {.consumed = 1, .done = true};
    if (text[0] == '>') return {.consumed = 1, .hand_over = true};
    if (text[0] == '(') {  // the next octet is of a stream inside
      if (text.size() < 2) return {.consumed = 0, .need = 2};
      const OriginWithin origin{*chunk.origin, 1};
      facts.wrapped({.sender = chunk.sender, .bytes = chunk.bytes.subspan(1, 1), .origin = &origin});
      return {.consumed = 2};
    }
    if (text[0] == '=') return {.consumed = 1, .settled = true};
    return {.consumed = 1};
  }
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& /*facts*/) override {
    heard->gaps[index(sender)] += missing_bytes;
    heard->text[index(sender)] += '_';
  }
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override {
    if (as_text(chunk.bytes).starts_with('~')) return Datagram::not_mine;
    heard->datagrams.emplace_back(as_text(chunk.bytes));
    const OriginWithin origin{*chunk.origin, 1};
    if (as_text(chunk.bytes).starts_with('('))
      facts.carried({.sender = chunk.sender, .bytes = chunk.bytes.subspan(1), .origin = &origin}, 5);
    if (as_text(chunk.bytes).starts_with('$')) return Datagram::done;
    return Datagram::taken;
  }
  void on_end(FactSink& facts) override {
    ++heard->ends;
    facts.report({.body = TlsHelloRequest{}, .sender = Side::initiator, .time = {}, .evidence = {}});
  }
};

inline Recognition probe_echo(const ProbeInput& input) {
  if (input.bytes.empty()) return Recognition::need_more;
  if (input.bytes[0] == '?' && input.bytes.size() < 4) return Recognition::need_more;
  return input.bytes[0] == '@' || (input.bytes[0] == '?' && input.bytes[3] == '@') ? Recognition::yes : Recognition::no;
}

inline constexpr Dissector kEcho{.name = "echo", .probe = probe_echo, .open = [](const Services&) -> std::unique_ptr<Session> {
                                   return std::make_unique<EchoSession>();
                                 }};

/// WaveSession speaks a second one: datagrams and streams that begin with "~". It is not sure of datagrams by itself.
class WaveSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override {
    heard->text[index(chunk.sender)] += "w";
    facts.report(chunk.fact(TlsHeartbeat{}, 0, 1));
    return {.consumed = 1};
  }
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override {
    if (!as_text(chunk.bytes).starts_with('~')) return Datagram::not_mine;
    if (as_text(chunk.bytes) == "~wrong") return Datagram::done;
    if (as_text(chunk.bytes) == "~maybe") {
      ++num_doubted_;
      return Datagram::not_mine;
    }
    if (as_text(chunk.bytes) == "~sure") facts.claim(std::exchange(num_doubted_, 0));
    heard->datagrams.emplace_back("wave");
    facts.report(chunk.fact(ProtocolRecognised{.protocol = "wave"}, 0, 1));
    return Datagram::taken;
  }
  void on_end(FactSink& /*facts*/) override { ++heard->ends; }

 private:
  std::uint32_t num_doubted_ = 0;
};
inline constexpr Dissector kWave{
    .name = "wave",
    .probe = [](const ProbeInput& input) { return input.bytes[0] == '~' ? Recognition::yes : Recognition::no; },
    .open = [](const Services&) -> std::unique_ptr<Session> { return std::make_unique<WaveSession>(); },
    .tentative = true};
inline constexpr std::array<const Dissector*, 2> kDissectors{&kEcho, &kWave};

/// Ended keeps the flows that ended.
struct Ended final : FlowSink {
  std::vector<FlowProfile> profiles;
  std::vector<std::vector<Fact>> facts;
  void flow_ended(FlowProfile profile, std::vector<Fact> more) override {
    profiles.push_back(std::move(profile));
    facts.push_back(std::move(more));
  }
};

inline constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;

/// FlowEngineTest sends segments between a client and a server, a millisecond and a frame apart. An engine is made at the first of them,
/// with the limits as they are then.
class FlowEngineTest : public ::testing::Test {
 protected:
  FlowEngineTest() { heard = &heard_; }
  FlowEngine& engine() {
    if (!engine_) {
      engine_ = std::make_unique<FlowEngine>(
          FlowEngineOptions{.limits = limits_, .seed = {1, 2}, .services = {}, .dissectors = kDissectors, .worker = 0, .num_workers = 1},
          ended_);
      engine_->advance(kStart);
    }
    return *engine_;
  }
  void send(bool to_server, std::uint8_t flags, std::uint32_t sequence, std::string payload, std::uint32_t wire_bytes = 0) {
    store_.push_back(std::make_unique<std::string>(std::move(payload)));
    Segment& segment = engine().next_segment();
    segment = Segment{};
    segment.source = to_server ? client_ : server_;
    segment.destination = to_server ? server_ : client_;
    segment.transport = transport_;
    segment.flags.bits = flags;
    segment.sequence = sequence;
    segment.payload = as_bytes(*store_.back());
    segment.payload_wire_bytes = std::max(wire_bytes, static_cast<std::uint32_t>(store_.back()->size()));
    segment.ip_bytes = 40 + segment.payload_wire_bytes;
    segment.duplicate_key = copy_key_ != 0 ? copy_key_ : ++last_key_ << 16;
    time_ += std::chrono::milliseconds{1};
    engine().add_segment({.time = time_, .frame = FrameNumber{++frame_}, .capture = CaptureId{0}});
  }
  void open(std::uint32_t client_isn = 99, std::uint32_t server_isn = 499) {
    send(true, kSyn, client_isn, "");
    send(false, kSyn | kAck, server_isn, "");
    send(true, kAck, client_isn + 1, "");
  }
  const FlowProfile& only() {
    engine().finish();
    EXPECT_EQ(ended_.profiles.size(), 1U);
    return ended_.profiles.at(0);
  }

  static constexpr Timestamp kStart{std::chrono::seconds{1'700'000'000}};
  FlowLimits limits_;
  Transport transport_ = Transport::tcp;
  Endpoint client_{*IpAddress::parse("10.0.1.20"), 51044};
  Endpoint server_{*IpAddress::parse("10.9.0.5"), 5067};
  Timestamp time_ = kStart;
  std::uint64_t frame_ = 0, last_key_ = 100, copy_key_ = 0;
  Heard heard_;
  Ended ended_;
  std::vector<std::unique_ptr<std::string>> store_;
  std::unique_ptr<FlowEngine> engine_;
};

}  // namespace sealtrace::testing
