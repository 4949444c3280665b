// Capture files for tests and fuzz targets, built from annotated hex, and what a reader makes of them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "capture/capture_reader.hpp"
#include "capture/ordered_reader.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {

using Octets = std::vector<std::uint8_t>;

/// append puts `more` behind `octets`.
inline void append(Octets& octets, Bytes more) { octets.insert(octets.end(), more.begin(), more.end()); }

/// join puts pieces one behind the other.
inline Octets join(std::initializer_list<Octets> pieces) {
  Octets all;
  for (const Octets& piece : pieces) append(all, piece);
  return all;
}

inline Octets u16_in(std::uint16_t value, ByteOrder order) {
  const auto low = static_cast<std::uint8_t>(value);
  const auto high = static_cast<std::uint8_t>(value >> 8);
  return order == ByteOrder::little ? Octets{low, high} : Octets{high, low};
}
inline Octets u32_in(std::uint32_t value, ByteOrder order) {
  const Octets low = u16_in(static_cast<std::uint16_t>(value), order);
  const Octets high = u16_in(static_cast<std::uint16_t>(value >> 16), order);
  return order == ByteOrder::little ? join({low, high}) : join({high, low});
}

/// pcapng_block wraps a body, padded to 32 bits, into a block with its lengths.
inline Octets pcapng_block(std::uint32_t type, Octets body, ByteOrder order = ByteOrder::little) {
  body.resize((body.size() + 3) / 4 * 4);
  const Octets length = u32_in(static_cast<std::uint32_t>(body.size() + 12), order);
  return join({u32_in(type, order), length, body, length});
}

/// OwnedFrame is a PacketView that outlives its batch.
struct OwnedFrame {
  Octets data;
  Timestamp time{};
  FrameNumber frame{};
  std::uint32_t wire_bytes = 0;
  LinkType link_type{};

  bool operator==(const OwnedFrame&) const = default;
};

struct ReadOutcome {
  std::vector<OwnedFrame> frames;
  CaptureSummary summary;
  KeyLog key_log;
};

/// read_all reads a whole capture from memory, `block_bytes` at a time that come in pieces of `piece_bytes`.
inline ReadOutcome read_all(Bytes file, std::size_t block_bytes = kBlockBytes, std::size_t piece_bytes = SIZE_MAX) {
  ReadOutcome outcome;
  outcome.summary.name = "test";
  MemorySource source{file, piece_bytes};
  const std::unique_ptr<CaptureReader> reader = make_reader(detect_format(file), source, CaptureId{}, outcome.key_log, block_bytes);
  PacketBatch batch;
  while (reader && reader->next(batch, outcome.summary)) {
    for (const PacketView& packet : batch.packets) {
      outcome.frames.push_back({.data = {packet.data.begin(), packet.data.end()},
                                .time = packet.time,
                                .frame = packet.frame,
                                .wire_bytes = packet.wire_bytes,
                                .link_type = packet.link_type});
    }
  }
  return outcome;
}

}  // namespace sealtrace
