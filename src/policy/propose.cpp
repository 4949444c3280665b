#include "policy/propose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/fetched.hpp"
#include "policy/host_names.hpp"
#include "policy/propose_evidence.hpp"
#include "policy/propose_tables.hpp"
#include "policy/role_mask.hpp"

namespace sealtrace {
namespace {

constexpr RoleMask kClientRoles = roles({Role::client, Role::phone});

/// Candidate is a proposal in the making: a role, or roles that its evidence does not tell apart.
struct Candidate {
  RoleMask role = 0;
  std::vector<RoleHint> hints;  ///< strongest first, at most kMaxReasonsCounted

  [[nodiscard]] ProposalStrength strength() const { return hints.front().strength; }

  /// add keeps the strongest hints, of equally strong ones the first seen.
  void add(const RoleHint& hint) {
    if (std::ranges::any_of(hints, [&](const RoleHint& known) { return known.says_the_same(hint); })) return;
    const auto place = std::ranges::find_if(hints, [&](const RoleHint& known) { return known.strength < hint.strength; });
    hints.insert(place, hint);
    if (hints.size() > kMaxReasonsCounted) hints.pop_back();
  }
};

bool explains(const Candidate& narrow, const Candidate& wide) {
  return narrow.role != wide.role && (narrow.role & ~wide.role) == 0 && narrow.strength() >= wide.strength();
}

/// give_to_narrower hands the evidence of each candidate to those that explain it, and drops it.
void give_to_narrower(std::vector<Candidate>& candidates) {
  std::ranges::sort(candidates, {}, [](const Candidate& candidate) { return std::tuple{-std::popcount(candidate.role), candidate.role}; });
  for (std::size_t i = 0; i < candidates.size();) {  // widest first, so that evidence sinks all the way
    const Candidate& wide = candidates[i];
    bool given = false;
    for (std::size_t j = i + 1; j < candidates.size(); ++j) {
      if (!explains(candidates[j], wide)) continue;
      for (const RoleHint& hint : wide.hints) candidates[j].add(hint);
      given = true;
    }
    if (given)
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
  std::ranges::sort(candidates, {},
                    [](const Candidate& candidate) { return std::tuple{-static_cast<int>(candidate.strength()), candidate.role}; });
}

std::string role_text(RoleMask mask) {
  std::string text;
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if ((mask >> i & 1) == 0) continue;
    const bool last = (mask >> i >> 1) == 0;
    if (!text.empty()) text += last ? " or " : ", ";
    text += kRoleNames[i];
  }
  return text;
}

std::string reason_text(const RoleHint& hint) {
  std::string text{hint.lead};
  if (hint.port != 0) text += fmt::format(" {}", hint.port);
  if (!hint.detail.empty()) {
    const bool cut = hint.detail.size() > kMaxReasonDetailBytes;
    text += fmt::format(" \"{}{}\"", hint.detail.substr(0, kMaxReasonDetailBytes), cut ? "..." : "");
  }
  if (!hint.tail.empty()) text += fmt::format(", {}", hint.tail);
  return text;
}

class Proposer {
 public:
  explicit Proposer(const AuditResult& audit) : audit_{audit}, leaves_{audit} {}

  Proposals run() {
    const PartyHintSink sink = [this](const sealtrace::Party& party, const RoleHint& hint) { add(party, hint); };
    const auto visit = [&](const FlowProfile& flow) {
      names_.add(leaves_, flow);
      hints_of_flow(leaves_, flow, sink);
    };
    visit_fetched<FetchAlso{.tls = true, .clear = true, .sip = true}>(std::span{audit_.flows}, visit, HostNames::fetch_soon,
                                                                      HostNames::fetch_next);  // one pass: flows do not fit in a cache
    add_hints_of_names();
    return finish();
  }

 private:
  struct Party {
    std::uint32_t asset = kNoAsset;
    std::vector<Candidate> candidates;
  };

