#include "flow/flow_engine.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "model/prefetch.hpp"

namespace sealtrace {
namespace {

std::int64_t tick_of(Timestamp time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

/// count adds one, unless the counter is full.
template <typename Counter>
void count(Counter& counter) {
  counter = static_cast<Counter>(counter + static_cast<Counter>(counter != std::numeric_limits<Counter>::max()));
}

/// visit_fetched calls visit(i) for each of `count` flows, of which at(i) gives the record. Flows that were silent are in memory, not in
/// the cache: what their end reads is fetched a few flows ahead.
template <typename At, typename Visit>
void visit_fetched(std::size_t count, At at, Visit visit) {
  constexpr std::size_t kAhead = 4;
  const auto conversation_of = [&](std::size_t i) { return i < count ? at(i).conversation.get() : nullptr; };
  for (std::size_t i = 0; i < count; ++i) {
    if (i + 4 * kAhead < count) prefetch(&at(i + 4 * kAhead), sizeof(FlowRecord));
    prefetch(conversation_of(i + 3 * kAhead), sizeof(Conversation));
    if (const Conversation* const soon = conversation_of(i + 2 * kAhead)) soon->prefetch_end();
    if (const Conversation* const next = conversation_of(i + kAhead)) next->prefetch_bodies();
    visit(i);
  }
}

}  // namespace

FlowEngine::FlowEngine(const FlowEngineOptions& options, FlowSink& sink) : options_{options}, sink_{sink} {
  assert(options.dissectors.size() <= 0xFF && options.limits.max_carried_depth <= 0xF);  // what a Conversation counts up to
  for (std::size_t i = 0; i < kNumShards; ++i) {
    registries_[i] = {.dissectors = options.dissectors, .services = options.services, .limits = &options_.limits, .counters = &counters_};
    const std::size_t limit_bytes = options.limits.max_media_sample_bytes_per_shard;
    if (limit_bytes != 0) registries_[i].services.media_samples = &shards_[i].media_samples;
    clear(shards_[i]);
    owned_[i] = i % options.num_workers == options.worker;
  }
}

void FlowEngine::clear(Shard& shard) const {
  shard = Shard{};
  shard.buffers.limit_bytes = options_.limits.max_buffered_bytes_per_shard;
  shard.media_samples.limit_bytes = options_.limits.max_media_sample_bytes_per_shard;
}

void FlowEngine::flush() {
  for (std::size_t i = 0; i < kStages; ++i) advance_batches();
}

inline void FlowEngine::fetch_records(Batch& batch) {
  for (Prepared& prepared : batch.all()) {
    FlowTable& table = prepared.shard->table;
    prepared.record = table.likely(prepared.hash);
    prepared.flow = prepared.record != kNoRecord ? &table.at(prepared.record) : nullptr;
    prefetch(prepared.flow, sizeof(FlowRecord));
  }
}

inline void FlowEngine::fetch_conversations(Batch& batch) {
  constexpr std::size_t kFirstBytes = 128;
  std::size_t num_asking = 0;
  for (const Prepared& prepared : batch.all()) {
    if (prepared.flow == nullptr) continue;
    batch.asking[num_asking] = &prepared;  // no branch: which packets ask cannot be predicted
    num_asking += prepared.flow->is_steady(prepared.flow->side_of(prepared.sender)) ? 0U : 1U;
  }
  batch.num_asking = num_asking;
  for (const Prepared* const prepared : batch.all_asking()) prefetch(prepared->flow->conversation.get(), kFirstBytes);
}

inline void FlowEngine::fetch_sessions(Batch& batch) {
  constexpr std::size_t kFirstBytes = 128;
  for (const Prepared* const prepared : batch.all_asking()) {
    const Conversation* const conversation = prepared->flow->conversation.get();
    if (conversation == nullptr) continue;
    conversation->prefetch_parts();
    prefetch(conversation->next_session(), kFirstBytes);
  }
}

inline void FlowEngine::fetch_insides(Batch& batch, bool again) {
  for (const Prepared* const prepared : batch.all_asking()) {
    const Conversation* const conversation = prepared->flow->conversation.get();
    const Session* const session = conversation != nullptr ? conversation->next_session() : nullptr;
    if (session != nullptr) session->prefetch(prepared->flow->side_of(prepared->sender), again);
  }
}

void FlowEngine::advance(Timestamp now) {
  flush();
  now_tick_ = clock_started_ ? std::max(now_tick_, tick_of(now)) : tick_of(now);
  clock_started_ = true;
  for (Shard& shard : shards_) {
    const auto visit = [&](std::uint32_t record) {
      const std::int64_t deadline = deadline_tick(shard.table.at(record));
      if (deadline >= now_tick_) return shard.table.schedule(record, deadline);
      const bool closed = shard.table.at(record).closed();
      if (!closed) ++counters_.timed_out_flows;
      end_flow(shard, record, closed ? CloseReason::tcp_close : CloseReason::timed_out);
    };
    shard.table.due(now_tick_, [&](std::span<const std::uint32_t> records) {
      const auto at = [&](std::size_t i) -> FlowRecord& { return shard.table.at(records[i]); };
      visit_fetched(records.size(), at, [&](std::size_t i) { visit(records[i]); });
    });
  }
}

void FlowEngine::finish() {
  flush();
  // In the order in which they began, whatever their shards: what ended flows leave is then whole pages, for what is kept of them.
  struct Open {
    Shard* shard;
    FlowRecord* flow;
  };
  std::vector<Open> open;
  open.reserve(num_open());
  std::uint32_t capacity = 0;
  for (const Shard& shard : shards_) capacity = std::max(capacity, shard.table.capacity());
  for (std::uint32_t record = 0; record < capacity; ++record) {
    for (Shard& shard : shards_) {
      if (record < shard.table.capacity() && shard.table.at(record).state.used) open.push_back({&shard, &shard.table.at(record)});
    }
  }
  const auto at = [&](std::size_t i) -> FlowRecord& { return *open[i].flow; };
  visit_fetched(open.size(), at, [&](std::size_t i) {
    const auto [shard, flow] = open[i];
    std::vector<Fact> facts = drain(*shard, *flow);
    sink_.flow_ended(profile_of(*shard, *flow, flow->closed() ? CloseReason::tcp_close : CloseReason::end_of_capture), std::move(facts));
  });
  for (Shard& shard : shards_) {
    counters_.refused_media_samples += shard.media_samples.num_refused;
    clear(shard);
  }
}

void FlowEngine::visit_open(const std::function<void(FlowProfile, std::vector<Fact>)>& visit) {
  flush();
  for (Shard& shard : shards_) {
    for (std::uint32_t record = 0; record < shard.table.capacity(); ++record) {
      FlowRecord& flow = shard.table.at(record);
      if (!flow.state.used || !flow.conversation) continue;
      visit(profile_of(shard, flow, CloseReason::end_of_capture), flow.conversation->facts());
    }
  }
}

std::int64_t FlowEngine::deadline_tick(const FlowRecord& flow) const {
  const FlowLimits& limits = options_.limits;
  std::chrono::seconds patience = limits.udp_idle;
  if (flow.is_tcp()) {
    patience = flow.closed() ? limits.tcp_closed : flow.payload_bytes == 0 ? limits.tcp_opening : limits.tcp_idle;
  }
  return tick_of(flow.last_time) + patience.count();
}

void FlowEngine::make_room(Shard& shard) {
  // The wheel knows who expires next. Those that were active since they were linked go back; after a few, any will do.
  static constexpr int kTries = 16;
  std::uint32_t record = shard.table.soonest();
  for (int tries = 1; tries < kTries; ++tries) {
    const std::int64_t deadline = deadline_tick(shard.table.at(record));
    if (shard.table.at(record).payload_bytes == 0 || deadline <= now_tick_ + 1) break;
    shard.table.schedule(record, deadline);
    record = shard.table.soonest();
  }
  ++counters_.evicted_flows;
  end_flow(shard, record, CloseReason::evicted);
}

std::uint32_t FlowEngine::create(Shard& shard, const Prepared& prepared) {
  if (shard.table.size() >= options_.limits.max_flows_per_shard) make_room(shard);
  const Segment& segment = prepared.segment;
  const std::uint32_t record =
      shard.table.insert(flow_key(segment.source, segment.destination, segment.transport, prepared.sender), prepared.hash);
  FlowRecord& flow = shard.table.at(record);
  ++counters_.flows;
  bool source_opened = true;
  if (segment.transport == Transport::tcp) {
    if (segment.flags.syn()) {
      source_opened = !segment.flags.ack();
    } else {
      source_opened = segment.source.port >= segment.destination.port;  // joined mid-stream: servers listen on the lower port
    }
  }
  flow.initiator = source_opened ? prepared.sender : static_cast<std::uint8_t>(1U - prepared.sender);
  flow.first_time = flow.last_time = prepared.stamp.time;
  flow.first_frame = flow.last_frame = prepared.stamp.frame;
  flow.first_capture = flow.last_capture = static_cast<std::uint16_t>(value(prepared.stamp.capture));
  auto known = std::ranges::find(shard.encapsulations, segment.encapsulation);
  if (known == shard.encapsulations.end() && shard.encapsulations.size() < 1024) {
    known = shard.encapsulations.insert(known, segment.encapsulation);
  }
  flow.encapsulation = static_cast<std::uint16_t>(known - shard.encapsulations.begin());  // beyond the table: not stated
  shard.table.schedule(record, deadline_tick(flow));
  return record;
}

void FlowEngine::end_flow(Shard& shard, std::uint32_t record, CloseReason reason) {
  FlowRecord& flow = shard.table.at(record);
  std::vector<Fact> facts = drain(shard, flow);
  FlowProfile profile = profile_of(shard, flow, reason);
  shard.table.erase(record, table_hash(flow.ends[0], flow.ends[1], options_.seed));
  sink_.flow_ended(std::move(profile), std::move(facts));
}

FlowProfile FlowEngine::profile_of(const Shard& shard, const FlowRecord& flow, CloseReason reason) const {
  FlowProfile profile;
  profile.transport = flow.transport;
  profile.closed = reason;
  profile.initiator = {.endpoint = flow.end_of(Side::initiator), .packets = flow.packets[0], .bytes = flow.bytes[0]};
  profile.responder = {.endpoint = flow.end_of(Side::responder), .packets = flow.packets[1], .bytes = flow.bytes[1]};
  profile.start_seen = !flow.is_tcp() || flow.state.start_seen;
  profile.beginning_lost = flow.is_tcp() && !flow.state.beginning_known;
  profile.initiator_seen = flow.packets[0] != 0;
  profile.responder_seen = flow.packets[1] != 0;
  profile.truncated = flow.state.truncated;
  profile.conflicting = flow.state.conflicting;
  profile.responder_accepted = flow.state.answered;
  profile.reset = flow.state.reset;
  profile.first_capture = CaptureId{flow.first_capture};
  profile.last_capture = CaptureId{flow.last_capture};
  profile.first_frame = flow.first_frame;
  profile.last_frame = flow.last_frame;
  profile.start = flow.first_time;
  profile.end = flow.last_time;
  profile.payload_bytes = flow.payload_bytes;
  profile.duplicate_frames = flow.duplicates;
  if (flow.is_tcp()) {
    profile.missing_bytes = flow.tcp.missing_bytes;
    profile.retransmitted_segments = flow.tcp.retransmissions;
  }
  if (is_unrecognised(flow)) profile.unrecognised = flow.first_octets;
  if (flow.encapsulation < shard.encapsulations.size()) profile.encapsulation = shard.encapsulations[flow.encapsulation];
  if (flow.first_payload_after != kNoRecord) {
    profile.first_payload = {.capture = profile.first_capture, .frame = FrameNumber{value(flow.first_frame) + flow.first_payload_after}};
  }
  return profile;
}

inline bool FlowEngine::is_copy(FlowRecord& flow, const Prepared& prepared) const {
  constexpr unsigned kTickBits = 20;  // of 2^20 ns: a millisecond, near enough, without a division
  const auto ticks = [](std::chrono::nanoseconds time) { return static_cast<std::uint32_t>(time.count() >> kTickBits) & 0xFFFFU; };
  const auto key = static_cast<std::uint32_t>(prepared.segment.duplicate_key >> 32U);
  const std::uint32_t details =
      (static_cast<std::uint32_t>(prepared.segment.duplicate_key) & 0xFFFF0000U) | ticks(prepared.stamp.time.time_since_epoch());
  for (std::size_t i = 0; i < flow.recent.size(); ++i) {
    if (flow.recent[i] != key) [[likely]]
      continue;
    const std::uint32_t seen = flow.recent_details[i];
    if ((seen ^ details) >> 16U != 0 || (seen == 0 && key == 0)) continue;
    const std::uint32_t apart = std::min((details - seen) & 0xFFFFU, (seen - details) & 0xFFFFU);
    if (apart <= ticks(options_.limits.duplicate_window)) return true;
  }
  const std::size_t at = (flow.packets[0] + flow.packets[1]) % flow.recent.size();  // full counters stay: then the same place every time
  flow.recent[at] = key;
  flow.recent_details[at] = details;
  return false;
}

Conversation& FlowEngine::conversation_of(FlowRecord& flow) {
  if (!flow.conversation) {
    flow.conversation =
        std::make_unique<Conversation>(registries_[shard_of(flow.ends[0], flow.ends[1])], flow.is_tcp() ? nullptr : &flow.media);
  }
  return *flow.conversation;
}

void FlowEngine::find_or_create(Prepared& prepared) {
  Shard& shard = *prepared.shard;
  const Segment& segment = prepared.segment;
  const FlowKey key = flow_key(segment.source, segment.destination, segment.transport, prepared.sender);
  prepared.record = shard.table.find(key, prepared.hash);
  if (prepared.record == kNoRecord) prepared.record = create(shard, prepared);
  prepared.flow = &shard.table.at(prepared.record);
}

bool FlowEngine::is_reused(const FlowRecord& flow, const Prepared& prepared) {
  const Segment& segment = prepared.segment;
  const Side side = flow.side_of(prepared.sender);
  if (!segment.flags.syn() || segment.flags.ack()) return false;
  const bool again =
      side == Side::initiator && flow.state.start_seen && flow.tcp.next_sequence[0] == segment.sequence + 1 && flow.payload_bytes == 0;
  const bool late = flow.payload_bytes == 0 && !flow.closed() && (side == Side::responder || !flow.state.start_seen);
  return !again && !late;
}

inline void FlowEngine::process(Prepared& prepared) {
  Shard& shard = *prepared.shard;
  const Segment& segment = prepared.segment;
  if (prepared.flow == nullptr || !prepared.flow->is_of(segment.source, segment.destination, segment.transport, prepared.sender))
      [[unlikely]] {
    find_or_create(prepared);
  }
  if (segment.transport == Transport::tcp && is_reused(*prepared.flow, prepared)) {
    end_flow(shard, prepared.record, CloseReason::reused);  // the same five-tuple opens anew
    prepared.record = create(shard, prepared);
    prepared.flow = &shard.table.at(prepared.record);
  }
  FlowRecord& flow = *prepared.flow;
  const Side side = flow.side_of(prepared.sender);
  if (is_copy(flow, prepared)) {
    // Its key covers only parts of a long payload: where it matters what was said, a copy has to say the same.
    if (segment.transport == Transport::tcp) compare_with_delivered(flow, side, segment.sequence, segment.payload);
    count(flow.duplicates);
    ++counters_.duplicate_frames;
    return;
  }
  const std::size_t i = index(side);
  count(flow.packets[i]);
  flow.bytes[i] += segment.ip_bytes;
  if (prepared.stamp.time > flow.last_time) [[likely]]
    flow.last_time = prepared.stamp.time;
  flow.last_frame = prepared.stamp.frame;
  flow.last_capture = static_cast<std::uint16_t>(value(prepared.stamp.capture));
  if (segment.payload_wire_bytes != 0) [[likely]] {
    flow.payload_bytes += segment.payload_wire_bytes;
    if (flow.first_payload_after == kNoRecord && flow.last_capture == flow.first_capture) {
      flow.first_payload_after =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(value(flow.last_frame) - value(flow.first_frame), kNoRecord - 1));
    }
    if (segment.payload.size() < segment.payload_wire_bytes) flow.state.truncated = true;
  }
  // No branch: which side it is of cannot be predicted.
  const auto is = [](bool condition) { return static_cast<unsigned>(condition); };
  const bool says_something = segment.payload_wire_bytes != 0 || (segment.flags.syn() && segment.flags.ack());
  flow.state.answered = (is(flow.state.answered) | (is(side == Side::responder) & is(says_something))) != 0;
  if (segment.transport != Transport::tcp) {
    return flow.media[i].counts(segment.payload) ? void() : on_datagram(flow, prepared, side);
  }
  const bool was_closed = flow.closed();
  on_tcp(shard, flow, prepared, side);
  if (!was_closed && flow.closed()) {
    shard.table.schedule(prepared.record, deadline_tick(flow));
    if (flow.conversation) flow.conversation->forget_delivered(shard.buffers);
  }
}

void FlowEngine::advance_batches() {
  // What a packet touches hangs on a chain of pointers, from slot to session. Each link of a batch is asked for while older batches are
  // worked on, so that hardly anything waits for memory.
  const auto stage = [this](std::size_t age) -> Batch& { return batches_[(newest_ + age) % kStages]; };
  stage(0).size = static_cast<std::size_t>(next_ - stage(0).packets.data());
  fetch_records(stage(0));
  fetch_conversations(stage(1));
  fetch_sessions(stage(2));
  fetch_insides(stage(3), false);
  Batch& oldest = stage(4);
  fetch_insides(oldest, true);
  for (Prepared& prepared : oldest.all()) process(prepared);
  newest_ = (newest_ + kStages - 1) % kStages;
  next_ = oldest.packets.data();
  end_ = next_ + kBatch;
}

}  // namespace sealtrace
