#include "policy/finding_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace sealtrace {
namespace {

int rank(Status status) { return status == Status::fail ? 0 : status == Status::accepted_risk ? 1 : 2; }

}  // namespace

std::vector<std::uint32_t> order_findings(std::vector<Finding>& findings, std::uint32_t (*tie)(const Finding&)) {
  std::vector<std::uint32_t> order(findings.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t i) {
    return std::tuple{rank(findings[i].status), -static_cast<int>(findings[i].severity), tie(findings[i]), i};
  };
  std::ranges::sort(order, {}, key);
  std::vector<std::uint32_t> place(findings.size());
  std::vector<Finding> sorted;
  sorted.reserve(findings.size());
  for (const std::uint32_t i : order) {
    place[i] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(std::move(findings[i]));
  }
  findings = std::move(sorted);
  return place;
}

void make_ids_distinct(std::vector<Finding>& findings) {
  std::set<std::string> ids;
  for (Finding& finding : findings) {
    while (!ids.insert(finding.id).second) {
      const auto number = static_cast<std::uint32_t>(std::stoul(finding.id.substr(2), nullptr, 16)) + 1;
      finding.id = fmt::format("F-{:08x}", number);
    }
  }
}

}  // namespace sealtrace
