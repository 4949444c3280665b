#include "policy/pool_leaves.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace sealtrace {
namespace {

CertificateUse shows(std::string holder, std::uint32_t leaf, CertificateUsage usage = CertificateUsage::standard, std::string pool = "p1") {
  CertificateUse use;
  use.holder = std::move(holder);
  use.pool = std::move(pool);
  use.usage = usage;
  use.chain = {leaf, 99};
  return use;
}

/// told gives "pool usage member leaf" of each.
std::vector<std::string> told(const std::vector<CertificateUse>& uses) {
  std::vector<std::string> lines;
  for (const PoolLeaf& leaf : pool_leaves(uses))
    lines.push_back(fmt::format("{} {} {} {}", leaf.pool, to_string(leaf.usage), leaf.member, leaf.certificate));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(PoolLeaves, ThatAgreeAreNotListed) {
  EXPECT_EQ(told({}), Lines{});
  EXPECT_EQ(told({shows("a", 1), shows("b", 1)}), Lines{});
  EXPECT_EQ(told({shows("a", 1), shows("a", 2)}), Lines{}) << "one member alone differs from nobody";
  EXPECT_EQ(told({shows("a", 1), shows("a", 2), shows("b", 2), shows("b", 1)}), Lines{}) << "a roll that both have made";
  EXPECT_EQ(told({shows("a", 1), shows("b", 2, CertificateUsage::oauth_token_issuer)}), Lines{})
      << "usages are not held against each other";
  EXPECT_EQ(told({shows("a", 1), shows("b", 2, CertificateUsage::standard, "p2")}), Lines{}) << "nor are pools";
  EXPECT_EQ(told({shows("a", 1, CertificateUsage::standard, ""), shows("b", 2, CertificateUsage::standard, "")}), Lines{}) << "in no pool";
  EXPECT_EQ(told({shows("a", 1, CertificateUsage::unknown), shows("b", 2, CertificateUsage::unknown)}), Lines{});
}

TEST(PoolLeaves, ThatDifferAreListedByPoolUsageAndMember) {
  EXPECT_EQ(told({shows("b", 2), shows("a", 1), shows("a", 1)}), (Lines{"p1 default a 1", "p1 default b 2"}));
  EXPECT_EQ(told({shows("a", 1), shows("b", 1), shows("b", 2)}), (Lines{"p1 default a 1", "p1 default b 1", "p1 default b 2"}))
      << "a roll that one has made";
  EXPECT_EQ(told({shows("d", 4, CertificateUsage::edge_internal, "p2"), shows("c", 3, CertificateUsage::edge_internal, "p2"), shows("a", 1),
                  shows("b", 2)}),
            (Lines{"p1 default a 1", "p1 default b 2", "p2 edge-internal c 3", "p2 edge-internal d 4"}));
}

}  // namespace
}  // namespace sealtrace
