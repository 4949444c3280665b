#include "policy/policy_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "policy/policy_extends.hpp"
#include "policy/required_names.hpp"
#include "policy/suite_names.hpp"
#include "yaml/yaml_map.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::size_t kMaxRows = 100;  // of a pack; the largest has 27, and row_of_class counts in one octet

constexpr std::size_t kMaxExceptions = 50;  // of a row; lint compares each with each

constexpr std::array<std::string_view, 4> kSeverityNames{"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 2> kExceptionStatuses{"fail", "accepted_risk"};
constexpr std::array<std::string_view, 3> kFlagRuleStatuses{"fail", "accepted_risk", "allowed"};
constexpr std::array<std::string_view, 1> kRuleSettings{"fips"};  ///< of the topology, on which a rule may depend
constexpr std::array<std::string_view, 2> kInferences{"never", "strong"};

/// FlagList is a part of the file that decides about flags, and which.
struct FlagList {
  std::string_view key;
  std::string_view subject;
  std::span<const Reason> reasons;
};
constexpr std::array kTlsFlags{Reason::version_ssl3,
                               Reason::version_tls1_0,
                               Reason::version_tls1_1,
                               Reason::suite_rc4,
                               Reason::suite_triple_des,
                               Reason::suite_not_fips,
                               Reason::group_not_fips,
                               Reason::signature_not_fips,
                               Reason::version_downgraded,
                               Reason::version_fallback,
                               Reason::no_forward_secrecy,
                               Reason::dh_group_small,
                               Reason::curve_small,
                               Reason::signature_sha1,
                               Reason::compression,
                               Reason::no_extended_master_secret,
                               Reason::no_secure_renegotiation,
                               Reason::no_post_quantum};
constexpr std::array kClearFlags{Reason::password_in_clear, Reason::token_in_clear,      Reason::challenge_response_in_clear,
                                 Reason::sasl_without_tls,  Reason::sips_promise_broken, Reason::upgrade_stripped};
constexpr std::array kMediaFlags{Reason::rtcp_in_clear,   Reason::srtp_unauthenticated,  Reason::srtcp_unencrypted,
                                 Reason::srtp_short_tag,  Reason::srtp_suite_not_listed, Reason::srtp_key_reused,
                                 Reason::digits_in_clear, Reason::srtp_not_fips};
constexpr std::array kFlagLists{FlagList{"tls", "a TLS rule", kTlsFlags}, FlagList{"clear", "a rule for clear traffic", kClearFlags},
                                FlagList{"media", "a rule for media", kMediaFlags}};

std::optional<Status> status_of(std::string_view name) {
  if (name == "fail") return Status::fail;
  if (name == "accepted_risk") return Status::accepted_risk;
  return std::nullopt;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 60 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// Loader turns the tree into a Policy, one function per part of the file.
class Loader {
 public:
  explicit Loader(YamlProblems& problems) : problems_{problems} {}

  Policy load(const YamlNode& root);

 private:
  void load_documents(const YamlMap& file);
  void load_role_groups(const YamlMap& file);
  void load_flag_rules(const YamlMap& file, const FlagList& list);
  void load_rows(const YamlMap& file);
  void load_certificate_rules(const YamlMap& file);
  CertificateRule certificate_rule(const YamlNode& node);
  PolicyRow row(const YamlNode& node);
  PolicyException exception(const YamlNode& node);
  PolicySource source(const YamlMap& row_map);
  std::optional<Reason> reason(const YamlMap& map);
  std::vector<TrafficClass> classes(const YamlMap& map, std::string_view key);
  std::vector<CipherSuite> suites(const YamlMap& map);
  std::vector<SrtpSuite> srtp_suites(const YamlMap& map);
  RoleSet roles(std::span<const YamlNode> nodes);
  void map_classes();

  static PolicyTexts texts(const YamlMap& map) {
    return {.why = map.text("why").value_or(""), .remedy = map.text("remedy").value_or(""), .verify = map.text("verify").value_or("")};
  }

  YamlProblems& problems_;
  Policy policy_;
  std::map<std::string, PolicySource, std::less<>> documents_;
  std::map<std::string, RoleSet, std::less<>> groups_;
  std::vector<YamlMark> row_marks_;
};

Policy Loader::load(const YamlNode& root) {
  const YamlMap file{
      root,
      "the policy",
      {"policy", "name", "extends", "title", "edition", "documents", "role_groups", "tls", "clear", "media", "rows", "certificates"},
      problems_};
  if (file.required("policy") != nullptr) static_cast<void>(file.number("policy", kFormatVersion, kFormatVersion));
  policy_.name = file.required_text("name").value_or("");
  if (!policy_.name.empty() && !is_id(policy_.name)) problems_.add(file.where(), "'name' must be lower-case letters, digits and hyphens");
  policy_.title = file.required_text("title").value_or("");
  policy_.edition = file.text("edition").value_or("");
  if (const YamlNode* base = file.find("extends"); base != nullptr) policy_.extends = base->text;  // resolve_extends has read it
  load_documents(file);
  load_role_groups(file);
  for (const FlagList& list : kFlagLists) load_flag_rules(file, list);
  load_rows(file);
  load_certificate_rules(file);
  map_classes();
  return std::move(policy_);
}

void Loader::load_documents(const YamlMap& file) {
  for (const YamlEntry& entry : file.entries("documents")) {
    const YamlMap map{entry.value, "a document", {"title", "edition"}, problems_};
    documents_[entry.key] = {
        .document = map.required_text("title").value_or(""), .edition = map.text("edition").value_or(""), .clause = {}};
  }
}

void Loader::load_role_groups(const YamlMap& file) {
  for (const YamlEntry& entry : file.entries("role_groups")) {
    if (find_role(entry.key)) problems_.add(entry.where, fmt::format("the group {} has the name of a role", in_quotes(entry.key)));
    if (entry.value.kind != YamlKind::sequence) {
      problems_.add(entry.value.where, "a role group must be a list of roles");
      continue;
    }
    groups_[entry.key] = roles(entry.value.items);
  }
}

void Loader::load_flag_rules(const YamlMap& file, const FlagList& list) {
  for (const YamlNode& node : file.items(list.key)) {
    const YamlMap map{node, list.subject, {"reason", "status", "severity", "suites", "because", "why", "remedy", "verify"}, problems_};
    FlagRule rule;
    const std::optional<Reason> found = reason(map);
    if (found && std::ranges::find(list.reasons, *found) == list.reasons.end()) {
      problems_.add(node.where, fmt::format("{} is nothing that '{}' decides about", info(*found).code, list.key));
    }
    rule.reason = found.value_or(Reason{});
    if (found && policy_.find_flag_rule(*found) != nullptr)
      problems_.add(node.where, fmt::format("a second rule for {}", info(*found).code));
    if (map.required("status") != nullptr) {
      if (const auto status = map.choice("status", kFlagRuleStatuses)) rule.status = status_of(kFlagRuleStatuses[*status]);
    }
    rule.severity = static_cast<Severity>(map.choice("severity", kSeverityNames).value_or(0));
    if (found == Reason::srtp_suite_not_listed) {
      if (map.required("suites") != nullptr) rule.srtp_suites = srtp_suites(map);
    } else if (const YamlNode* suites = map.find("suites")) {
      problems_.add(suites->where, fmt::format("only {} lists suites", info(Reason::srtp_suite_not_listed).code));
    }
    rule.because = map.required_text("because").value_or("");
    rule.texts = texts(map);
    policy_.flag_rules.push_back(std::move(rule));
  }
}

void Loader::load_rows(const YamlMap& file) {
  static_cast<void>(file.required("rows"));
  for (const YamlNode& node : file.items("rows")) {
    if (policy_.rows.size() == kMaxRows) {
      problems_.add(node.where, fmt::format("more than {} rows", kMaxRows));
      return;
    }
    PolicyRow fresh = row(node);
    if (!fresh.id.empty() && policy_.find_row(fresh.id) != nullptr) {
      problems_.add(node.where, fmt::format("the row {} stands here a second time", in_quotes(fresh.id)));
    }
    policy_.rows.push_back(std::move(fresh));
    row_marks_.push_back(node.where);
  }
}

void Loader::load_certificate_rules(const YamlMap& file) {
  for (const YamlNode& node : file.items("certificates")) {
    if (policy_.certificate_rules.size() == kMaxRows) {
      problems_.add(node.where, fmt::format("more than {} rules about certificates", kMaxRows));
      return;
    }
    CertificateRule fresh = certificate_rule(node);
    if (!fresh.id.empty() && policy_.find_certificate_rule(fresh.id) != nullptr) {
      problems_.add(node.where, fmt::format("the rule {} stands here a second time", in_quotes(fresh.id)));
    }
    policy_.certificate_rules.push_back(std::move(fresh));
  }
}

CertificateRule Loader::certificate_rule(const YamlNode& node) {
  const YamlMap map{node,
                    "a rule about certificates",
                    {"id", "title", "check", "source", "status", "severity", "roles", "usages", "peers", "settings", "at_least", "values",
                     "because", "why", "remedy", "verify"},
                    problems_};
  CertificateRule rule;
  rule.line = node.where.line;
  rule.id = map.required_text("id").value_or("");
  if (!rule.id.empty() && (!is_id(rule.id) || !rule.id.starts_with("certificate-")))
    problems_.add(node.where, fmt::format("{} is no id of a rule about certificates: it begins with certificate-", in_quotes(rule.id)));
  rule.title = map.required_text("title").value_or("");
  std::vector<std::string_view> checks;
  for (const CertificateCheckInfo& check : all_certificate_checks()) checks.push_back(check.name);
  if (map.required("check") != nullptr) rule.check = static_cast<CertificateCheck>(map.choice("check", checks).value_or(0));
  rule.source = source(map);
  if (map.required("status") != nullptr) {
    if (const auto status = map.choice("status", kFlagRuleStatuses)) rule.status = status_of(kFlagRuleStatuses[*status]);
  }
  rule.severity = static_cast<Severity>(map.choice("severity", kSeverityNames).value_or(static_cast<std::size_t>(Severity::medium)));
  if (map.required("roles") != nullptr) rule.roles = roles(map.items("roles"));
  rule.peers = roles(map.items("peers"));
  for (const YamlNode& item : map.items("usages")) {
    const std::optional<std::string> name = scalar_text(item, "usages", problems_);
    const auto found = std::ranges::find(kCertificateUsageNames, name.value_or(""));
    if (found != kCertificateUsageNames.end()) {
      rule.usages.push_back(static_cast<CertificateUsage>(found - kCertificateUsageNames.begin()));
    } else if (name) {
      add_unknown_name(problems_, item.where, "usage", *name, kCertificateUsageNames);
    }
  }
  rule.fips_mode_only = map.choice("settings", kRuleSettings).has_value();
  rule.at_least = map.number("at_least", 0, 1'000'000).value_or(0);
  for (const YamlNode& item : map.items("values")) {
    std::optional<std::string> text = scalar_text(item, "values", problems_);
    if (!text) continue;
    if (info(rule.check).of_names && !is_name_value(*text))
      problems_.add(item.where, fmt::format("{} is no name and no template of names", in_quotes(*text)));
    rule.values.push_back(std::move(*text));
  }
  rule.because = map.text("because").value_or("");
  rule.texts = texts(map);
  return rule;
}

PolicyRow Loader::row(const YamlNode& node) {
  const YamlMap map{
      node,
      "a row",
      {"id", "title", "classes", "requirement", "source", "severity", "accept_inferred", "accept_inferred_media", "accept_other_protection",
       "upgrade_in_place", "suites", "carried_by", "exceptions", "expected_when", "why", "remedy", "verify", "disabled"},
      problems_};
  PolicyRow row;
  row.line = node.where.line;
  row.id = map.required_text("id").value_or("");
  if (!row.id.empty() && !is_id(row.id))
    problems_.add(node.where, fmt::format("{} is no row id: lower-case letters, digits, hyphens", in_quotes(row.id)));
  row.title = map.required_text("title").value_or("");
  row.classes = classes(map, "classes");
  if (map.required("requirement") != nullptr) {
    row.requirement = static_cast<Requirement>(map.choice("requirement", kRequirementNames).value_or(0));
  }
  row.source = source(map);
  row.severity = static_cast<Severity>(map.choice("severity", kSeverityNames).value_or(static_cast<std::size_t>(Severity::high)));
  row.accept_strong_inference = map.choice("accept_inferred", kInferences).value_or(0) == 1;
  row.accept_inferred_media = map.flag("accept_inferred_media").value_or(false);
  row.upgrade_in_place = map.flag("upgrade_in_place").value_or(false);
  row.accept_other_protection = map.flag("accept_other_protection").value_or(false);
  row.suites = suites(map);
  row.carried_by = classes(map, "carried_by");
  for (const YamlNode& item : map.items("exceptions")) {
    if (row.exceptions.size() == kMaxExceptions) {
      problems_.add(item.where, fmt::format("more than {} exceptions", kMaxExceptions));
      break;
    }
    row.exceptions.push_back(exception(item));
  }
  for (const YamlNode& item : map.items("expected_when")) {
    const YamlMap leg{item, "an expected leg", {"client", "server"}, problems_};
    row.expected_when.push_back({.client = roles(leg.items("client")), .server = roles(leg.items("server"))});
  }
  row.texts = texts(map);
  row.disabled = map.text("disabled").value_or("");
  return row;
}

PolicyException Loader::exception(const YamlNode& node) {
  const YamlMap map{node, "an exception", {"reason", "when", "status", "severity", "because", "why", "remedy", "verify"}, problems_};
  PolicyException exception;
  const std::optional<Reason> found = reason(map);
  if (found && info(*found).status != Status::fail) {
    problems_.add(node.where,
                  fmt::format("{} is no failure: only a failure has a severity and can be accepted as a risk", info(*found).code));
  }
  exception.reason = found.value_or(Reason{});
  exception.when = static_cast<Condition>(map.choice("when", kConditionNames).value_or(0));
  if (const auto status = map.choice("status", kExceptionStatuses)) exception.status = status_of(kExceptionStatuses[*status]);
  if (const auto severity = map.choice("severity", kSeverityNames)) exception.severity = static_cast<Severity>(*severity);
  exception.because = map.required_text("because").value_or("");
  exception.texts = texts(map);
  return exception;
}

PolicySource Loader::source(const YamlMap& row_map) {
  const YamlNode* node = row_map.required("source");
  if (node == nullptr) return {};
  const YamlMap map{*node, "a source", {"document", "clause"}, problems_};
  const std::optional<std::string> name = map.required_text("document");
  PolicySource source;
  if (const auto found = documents_.find(name.value_or("")); found != documents_.end()) {
    source = found->second;
  } else if (name) {
    std::vector<std::string_view> names;
    for (const auto& [key, document] : documents_) names.push_back(key);
    add_unknown_name(problems_, node->where, "document", *name, names);
  }
  source.clause = map.required_text("clause").value_or("");
  return source;
}

std::optional<Reason> Loader::reason(const YamlMap& map) {
  const std::optional<std::string> code = map.required_text("reason");
  if (!code) return std::nullopt;
  const std::optional<Reason> found = find_reason(*code);
  if (!found) {
    std::vector<std::string_view> codes;
    for (const ReasonInfo& known : all_reasons()) codes.push_back(known.code);
    add_unknown_name(problems_, map.find("reason")->where, "reason", *code, codes);
  }
  return found;
}

std::vector<TrafficClass> Loader::classes(const YamlMap& map, std::string_view key) {
  std::vector<TrafficClass> all;
  for (const YamlNode& node : map.items(key)) {
    const std::optional<std::string> name = scalar_text(node, key, problems_);
    if (!name) continue;
    if (const std::optional<TrafficClass> found = find_traffic_class(*name)) {
      all.push_back(*found);
    } else {
      add_unknown_name(problems_, node.where, "traffic class", *name, kTrafficClassNames);
    }
  }
  return all;
}

std::vector<CipherSuite> Loader::suites(const YamlMap& map) {
  std::vector<CipherSuite> all;
  for (const YamlNode& node : map.items("suites")) {
    const std::optional<std::string> name = scalar_text(node, "suites", problems_);
    if (!name) continue;
    if (const std::optional<CipherSuite> suite = find_suite_named(*name)) {
      all.push_back(*suite);
    } else {
      problems_.add(node.where, fmt::format("{} is no IANA name of a suite", in_quotes(*name)));
    }
  }
  return all;
}

std::vector<SrtpSuite> Loader::srtp_suites(const YamlMap& map) {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const SrtpSuiteTraits& suite : kSrtpSuites) {
      if (suite.encrypts) names.push_back(suite.name);  // what does not encrypt is judged by itself
    }
    return names;
  }();
  std::vector<SrtpSuite> all;
  for (const YamlNode& node : map.items("suites")) {
    const std::optional<std::string> name = scalar_text(node, "suites", problems_);
    if (!name) continue;
    const std::optional<SrtpSuite> suite = find_srtp_suite(*name);
    if (suite && traits(*suite).encrypts) {
      all.push_back(*suite);
    } else {
      add_unknown_name(problems_, node.where, "SRTP suite that encrypts", *name, kNames);
    }
  }
  return all;
}

