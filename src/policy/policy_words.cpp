#include "policy/policy_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "policy/reason_texts.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

using Out = std::back_insert_iterator<std::string>;

std::string role_names(const RoleSet& roles) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (roles.test(i)) names.push_back(kRoleNames[i]);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string class_names(const std::vector<TrafficClass>& classes) {
  std::vector<std::string_view> names;
  for (const TrafficClass traffic_class : classes) names.push_back(to_string(traffic_class));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string source_text(const PolicySource& source) {
  const std::string edition = source.edition.empty() ? std::string{} : fmt::format(" ({})", source.edition);
  return fmt::format("{}{}, {}", source.document, edition, source.clause);
}

void describe_texts(Out out, const PolicyTexts& texts, std::string_view indent) {
  if (!texts.why.empty()) fmt::format_to(out, "{}why: {}\n", indent, texts.why);
  if (!texts.remedy.empty()) fmt::format_to(out, "{}remedy: {}\n", indent, texts.remedy);
  if (!texts.verify.empty()) fmt::format_to(out, "{}verify: {}\n", indent, texts.verify);
}

void describe_exception(Out out, const PolicyException& exception) {
  const Status status = exception.status.value_or(info(exception.reason).status);
  fmt::format_to(out, "  except {}", info(exception.reason).code);
  if (exception.when != Condition::always) fmt::format_to(out, ", when {}", kConditionNames[static_cast<std::size_t>(exception.when)]);
  fmt::format_to(out, ": {}", to_string(status));
  if (exception.severity) fmt::format_to(out, ", {}", to_string(*exception.severity));
  fmt::format_to(out, ". {}\n", exception.because);
  describe_texts(out, exception.texts, "    ");
}

bool judges_tls(const PolicyRow& row) {
  return row.requirement == Requirement::mtls || row.requirement == Requirement::tls || row.requirement == Requirement::https;
}

void describe_row(Out out, const PolicyRow& row) {
  fmt::format_to(out, "{}: {}\n", row.id, row.title);
  if (!row.disabled.empty()) fmt::format_to(out, "  disabled: {}\n", row.disabled);
  const bool can_fail = row.requirement != Requirement::reported && row.requirement != Requirement::clear;
  fmt::format_to(out, "  asks for {}{}{}\n", in_words(row.requirement), can_fail ? "; a failure is " : "",
                 can_fail ? to_string(row.severity) : "");
  fmt::format_to(out, "  of legs: {}\n", class_names(row.classes));
  fmt::format_to(out, "  from: {}\n", source_text(row.source));
  if (row.requirement == Requirement::mtls) {
    fmt::format_to(out, "  a client certificate inferred from record sizes {}\n",
                   row.accept_strong_inference ? "passes when the inference is strong" : "is inconclusive");
  }
  if (!row.suites.empty()) {
    std::vector<std::string_view> names;
    for (const CipherSuite suite : row.suites) names.push_back(find_cipher_suite(suite)->name);
    fmt::format_to(out, "  up to TLS 1.2 only with the suites {}\n", fmt::join(names, ", "));
  }
  if (row.accept_inferred_media) fmt::format_to(out, "  media that looks encrypted passes\n");
  if (row.upgrade_in_place) fmt::format_to(out, "  TLS may begin after clear octets\n");
  if (row.accept_other_protection) fmt::format_to(out, "  encryption by another protocol passes\n");
  if (!row.carried_by.empty()) fmt::format_to(out, "  travels inside: {}\n", class_names(row.carried_by));
  for (const PolicyException& exception : row.exceptions) describe_exception(out, exception);
  for (const ExpectedLeg& leg : row.expected_when) {
    fmt::format_to(out, "  expected when the topology has [{}] towards [{}]\n", role_names(leg.client), role_names(leg.server));
  }
  if (row.expected_when.empty()) fmt::format_to(out, "  expected only with --require\n");
  describe_texts(out, row.texts, "  ");
}

void describe_flag_rule(Out out, const FlagRule& rule) {
  fmt::format_to(out, "  {}: ", info(rule.reason).code);
  if (rule.status) {
    fmt::format_to(out, "{}, {}. {}\n", to_string(*rule.status), to_string(rule.severity), rule.because);
  } else {
    fmt::format_to(out, "allowed. {}\n", rule.because);
  }
  if (!rule.srtp_suites.empty()) {
    std::vector<std::string_view> names;
    for (const SrtpSuite suite : rule.srtp_suites) names.push_back(traits(suite).name);
    fmt::format_to(out, "    listed: {}\n", fmt::join(names, ", "));
  }
  describe_texts(out, rule.texts, "    ");
}

void explain_reason(Out out, const Policy& policy, const ReasonInfo& reason) {
  fmt::format_to(out, "{}: {}\n  {}\n  status: {}\n", reason.code, reason.title, reason.meaning, to_string(reason.status));
  if (!reason.cure.empty()) fmt::format_to(out, "  to decide it: {}\n", reason.cure);
  if (const PolicyTexts* const texts = reason_texts(reason.reason)) describe_texts(out, *texts, "  ");
  if (const FlagRule* rule = policy.find_flag_rule(reason.reason)) {
    fmt::format_to(out, "In {}:\n", policy.name);
    describe_flag_rule(out, *rule);
  }
  for (const PolicyRow& row : policy.rows) {
    for (const PolicyException& exception : row.exceptions) {
      if (exception.reason != reason.reason) continue;
      fmt::format_to(out, "In the row {} of {}:\n", row.id, policy.name);
      describe_exception(out, exception);
    }
  }
}

void describe_certificate_rule(Out out, const CertificateRule& rule) {
  fmt::format_to(out, "{}: {}\n", rule.id, rule.title);
  fmt::format_to(out, "  asks for {}", info(rule.check).required);
  if (rule.at_least != 0) fmt::format_to(out, ", at least {}", rule.at_least);
  if (!rule.values.empty()) fmt::format_to(out, ": {}", fmt::join(rule.values, ", "));
  if (rule.status) {
    fmt::format_to(out, "; otherwise {}, {}\n", to_string(*rule.status), to_string(rule.severity));
  } else {
    fmt::format_to(out, "; the contrary is allowed\n");
  }
  fmt::format_to(out, "  of: {}\n", role_names(rule.roles));
  if (rule.fips_mode_only) fmt::format_to(out, "  only where the topology states FIPS mode\n");
  if (rule.peers.any()) fmt::format_to(out, "  only when shown to: {}\n", role_names(rule.peers));
  if (!rule.usages.empty()) {
    std::vector<std::string_view> usages;
    for (const CertificateUsage usage : rule.usages) usages.push_back(to_string(usage));
    fmt::format_to(out, "  used as: {}\n", fmt::join(usages, ", "));
  }
  fmt::format_to(out, "  from: {}\n", source_text(rule.source));
  if (!rule.because.empty()) fmt::format_to(out, "  {}\n", rule.because);
  describe_texts(out, rule.texts, "  ");
}

/// Linter collects what is doubtful.
class Linter {
 public:
  explicit Linter(const Policy& policy) : policy_{policy} {}

  std::vector<PolicyProblem> lint() {
    for (std::size_t i = 0; i < kTrafficClassNames.size(); ++i) {
      if (policy_.row_of_class[i] == Policy::kNoRow) add(0, fmt::format("no row judges the class {}", kTrafficClassNames[i]));
    }
    for (const ReasonInfo& reason : all_reasons()) {
      const bool flag = reason.reason >= Reason::version_ssl3 && reason.reason <= Reason::digits_in_clear;
      if (flag && policy_.find_flag_rule(reason.reason) == nullptr)
        add(0, fmt::format("no rule for {}: it is allowed without a word", reason.code));
    }
    for (const PolicyRow& row : policy_.rows) check(row);
    for (const CertificateRule& rule : policy_.certificate_rules) check(rule);
    return std::move(problems_);
  }

 private:
  void add(std::uint32_t line, std::string message) { problems_.push_back({.line = line, .message = std::move(message)}); }

  void check(const PolicyRow& row) {
    const auto about = [&](std::string_view what) { add(row.line, fmt::format("the row {} {}", row.id, what)); };
    const bool of_unknown = row.classes == std::vector{TrafficClass::unknown};
    if (row.classes.empty()) about("judges no class");
    if ((row.requirement == Requirement::classify) != of_unknown) about("must ask for 'classify' exactly when its class is 'unknown'");
    if (row.accept_strong_inference && row.requirement != Requirement::mtls) about("accepts an inference but does not ask for mtls");
    if (row.accept_inferred_media && row.requirement != Requirement::srtp) about("accepts inferred media but does not ask for srtp");
    if (!row.suites.empty() && !judges_tls(row)) about("lists suites but does not ask for TLS");
    if (row.upgrade_in_place && !judges_tls(row)) about("allows an upgrade in place but does not ask for TLS");
    if (row.accept_other_protection && !judges_tls(row)) about("accepts other protection but does not ask for TLS");
    if (row.texts.why.empty() || row.texts.remedy.empty() || row.texts.verify.empty()) about("lacks why, remedy or verify");
    for (const ExpectedLeg& leg : row.expected_when) {
      if (leg.client.none() || leg.server.none()) about("has an expected leg with an end that nobody can be");
    }
    for (std::size_t i = 0; i < row.exceptions.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const PolicyException& before = row.exceptions[j];
        const bool hides =
            before.reason == row.exceptions[i].reason && (before.when == Condition::always || before.when == row.exceptions[i].when);
        if (hides) about(fmt::format("has an exception for {} behind one that always wins", info(before.reason).code));
      }
      if (!row.exceptions[i].status && !row.exceptions[i].severity) about("has an exception that changes neither status nor severity");
    }
  }

  void check(const CertificateRule& rule) {
    const auto about = [&](std::string_view what) { add(rule.line, fmt::format("the rule {} {}", rule.id, what)); };
    if (rule.roles.none()) about("is about nobody's certificates");
    if (rule.status && (rule.texts.why.empty() || rule.texts.remedy.empty() || rule.texts.verify.empty()))
      about("lacks why, remedy or verify");
    if (!rule.status && rule.because.empty()) about("allows the contrary without a word");
  }

  const Policy& policy_;
  std::vector<PolicyProblem> problems_;
};

}  // namespace

