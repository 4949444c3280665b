// certificate_uses: who showed which certificate as its own, from the flows of an audit.
#pragma once

#include <vector>

#include "model/audit.hpp"
#include "model/certificate_use.hpp"
#include "model/topology.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxCertificateUses = 200'000;  ///< about 80 MiB; more are counted as a budget

/// certificate_uses lists each distinct (holder, usage, side, chain) of a judged audit, in the order of first sight. Only hosts and
/// partners of the topology are holders: certificates of others, and those of clients, DTLS and pseudo-TLS, are listed and not judged.
std::vector<CertificateUse> certificate_uses(AuditResult& result, const Topology& topology);

/// pool_of gives the FQDN of the pool that lists `fqdn`, or that has this name; empty when there is none.
std::string pool_of(const Topology& topology, std::string_view fqdn);

}  // namespace sealtrace
