// FlowEngine: segments in, finished flows out. One engine per worker; it owns the shards whose number is its own modulo the
// number of workers, and every worker is shown every segment.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "decode/segment.hpp"
#include "dissect/session.hpp"
#include "flow/conversation.hpp"
#include "flow/flow_limits.hpp"
#include "flow/flow_table.hpp"
#include "model/flow_profile.hpp"

namespace sealtrace {

/// FlowSink takes flows as they end, in no particular order. `profile` has everything but what facts say.
class FlowSink {
 public:
  virtual ~FlowSink() = default;
  virtual void flow_ended(FlowProfile profile, std::vector<Fact> facts) = 0;
};

/// FrameStamp says which frame a segment came in.
struct FrameStamp {
  Timestamp time{};
  FrameNumber frame{};
  CaptureId capture{};
};

struct FlowEngineOptions {
  FlowLimits limits;
  HashSeed seed;
  Services services;
  std::span<const Dissector* const> dissectors;
  unsigned worker = 0;
  unsigned num_workers = 1;
};

class FlowEngine {
 public:
  FlowEngine(const FlowEngineOptions& options, FlowSink& sink);
  FlowEngine(const FlowEngine&) = delete;  // it points into itself
  FlowEngine& operator=(const FlowEngine&) = delete;

  /// next_segment gives the place to decode the next frame into; add_segment takes what was put there, and when it came. Segments are
  /// worked on in batches, so their payload must stay valid until the next flush, except when `reassembled` (worked on at once).
  [[nodiscard]] Segment& next_segment() { return next_->segment; }
  void add_segment(const FrameStamp& stamp) {
    FrameStamp& place = next_->stamp;  // field by field: a copy of the whole would wait for the stores that made it
    place.time = stamp.time;
    place.frame = stamp.frame;
    place.capture = stamp.capture;
    prepare();
  }
  /// flush works on what was added. Call it before the octets that segments borrow go away.
  void flush();
  /// advance moves the clock and ends flows that were silent for too long. Call it between batches of frames.
  void advance(Timestamp now);
  /// finish ends every flow.
  void finish();
  /// visit_open hands a copy of every flow that a session follows to `visit`, without ending it (live checkpoints).
  void visit_open(const std::function<void(FlowProfile, std::vector<Fact>)>& visit);

  [[nodiscard]] const FlowCounters& counters() const { return counters_; }
  /// num_open counts the flows that have not ended.
  [[nodiscard]] std::size_t num_open() const {
    return std::accumulate(shards_.begin(), shards_.end(), std::size_t{0},
                           [](std::size_t sum, const Shard& shard) { return sum + shard.table.size(); });
  }

 private:
  static constexpr std::size_t kBatch = 16;
  static constexpr std::size_t kStages = 5;  ///< records, conversations, sessions and what these hold are fetched, then packets worked on
  struct Shard {
    FlowTable table;
    BufferBudget buffers;
    MediaSampleBudget media_samples;
    std::vector<Encapsulation> encapsulations;
  };
  struct Prepared {
    Segment segment;
    FrameStamp stamp;
    std::uint8_t sender = 0;  ///< which of the key's ends
    std::uint64_t hash = 0;
    Shard* shard = nullptr;
    // Whose flow it is, as far as the slots tell, in the order in which it is found:
    std::uint32_t record = kNoRecord;
    FlowRecord* flow = nullptr;  ///< records never move; another flow's may stand there by now
  };
  struct Batch {
    std::array<Prepared, kBatch> packets;
    std::size_t size = 0;
    /// Of those whose flow is known, the ones that a session has to look at, most likely: they are not only counted.
    std::array<const Prepared*, kBatch> asking{};
    std::size_t num_asking = 0;

    [[nodiscard]] std::span<Prepared> all() { return std::span{packets}.first(size); }
    [[nodiscard]] std::span<const Prepared* const> all_asking() const { return std::span{asking}.first(num_asking); }
  };

