// FlowTable: one shard's flows. Open addressing over tagged slots, records in a slab that never moves, a coarse timer wheel
// driven by packet time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "flow/flow_record.hpp"

namespace sealtrace {

class FlowTable {
 public:
  FlowTable() : slots_(kInitialSlots) { wheel_.fill(kNoRecord); }

  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] FlowRecord& at(std::uint32_t record) { return slab_[record / kSlabRecords][record % kSlabRecords]; }
  /// capacity bounds the indexes of records; unused ones have `state.used` false.
  [[nodiscard]] std::uint32_t capacity() const { return static_cast<std::uint32_t>(slab_.size() * kSlabRecords); }

  [[gnu::always_inline]] void prefetch_slot(std::uint64_t hash) const { __builtin_prefetch(&slots_[home_of(hash)]); }
  /// likely gives the record that one of the slots at the home of `hash` says is its own, or kNoRecord: right nearly always. Which of the
  /// slots it is cannot be predicted, so there is no branch.
  [[nodiscard]] std::uint32_t likely(std::uint64_t hash) const {
    const std::span<const Slot, kNear> near{slots_.data() + home_of(hash), kNear};
    std::uint32_t found = kNoRecord;
    for (std::size_t i = kNear; i-- > 0;) {
      const std::uint32_t record = near[i].record;
      found = near[i].tag == static_cast<std::uint32_t>(hash) ? record : found;
    }
    return found;
  }
  /// find gives the record of `key`, or kNoRecord. `hash` is that of its ends.
  std::uint32_t find(const FlowKey& key, std::uint64_t hash) {
    const std::uint32_t tag = static_cast<std::uint32_t>(hash);
    for (std::size_t at_slot = home_of(hash);; at_slot = (at_slot + 1) & mask_) {
      const Slot& slot = slots_[at_slot];
      if (slot.record == kNoRecord) return kNoRecord;
      if (slot.tag == tag && at(slot.record).is_of(key.ends[0], key.ends[1], key.transport, 0)) return slot.record;
    }
  }

  /// insert adds a record for `key`, which must not be there, and gives it back reset.
  std::uint32_t insert(const FlowKey& key, std::uint64_t hash);
  /// erase removes a record from the slots and the wheel and returns it to the slab. `hash` is its key's.
  void erase(std::uint32_t record, std::uint64_t hash);

  /// schedule links a record into the wheel, or moves it, so that it is looked at when packet time has passed `tick`
  /// (seconds since 1970).
  void schedule(std::uint32_t record, std::int64_t tick);
  /// soonest gives a record of the earliest bucket that has one: the next to expire, give or take what it did since.
  [[nodiscard]] std::uint32_t soonest() const;
  /// due unlinks every record whose tick has passed at `now` and gives them to `visit(records)`, which schedules or erases each.
  template <typename Visit>
  void due(std::int64_t now, Visit visit) {
    if (now <= current_tick_) return;
    const std::int64_t from = std::max(current_tick_, now - static_cast<std::int64_t>(kWheelBuckets));
    current_tick_ = now;  // before visiting: what is scheduled again lands ahead
    for (std::int64_t passed = from; passed < now; ++passed) {
      std::vector<std::uint32_t> records;
      std::uint32_t record = std::exchange(wheel_[bucket_of(passed)], kNoRecord);
      while (record != kNoRecord) {
        records.push_back(record);
        at(record).wheel_previous = kNoRecord;
        record = std::exchange(at(record).wheel_next, kNoRecord);
      }
      visit(std::span<const std::uint32_t>{records});
    }
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t record = kNoRecord;
  };
  static constexpr std::size_t kInitialSlots = 256;
  static constexpr std::size_t kNear =
      4;  ///< slots looked at at once, from the home on: half a line of the cache, where the slots are aligned
  static constexpr std::uint32_t kSlabRecords = 256;
  static constexpr std::size_t kWheelBuckets = 4096;  // of a second each: above the longest time-out
  static constexpr std::uint32_t kBucketFlag = 0x80000000;

  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const { return hash & mask_ & ~(kNear - 1); }
  static std::size_t bucket_of(std::int64_t tick) { return static_cast<std::size_t>(tick) % kWheelBuckets; }
  void grow();
  void unlink(FlowRecord& flow);

  std::vector<Slot> slots_;
  std::size_t mask_ = kInitialSlots - 1;  ///< a power of two of slots, less one
  std::vector<std::unique_ptr<FlowRecord[]>> slab_;
  std::uint32_t free_ = kNoRecord;  // list through wheel_next
  std::uint32_t size_ = 0;
  std::array<std::uint32_t, kWheelBuckets> wheel_;
  std::int64_t current_tick_ = std::numeric_limits<std::int64_t>::min() / 2;
};

}  // namespace sealtrace
