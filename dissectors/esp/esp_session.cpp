#include "dissectors/esp/esp_session.hpp"

#include <algorithm>
#include <memory>

namespace sealtrace {
namespace {

constexpr StaticText kName{"esp"};

Recognition probe(const ProbeInput& input) {
  return input.transport == Transport::esp && parse_esp(input.bytes) ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<EspSession>(); }

}  // namespace

const Dissector kEspDissector{.name = kName, .probe = probe, .open = open};

void EspWatch::take(Bytes payload) {
  if (enough() || payload.size() < kSkipped + kPlaces) return;
  std::ranges::copy(payload.subspan(kSkipped, kPlaces), seen_[num_packets_].begin());
  ++num_packets_;
}

bool EspWatch::stands_still() const {
  if (!enough()) return false;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    for (const auto& packet : seen_) {
      const auto num_same = std::ranges::count_if(seen_, [&](const auto& other) { return other[place] == packet[place]; });
      if (num_same >= kStillPackets) return true;
    }
  }
  return false;
}

Datagram EspSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  const auto header = parse_esp(chunk.bytes);
  if (!header) return Datagram::taken;  // nothing else travels as ESP
  Half& half = halves_[index(chunk.sender)];
  if (half.spi != header->spi) {
    half.spi = header->spi;
    half.watch = EspWatch{};
  }
  if (half.watch.enough()) return Datagram::taken;
  half.any = true;
  half.last =
      chunk.fact(OtherProtection{.protocol = kName, .how = "ESP, too few packets to tell whether it encrypts"}, 0, chunk.bytes.size());
  half.watch.take(header->payload);
  if (!half.watch.enough()) return Datagram::taken;
  if (half.watch.stands_still()) {
    if (!half.clear_told) facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = "ESP without encryption"}, 0, chunk.bytes.size()));
    half.clear_told = true;
  } else {
    if (!half.encrypts_told) facts.report(chunk.fact(OtherProtection{.protocol = kName, .how = "ESP"}, 0, chunk.bytes.size()));
    half.encrypts_told = true;
  }
  return Datagram::taken;
}

void EspSession::on_end(FactSink& facts) {
  for (Half& half : halves_) {
    if (half.any && !half.watch.enough()) facts.report(std::move(half.last));
  }
}

}  // namespace sealtrace
