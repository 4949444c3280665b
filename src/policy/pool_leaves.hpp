// pool_leaves: where the members of a pool have different certificates for one usage. Nothing is judged: for most usages the vendor's
// documents give each server its own.
#pragma once

#include <vector>

#include "model/audit.hpp"
#include "model/certificate_use.hpp"

namespace sealtrace {

/// pool_leaves lists, by pool, usage and member, the leaves of each pool and usage for which two members have not the same ones. What a
/// server shows as a TLS client counts with what it shows as a server; usages that are not known are left out.
std::vector<PoolLeaf> pool_leaves(const std::vector<CertificateUse>& uses);

}  // namespace sealtrace
