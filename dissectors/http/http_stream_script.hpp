// Turns out of a fuzzer's octets: what both fuzz targets of sessions share. Only fuzz targets include it.
#pragma once

#include <cstdlib>
#include <random>
#include <vector>

#include "dissectors/http/stream_trial.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace::testing {

/// turns_of reads runs of [side and loss, length, octets]: the first octet's lowest bit is the side, the next one a loss before it.
inline std::vector<Turn> turns_of(Bytes input) {
  std::vector<Turn> turns;
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t head = reader.u8("head");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "octets");
    turns.push_back({.sender = (head & 1) != 0 ? Side::responder : Side::initiator,
                     .octets = {octets.begin(), octets.end()},
                     .missing_bytes = (head & 2) != 0 ? 40U + (head >> 2) : 0U});
  }
  return turns;
}

/// check_splits plays the turns whole, octet by octet and in pieces of any size: the facts are the same, bounded, and lie in what was
/// handed over, and no more is held back than a head may be long.
inline void check_splits(const Dissector& dissector, Bytes input, std::size_t max_held_bytes) {
  const std::vector<Turn> turns = turns_of(input);
  const auto play = [&](auto next_size) {
    StreamTrial trial{dissector};
    trial.play(turns, next_size);
    if (!trial.evidence_inside || trial.all.size() > 200) std::abort();
    return trial;
  };
  const StreamTrial whole = play([] { return std::size_t{1} << 20; });
  const StreamTrial octets = play([] { return std::size_t{1}; });
  std::mt19937 engine{static_cast<unsigned>(input.size())};
  const StreamTrial pieces = play([&engine] { return std::size_t{1} + engine() % 50; });
  if (octets.all != whole.all || octets.handed_over != whole.handed_over) std::abort();
  if (pieces.all != whole.all || pieces.handed_over != whole.handed_over) std::abort();
  if (octets.max_held_bytes > max_held_bytes && max_held_bytes != 0) std::abort();
}

/// check_probe asks about every beginning: what was refused is never taken with more octets, what was taken stays taken.
inline void check_probe(Recognition (*probe)(const ProbeInput&), std::string_view octets) {
  bool refused = false;
  bool taken = false;
  for (std::size_t length = 0; length <= std::min<std::size_t>(octets.size(), 700); ++length) {
    const Recognition recognition = probe({.bytes = as_bytes(octets.substr(0, length)), .transport = Transport::tcp, .at_start = true});
    if (refused && recognition != Recognition::no) std::abort();
    if (taken && recognition == Recognition::need_more) std::abort();
    refused = recognition == Recognition::no;
    taken = recognition == Recognition::yes;
  }
}

}  // namespace sealtrace::testing
