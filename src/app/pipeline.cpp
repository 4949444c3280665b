#include "app/pipeline.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "app/decode_damage.hpp"
#include "correlate/fold.hpp"
#include "decode/decoder.hpp"

namespace sealtrace {
namespace {

/// clock_of is the time that a batch moves the clock to before its frames are looked at: that of its first one, so that no flow ends before
/// its own frames in the batch are in; but no later than the second latest, so that one frame with a nonsensical time cannot end every
/// flow.
Timestamp clock_of(const PacketBatch& batch) {
  if (batch.packets.empty()) return batch.now;
  const Timestamp first = batch.packets.front().time;
  Timestamp latest_other = Timestamp::min();
  for (const PacketView& packet : std::span{batch.packets}.subspan(1)) {
    if (packet.time >= first) return first;
    latest_other = std::max(latest_other, packet.time);
  }
  return batch.packets.size() == 1 ? first : latest_other;
}

class Worker final : public FlowSink {
 public:
  Worker(const PipelineOptions& options, CertificateStore& certificates, unsigned number)
      : keep_hellos_{options.keep_hellos},
        engine_{{.limits = options.limits,
                 .seed = options.seed,
                 .services = {.certificates = &certificates,
                              .staples = options.staples,
                              .hash_key = options.seed.first ^ options.seed.second,
                              .keep_fingerprint_lists = options.keep_hellos,
                              .keys = options.keys,
                              .verify_signatures = options.verify_signatures},
                 .dissectors = all_dissectors(),
                 .worker = number,
                 .num_workers = options.jobs},
                *this} {}

  void take(const PacketBatch& batch) {
    engine_.advance(clock_of(batch));
    assert(batch.packets.empty() || batch.packets.front().capture == batch.packets.back().capture);
    if (!batch.packets.empty() && batch.packets.front().capture != capture_) end_capture(batch.packets.front().capture);
    for (const PacketView& packet : batch.packets) {
      const auto link_layer = static_cast<LinkLayer>(packet.link_type);
      const bool plain = decoder_.decode_plain(packet.data, packet.wire_bytes, link_layer, engine_.next_segment());
      if (!plain && !walk(packet)) continue;
      engine_.add_segment({.time = packet.time, .frame = packet.frame, .capture = packet.capture});
    }
    engine_.flush();
  }
  void finish() {
    engine_.flush();
    flows.reserve(flows.size() + engine_.num_open());
    engine_.finish();
    decoder_.finish();
    end_capture(capture_);
  }

  void flow_ended(FlowProfile profile, std::vector<Fact> facts) override {
    std::size_t& kept = kept_[shard_of(profile.initiator.endpoint, profile.responder.endpoint)];
    if (facts.empty() && kept >= kMaxProfilesPerShard) {
      ++forgotten_flows;
      return;
    }
    ++kept;
    fold(profile, facts, keep_hellos_);
    flows.push_back(std::move(profile));
  }
  std::vector<FlowProfile> open_flows() {
    std::vector<FlowProfile> open;
    engine_.visit_open([&](FlowProfile profile, std::vector<Fact> facts) {
      fold(profile, facts, keep_hellos_);
      open.push_back(std::move(profile));
    });
    return open;
  }
  [[nodiscard]] const FlowCounters& flow_counters() const { return engine_.counters(); }

  std::vector<FlowProfile> flows;
  std::vector<CaptureDamage> damage;  // by capture
  std::uint64_t forgotten_flows = 0;

 private:
  /// walk decodes a frame that is not plain; false when it has no segment. With decode_plain it is Decoder::decode in two steps: what only
  /// the walk takes is then loaded for it alone.
  [[gnu::noinline]] bool walk(const PacketView& packet) {
    return decoder_.decode_by_walk(packet.data, packet.wire_bytes, static_cast<LinkLayer>(packet.link_type), packet.time,
                                   engine_.next_segment()) == DecodeResult::segment;
  }
  /// end_capture books what the decoder counted since the last call to the capture it came from.
  void end_capture(CaptureId next) {
    if (damage.size() <= value(capture_)) damage.resize(value(capture_) + 1);
    book(damage[value(capture_)], decoder_.counters(), booked_);
    booked_ = decoder_.counters();
    capture_ = next;
  }

