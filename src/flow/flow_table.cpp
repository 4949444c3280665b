#include "flow/flow_table.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sealtrace {

std::uint32_t FlowTable::insert(const FlowKey& key, std::uint64_t hash) {
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  if (free_ == kNoRecord) {
    const std::uint32_t base = capacity();
    slab_.push_back(std::make_unique<FlowRecord[]>(kSlabRecords));
    for (std::uint32_t i = kSlabRecords; i-- > 0;) at(base + i).wheel_next = std::exchange(free_, base + i);
  }
  const std::uint32_t record = free_;
  FlowRecord& flow = at(record);
  free_ = flow.wheel_next;
  flow = FlowRecord{};
  flow.ends = key.ends;
  flow.transport = key.transport;
  if (flow.is_tcp()) std::construct_at(&flow.tcp);
  flow.state.used = true;
  std::size_t slot = home_of(hash);
  while (slots_[slot].record != kNoRecord) slot = (slot + 1) & mask_;
  slots_[slot] = {.tag = static_cast<std::uint32_t>(hash), .record = record};
  ++size_;
  return record;
}

void FlowTable::erase(std::uint32_t record, std::uint64_t hash) {
  FlowRecord& flow = at(record);
  unlink(flow);
  std::size_t hole = home_of(hash);
  while (slots_[hole].record != record) hole = (hole + 1) & mask_;
  // Backward shift: every later entry of the run moves up unless that would put it before its home.
  for (std::size_t next = (hole + 1) & mask_; slots_[next].record != kNoRecord; next = (next + 1) & mask_) {
    const std::size_t home = home_of(slots_[next].tag);
    if (((next - home) & mask_) >= ((next - hole) & mask_)) {
      slots_[hole] = slots_[next];
      hole = next;
    }
  }
  slots_[hole] = Slot{};
  flow = FlowRecord{};
  flow.wheel_next = std::exchange(free_, record);
  --size_;
}

void FlowTable::schedule(std::uint32_t record, std::int64_t tick) {
  FlowRecord& flow = at(record);
  unlink(flow);
  // Never in the past, never so far ahead that the wheel would wrap: a record found early is scheduled again.
  tick = std::clamp(tick, current_tick_, current_tick_ + static_cast<std::int64_t>(kWheelBuckets) - 2);
  const std::size_t bucket = bucket_of(tick);
  flow.wheel_next = std::exchange(wheel_[bucket], record);
  flow.wheel_previous = kBucketFlag | static_cast<std::uint32_t>(bucket);
  if (flow.wheel_next != kNoRecord) at(flow.wheel_next).wheel_previous = record;
}

void FlowTable::unlink(FlowRecord& flow) {
  const std::uint32_t previous = std::exchange(flow.wheel_previous, kNoRecord);
  if (previous == kNoRecord) return;
  const std::uint32_t next = std::exchange(flow.wheel_next, kNoRecord);
  if ((previous & kBucketFlag) != 0) {
    wheel_[previous & ~kBucketFlag] = next;
  } else {
    at(previous).wheel_next = next;
  }
  if (next != kNoRecord) at(next).wheel_previous = previous;
}

std::uint32_t FlowTable::soonest() const {
  for (std::size_t ahead = 0; ahead < kWheelBuckets; ++ahead) {
    const std::uint32_t record = wheel_[bucket_of(current_tick_ + static_cast<std::int64_t>(ahead))];
    if (record != kNoRecord) return record;
  }
  return kNoRecord;
}

void FlowTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.record == kNoRecord) continue;
    std::size_t to = home_of(slot.tag);
    while (slots_[to].record != kNoRecord) to = (to + 1) & mask_;
    slots_[to] = slot;
  }
}

}  // namespace sealtrace
