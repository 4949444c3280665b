// MediaSamples: a few whole packets of a stream, kept so that keys which become known later can be tried on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "dissect/session.hpp"
#include "model/prefetch.hpp"

namespace sealtrace {

/// SampleRoom is what one flow may keep, within the budget of its shard.
class SampleRoom {
 public:
  explicit SampleRoom(MediaSampleBudget* shard) : shard_{shard} {}

  /// take reserves octets; false when the flow or the shard has none left, which is counted.
  [[nodiscard]] bool take(std::size_t num_bytes);
  void give_back(std::size_t num_bytes);
  /// scarce says that half of the shard's octets are used: time to keep only what is most likely to be asked for.
  [[nodiscard]] bool scarce() const { return shard_ != nullptr && shard_->used_bytes > shard_->limit_bytes / 2; }

 private:
  MediaSampleBudget* shard_;
  std::size_t used_bytes_ = 0;
};

/// MediaSamples keeps the two smallest packets among the first of a stream, and the smallest among the first of its last run (media_watch):
/// a call may change its keys midway. What is kept is given back to the room when it goes, unless it was taken. Keeps nothing without a
/// room.
class MediaSamples {
 public:
  explicit MediaSamples(SampleRoom* room = nullptr) : room_{room} {}
  MediaSamples(const MediaSamples&) = delete;
  MediaSamples(MediaSamples&& other) noexcept { swap(other); }
  MediaSamples& operator=(const MediaSamples&) = delete;
  MediaSamples& operator=(MediaSamples&& other) noexcept {
    swap(other);
    return *this;
  }
  ~MediaSamples() { drop(); }

  /// begin_run says that what comes next is of a new run.
  void begin_run();
  /// prefetch brings in what look compares a packet with.
  [[gnu::always_inline]] void prefetch() const { sealtrace::prefetch((first_run_ ? firsts_ : later_).data(), 1); }
  /// look considers a whole packet. One that was cut is passed over, and so are a large one and a copy.
  void look(const Chunk& packet, std::size_t header_bytes, std::uint16_t sequence_number);
  void drop();
  /// drop_if_scarce forgets packets that are hardly going to be asked for, where room is scarce.
  void drop_if_scarce() {
    if (room_ != nullptr && room_->scarce()) drop();
  }
  /// take hands the packets out, the first ones first; they stay in the count.
  [[nodiscard]] std::vector<MediaSample> take();
  [[nodiscard]] SampleRoom* room() const { return room_; }

 private:
  void swap(MediaSamples& other) noexcept;
  void forget(std::vector<MediaSample>& samples);

  SampleRoom* room_ = nullptr;
  std::vector<MediaSample> firsts_;
  std::vector<MediaSample> later_;  ///< of the last run, where that is not the first
  std::uint8_t num_seen_ = 0;       ///< in this run
  bool first_run_ = true;
};

}  // namespace sealtrace
