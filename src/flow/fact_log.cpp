#include "flow/fact_log.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>
#include <variant>

#include "model/prefetch.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kApplication = 126;
constexpr std::size_t kLarge = 127;
static_assert(std::variant_size_v<FactBody> < kApplication);

/// How much room is made. Most flows of datagrams have a few facts: the name of their protocol, which is large, and what was read of it. A
/// full handshake has about sixteen, six of them large; doubling would leave half of that much empty.
constexpr std::array<std::size_t, 3> kRooms{4, 8, 16};
constexpr std::array<std::size_t, 3> kRoomsForLarge{1, 2, 6};
constexpr std::size_t kMoreRoom = 8;

/// make_room keeps place for one more: the next of `rooms`, then kMoreRoom at a time.
template <typename T>
void make_room(std::vector<T>& list, const std::array<std::size_t, 3>& rooms) {
  if (list.size() < list.capacity()) return;
  const auto next = std::ranges::upper_bound(rooms, list.size());
  list.reserve(next == rooms.end() ? list.size() + kMoreRoom : *next);
}

template <typename Body>
constexpr bool kIsSmall =
    std::is_trivially_copyable_v<Body> && std::is_default_constructible_v<Body> && sizeof(Body) <= sizeof(std::uint32_t);

template <std::size_t kKind>
FactBody small_body(std::uint32_t number) {
  using Body = std::variant_alternative_t<kKind, FactBody>;
  if constexpr (kIsSmall<Body>) {
    Body body{};
    std::memcpy(static_cast<void*>(&body), &number, sizeof body);
    return body;
  } else {
    return FactBody{};
  }
}

template <std::size_t... kKinds>
constexpr auto small_bodies(std::index_sequence<kKinds...> /*kinds*/) {
  return std::array{&small_body<kKinds>...};
}
constexpr auto kSmallBodies = small_bodies(std::make_index_sequence<std::variant_size_v<FactBody>>{});

}  // namespace

void FactLog::add(Fact&& fact) {
  make_room(entries_, kRooms);
  Entry entry{.time = fact.time, .frame = fact.evidence.frame, .offset = fact.evidence.offset, .length = fact.evidence.length};
  entry.capture = value(fact.evidence.capture) & 0x7FFFFFU;
  entry.sender = static_cast<std::uint32_t>(index(fact.sender)) & 1U;
  const bool small = std::visit(
      [&entry](const auto& body) {
        using Body = std::remove_cvref_t<decltype(body)>;
        if constexpr (kIsSmall<Body>) std::memcpy(&entry.number, &body, sizeof body);
        return kIsSmall<Body>;
      },
      fact.body);
  auto* application = std::get_if<Boxed<ApplicationFact>>(&fact.body);
  entry.kind = static_cast<std::uint32_t>(small ? fact.body.index() : application != nullptr ? kApplication : kLarge) & 0x7FU;
  entry.decrypted = fact.decrypted ? 1U : 0U;
  if (application != nullptr) {
    make_room(applications_, kRooms);
    entry.number = static_cast<std::uint32_t>(applications_.size());
    applications_.push_back(std::move(*application));
  } else if (!small) {
    std::vector<FactBody>& large = rest().large;
    make_room(large, kRoomsForLarge);
    entry.number = static_cast<std::uint32_t>(large.size());
    large.push_back(std::move(fact.body));
  }
  if (fact.channel != 0) rest().channels.push_back({.entry = entries_.size(), .channel = fact.channel});
  entries_.push_back(entry);
}

void FactLog::prefetch() const {
  constexpr std::size_t kMostEntries = 16;  // more are read in a row
  const std::size_t num_entries = std::min(entries_.size(), kMostEntries);
  sealtrace::prefetch(entries_.data(), num_entries * sizeof(Entry));
  sealtrace::prefetch(applications_.data(), std::min(applications_.size(), kMostEntries) * sizeof(applications_[0]));
  sealtrace::prefetch(rest_.get(), sizeof(Rest));
}

void FactLog::prefetch_bodies() const {
  constexpr std::size_t kMostBodies = 8;
  const std::size_t num_bodies = std::min(applications_.size(), kMostBodies);
  for (std::size_t i = 0; i < num_bodies; ++i) sealtrace::prefetch(&*applications_[i], sizeof(ApplicationFact));
  if (rest_) sealtrace::prefetch(rest_->large.data(), std::min(rest_->large.size(), kMostBodies) * sizeof(FactBody));
}

FactBody FactLog::body_of(const Entry& entry) {
  if (entry.kind == kApplication) return std::move(applications_[entry.number]);
  return entry.kind == kLarge ? std::move(rest_->large[entry.number]) : kSmallBodies[entry.kind](entry.number);
}

std::vector<Fact> FactLog::copy() const {
  FactLog log;
  log.entries_ = entries_;
  log.applications_ = applications_;
  if (rest_) log.rest_ = std::make_unique<Rest>(*rest_);
  return log.take();
}

std::vector<Fact> FactLog::take() {
  std::vector<Fact> facts;
  facts.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    facts.push_back(
        {.body = body_of(entry),
         .sender = Side{static_cast<std::uint8_t>(entry.sender)},
         .time = entry.time,
         .evidence = {.capture = CaptureId{entry.capture}, .frame = entry.frame, .offset = entry.offset, .length = entry.length},
         .channel = 0,
         .decrypted = entry.decrypted != 0});
  }
  if (rest_) {
    for (const Channel& inside : rest_->channels) facts[inside.entry].channel = inside.channel;
  }
  *this = FactLog{};
  return facts;
}

}  // namespace sealtrace
