// From who talks to whom on which port to the class of traffic. The knowledge is two tables in classify.cpp, from the vendor's port pages.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "model/audit.hpp"
#include "model/flow_profile.hpp"
#include "model/roles.hpp"
#include "model/topology.hpp"
#include "policy/reason.hpp"

namespace sealtrace {

/// LegClass is the class of a leg and how it is known.
struct LegClass {
  TrafficClass traffic_class = TrafficClass::unknown;
  std::string_view basis;                     ///< topology, proposed or content; empty when the class is unknown
  Reason why_unknown = Reason::role_unknown;  ///< of an unknown class
  bool dynamic_port = false;                  ///< the port is one of many for the same thing (media): legs do not tell them apart
  bool trunk_tls = false;                     ///< a trunk of the topology joins the two and states transport tls
};

/// TrunkIndex finds the trunks between two hosts. Borrows the topology.
class TrunkIndex {
 public:
  explicit TrunkIndex(const Topology& topology);
  /// between gives the trunks of two hosts, whichever is the gateway.
  [[nodiscard]] const std::vector<const TopologyTrunk*>& between(std::string_view one, std::string_view other) const;

 private:
  std::map<std::pair<std::string_view, std::string_view>, std::vector<const TopologyTrunk*>> trunks_;
};

/// classify_roles gives the class that the roles and the port of the listening side make; unknown without roles.
LegClass classify_roles(const Asset& client, const Asset& server, std::uint16_t server_port, Transport transport, const TrunkIndex& trunks);

/// classify_content corrects or completes it by what the flow itself shows: pseudo-TLS is the A/V Edge's, and where roles are missing
/// a port that only one kind of leg has, or TLS with client certificates on a SIP port, proposes a class.
LegClass classify_content(const LegClass& by_roles, std::uint16_t server_port, const FlowProfile& flow);

}  // namespace sealtrace