RoleSet Loader::roles(std::span<const YamlNode> nodes) {
  RoleSet set;
  for (const YamlNode& node : nodes) {
    const std::optional<std::string> name = scalar_text(node, "role", problems_);
    if (!name) continue;
    if (const auto group = groups_.find(*name); group != groups_.end()) {
      set |= group->second;
    } else if (const std::optional<Role> found = find_role(*name)) {
      set.set(static_cast<std::size_t>(*found));
    } else {
      add_unknown_name(problems_, node.where, "role or role group", *name, kRoleNames);
    }
  }
  return set;
}

void Loader::map_classes() {
  policy_.row_of_class.fill(Policy::kNoRow);
  for (std::size_t i = 0; i < policy_.rows.size(); ++i) {
    for (const TrafficClass traffic_class : policy_.rows[i].classes) {
      std::uint8_t& row = policy_.row_of_class[static_cast<std::size_t>(traffic_class)];
      if (row != Policy::kNoRow) {
        problems_.add(row_marks_[i],
                      fmt::format("the class {} belongs to the row '{}' already", to_string(traffic_class), policy_.rows[row].id));
      }
      row = static_cast<std::uint8_t>(i);
    }
  }
}

}  // namespace

void throw_policy_error(const YamlProblems& problems, std::string_view source) {
  std::string text;
  std::vector<PolicyProblem> found;
  for (const YamlProblem& problem : problems.sorted()) {
    const std::string line = to_text(problem, source);
    text += text.empty() ? line : "\n" + line;
    found.push_back({.line = problem.where.line, .message = line});
  }
  throw PolicyError{text, std::move(found)};
}

