// visit_fetched: flows of a large audit lie in memory, not in the cache, and what they point at lies anywhere.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "model/flow_profile.hpp"
#include "model/prefetch.hpp"

namespace sealtrace {

/// FetchAlso says what a visit reads of a flow besides its own first lines and those of what it has of protocols other than TLS.
struct FetchAlso {
  bool tls = false;
  bool media = false;
  bool clear = false;
  bool sip = false;
};

/// FetchNothing is for visits that read no more than every visit does.
struct FetchNothing {
  void operator()(const FlowProfile& /*flow*/) const {}
};

/// visit_fetched calls visit(flow) for each flow, in order. What it reads is asked for some flows ahead; to ask for more costs time too.
/// What one visit alone reads, `fetch_soon` and, some flows later, `fetch_next` can ask for: where the application's profile of the flow
/// points to, and what lies behind that.
template <FetchAlso kAlso, typename Flow, typename Visit, typename FetchSoon = FetchNothing, typename FetchNext = FetchNothing>
void visit_fetched(std::span<Flow> flows, Visit visit, FetchSoon fetch_soon = {}, FetchNext fetch_next = {}) {
  constexpr std::size_t kAhead = 8;
  constexpr std::size_t kFirstBytes = 192;
  constexpr std::size_t kTlsBytes = 256;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (i + 4 * kAhead < flows.size()) prefetch(&flows[i + 4 * kAhead], kFirstBytes);
    if (i + 2 * kAhead < flows.size()) {
      const FlowProfile& flow = flows[i + 2 * kAhead];
      prefetch(flow.application.get(), sizeof *flow.application);
      if (kAlso.tls && flow.tls) prefetch(flow.tls.get(), kTlsBytes);
    }
    if (i + kAhead < flows.size()) {
      const FlowProfile& flow = flows[i + kAhead];
      if (const ApplicationProfile* const next = flow.application.get()) {
        if (kAlso.media && !next->media.empty())
          prefetch(next->media.data(), std::min<std::size_t>(next->media.size(), 2) * sizeof(MediaSource));
        if (kAlso.clear && !next->clear.empty()) prefetch(next->clear.data(), sizeof(ClearReading));
        if (kAlso.sip && next->sip) prefetch(&*next->sip, sizeof *next->sip);
      }
      fetch_soon(flow);
    }
    if (i + kAhead / 2 < flows.size()) fetch_next(flows[i + kAhead / 2]);
    visit(flows[i]);
  }
}

}  // namespace sealtrace