  /// advance_batches takes each batch one stage on.
  void advance_batches();
  [[gnu::always_inline]] static void fetch_records(Batch& batch);  // see model/prefetch.hpp
  [[gnu::always_inline]] static void fetch_conversations(Batch& batch);
  [[gnu::always_inline]] static void fetch_sessions(Batch& batch);
  [[gnu::always_inline]] static void fetch_insides(Batch& batch, bool again);
  /// prepare looks for the flow of the segment that was put in place, and takes the batches on when this one is full.
  [[gnu::always_inline]] void prepare();
  void clear(Shard& shard) const;
  [[gnu::always_inline]] void process(Prepared& prepared);
  [[nodiscard]] static bool is_reused(const FlowRecord& flow, const Prepared& prepared);
  /// find_or_create gives a packet its flow where the slots told wrong.
  [[gnu::noinline]] void find_or_create(Prepared& prepared);
  std::uint32_t create(Shard& shard, const Prepared& prepared);
  void make_room(Shard& shard);
  void end_flow(Shard& shard, std::uint32_t record, CloseReason reason);
  [[nodiscard]] FlowProfile profile_of(const Shard& shard, const FlowRecord& flow, CloseReason reason) const;
  [[nodiscard]] std::int64_t deadline_tick(const FlowRecord& flow) const;
  [[nodiscard]] bool is_copy(FlowRecord& flow, const Prepared& prepared) const;
  Conversation& conversation_of(FlowRecord& flow);
  /// is_unrecognised says that there was payload which nobody took, nor claimed later.
  [[nodiscard]] static bool is_unrecognised(const FlowRecord& flow) {
    return flow.state.looked_at && (flow.state.looked_at_alone || !flow.conversation || flow.conversation->is_left_over());
  }

  void on_datagram(FlowRecord& flow, const Prepared& prepared, Side side);
  void on_tcp(Shard& shard, FlowRecord& flow, const Prepared& prepared, Side side);
  void on_fin(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence);
  void on_payload(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, Piece piece);
  void take_in_order(Shard& shard, FlowRecord& flow, Side side, Piece piece);
  void hold_early(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, const Piece& piece);
  void store_early(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, const Piece& piece);
  void release_early(Shard& shard, FlowRecord& flow, Side side);
  void give_up_hole(Shard& shard, FlowRecord& flow, Side side);
  void pass_gap(Shard& shard, FlowRecord& flow, Side side, std::uint32_t missing);
  void deliver(Shard& shard, FlowRecord& flow, Side side, const Piece& piece);
  void feed(Shard& shard, FlowRecord& flow, Side side, const Piece* fresh);
  void recognise(Shard& shard, FlowRecord& flow, Side side, const Piece* fresh);
  void hand_over(Shard& shard, FlowRecord& flow);
  void go_on(Shard& shard, FlowRecord& flow);
  void pass_foreign(Shard& shard, FlowRecord& flow, const Dissector& dissector, Side side);
  void look_for_upgrade(Shard& shard, FlowRecord& flow, Side side, const Piece& piece);
  void open_session(Shard& shard, FlowRecord& flow, const Dissector& dissector, Side side, const Piece& piece);
  void note_delivered(Shard& shard, FlowRecord& flow, Side side, std::uint32_t sequence, Bytes bytes) const;
  void compare_with_delivered(FlowRecord& flow, Side side, std::uint32_t sequence, Bytes bytes) const;
  [[nodiscard]] static bool is_foreign(const FlowRecord& flow, const Segment& segment, Side side);
  void check_retransmission(FlowRecord& flow, Side side, std::uint32_t sequence, const Piece& piece) const;
  /// drain ends a flow's conversation: what was held back is due now. Gives its facts.
  std::vector<Fact> drain(Shard& shard, FlowRecord& flow);

  FlowEngineOptions options_;
  std::array<Registry, kNumShards> registries_;  ///< they differ in their budgets
  FlowSink& sink_;
  FlowCounters counters_;
  std::array<Batch, kStages> batches_;
  std::size_t newest_ = 0;                            ///< in batches_; behind it lie ever older ones, round and round
  Prepared* next_ = batches_.front().packets.data();  ///< the next segment's place, in the newest batch
  const Prepared* end_ = next_ + kBatch;              ///< of that batch
  std::array<Shard, kNumShards> shards_;
  std::array<bool, kNumShards> owned_{};  ///< by shard: it is this worker's
  std::int64_t now_tick_ = 0;
  bool clock_started_ = false;
};

inline void FlowEngine::prepare() {
  Prepared& prepared = *next_;
  const Segment& segment = prepared.segment;
  const std::size_t number = shard_of(segment.source, segment.destination);
  if (!owned_[number]) return;
  prepared.shard = &shards_[number];
  prepared.sender = sender_of(segment.source, segment.destination);
  prepared.hash = table_hash(segment.source, segment.destination, options_.seed);
  prepared.shard->table.prefetch_slot(prepared.hash);
  const bool reassembled = segment.reassembled;
  if (++next_ == end_) advance_batches();
  if (reassembled) flush();
}

}  // namespace sealtrace