PolicyText read_policy_text(const std::string& name_or_path) {
  std::vector<std::string_view> names;
  for (const EmbeddedPolicy& policy : embedded_policies()) {
    if (policy.name == name_or_path) return {.source = name_or_path + ".yaml", .text = std::string{policy.text}};
    names.push_back(policy.name);
  }
  YamlProblems problems;
  std::error_code error;
  if (is_id(name_or_path) && !std::filesystem::exists(name_or_path, error)) {
    add_unknown_name(problems, {}, "policy", name_or_path, names);
    throw_policy_error(problems, "--policy");
  }
  std::optional<std::string> text = read_text_file(name_or_path, problems);
  if (!text) throw_policy_error(problems, name_or_path);
  return {.source = name_or_path, .text = std::move(*text)};
}

Policy parse_policy(std::string_view text, std::string_view source, std::span<const EmbeddedPolicy> packs) {
  YamlProblems problems;
  Policy policy;
  if (std::optional<YamlNode> root = pack_tree(text, packs, problems)) {
    const YamlNode whole = resolve_extends(std::move(*root), packs, problems);
    if (problems.empty()) policy = Loader{problems}.load(whole);  // without its base nothing of a pack makes sense
  }
  if (!problems.empty()) throw_policy_error(problems, source);
  return policy;
}

std::string text_judged_by(const Policy& policy, std::string_view text, std::span<const EmbeddedPolicy> packs) {
  std::string all{text};
  std::string extends = policy.extends;
  for (std::size_t level = 0; level < kMaxExtendedPacks && !extends.empty(); ++level) {
    const auto base = std::ranges::find(packs, extends, &EmbeddedPolicy::name);
    if (base == packs.end()) break;
    all += base->text;
    extends = parse_policy(base->text, base->name, packs).extends;
  }
  return all;
}

Policy load_policy(const std::string& name_or_path) {
  const PolicyText text = read_policy_text(name_or_path);
  return parse_policy(text.text, text.source);
}

}  // namespace sealtrace
