// Names for what the decoder counted, and arithmetic on them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "decode/segment.hpp"
#include "model/audit.hpp"

namespace sealtrace {

struct DecodeCounterName {
  std::string_view name;
  std::uint64_t DecodeCounters::* field;
};

/// kDamagedFrames are the counters of frames that gave nothing to judge, or less than was on the wire, or were used with a wrong checksum,
/// by the name that reports use.
inline constexpr auto kDamagedFrames = std::to_array<DecodeCounterName>({
    {"not_ip", &DecodeCounters::not_ip},
    {"not_tcp_or_udp", &DecodeCounters::not_transport},
    {"headers_cut_by_snaplen", &DecodeCounters::truncated},
    {"payload_cut_by_snaplen", &DecodeCounters::payload_cut},
    {"malformed", &DecodeCounters::malformed},
    {"unsupported_encapsulation", &DecodeCounters::unsupported},
    {"nesting_exceeded", &DecodeCounters::nesting_exceeded},
    {"bad_ip_checksum", &DecodeCounters::bad_ip_checksum},
    {"bad_transport_checksum_sampled", &DecodeCounters::bad_transport_checksum},
    {"fragments_dropped", &DecodeCounters::fragments_dropped},
    {"fragments_overlapping", &DecodeCounters::fragments_overlapping},
    {"datagrams_incomplete", &DecodeCounters::datagrams_incomplete},
});

/// book adds to `total` what was counted between `before` and `now`.
inline void book(CaptureDamage& total, const DecodeCounters& now, const DecodeCounters& before) {
  for (const auto& [name, field] : kDamagedFrames) {
    if (const std::uint64_t more = now.*field - before.*field; more != 0) total[std::string{name}] += more;
  }
}

}  // namespace sealtrace
