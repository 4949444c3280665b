#include "dissectors/rtp/media_samples.hpp"

#include <algorithm>
#include <iterator>

namespace sealtrace {
namespace {

/// kMaxSampleBytes passes over what is larger than a datagram on Ethernet.
constexpr std::size_t kMaxSampleBytes = 1472;
/// kMaxFlowBytes bounds what a flow keeps: a call has a few streams, a conference on one five-tuple some tens.
constexpr std::size_t kMaxFlowBytes = 16U << 10;
/// kOverheadBytes is what a kept packet costs besides its octets.
constexpr std::size_t kOverheadBytes = sizeof(MediaSample);
/// kFirstPackets: two tags of 32 bits prove what one does not.
constexpr std::size_t kFirstPackets = 2;
constexpr std::uint8_t kLookedAt = 16;

std::size_t cost_of(std::size_t packet_bytes) { return packet_bytes + kOverheadBytes; }

}  // namespace

bool SampleRoom::take(std::size_t num_bytes) {
  if (used_bytes_ + num_bytes > kMaxFlowBytes || shard_->used_bytes + num_bytes > shard_->limit_bytes) {
    ++shard_->num_refused;
    return false;
  }
  used_bytes_ += num_bytes;
  shard_->used_bytes += num_bytes;
  return true;
}

void SampleRoom::give_back(std::size_t num_bytes) {
  used_bytes_ -= num_bytes;
  shard_->used_bytes -= num_bytes;
}

void MediaSamples::swap(MediaSamples& other) noexcept {
  std::swap(room_, other.room_);
  firsts_.swap(other.firsts_);
  later_.swap(other.later_);
  std::swap(num_seen_, other.num_seen_);
  std::swap(first_run_, other.first_run_);
}

void MediaSamples::forget(std::vector<MediaSample>& samples) {
  for (const MediaSample& sample : samples) room_->give_back(cost_of(sample.packet.size()));
  samples = std::vector<MediaSample>{};
}

void MediaSamples::drop() {
  forget(firsts_);
  forget(later_);
}

void MediaSamples::begin_run() {
  first_run_ = firsts_.empty();
  num_seen_ = 0;
  if (room_ != nullptr) forget(later_);
}

void MediaSamples::look(const Chunk& packet, std::size_t header_bytes, std::uint16_t sequence_number) {
  const std::size_t num_bytes = packet.bytes.size();
  if (room_ == nullptr || num_seen_ == kLookedAt || packet.cut || num_bytes > kMaxSampleBytes) return;
  std::vector<MediaSample>& kept = first_run_ ? firsts_ : later_;
  const std::size_t room_for = first_run_ ? kFirstPackets : 1;
  if (std::ranges::find(kept, sequence_number, &MediaSample::sequence_number) != kept.end()) return;
  ++num_seen_;
  if (kept.size() == room_for) {
    const auto largest = std::ranges::max_element(kept, {}, [](const MediaSample& sample) { return sample.packet.size(); });
    if (num_bytes >= largest->packet.size()) return;
    room_->give_back(cost_of(largest->packet.size()));
    kept.erase(largest);
  }
  if (!room_->take(cost_of(num_bytes))) return;
  kept.reserve(room_for);
  const Evidence where = packet.origin->at(0, num_bytes);
  kept.push_back({.packet = {packet.bytes.begin(), packet.bytes.end()},
                  .header_bytes = static_cast<std::uint16_t>(header_bytes),
                  .sequence_number = sequence_number,
                  .capture = where.capture,
                  .frame = where.frame,
                  .time = packet.origin->time_at(0)});
}

std::vector<MediaSample> MediaSamples::take() {
  std::vector<MediaSample> samples = std::exchange(firsts_, {});
  samples.insert(samples.end(), std::make_move_iterator(later_.begin()), std::make_move_iterator(later_.end()));
  later_.clear();
  return samples;
}

}  // namespace sealtrace
