#include "correlate/take_descriptions.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>

#include "correlate/media_links.hpp"
#include "model/fetched.hpp"
#include "model/prefetch.hpp"

namespace sealtrace {
namespace {

/// Found is a description that lies in its flow.
struct Found {
  Timestamp time{};
  SeenDescription* seen = nullptr;
  SipProfile* sip = nullptr;
  const FlowProfile* flow = nullptr;
  std::uint32_t number = 0;
  bool readable = false;
};

}  // namespace

std::vector<Described> take_descriptions(std::vector<FlowProfile>& flows) {
  std::vector<Found> found;
  const auto find = [&found](const FlowProfile& flow, ApplicationProfile* application, bool readable) {
    if (application == nullptr || !application->sip) return;
    SipProfile& sip = *application->sip;
    for (SeenDescription& seen : sip.descriptions) {
      const auto number = static_cast<std::uint32_t>(found.size());
      found.push_back({.time = seen.where.time, .seen = &seen, .sip = &sip, .flow = &flow, .number = number, .readable = readable});
    }
  };
  visit_fetched<FetchAlso{.sip = true}>(std::span{flows}, [&](FlowProfile& flow) {
    find(flow, flow.application.get(), true);  // read without secrets, whatever else travels on these ports
    if (flow.inside) find(flow, flow.inside.get(), !protects_signalling(flow));
  });
  const auto place = [](const Found& one) { return std::tuple{one.seen->where.capture, one.seen->where.frame, one.number}; };
  std::ranges::sort(found, [&](const Found& one, const Found& other) {
    return one.time != other.time ? one.time < other.time : place(one) < place(other);
  });
  constexpr std::size_t kAhead = 8;
  std::vector<Described> sorted;
  sorted.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i + kAhead < found.size()) {
      prefetch(found[i + kAhead].seen, sizeof(SeenDescription));
      prefetch(&found[i + kAhead].flow->initiator, 2 * sizeof(Party));  // the other end lies behind it
    }
    const Found& one = found[i];
    const Endpoint from = one.flow->party(one.seen->sender).endpoint;
    const Endpoint to = one.flow->party(other(one.seen->sender)).endpoint;
    sorted.push_back({.seen = std::move(*one.seen), .flow = one.flow->id, .hop = {from, to}, .readable = one.readable});
  }
  for (const Found& one : found) one.sip->descriptions = std::vector<SeenDescription>{};  // `= {}` would keep the memory
  return sorted;
}

}  // namespace sealtrace