  bool keep_hellos_;
  Decoder decoder_;
  FlowEngine engine_;
  CaptureId capture_{};
  DecodeCounters booked_;
  std::array<std::size_t, kNumShards> kept_{};
};

/// BatchRing passes batches from the reader to every worker: each slot is refilled when all of them are done with it.
class BatchRing {
 public:
  explicit BatchRing(unsigned num_workers) : taken_(num_workers, 0) {}

  /// refill waits for a free slot and lets `fill` put the next batch there; false ends the ring.
  template <typename Fill>
  bool refill(Fill fill) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return filled_ - *std::ranges::min_element(taken_) < slots_.size(); });
    PacketBatch& slot = slots_[filled_ % slots_.size()];
    lock.unlock();
    const bool more = fill(slot);
    lock.lock();
    if (more) {
      ++filled_;
    } else {
      ended_ = true;
    }
    changed_.notify_all();
    return more;
  }
  /// take waits for the worker's next batch and lets `use` read it; false at the end.
  template <typename Use>
  bool take(unsigned worker, Use use) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return taken_[worker] < filled_ || ended_; });
    if (taken_[worker] == filled_) return false;
    const PacketBatch& slot = slots_[taken_[worker] % slots_.size()];
    lock.unlock();
    use(slot);
    lock.lock();
    ++taken_[worker];
    changed_.notify_all();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<PacketBatch, 4> slots_;  // two being worked on, one being read, one to spare
  std::uint64_t filled_ = 0;
  std::vector<std::uint64_t> taken_;
  bool ended_ = false;
};

void run_alone(PacketSource& source, Worker& worker, const std::function<void(const Checkpoint&)>& after_batch) {
  const Checkpoint checkpoint{.finished = [&] { return std::exchange(worker.flows, {}); },
                              .open = [&] { return worker.open_flows(); },
                              .restore = [&](std::vector<FlowProfile> flows) { worker.flows = std::move(flows); }};
  PacketBatch batch;
  while (source.next(batch)) {
    worker.take(batch);
    after_batch(checkpoint);
  }
  worker.finish();
}

void run_together(PacketSource& source, std::vector<std::unique_ptr<Worker>>& workers,
                  const std::function<void(const Checkpoint&)>& after_batch) {
  BatchRing ring{static_cast<unsigned>(workers.size())};
  std::vector<std::jthread> threads;
  threads.reserve(workers.size());
  for (unsigned number = 0; number < workers.size(); ++number) {
    threads.emplace_back([&ring, &worker = *workers[number], number] {
      while (ring.take(number, [&](const PacketBatch& batch) { worker.take(batch); })) {
      }
      worker.finish();
    });
  }
  while (ring.refill([&](PacketBatch& batch) { return source.next(batch); })) after_batch({});
}

}  // namespace

PipelineResult run_pipeline(PacketSource& source, const PipelineOptions& options, CertificateStore& certificates,
                            const std::function<void(const Checkpoint&)>& after_batch) {
  std::vector<std::unique_ptr<Worker>> workers;
  workers.reserve(options.jobs);
  for (unsigned number = 0; number < options.jobs; ++number) workers.push_back(std::make_unique<Worker>(options, certificates, number));
  if (options.jobs == 1) {
    run_alone(source, *workers.front(), after_batch);
  } else {
    run_together(source, workers, after_batch);
  }
  PipelineResult result;
  result.flows = std::move(workers.front()->flows);
  result.damage = std::move(workers.front()->damage);  // every worker decodes every frame: one count is enough
  for (const auto& worker : workers) {
    result.flow_counters += worker->flow_counters();
    result.forgotten_flows += worker->forgotten_flows;
    if (worker == workers.front()) continue;
    result.flows.insert(result.flows.end(), std::make_move_iterator(worker->flows.begin()), std::make_move_iterator(worker->flows.end()));
  }
  return result;
}

}  // namespace sealtrace
