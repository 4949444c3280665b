// A session says the same however its stream is cut, points only at octets it was given, says no more than its bounds allow, and a probe
// that refused the beginning of a stream never takes more of it.
//
// Input: runs of [head, length, octets]. The head's lowest bit is the side; the next a loss of 100 octets before; the next makes the octets
// a WebSocket frame's payload: FIN and text, masked for the client.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/sip/sip_script.hpp"
#include "dissectors/sip/sip_session.hpp"
#include "wire/byte_reader.hpp"

using namespace sealtrace;

namespace {

constexpr std::size_t kLostBytes = 100;

struct Run {
  Side sender{};
  bool lost = false;
  std::string octets;
};

std::vector<Run> script_of(Bytes input) {
  std::vector<Run> script;
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t head = reader.u8("head");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "octets");
    const Side sender = (head & 1U) != 0 ? Side::responder : Side::initiator;
    std::string text{as_text(octets)};
    if ((head & 4U) != 0) text = sip_testing::frame(0x81, text, sender == Side::initiator);
    script.push_back({.sender = sender, .lost = (head & 2U) != 0, .octets = std::move(text)});
  }
  return script;
}

struct Place final : Origin {
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    return {
        .capture = {}, .frame = FrameNumber{1}, .offset = static_cast<std::uint32_t>(offset), .length = static_cast<std::uint32_t>(length)};
  }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }
};

/// Heard takes facts in words and holds their evidence against the chunk at hand or the ones before.
class Heard final : public FactSink {
 public:
  void report(Fact fact) override {
    if (fact.evidence.known() && (fact.evidence.length == 0 || fact.evidence.offset + fact.evidence.length > largest_)) std::abort();
    std::string word = fact.sender == Side::initiator ? "c " : "s ";
    if (is_application_fact(fact.body)) {
      word += testing::in_words(fact.body);
      if (const auto* message = fact_if<SipMessage>(&fact.body)) {
        word += ' ' + sip_testing::kinds_of(*message) + ' ' + std::to_string(message->num_vias) + message->via_transports.to_string();
        for (const std::string& domain : message->domains) word += ' ' + domain;
        word += ' ' + message->product;
      }
    } else if (const auto* unreadable = fact_if<MessageUnreadable>(&fact.body)) {
      word += unreadable->field;
    } else {
      word += std::to_string(fact.body.index());
    }
    words.push_back(std::move(word));
    if (words.size() > 256) std::abort();
  }
  void begin_chunk(std::size_t bytes) { largest_ = std::max(largest_, bytes); }
  std::vector<std::string> words;

 private:
  std::size_t largest_ = 0;
};

/// Feeder hands octets to a session as the flow layer does.
class Feeder {
 public:
  void feed(Side sender, std::string_view piece) {
    Half& half = halves_[index(sender)];
    if (half.done) return;
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(half.skip, piece.size()));
    half.skip -= skipped;
    half.pending += piece.substr(skipped);
    while (!half.done && !half.pending.empty() && half.pending.size() >= half.need) {
      heard_.begin_chunk(half.pending.size());
      const Progress progress =
          session_.on_stream({.sender = sender, .bytes = as_bytes(half.pending), .cut = false, .origin = &place_}, heard_);
      const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(progress.consumed, half.pending.size()));
      half.skip += progress.consumed - taken;
      if (taken == 0 && !progress.done && progress.need <= half.pending.size()) std::abort();  // it would spin
      half.pending.erase(0, taken);
      half.need = std::max(progress.need, 1U);
      half.done = progress.done;
    }
  }
  void lose(Side sender, std::size_t count) {
    Half& half = halves_[index(sender)];
    if (half.done) return;
    const std::uint64_t skipped = std::min<std::uint64_t>(half.skip, count);
    half.skip -= skipped;
    if (skipped == count) return;
    half.pending.clear();
    half.need = 1;
    session_.on_gap(sender, count, skipped, heard_);
  }
  std::vector<std::string> words() {
    session_.on_end(heard_);
    return std::move(heard_.words);
  }

 private:
  struct Half {
    std::string pending;
    std::uint32_t need = 1;
    std::uint64_t skip = 0;
    bool done = false;
  };
  SipSession session_{Services{.certificates = nullptr, .hash_key = 7}};
  Heard heard_;
  Place place_;
  std::array<Half, 2> halves_;
};

template <typename PieceSize>
std::vector<std::string> hear(const std::vector<Run>& script, PieceSize piece_size) {
  Feeder feeder;
  for (const Run& run : script) {
    if (run.lost) feeder.lose(run.sender, kLostBytes);
    std::string_view rest = run.octets;
    while (!rest.empty()) {
      const std::size_t piece = std::min<std::size_t>(piece_size(), rest.size());
      feeder.feed(run.sender, rest.substr(0, piece));
      rest.remove_prefix(piece);
    }
  }
  return feeder.words();
}

void check_probe(std::string_view octets) {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    bool refused = transport == Transport::udp;  // only streams grow
    for (std::size_t length = 0; length <= std::min<std::size_t>(octets.size(), 80); ++length) {
      const Recognition recognition = probe_sip({.bytes = as_bytes(octets.substr(0, length)), .transport = transport, .at_start = true});
      if (transport == Transport::udp) continue;
      if (refused && recognition != Recognition::no) std::abort();
      refused = recognition == Recognition::no;
    }
  }
}

void check_datagrams(const std::vector<Run>& script) {
  SipSession session{Services{.certificates = nullptr, .hash_key = 7}};
  Heard heard;
  const Place place;
  for (const Run& run : script) {
    heard.begin_chunk(run.octets.size());
    if (!run.octets.empty())
      session.on_datagram({.sender = run.sender, .bytes = as_bytes(run.octets), .cut = run.lost, .origin = &place}, heard);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Run> script = script_of({data, size});
  const auto whole = hear(script, [] { return std::size_t{1} << 20; });
  // Octet by octet is slow for long inputs: those are cut into pieces of a prime length as well.
  if (hear(script, [size] { return size < 4096 ? std::size_t{1} : std::size_t{61}; }) != whole) std::abort();
  std::mt19937 engine{static_cast<unsigned>(size)};
  if (hear(script, [&engine] { return std::size_t{1} + engine() % 300; }) != whole) std::abort();
  for (const Run& run : script) check_probe(run.octets);
  check_datagrams(script);
  return 0;
}
