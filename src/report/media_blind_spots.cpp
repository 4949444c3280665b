#include "report/media_blind_spots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/fetched.hpp"
#include "report/audit_view.hpp"
#include "report/humanise.hpp"

namespace sealtrace {
namespace {

/// Place is where the signalling of media may be, the likeliest first.
enum class Place : std::uint8_t { inside_tls, elsewhere_in_sip, not_captured };

struct PlaceText {
  std::string_view kind;
  std::string_view where;
  std::string_view cure;
};
constexpr std::array<PlaceText, 3> kPlaceTexts{{
    {"media_signalling_encrypted", "their ends have TLS connections that were captured and not opened, in which it may be",
     "give the TLS key log of one end of the signalling (--keylog FILE), or a pcapng that carries its secrets"},
    {"media_signalling_not_linked", "their ends have SIP that was read, but none of it names these addresses",
     "capture from before the calls begin, and at every hop of their signalling"},
    {"media_signalling_not_seen", "no SIP of their ends is in the captures, nor TLS in which it could be",
     "capture where the signalling of these ends passes too, from before the calls begin"},
}};

/// kMaxLegsNamed: the records have the rest.
constexpr std::size_t kMaxLegsNamed = 4;

bool reads_sip(const FlowProfile& flow) { return (flow.application && flow.application->sip) || (flow.inside && flow.inside->sip); }

/// hides_signalling says that SIP may be inside TLS that was not opened, so far as anybody can tell.
bool hides_signalling(const FlowProfile& flow) {
  return flow.tls && flow.transport == Transport::tcp && !flow.tls->pseudo && flow.inside_protocols.empty();
}

/// is_undeclared says that no offer or answer was read that announces a stream of the flow.
bool is_undeclared(const FlowProfile& flow) {
  return flow.application && !flow.application->media.empty() &&
         std::ranges::none_of(flow.application->media, [](const MediaSource& source) { return source.declared.has_value(); });
}

/// Group is the media of one place.
struct Group {
  std::uint64_t num_flows = 0;
  std::set<std::string> legs;
};

std::string leg_name(const AuditResult& audit, const FlowProfile& flow) {
  const auto name = [&](const Party& party) {
    const Asset* asset = element(audit.assets, party.asset);
    return asset != nullptr ? asset->name : party.endpoint.address.to_string();
  };
  const JudgedFlow* judged = element(audit.judged, static_cast<std::size_t>(&flow - audit.flows.data()));
  const TrafficClass traffic_class = judged == nullptr ? TrafficClass::unknown : judged->classification.traffic_class;
  return fmt::format("{} ↔ {} ({})", name(flow.initiator), name(flow.responder), to_string(traffic_class));
}

std::string names_of(const std::set<std::string>& legs) {
  std::string text;
  std::size_t num_named = 0;
  for (const std::string& leg : legs) {
    if (num_named++ == kMaxLegsNamed) return text + fmt::format(" and {} more", legs.size() - kMaxLegsNamed);
    text += fmt::format("{}{}", text.empty() ? "" : ", ", leg);
  }
  return text;
}

}  // namespace

void add_media_blind_spots(const AuditResult& audit, std::vector<BlindSpot>& spots) {
  std::vector<IpAddress> with_sip;
  std::vector<IpAddress> with_tls;
  std::vector<const FlowProfile*> undeclared;
  visit_fetched<FetchAlso{.media = true}>(std::span{audit.flows}, [&](const FlowProfile& flow) {
    if (is_undeclared(flow)) undeclared.push_back(&flow);
    const bool sip = reads_sip(flow);
    if (!sip && !hides_signalling(flow)) return;
    for (const Side side : {Side::initiator, Side::responder}) (sip ? with_sip : with_tls).push_back(flow.party(side).endpoint.address);
  });
  if (undeclared.empty()) return;
  for (std::vector<IpAddress>* const addresses : {&with_sip, &with_tls}) {
    std::ranges::sort(*addresses);
    addresses->erase(std::ranges::unique(*addresses).begin(), addresses->end());
  }
  const auto has_end_in = [](const FlowProfile& flow, const std::vector<IpAddress>& addresses) {
    return std::ranges::binary_search(addresses, flow.initiator.endpoint.address) ||
           std::ranges::binary_search(addresses, flow.responder.endpoint.address);
  };
  std::array<Group, kPlaceTexts.size()> groups;
  for (const FlowProfile* const flow : undeclared) {
    const Place place = has_end_in(*flow, with_tls)   ? Place::inside_tls
                        : has_end_in(*flow, with_sip) ? Place::elsewhere_in_sip
                                                      : Place::not_captured;
    Group& group = groups[static_cast<std::size_t>(place)];
    ++group.num_flows;
    group.legs.insert(leg_name(audit, *flow));
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    if (group.num_flows == 0) continue;
    spots.push_back(
        {.kind = std::string{kPlaceTexts[i].kind},
         .subject = {},
         .count = group.num_flows,
         .what = fmt::format("{} with media of which no offer or answer was read: {}. What was agreed, and whether a key could be "
                             "read on its way, is not known; {}",
                             counted(group.num_flows, "flow"), names_of(group.legs), kPlaceTexts[i].where),
         .cure = std::string{kPlaceTexts[i].cure},
         .rows = {}});
  }
}

}  // namespace sealtrace
