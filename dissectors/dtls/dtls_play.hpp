// Plays datagrams to a session of DTLS. Only tests and fuzz targets include it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

#include "dissect/frame_origin.hpp"
#include "dissect/session.hpp"

namespace sealtrace::testing::dtls {

struct Datagram {
  Side sender = Side::initiator;
  std::vector<std::uint8_t> octets;
};

using DatagramList = std::vector<Datagram>;

class Collected final : public FactSink {
 public:
  void report(Fact fact) override { facts.push_back(std::move(fact)); }
  std::vector<Fact> facts;
};

/// play gives the facts of `datagrams`, each cut to `snaplen`; before each it calls `before`. It aborts when evidence lies outside its
/// datagram.
inline std::vector<Fact> play(
    const DatagramList& datagrams, Session& session, std::size_t snaplen = 65535,
    const std::function<void(std::uint64_t frame)>& before = [](std::uint64_t) {}) {
  Collected sink;
  std::uint64_t frame = 0;
  for (const Datagram& datagram : datagrams) {
    const FrameOrigin origin{++frame};
    before(frame);
    const Bytes bytes = Bytes{datagram.octets}.first(std::min(snaplen, datagram.octets.size()));
    session.on_datagram({.sender = datagram.sender, .bytes = bytes, .cut = bytes.size() < datagram.octets.size(), .origin = &origin}, sink);
  }
  for (const Fact& fact : sink.facts) {
    if (!fact.evidence.known() || value(fact.evidence.frame) > frame) std::abort();
    const std::size_t captured = std::min(snaplen, datagrams[value(fact.evidence.frame) - 1].octets.size());
    if (std::size_t{fact.evidence.offset} + fact.evidence.length > captured) std::abort();
  }
  return std::move(sink.facts);
}

}  // namespace sealtrace::testing::dtls
