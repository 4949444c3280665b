// FlowLimits: every bound of the flow layer, with its unit and reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sealtrace {

/// kNumShards splits the flows into fixed parts, each with its own table, clock and budgets. A worker owns whole shards, so a
/// budget bites at the same packet whatever the number of workers.
inline constexpr std::size_t kNumShards = 16;

struct FlowLimits {
  /// Flows alive at once, per shard: 1 Mi flows of about 200 octets in all. The least recently used of a few is evicted.
  std::uint32_t max_flows_per_shard = 65'536;
  /// Octets held back per shard until they are in order or a message is whole: 128 MiB in all.
  std::size_t max_buffered_bytes_per_shard = 8U << 20;
  /// Octets held back per side of a stream: above any window that reordering fills, and above a TLS record.
  std::size_t max_buffered_bytes_per_side = 256U << 10;
  /// Octets kept per side during a handshake to compare retransmissions with: above the flights of real servers.
  std::size_t max_delivered_bytes_per_side = 64U << 10;
  /// Segments held back per side of a stream; beyond it the hole before them is given up.
  std::size_t max_early_segments = 192;
  /// Facts per flow: a session reports a handful per handshake message; a flood of alerts or renegotiations ends here.
  std::size_t max_facts_per_flow = 256;
  /// Facts above that for what was read in clear and which credentials were sent: a peer may spend the others first, to hide these.
  std::size_t max_reserved_facts_per_flow = 128;
  /// Session descriptions per flow, beside its other facts: they tell of other flows, and a trunk carries thousands of calls.
  std::uint16_t max_descriptions_per_flow = 4096;
  /// Sessions of datagrams per flow: STUN, DTLS, media, and the same for each peer behind a TURN relay.
  std::uint8_t max_followers = 32;
  /// Protocols inside protocols, at most 15: media in TURN in a framed stream.
  std::uint8_t max_carried_depth = 3;
  /// How often a stream may change its protocol: a proxy's CONNECT, an upgrade, pseudo-TLS.
  std::uint8_t max_hand_overs = 8;
  /// Datagrams of one side that nobody recognises before the flow is only counted.
  std::uint32_t max_unrecognised_datagrams = 64;
  /// Octets at the start of a stream, both sides together, within which a protocol may take over a stream that began as something else
  /// (STARTTLS, CONNECT).
  std::uint64_t max_upgrade_bytes = 1U << 20;
  /// Octets of packets kept until the end, to try keys on, per shard: 64 MiB in all, three packets of 80,000 streams of G.711. 0: none.
  std::size_t max_media_sample_bytes_per_shard = 4U << 20;
  /// Silence after which a flow ends, in packet time.
  std::chrono::seconds tcp_idle{3600};
  std::chrono::seconds tcp_opening{120};
  std::chrono::seconds tcp_closed{15};
  std::chrono::seconds udp_idle{300};
  /// Copies of a frame arrive within this time of each other (span ports that mirror both sides of a switch).
  std::chrono::milliseconds duplicate_window{20};
};

/// FlowCounters count what the flow layer gave up. Each is a budget in the report.
struct FlowCounters {
  std::uint64_t flows = 0;
  std::uint64_t duplicate_frames = 0;
  std::uint64_t evicted_flows = 0;
  std::uint64_t timed_out_flows = 0;
  std::uint64_t holes_given_up = 0;  ///< waited for until the buffer was full
  std::uint64_t dropped_facts = 0;
  std::uint64_t refused_media_samples = 0;

  FlowCounters& operator+=(const FlowCounters& more) {
    flows += more.flows;
    duplicate_frames += more.duplicate_frames;
    evicted_flows += more.evicted_flows;
    timed_out_flows += more.timed_out_flows;
    holes_given_up += more.holes_given_up;
    dropped_facts += more.dropped_facts;
    refused_media_samples += more.refused_media_samples;
    return *this;
  }
};

}  // namespace sealtrace
