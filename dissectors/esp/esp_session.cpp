#include "dissectors/esp/esp_session.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sealtrace {
namespace {

constexpr StaticText kName{"esp"};
constexpr std::uint16_t kNatTraversalPort = 4500;      // RFC 3948
constexpr std::uint8_t kNatKeepAlive = 0xFF;           // section 2.3
constexpr std::size_t kMinBytesInUdp = 8 + 8 + 4 + 8;  // header, an initialization vector, a block, a check value
constexpr std::uint32_t kMaxLost = 4096;               // packets that may be missing between two that are compared

bool is_keep_alive(Bytes datagram) { return datagram.size() == 1 && datagram[0] == kNatKeepAlive; }

/// parse_esp_in_udp leaves out what no sender begins with: the first packet of an association has sequence number 1.
std::optional<EspHeader> parse_esp_in_udp(Bytes datagram) {
  const auto header = parse_esp(datagram);
  if (!header || header->sequence_number == 0 || datagram.size() < kMinBytesInUdp) return std::nullopt;
  return *header;
}

/// has_readable_packet looks for an IPv4 header where ESP without encryption in tunnel mode has it (RFC 2410, RFC 5879 section 4): right
/// behind the header of ESP, with a length that fits and a checksum that holds.
bool has_readable_packet(Bytes payload) {
  constexpr std::size_t kHeaderBytes = 20;
  constexpr std::size_t kMaxTrailerBytes = 2 + 255 + 64;  // padding, its length, the next header, the check value
  if (payload.size() < kHeaderBytes || payload[0] != 0x45) return false;
  ParseScope scope;
  ByteReader header{payload.first(kHeaderBytes), scope};
  std::uint32_t sum = 0;
  std::uint16_t total_length = 0;
  for (int i = 0; header.more(); ++i) {
    const std::uint16_t word = header.u16("header");
    if (i == 1) total_length = word;
    sum += word;
  }
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum == 0xFFFF && total_length >= kHeaderBytes && total_length <= payload.size() &&
         payload.size() - total_length <= kMaxTrailerBytes;
}

Recognition probe(const ProbeInput& input) {
  return input.transport == Transport::esp && parse_esp(input.bytes) ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<EspSession>(); }

Recognition probe_in_udp(const ProbeInput& input) {
  const bool on_port = input.source_port == kNatTraversalPort || input.destination_port == kNatTraversalPort;
  if (input.transport != Transport::udp || !on_port) return Recognition::no;
  return is_keep_alive(input.bytes) || parse_esp_in_udp(input.bytes) ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open_in_udp(const Services& /*services*/) { return std::make_unique<EspInUdpSession>(); }

}  // namespace

const Dissector kEspDissector{.name = kName, .probe = probe, .open = open};
const Dissector kEspInUdpDissector{.name = kName, .probe = probe_in_udp, .open = open_in_udp, .tentative = true};

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

EspAssociation& EspHalf::association(std::uint32_t spi) {
  const auto known = std::ranges::find(associations_, spi, &EspAssociation::spi);
  if (known != associations_.end()) return *known;
  if (associations_.size() == kMaxAssociations) {
    const auto unproved = std::ranges::find(associations_, false, &EspAssociation::proved);
    const auto oldest = unproved == associations_.end() ? associations_.begin() : unproved;
    forget(*oldest);
    associations_.erase(oldest);
  }
  EspAssociation& fresh = associations_.emplace_back();
  fresh.spi = spi;
  return fresh;
}

void EspHalf::forget(EspAssociation& association) {
  const bool told = association.watch.enough() || association.readable;
  if (association.proved && !told) too_few_ = std::move(association.last);
}

void EspHalf::watch(EspAssociation& association, Bytes payload, StaticText how, const Chunk& chunk, FactSink& facts) {
  if (association.watch.enough()) return;
  association.last =
      chunk.fact(OtherProtection{.protocol = kName, .how = "ESP, too few packets to tell whether it encrypts"}, 0, chunk.bytes.size());
  association.watch.take(payload);
  association.readable |= has_readable_packet(payload) || association.watch.stands_still();
  if (association.readable) {
    if (!std::exchange(clear_told_, true))
      facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = "ESP without encryption"}, 0, chunk.bytes.size()));
  } else if (association.watch.enough() && !std::exchange(encrypts_told_, true)) {
    facts.report(chunk.fact(OtherProtection{.protocol = kName, .how = how}, 0, chunk.bytes.size()));
  }
}

void EspHalf::end(FactSink& facts) {
  for (EspAssociation& association : associations_) forget(association);
  if (too_few_) facts.report(*std::move(too_few_));
}

void EspFlow::on_end(FactSink& facts) {
  for (EspHalf& half : halves_) half.end(facts);
}

Datagram EspSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  const auto header = parse_esp(chunk.bytes);
  if (!header) return Datagram::taken;  // nothing else travels as ESP
  EspHalf& sender = half(chunk.sender);
  EspAssociation& association = sender.association(header->spi);
  association.proved = true;
  sender.watch(association, header->payload, "ESP", chunk, facts);
  return Datagram::taken;
}

Datagram EspInUdpSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  if (is_keep_alive(chunk.bytes)) return Datagram::taken;
  const auto header = parse_esp_in_udp(chunk.bytes);
  if (!header) return Datagram::not_mine;
  EspHalf& sender = half(chunk.sender);
  EspAssociation& association = sender.association(header->spi);
  const std::uint32_t before = std::exchange(association.sequence_number, header->sequence_number);
  const bool goes_on = before != 0 && header->sequence_number > before && header->sequence_number - before <= kMaxLost;
  if (!association.proved && !goes_on) {
    ++association.num_unproved;
    return Datagram::not_mine;
  }
  association.proved = true;
  facts.claim(std::exchange(association.num_unproved, 0));
  if (!std::exchange(recognised_, true)) facts.report(chunk.fact(ProtocolRecognised{.protocol = kName}, 0, chunk.bytes.size()));
  sender.watch(association, header->payload, "ESP in UDP", chunk, facts);
  return Datagram::taken;
}

}  // namespace sealtrace
