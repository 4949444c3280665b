#include "decode/fragment_table.hpp"

#include <algorithm>

#include "decode/duplicate_key.hpp"

namespace sealtrace::decode {

namespace {

/// is_older tells whether more than `age` lies between `since` and `now`. Times are whatever a file says: the difference may
/// not fit a signed number.
bool is_older(Timestamp since, Timestamp now, std::chrono::nanoseconds age) {
  const auto ticks = [](Timestamp time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); };
  return now > since && ticks(now) - ticks(since) > static_cast<std::uint64_t>(age.count());
}

}  // namespace

std::size_t FragmentKeyHash::operator()(const FragmentKey& key) const {
  const auto source = FixedHeader<16>::at(key.source.octets());
  const auto destination = FixedHeader<16>::at(key.destination.octets());
  const std::uint64_t rest =
      static_cast<std::uint64_t>(key.identification) << 32U | static_cast<std::uint64_t>(key.protocol) << 16U | (key.num_headers & 0xFFFFU);
  const std::uint64_t a = fold_multiply(source.le64<0>() ^ kMix0, source.le64<8>() ^ kMix1);
  const std::uint64_t b = fold_multiply(destination.le64<0>() ^ kMix2, destination.le64<8>() ^ kMix3);
  return fold_multiply(a ^ rest, b ^ kMix4);
}

FragmentOutcome FragmentTable::add(const FragmentKey& key, const Fragment& fragment, std::uint8_t protocol, Timestamp time,
                                   DecodeCounters& counters) {
  const std::size_t end = fragment.offset + fragment.payload.size();
  const bool odd_length = fragment.more_fragments && fragment.payload.size() % 8 != 0;  // RFC 791 section 2.3, RFC 8200 section 4.5
  if (fragment.payload.empty() || odd_length || end > fragment.max_datagram_bytes) {
    ++counters.fragments_dropped;
    return {.result = DecodeResult::malformed};
  }
  // The payload may lie in a datagram that this very frame made whole (a tunnel in fragments with a fragment inside). Nothing
  // here forgets that one before place() has copied: its time is `time`, and its key has another num_headers.
  expire(time, counters);
  const auto datagram = find_or_open(key, fragment, time);
  if (datagram->state == State::whole) return {};  // a late copy
  if (datagram->state == State::void_by_conflict) {
    ++counters.fragments_dropped;
    return {};
  }
  ++datagram->num_fragments;
  if (fragment.offset == 0) datagram->protocol = protocol;
  const std::size_t held_bytes = datagram->octets.capacity();
  const Placement placement = place(*datagram, fragment, counters);
  total_bytes_ += datagram->octets.capacity() - held_bytes;
  if (placement == Placement::conflict) {
    total_bytes_ -= datagram->octets.capacity();
    datagram->octets = decltype(datagram->octets){};  // `= {}` would keep the memory
    datagram->present = decltype(datagram->present){};
    datagram->state = State::void_by_conflict;
    counters.fragments_dropped += datagram->num_fragments;
    ++counters.datagrams_incomplete;
    return {};
  }
  make_room(*datagram, counters);
  const bool whole = datagram->total_bytes && datagram->present.size() == 1 && datagram->present.front().begin == 0 &&
                     datagram->present.front().end == *datagram->total_bytes;
  if (!whole) return {};
  datagram->state = State::whole;
  datagram->since = time;
  whole_.splice(whole_.end(), open_, datagram);
  ++counters.datagrams_reassembled;
  return {.whole = true, .datagram = datagram->octets, .protocol = datagram->protocol};
}

void FragmentTable::finish(DecodeCounters& counters) {
  while (!open_.empty()) forget(open_, open_.begin(), counters);
  while (!whole_.empty()) forget(whole_, whole_.begin(), counters);
}

