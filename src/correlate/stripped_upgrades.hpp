// Upgrades to TLS that a server had earlier in the audit, and that this time its answer is without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/flow_profile.hpp"

namespace sealtrace {

/// kMaxUpgradeServers bounds the servers whose first offer is remembered: about 10 MiB.
inline constexpr std::size_t kMaxUpgradeServers = 65'536;

/// link_stripped_upgrades notes in each flow without TLS whose server listed what it can without the upgrade (SMTP, IMAP, POP3, FTP, XMPP,
/// MySQL), or refused it and went on in clear (PostgreSQL, TDS: their servers say no more), the first flow to the same server that showed
/// the upgrade before that moment: an offer, or consent. A server is an address, a port and a protocol, of XMPP a domain besides, for its
/// hosts have settings of their own. The list counts where the flow was seen from its start and no octet of it differs between two copies;
/// dissectors state no list that has a gap. An offer that came later says that the server was changed, and is not linked. What an earlier
/// call noted is forgotten. `flows` are numbered, in the order of number_flows. Gives the servers that were not remembered.
std::uint64_t link_stripped_upgrades(std::vector<FlowProfile>& flows, std::size_t max_servers = kMaxUpgradeServers);

}  // namespace sealtrace
