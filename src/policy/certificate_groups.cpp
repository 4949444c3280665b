#include "policy/certificate_groups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string_view>

#include "policy/certificate_checks.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kMaxHoldersNamed = 6;

std::string names_of(const std::set<std::string>& holders) {
  std::vector<std::string_view> names;
  for (const std::string& holder : holders) {
    if (names.size() == kMaxHoldersNamed) {
      names.emplace_back("others");
      break;
    }
    names.push_back(holder);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Comparison holds the uses that a rule applies to.
class Comparison {
 public:
  Comparison(const CertificateRule& rule, const std::vector<CertificateUse>& uses, const std::vector<ComparedUse>& compared)
      : rule_{rule}, uses_{uses} {
    for (const ComparedUse& each : compared) {
      if (rule_applies(rule, uses[each.use])) compared_.push_back(&each);
    }
  }

  /// shared_keys finds a key in different certificates of holders that are of no common pool.
  [[nodiscard]] std::vector<GroupAnswer> shared_keys() const {
    std::vector<GroupAnswer> answers;
    for (const auto& [key, members] : grouped([](const CertificateUse&, const ComparedUse& each) { return each.key_sha256; })) {
      std::set<std::string> holders;
      std::set<std::string> owners;  // a pool is one owner
      std::set<std::uint32_t> leaves;
      GroupAnswer answer;
      for (const ComparedUse* each : members) {
        const CertificateUse& use = uses_[each->use];
        holders.insert(use.holder);
        owners.insert(use.pool.empty() ? use.holder : use.pool);
        leaves.insert(each->leaf);
        answer.uses.push_back(each->use);
      }
      if (key.empty()) continue;
      if (owners.size() > 1 && leaves.size() > 1)
        answer.what = fmt::format("{} have different certificates with one key", names_of(holders));
      answers.push_back(std::move(answer));
    }
    return answers;
  }

  /// same asks that all holders of a group have something in common: a certificate, or a key.
  [[nodiscard]] std::vector<GroupAnswer> same(bool key, bool in_pool) const {
    std::vector<GroupAnswer> answers;
    const auto group_of = [&](const CertificateUse& use, const ComparedUse&) { return in_pool ? use.pool : std::string{"all"}; };
    for (const auto& [group, members] : grouped(group_of)) {
      if (group.empty()) continue;
      std::map<std::string, std::set<std::string>> of_holder;
      GroupAnswer answer;
      for (const ComparedUse* each : members) {
        const CertificateUse& use = uses_[each->use];
        if (key && each->key_sha256.empty()) continue;  // of which only a list speaks
        of_holder[use.holder].insert(key ? each->key_sha256 : fmt::format("{}", each->leaf));
        answer.uses.push_back(each->use);
      }
      if (of_holder.size() < 2) continue;
      std::set<std::string> common = of_holder.begin()->second;
      std::set<std::string> holders;
      for (const auto& [holder, values] : of_holder) {
        holders.insert(holder);
        std::erase_if(common, [&](const std::string& each) { return !values.contains(each); });
      }
      if (common.empty()) answer.what = fmt::format("{} have no {} in common", names_of(holders), key ? "key" : "certificate");
      answers.push_back(std::move(answer));
    }
    return answers;
  }

  /// rolls asks of each certificate that is to take over that it does so early enough before its predecessor ends, and is valid by then.
  [[nodiscard]] std::vector<GroupAnswer> rolls(Timestamp now) const {
    std::vector<GroupAnswer> answers;
    const auto service_of = [](const CertificateUse& use, const ComparedUse&) {
      return fmt::format("{}|{}", use.holder, to_string(use.usage));
    };
    for (const auto& [service, members] : grouped(service_of)) {
      for (const ComparedUse* next : members) {
        const CertificateUse& use = uses_[next->use];
        if (!use.effective || *use.effective <= now) continue;
        GroupAnswer answer{.uses = {next->use}, .what = {}};
        std::optional<Timestamp> end;  // of what is in use until then
        bool end_known = true;
        for (const ComparedUse* before : members) {
          if (before == next || (uses_[before->use].effective && *uses_[before->use].effective > now)) continue;
          end_known = end_known && before->not_after;
          if (before->not_after) end = std::max(end.value_or(*before->not_after), *before->not_after);
        }
        const auto lead = std::chrono::hours{static_cast<std::int64_t>(rule_.at_least)};
        if (next->not_before && *use.effective < *next->not_before) {
          answer.what = "it takes over before its own validity begins";
        } else if (end && *use.effective + lead > *end) {
          answer.what = fmt::format("it takes over less than {} hours before its predecessor ends", rule_.at_least);
        }
        // Of dates that a list does not give nothing is said.
        if (!answer.what.empty() || (end_known && next->not_before)) answers.push_back(std::move(answer));
      }
    }
    return answers;
  }

 private:
  template <typename KeyOf>
  [[nodiscard]] std::map<std::string, std::vector<const ComparedUse*>> grouped(const KeyOf& key_of) const {
    std::map<std::string, std::vector<const ComparedUse*>> groups;
    for (const ComparedUse* each : compared_) groups[key_of(uses_[each->use], *each)].push_back(each);
    return groups;
  }

  const CertificateRule& rule_;
  const std::vector<CertificateUse>& uses_;
  std::vector<const ComparedUse*> compared_;
};

}  // namespace

std::vector<GroupAnswer> compare_certificates(const CertificateRule& rule, const std::vector<CertificateUse>& uses,
                                              const std::vector<ComparedUse>& compared, Timestamp now) {
  const Comparison comparison{rule, uses, compared};
  if (rule.check == CertificateCheck::shared_key) return comparison.shared_keys();
  if (rule.check == CertificateCheck::pool_same_certificate) return comparison.same(false, false);
  if (rule.check == CertificateCheck::pool_same_key) return comparison.same(true, true);
  if (rule.check == CertificateCheck::roll) return comparison.rolls(now);
  return {};
}

}  // namespace sealtrace
