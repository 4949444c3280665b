#include "correlate/stripped_upgrades.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "model/fetched.hpp"

namespace sealtrace {
namespace {

/// kListing are the protocols that name the upgrade among what the server has, whoever asks.
constexpr std::array<std::string_view, 6> kListing{"smtp", "imap", "pop3", "ftp", "xmpp", "mysql"};
/// kAnswering are those whose servers say whether they have TLS in answer to the request alone, and say no for no other cause.
constexpr std::array<std::string_view, 2> kAnswering{"postgresql", "tds"};

bool is_among(std::string_view protocol, const auto& protocols) { return std::ranges::find(protocols, protocol) != protocols.end(); }

/// protocol_of names the protocol of a dialect: TDS has one for the login alone.
std::string_view protocol_of(std::string_view dialect) { return dialect.starts_with("tds") ? "tds" : dialect; }

/// Server is what has an upgrade or has not: address, port, protocol, and the domain of an XMPP stream.
using Server = std::tuple<IpAddress, std::uint16_t, std::string_view, std::string>;

Server server_of(const FlowProfile& flow, const SeenUpgrade& upgrade) {
  const Endpoint& endpoint = flow.responder.endpoint;
  return {endpoint.address, endpoint.port, protocol_of(upgrade.dialect), flow.application->xmpp ? flow.application->xmpp->to : ""};
}

/// shown_by gives the first sign that the server has the upgrade; not known when there is none.
TimedEvidence shown_by(const SeenUpgrade& upgrade) {
  TimedEvidence first;
  for (const TimedEvidence* step : {&upgrade.offered, &upgrade.required, &upgrade.accepted}) {
    if (step->known() && (!first.known() || step->time < first.time)) first = *step;
  }
  return first;
}

/// went_on_after says that the client talked on in clear: a server that refuses with an error ends the connection.
bool went_on_after(const FlowProfile& flow, Timestamp time) {
  return std::ranges::any_of(flow.application->clear,
                             [&](const ClearReading& read) { return read.sender == Side::initiator && read.first.time > time; });
}

/// denied_by gives where the server says that it has no upgrade; not known where it does not say so.
TimedEvidence denied_by(const FlowProfile& flow, const SeenUpgrade& upgrade) {
  const bool whole = flow.start_seen && !flow.conflicting;
  if (!whole || (flow.tls && !flow.tls->pseudo) || shown_by(upgrade).known()) return {};
  const std::string_view protocol = protocol_of(upgrade.dialect);
  if (is_among(protocol, kListing)) return upgrade.absent;
  const bool refused = is_among(protocol, kAnswering) && upgrade.refused.known() && went_on_after(flow, upgrade.refused.time);
  return refused ? upgrade.refused : TimedEvidence{};
}

/// each_upgrade calls `use` for the upgrades of flows by TCP.
void each_upgrade(std::vector<FlowProfile>& flows, const auto& use) {
  visit_fetched<FetchAlso{}>(std::span{flows}, [&](FlowProfile& flow) {
    if (!flow.application || flow.transport != Transport::tcp) return;
    for (SeenUpgrade& upgrade : flow.application->upgrades) use(flow, upgrade);
  });
}

}  // namespace

std::uint64_t link_stripped_upgrades(std::vector<FlowProfile>& flows, std::size_t max_servers) {
  std::map<Server, EarlierOffer> offers;
  std::uint64_t num_left_out = 0;
  each_upgrade(flows, [&](const FlowProfile& flow, SeenUpgrade& upgrade) {
    upgrade.stripped.reset();
    const TimedEvidence shown = shown_by(upgrade);
    if (!shown.known() || flow.conflicting) return;
    Server server = server_of(flow, upgrade);
    const auto known = offers.find(server);
    if (known != offers.end()) {
      if (shown.time < known->second.where.time) known->second = {.flow = flow.id, .where = shown};
    } else if (offers.size() < max_servers) {
      offers.emplace(std::move(server), EarlierOffer{.flow = flow.id, .where = shown});
    } else {
      ++num_left_out;
    }
  });
  if (offers.empty()) return num_left_out;
  each_upgrade(flows, [&](const FlowProfile& flow, SeenUpgrade& upgrade) {
    const TimedEvidence denied = denied_by(flow, upgrade);
    if (!denied.known()) return;
    const auto known = offers.find(server_of(flow, upgrade));
    if (known != offers.end() && known->second.where.time < denied.time) upgrade.stripped = known->second;
  });
  return num_left_out;
}

}  // namespace sealtrace
