#include "policy/certificate_uses.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace sealtrace {
namespace {

constexpr std::size_t kMaxLegsOfUse = 64;

RoleSet roles_of(std::initializer_list<Role> list) {
  RoleSet roles;
  for (const Role role : list) roles.set(static_cast<std::size_t>(role));
  return roles;
}

/// usage_on reads the usage off the roles of the address and the port: each service of a server has its own.
CertificateUsage usage_on(const RoleSet& roles, std::uint16_t port, bool as_client) {
  static const RoleSet kEdge =
      roles_of({Role::edge_access, Role::edge_web_conferencing, Role::edge_av, Role::edge_internal, Role::reverse_proxy});
  static const RoleSet kWeb = roles_of({Role::front_end, Role::standard_edition, Role::director});
  const auto has = [&](Role role) { return roles.test(static_cast<std::size_t>(role)); };
  constexpr std::uint16_t kXmppServerPort = 5269;
  if ((roles & kEdge).none()) {
    if ((roles & kWeb).none() || as_client) return CertificateUsage::standard;
    return port == 443    ? CertificateUsage::web_services_internal
           : port == 4443 ? CertificateUsage::web_services_external
                          : CertificateUsage::standard;
  }
  if ((roles & kEdge).count() > 1) return CertificateUsage::unknown;  // one address for several services
  if (has(Role::reverse_proxy)) return CertificateUsage::web_publishing;
  if (has(Role::edge_internal)) return CertificateUsage::edge_internal;
  if (has(Role::edge_av)) return CertificateUsage::audio_video_authentication;
  if (has(Role::edge_web_conferencing)) return CertificateUsage::data_edge_external;
  return port == kXmppServerPort ? CertificateUsage::xmpp_server : CertificateUsage::access_edge_external;
}

using Key = std::tuple<std::uint32_t, CertificateUsage, bool, std::vector<std::uint32_t>>;

class Collector {
 public:
  Collector(AuditResult& result, const Topology& topology) : result_{result}, topology_{topology} {}

  std::vector<CertificateUse> collect() {
    for (std::size_t i = 0; i < result_.flows.size(); ++i) {
      const FlowProfile& flow = result_.flows[i];
      if (!flow.tls || flow.tls->dtls || flow.tls->pseudo) continue;
      const TlsProfile& tls = *flow.tls;
      const std::uint32_t leg = i < result_.judged.size() ? result_.judged[i].classification.leg : kNoAsset;
      add(flow, leg, tls.server_chain, flow.responder, flow.initiator, tls.frames.server_certificate, false);
      add(flow, leg, tls.client_chain, flow.initiator, flow.responder, tls.frames.client_certificate, true);
    }
    return std::move(uses_);
  }

 private:
  void add(const FlowProfile& flow, std::uint32_t leg, const std::vector<CertificateId>& chain, const Party& holder, const Party& peer,
           const TimedEvidence& evidence, bool as_client) {
    if (chain.empty() || holder.asset >= result_.assets.size()) return;
    const Asset& asset = result_.assets[holder.asset];
    if ((asset.kind != AssetKind::host && asset.kind != AssetKind::partner) || asset.roles.none() || asset.hides_sources) return;
    std::vector<std::uint32_t> indexes;
    for (const CertificateId id : chain) {
      if (value(id) >= result_.certificates.size()) return;  // its budget was spent
      indexes.push_back(value(id));
    }
    const CertificateUsage usage = usage_on(asset.roles, flow.responder.endpoint.port, as_client);
    const auto [place, fresh] = known_.try_emplace(Key{holder.asset, usage, as_client, indexes}, uses_.size());
    if (fresh) {
      if (uses_.size() == kMaxCertificateUses) {
        known_.erase(place);
        ++result_.budgets_exceeded["certificate_uses"];
        return;
      }
      uses_.push_back(make_use(asset, usage, as_client, std::move(indexes)));
      uses_.back().first_seen = flow.start;
      uses_.back().evidence = evidence;
    }
    CertificateUse& use = uses_[place->second];
    ++use.num_flows;
    const Timestamp shown = evidence.known() && evidence.time != Timestamp{} ? evidence.time : flow.start;
    use.first_seen = fresh ? shown : std::min(use.first_seen, shown);
    use.last_seen = std::max(use.last_seen, shown);
    if (!as_client) note_staples(use, flow.tls->server_staples, shown);
    if (peer.asset < result_.assets.size()) use.peers |= result_.assets[peer.asset].roles;
    if (leg != kNoAsset && use.legs.size() < kMaxLegsOfUse && std::ranges::find(use.legs, leg) == use.legs.end()) use.legs.push_back(leg);
    const std::string& asked = flow.tls->server_name;
    const bool keep = !as_client && !asked.empty() && flow.tls->established && use.names_asked.size() < kMaxNamesAsked;
    if (keep && std::ranges::find(use.names_asked, asked) == use.names_asked.end()) use.names_asked.push_back(asked);
  }

  static void note_staples(CertificateUse& use, const std::vector<Staple>& staples, Timestamp shown) {
    for (const Staple& staple : staples) {
      if (staple.place >= use.chain.size()) continue;
      const auto same = [&](const ShownStaple& each) { return each.response == staple.response && each.place == staple.place; };
      const auto known = std::ranges::find_if(use.staples, same);
      if (known == use.staples.end()) {
        if (use.staples.size() < kMaxStaplesOfUse)
          use.staples.push_back({.response = staple.response, .place = staple.place, .first_seen = shown, .last_seen = shown});
        continue;
      }
      known->first_seen = std::min(known->first_seen, shown);
      known->last_seen = std::max(known->last_seen, shown);
    }
  }

  CertificateUse make_use(const Asset& asset, CertificateUsage usage, bool as_client, std::vector<std::uint32_t> chain) const {
    CertificateUse use;
    use.usage = usage;
    use.as_client = as_client;
    use.holder = asset.name;
    use.roles = asset.roles;
    use.pool = pool_of(topology_, asset.name);
    use.partner_domain = asset.kind == AssetKind::partner ? asset.domain : std::string{};
    use.chain = std::move(chain);
    return use;
  }

  AuditResult& result_;
  const Topology& topology_;
  std::vector<CertificateUse> uses_;
  std::map<Key, std::size_t> known_;
};

}  // namespace

std::vector<CertificateUse> certificate_uses(AuditResult& result, const Topology& topology) {
  return Collector{result, topology}.collect();
}

std::string pool_of(const Topology& topology, std::string_view fqdn) {
  for (const TopologyPool& pool : topology.pools) {
    if (pool.fqdn == fqdn || std::ranges::find(pool.members, fqdn) != pool.members.end()) return pool.fqdn;
  }
  return {};
}

}  // namespace sealtrace
