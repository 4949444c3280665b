// Evidence and Basis: where a fact can be seen, and how strongly it is known.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/ids.hpp"

namespace sealtrace {

/// Evidence points at octets of a frame: `offset` counts from the start of the captured frame, `length` in octets. A
/// message that spans frames is evidenced by the frame that completed it, and then `length` may be zero.
struct Evidence {
  CaptureId capture{};
  FrameNumber frame{};
  std::uint32_t offset = 0;
  std::uint32_t length = 0;

  [[nodiscard]] bool known() const { return frame != FrameNumber{}; }
  bool operator==(const Evidence&) const = default;
};

/// TimedEvidence is evidence with the time of its frame (the epoch when not known).
struct TimedEvidence : Evidence {
  TimedEvidence() = default;
  TimedEvidence(const Evidence& evidence, Timestamp frame_time = {}) : Evidence{evidence}, time{frame_time} {}  // NOLINT: implicit

  Timestamp time{};
};

/// Basis is how an assertion is known, strongest first.
enum class Basis : std::uint8_t { key_verified, decrypted, decoded, lineage, declared, inferred, assumed };

constexpr std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::key_verified: return "key_verified";
    case Basis::decrypted: return "decrypted";
    case Basis::decoded: return "decoded";
    case Basis::lineage: return "lineage";
    case Basis::declared: return "declared";
    case Basis::inferred: return "inferred";
    case Basis::assumed: return "assumed";
  }
  return "unknown";
}

/// Side is the sender of something within a flow: the endpoint that opened it, or the other.
enum class Side : std::uint8_t { initiator = 0, responder = 1 };

constexpr Side other(Side side) { return side == Side::initiator ? Side::responder : Side::initiator; }
constexpr std::size_t index(Side side) { return static_cast<std::size_t>(side); }

}  // namespace sealtrace