  /// add takes evidence of an address that talks; one that has a role is proposed none.
  void add(const sealtrace::Party& party, const RoleHint& hint) {
    const bool has_role = party.asset < audit_.assets.size() && audit_.assets[party.asset].roles.any();
    if (has_role || hint.role == 0) return;
    Party& known = parties_[party.endpoint.address];
    known.asset = party.asset;
    add(known.candidates, hint);
  }

  static void add(std::vector<Candidate>& candidates, const RoleHint& hint) {
    const auto known = std::ranges::find(candidates, hint.role, &Candidate::role);
    Candidate& candidate = known != candidates.end() ? *known : candidates.emplace_back(Candidate{.role = hint.role, .hints = {}});
    candidate.add(hint);
  }

  /// add_hints_of_names takes what DNS says of addresses, if they talk.
  void add_hints_of_names() {
    boost::unordered_flat_map<IpAddress, std::vector<Candidate>, IpAddressHash> named;  // candidates, for they hold no more than is counted
    names_.for_each_hint([&](const IpAddress& address, const RoleHint& hint) {
      if (hint.role != 0) add(named[address], hint);
    });
    if (named.empty()) return;
    const auto take = [&](const sealtrace::Party& party) {
      const auto found = named.find(party.endpoint.address);
      if (found == named.end()) return;
      for (const Candidate& candidate : found->second) {
        for (const RoleHint& hint : candidate.hints) add(party, hint);
      }
      named.erase(found);
    };
    for (const FlowProfile& flow : audit_.flows) {
      take(flow.initiator);
      take(flow.responder);
    }
  }

  [[nodiscard]] std::string name_of(const IpAddress& address, const Party& party) const {
    if (party.asset < audit_.assets.size() && audit_.assets[party.asset].kind == AssetKind::host) return audit_.assets[party.asset].name;
    return names_.name_of(address);
  }

  Proposals finish();
  void propose(const IpAddress& address, const Party& party, Proposals& proposals) const;

  const AuditResult& audit_;
  LeafNames leaves_;
  HostNames names_;
  boost::unordered_flat_map<IpAddress, Party, IpAddressHash> parties_;
};

Proposals Proposer::finish() {
  std::vector<std::tuple<bool, IpAddress, Party*>> order;
  for (auto& [address, party] : parties_) {
    give_to_narrower(party.candidates);
    const bool only_client =
        std::ranges::all_of(party.candidates, [](const Candidate& candidate) { return (candidate.role & ~kClientRoles) == 0; });
    order.emplace_back(only_client, address, &party);
  }
  std::ranges::sort(order);
  Proposals proposals;
  for (const auto& [only_client, address, party] : order) propose(address, *party, proposals);
  return proposals;
}

void Proposer::propose(const IpAddress& address, const Party& party, Proposals& proposals) const {
  const std::size_t room = std::min(kMaxProposals - proposals.list.size(), kMaxRolesOfAddress);
  const std::size_t taken = std::min(party.candidates.size(), room);
  proposals.num_left_out += party.candidates.size() - taken;
  if (taken == 0) return;
  const std::string address_text = address.to_string();
  const std::string name = name_of(address, party);
  for (std::size_t i = 0; i < taken; ++i) {
    const Candidate& candidate = party.candidates[i];
    RoleProposal& proposal = proposals.list.emplace_back(RoleProposal{.address = address_text,
                                                                      .name = name,
                                                                      .role = role_text(candidate.role),
                                                                      .strength = candidate.strength(),
                                                                      .reasons = {},
                                                                      .num_reasons = candidate.hints.size()});
    for (std::size_t k = 0; k < std::min(candidate.hints.size(), kMaxProposalReasons); ++k) {
      const RoleHint& hint = candidate.hints[k];
      proposal.reasons.push_back({.what = reason_text(hint), .strength = hint.strength, .where = hint.where});
    }
  }
}

}  // namespace

Proposals propose_roles(const AuditResult& result) { return Proposer{result}.run(); }

}  // namespace sealtrace
