// visit_fetched: flows of a large audit lie in memory, not in the cache, and what they point at lies anywhere.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "model/flow_profile.hpp"
#include "model/prefetch.hpp"

namespace sealtrace {

/// visit_fetched calls visit(flow) for each flow, in order. Its first lines, and what it has of protocols other than TLS, are asked for
/// some flows ahead.
template <typename Flow, typename Visit>
void visit_fetched(std::span<Flow> flows, Visit visit) {
  constexpr std::size_t kAhead = 8;
  constexpr std::size_t kFirstBytes = 192;
  const auto application_of = [&](std::size_t i) { return i < flows.size() ? flows[i].application.get() : nullptr; };
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (i + 4 * kAhead < flows.size()) prefetch(&flows[i + 4 * kAhead], kFirstBytes);
    if (const ApplicationProfile* const soon = application_of(i + 2 * kAhead)) prefetch(soon, sizeof *soon);
    const ApplicationProfile* const next = application_of(i + kAhead);
    if (next != nullptr && !next->media.empty())
      prefetch(next->media.data(), std::min<std::size_t>(next->media.size(), 2) * sizeof(MediaSource));
    if (next != nullptr && !next->clear.empty()) prefetch(next->clear.data(), sizeof(ClearReading));
    visit(flows[i]);
  }
}

}  // namespace sealtrace
