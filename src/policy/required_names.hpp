// required_names: which names a role's certificate must have, by the templates of a pack and what the topology states.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/certificate_use.hpp"
#include "model/topology.hpp"

namespace sealtrace {

/// required_names fills the templates of `values` for a use, each name once. What the topology does not state gives no name:
/// {server} and {pool} of the holder; {web-internal} and {web-external} of its web services; {meet}, {dialin}, {admin}: the simple URLs;
/// {published}: what a reverse proxy publishes; PREFIX{domain}: one for each SIP domain; PREFIX{web-domain}: likewise, where the topology
/// states web services of the holder (of a reverse proxy: any that it publishes without a list of its own). Other values are themselves.
std::vector<std::string> required_names(const std::vector<std::string>& values, const CertificateUse& use, const Topology& topology);

/// is_name_value says whether a pack may write `value`: a name, or one of the templates.
bool is_name_value(std::string_view value);

/// web_of gives the web services of a server: its own, else those of its pool.
TopologyWeb web_of(const Topology& topology, std::string_view fqdn);

/// publishes_of_its_own says that the topology lists what this reverse proxy publishes.
bool publishes_of_its_own(const Topology& topology, std::string_view fqdn);

/// published_names lists what a reverse proxy publishes: what it states, else every external web FQDN and the simple URLs that are for
/// clients outside, where the topology states any web services at all.
std::vector<std::string> published_names(const Topology& topology, std::string_view fqdn);

}  // namespace sealtrace
