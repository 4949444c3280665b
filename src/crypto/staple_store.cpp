#include "crypto/staple_store.hpp"

namespace sealtrace {

std::vector<Staple> keep_staples(StapleStore* store, const BlockList<3>& responses) {
  std::vector<Staple> staples;
  if (store == nullptr) return staples;
  std::uint8_t place = 0;
  for (const Bytes response : responses) {
    if (place == kMaxStaplesOfMessage) break;
    const std::optional<StapleId> id = response.empty() ? std::nullopt : store->intern(response);
    if (id) staples.push_back({.response = *id, .place = place});
    ++place;
  }
  return staples;
}

}  // namespace sealtrace
