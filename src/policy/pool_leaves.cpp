#include "policy/pool_leaves.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace sealtrace {
namespace {

/// Leaves holds, by certificate, the first use that shows it.
using Leaves = std::map<std::uint32_t, const CertificateUse*>;
using Members = std::map<std::string_view, Leaves>;

bool differ(const Members& members) {
  const Leaves& first = members.begin()->second;
  for (const auto& [member, leaves] : members) {
    if (leaves.size() != first.size()) return true;
    for (const auto& [certificate, use] : leaves) {
      if (!first.contains(certificate)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<PoolLeaf> pool_leaves(const std::vector<CertificateUse>& uses) {
  std::map<std::pair<std::string_view, CertificateUsage>, Members> pools;
  for (const CertificateUse& use : uses) {
    if (use.pool.empty() || use.usage == CertificateUsage::unknown) continue;
    pools[{use.pool, use.usage}][use.holder].try_emplace(use.chain.front(), &use);
  }
  std::vector<PoolLeaf> all;
  for (const auto& [key, members] : pools) {
    if (!differ(members)) continue;
    for (const auto& [member, leaves] : members) {
      for (const auto& [certificate, use] : leaves) {
        all.push_back({.pool = std::string{key.first},
                       .usage = key.second,
                       .member = std::string{member},
                       .certificate = certificate,
                       .source = use->source,
                       .first_evidence = use->evidence});
      }
    }
  }
  return all;
}

}  // namespace sealtrace
