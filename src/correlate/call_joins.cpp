#include "correlate/call_joins.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace sealtrace {
namespace {

/// kSameCall is how long an agent may try one way after another before it gives up: timer C of a proxy (RFC 3261 section 16.6).
constexpr std::chrono::minutes kSameCall{3};

/// is_first tells the INVITE that begins a dialog.
bool is_first(const Described& described) {
  const SessionDescribed& session = described.seen.session;
  return session.request && session.method == SipMethod::invite && session.to_tag == OpaqueHash{};
}

OpaqueHash mark_of(const Described& described, CallJoinBasis basis) {
  const SessionDescribed& session = described.seen.session;
  switch (basis) {
    case CallJoinBasis::session_id: return session.session_id;
    case CallJoinBasis::charging_id: return session.charging_id;
    case CallJoinBasis::session_description: return session.origin;
    case CallJoinBasis::none: break;
  }
  return {};
}

/// same_addresses says that two descriptions receive media at the same places, and at one at least.
bool same_addresses(const SessionDescribed& one, const SessionDescribed& two) {
  const auto same = [](const MediaDescription& a, const MediaDescription& b) { return a.endpoint == b.endpoint; };
  const auto receives = [](const MediaDescription& media) { return media.has_address && media.endpoint.port != 0; };
  return std::ranges::equal(one.media, two.media, same) && std::ranges::any_of(one.media, receives);
}

/// hands_on says that the later INVITE came from whom the earlier one went to, or leaves the media where it was.
bool hands_on(const Described& earlier, const Described& later) {
  return later.hop[0].address == earlier.hop[1].address || same_addresses(earlier.seen.session, later.seen.session);
}

bool continues(const Described& earlier, const Described& later, CallJoinBasis basis) {
  const bool another_sender = earlier.hop[0].address != later.hop[0].address;
  const bool in_time = later.seen.where.time - earlier.seen.where.time <= kSameCall;
  if (!another_sender || !in_time) return false;
  return basis != CallJoinBasis::session_description || same_addresses(earlier.seen.session, later.seen.session);
}

}  // namespace

std::uint32_t first_call(const CallJoins& joins, std::uint32_t call) {
  const auto found = joins.find(call);
  return found == joins.end() ? call : found->second.call;
}

std::uint32_t stream_of(const CallJoins& joins, std::uint32_t call) {
  const auto found = joins.find(call);
  return found == joins.end() ? call : found->second.stream_of;
}

CallJoins join_calls(std::span<const MediaAgreement> agreements) {
  constexpr std::array kBases{CallJoinBasis::session_id, CallJoinBasis::charging_id, CallJoinBasis::session_description};
  std::vector<const Described*> first_invites;  // by call, which are numbered in the order of time
  for (const MediaAgreement& made : agreements) {
    if (made.call >= first_invites.size()) first_invites.resize(made.call + 1, nullptr);
    if (first_invites[made.call] == nullptr && is_first(*made.offer)) first_invites[made.call] = made.offer;
  }
  struct Known {
    std::uint32_t call = 0;
    const Described* invite = nullptr;
  };
  CallJoins joins;
  // By basis, which call carried a mark last. Marks are hashes under a key of ours.
  std::array<boost::unordered_flat_map<OpaqueHash, Known, std::hash<OpaqueHash>>, kBases.size()> last;
  for (std::uint32_t call = 0; call < first_invites.size(); ++call) {
    const Described* const invite = first_invites[call];
    if (invite == nullptr) continue;
    for (std::size_t i = 0; i < kBases.size(); ++i) {
      const CallJoinBasis basis = kBases[i];
      const OpaqueHash mark = mark_of(*invite, basis);
      if (mark == OpaqueHash{}) continue;
      const auto [place, is_new] = last[i].try_emplace(mark, Known{.call = call, .invite = invite});
      if (is_new) continue;
      const Known known = std::exchange(place->second, {.call = call, .invite = invite});
      if (joins.contains(call) || !continues(*known.invite, *invite, basis)) continue;
      joins.emplace(call, CallJoin{.basis = basis,
                                   .call = first_call(joins, known.call),
                                   .stream_of = hands_on(*known.invite, *invite) ? stream_of(joins, known.call) : call,
                                   .there = known.invite->seen.where,
                                   .there_flow = known.invite->flow,
                                   .here = invite->seen.where,
                                   .here_flow = invite->flow});
    }
  }
  return joins;
}

}  // namespace sealtrace