std::string describe_policy(const Policy& policy) {
  std::string text;
  const Out out{text};
  fmt::format_to(out, "Policy {}: {}", policy.name, policy.title);
  if (!policy.edition.empty()) fmt::format_to(out, " (edition {})", policy.edition);
  if (!policy.extends.empty()) fmt::format_to(out, "\nExtends {}; what stands here is the whole of both", policy.extends);
  fmt::format_to(out, "\n\nWhat a completed TLS handshake chose, and what was sent in clear, on every row\n");
  for (const ReasonInfo& reason : all_reasons()) {
    const bool built_in = reason.status == Status::fail && reason.reason >= Reason::suite_null && reason.reason <= Reason::version_ssl2;
    if (built_in) fmt::format_to(out, "  {}: fail, as severe as the row, in every policy\n", reason.code);
  }
  for (const FlagRule& rule : policy.flag_rules) describe_flag_rule(out, rule);
  fmt::format_to(out, "\nRows\n");
  for (const PolicyRow& row : policy.rows) {
    fmt::format_to(out, "\n");
    describe_row(out, row);
  }
  if (!policy.certificate_rules.empty()) fmt::format_to(out, "\nCertificates\n");
  for (const CertificateRule& rule : policy.certificate_rules) {
    fmt::format_to(out, "\n");
    describe_certificate_rule(out, rule);
  }
  return text;
}

std::optional<std::string> explain(const Policy& policy, std::string_view word) {
  std::string text;
  if (const PolicyRow* row = policy.find_row(word)) {
    describe_row(Out{text}, *row);
    return text;
  }
  for (const CertificateRule& rule : policy.certificate_rules) {
    if (rule.id != word && info(rule.check).code != word) continue;
    describe_certificate_rule(Out{text}, rule);
  }
  if (!text.empty()) return text;
  if (const std::optional<Reason> reason = find_reason(word)) {
    explain_reason(Out{text}, policy, info(*reason));
    return text;
  }
  return std::nullopt;
}

std::string explain_suggestion(const Policy& policy, std::string_view word) {
  std::vector<std::string_view> words;
  for (const PolicyRow& row : policy.rows) words.push_back(row.id);
  for (const CertificateRule& rule : policy.certificate_rules) words.push_back(rule.id);
  for (const ReasonInfo& reason : all_reasons()) words.push_back(reason.code);
  return unknown_name("row or reason", word, words);
}

std::vector<PolicyProblem> lint_policy(const Policy& policy) { return Linter{policy}.lint(); }

}  // namespace sealtrace
