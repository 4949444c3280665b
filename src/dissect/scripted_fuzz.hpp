// What the fuzz targets of dissectors of streams share: a script from octets, and the oracle that a session says the same however its
// stream is cut and points only at octets it was given. Only fuzz targets include it.
//
// Input: runs of [head, length (two octets), octets]. The head's lowest bit is the side, its next bit a gap before.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace::testing {

/// FuzzedRun is what one side sends next, and whether octets of it are missing before.
struct FuzzedRun {
  Said said;
  bool gap = false;
};

inline std::vector<FuzzedRun> fuzzed_script(Bytes input) {
  std::vector<FuzzedRun> script;
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t head = reader.u8("head");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "octets");
    script.push_back({.said = {.sender = (head & 1) != 0 ? Side::responder : Side::initiator, .octets = std::string{as_text(octets)}},
                      .gap = (head & 2) != 0});
  }
  return script;
}

/// CheckedOrigin aborts when evidence is asked for that lies outside the chunk.
class CheckedOrigin final : public Origin {
 public:
  explicit CheckedOrigin(const Chunk& chunk) : chunk_{chunk} {}
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    if (length == 0 || offset + length > chunk_.bytes.size()) std::abort();
    return chunk_.origin->at(offset, length);
  }
  [[nodiscard]] Timestamp time_at(std::size_t offset) const override {
    if (offset >= chunk_.bytes.size()) std::abort();
    return chunk_.origin->time_at(offset);
  }

 private:
  const Chunk& chunk_;
};

/// CheckedSession puts a CheckedOrigin before every chunk, and aborts when a session waits for octets that it has.
class CheckedSession final : public Session {
 public:
  explicit CheckedSession(std::unique_ptr<Session> session) : session_{std::move(session)} {}
  Progress on_stream(const Chunk& chunk, FactSink& facts) override {
    const CheckedOrigin origin{chunk};
    const Progress progress =
        session_->on_stream({.sender = chunk.sender, .bytes = chunk.bytes, .cut = chunk.cut, .origin = &origin}, facts);
    const bool goes_on = !progress.done && !progress.hand_over;
    if (goes_on && progress.consumed == 0 && progress.need <= chunk.bytes.size()) std::abort();
    return progress;
  }
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override {
    session_->on_gap(sender, missing_bytes, skipped, facts);
  }
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override {
    const CheckedOrigin origin{chunk};
    return session_->on_datagram({.sender = chunk.sender, .bytes = chunk.bytes, .cut = chunk.cut, .origin = &origin}, facts);
  }
  void on_end(FactSink& facts) override { session_->on_end(facts); }

 private:
  std::unique_ptr<Session> session_;
};

/// checked is `kInner` with CheckedSessions.
template <const Dissector& kInner>
inline const Dissector checked{
    .name = kInner.name, .probe = kInner.probe, .open = [](const Services& services) -> std::unique_ptr<Session> {
      return std::make_unique<CheckedSession>(kInner.open(services));
    }};

struct Heard {
  std::vector<std::string> words;
  bool handed_over = false;
  bool operator==(const Heard&) const = default;
};

/// hear plays the script; `piece_bytes` gives the length of the next piece.
template <typename PieceBytes>
Heard hear(const Dissector& dissector, const std::vector<FuzzedRun>& script, PieceBytes piece_bytes) {
  ScriptedFlow flow{dissector};
  for (const auto& [said, gap] : script) {
    if (gap && !flow.handed_over) flow.gap(said.sender, 100);
    for (std::size_t at = 0; at < said.octets.size() && !flow.handed_over;) {
      const std::size_t length = std::min<std::size_t>(piece_bytes(), said.octets.size() - at);
      flow.stream({{.sender = said.sender, .octets = said.octets.substr(at, length)}});
      at += length;
    }
  }
  flow.end();
  return {.words = flow.words, .handed_over = flow.handed_over};
}

/// says_the_same_however_cut aborts when a session's facts depend on where its stream is cut.
inline void says_the_same_however_cut(const Dissector& dissector, const std::vector<FuzzedRun>& script) {
  const Heard whole = hear(dissector, script, [] { return std::size_t{1} << 20; });
  if (hear(dissector, script, [] { return std::size_t{1}; }) != whole) std::abort();
  std::mt19937 engine{static_cast<unsigned>(script.size())};
  if (hear(dissector, script, [&engine] { return std::size_t{1} + engine() % 50; }) != whole) std::abort();
}

/// keeps_its_word aborts when a probe takes more of a stream whose beginning it refused, or waits for more of what it took.
/// `only_at_start`: further on, the probe judges whole segments.
inline void keeps_its_word(const Dissector& dissector, Bytes octets, std::uint16_t port, bool only_at_start = false) {
  for (const bool at_start : {true, false}) {
    if (only_at_start && !at_start) continue;
    bool refused = false;
    bool taken = false;
    for (std::size_t length = 0; length <= std::min<std::size_t>(octets.size(), 512); ++length) {
      const Recognition recognition = dissector.probe({.bytes = octets.first(length),
                                                       .transport = Transport::tcp,
                                                       .at_start = at_start,
                                                       .source_port = 50'000,
                                                       .destination_port = port});
      if (refused && recognition != Recognition::no) std::abort();
      if (taken && recognition != Recognition::yes) std::abort();
      refused = recognition == Recognition::no;
      taken = recognition == Recognition::yes;
    }
  }
}

}  // namespace sealtrace::testing