FragmentTable::Placement FragmentTable::place(Datagram& datagram, const Fragment& fragment, DecodeCounters& counters) {
  const Range added{.begin = fragment.offset, .end = fragment.offset + fragment.payload.size()};
  // The end of the datagram is said once and nothing lies beyond it.
  if (datagram.total_bytes ? (added.end > *datagram.total_bytes || (!fragment.more_fragments && added.end != *datagram.total_bytes))
                           : (!fragment.more_fragments && datagram.octets.size() > added.end)) {
    ++counters.fragments_overlapping;
    return Placement::conflict;
  }
  if (!fragment.more_fragments) datagram.total_bytes = added.end;
  if (datagram.octets.size() < added.end) datagram.octets.resize(added.end);

  const auto first = std::ranges::lower_bound(datagram.present, added.begin, {}, &Range::end);
  auto last = first;
  Range merged = added;
  bool overlaps = false;
  for (; last != datagram.present.end() && last->begin <= added.end; ++last) {
    const std::size_t begin = std::max(last->begin, added.begin);
    const std::size_t end = std::min(last->end, added.end);
    if (begin < end) {
      overlaps = true;
      const auto known = Bytes{datagram.octets}.subspan(begin, end - begin);
      if (!std::ranges::equal(known, fragment.payload.subspan(begin - added.begin, end - begin))) {
        ++counters.fragments_overlapping;
        return Placement::conflict;
      }
    }
    merged = {.begin = std::min(merged.begin, last->begin), .end = std::max(merged.end, last->end)};
  }
  const bool is_new = first == last || first->begin > added.begin || first->end < added.end;
  if (!is_new) return Placement::placed;  // a copy of what is there
  if (overlaps) ++counters.fragments_overlapping;
  std::ranges::copy(fragment.payload, datagram.octets.begin() + static_cast<std::ptrdiff_t>(added.begin));
  datagram.present.insert(datagram.present.erase(first, last), merged);
  return Placement::placed;
}

bool FragmentTable::is_copy(const Datagram& datagram, const Fragment& fragment) {
  const std::size_t end = fragment.offset + fragment.payload.size();
  if (end > datagram.octets.size() || fragment.more_fragments != (end < datagram.octets.size())) return false;
  return std::ranges::equal(Bytes{datagram.octets}.subspan(fragment.offset, fragment.payload.size()), fragment.payload);
}

FragmentTable::Queue::iterator FragmentTable::find_or_open(const FragmentKey& key, const Fragment& fragment, Timestamp time) {
  const auto [entry, is_new] = index_.try_emplace(key);
  if (!is_new) {
    const auto known = entry->second;
    if (known->state != State::whole || is_copy(*known, fragment)) return known;
    total_bytes_ -= known->octets.capacity();  // the identification is in use again
    whole_.erase(known);
  }
  entry->second = open_.insert(open_.end(), Datagram{.key = key, .since = time});
  return entry->second;
}

void FragmentTable::expire(Timestamp now, DecodeCounters& counters) {
  while (!open_.empty() && is_older(open_.front().since, now, limits_.max_age)) forget(open_, open_.begin(), counters);
  while (!whole_.empty() && is_older(whole_.front().since, now, limits_.late_copy_age)) forget(whole_, whole_.begin(), counters);
}

void FragmentTable::make_room(const Datagram& current, DecodeCounters& counters) {
  while (index_.size() > limits_.max_datagrams || total_bytes_ > limits_.max_bytes) {
    if (!whole_.empty()) {
      forget(whole_, whole_.begin(), counters);
    } else if (&open_.front() != &current) {
      forget(open_, open_.begin(), counters);
    } else {
      return;  // one datagram alone is below any sensible limit
    }
  }
}

void FragmentTable::forget(Queue& queue, Queue::iterator datagram, DecodeCounters& counters) {
  if (datagram->state == State::collecting) {
    ++counters.datagrams_incomplete;
    counters.fragments_dropped += datagram->num_fragments;
  }
  total_bytes_ -= datagram->octets.capacity();
  index_.erase(datagram->key);
  queue.erase(datagram);
}

}  // namespace sealtrace::decode
