// Pipeline: from a source of frames to the profiles of its flows. One reader, and workers that each follow their share of
// the flows; with one worker everything runs on the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "capture/packet_source.hpp"
#include "crypto/certificate_store.hpp"
#include "crypto/staple_store.hpp"
#include "flow/flow_engine.hpp"
#include "model/audit.hpp"

namespace sealtrace {

/// kMaxProfilesPerShard bounds the flows that a report remembers, 4 Mi in all: unrecognised ones beyond it are only counted.
inline constexpr std::size_t kMaxProfilesPerShard = std::size_t{1} << 18;

struct PipelineOptions {
  unsigned jobs = 1;
  FlowLimits limits;
  bool keep_hellos = false;  ///< for fingerprints
  const KeyRing* keys = nullptr;
  StapleStore* staples = nullptr;
  bool verify_signatures = false;  ///< of handshakes in the clear
  HashSeed seed;
};

/// PipelineResult is what the frames showed. `flows` are in no order and not numbered; `damage` has an entry per capture.
struct PipelineResult {
  std::vector<FlowProfile> flows;
  std::vector<CaptureDamage> damage;  ///< what the decoder could not use
  FlowCounters flow_counters;
  std::uint64_t forgotten_flows = 0;  ///< beyond kMaxProfilesPerShard
};

/// Checkpoint is called between batches with what a report could be made of now: `finished` moves out the flows that ended
/// since the start (give them back by `restore`), `open` adds copies of those that a session still follows.
struct Checkpoint {
  std::function<std::vector<FlowProfile>()> finished;
  std::function<std::vector<FlowProfile>()> open;
  std::function<void(std::vector<FlowProfile>)> restore;
};

/// run_pipeline reads `source` to its end. `after_batch` is called on the caller's thread after each batch was read; with one
/// job its Checkpoint works, with more its functions are empty.
PipelineResult run_pipeline(PacketSource& source, const PipelineOptions& options, CertificateStore& certificates,
                            const std::function<void(const Checkpoint&)>& after_batch);

}  // namespace sealtrace
