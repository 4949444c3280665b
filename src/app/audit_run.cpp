#include "app/audit_run.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "app/output.hpp"
#include "app/version.hpp"
#include "crypto/digest.hpp"
#include "crypto/identifier_digests.hpp"
#include "crypto/srtp_key_file.hpp"
#include "policy/policy_loader.hpp"
#include "topology/topology_loader.hpp"

namespace sealtrace {
namespace {

HashSeed random_seed() {
  std::random_device device;
  const auto word = [&] { return static_cast<std::uint64_t>(device()) << 32 | device(); };
  return {.first = word(), .second = word()};
}

/// terminal_columns is the width of the terminal on standard output; 100 when there is none.
std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
  return 100;
}

/// speaks_utf8 follows the locale variables in the order of POSIX; nothing set means a script, and those read UTF-8.
bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale{value};
    return locale.find("UTF-8") != std::string_view::npos || locale.find("utf8") != std::string_view::npos || ::isatty(STDOUT_FILENO) == 0;
  }
  return true;
}

Topology read_topology(const std::string& path) {
  Topology topology = load_topology(path);
  std::ifstream file{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  topology.sha256 = upper_hex(sha256(as_bytes(text)));
  return topology;
}

std::vector<GivenSrtpKey> read_keys(const std::vector<std::string>& paths) {
  std::vector<GivenSrtpKey> keys;
  try {
    for (const std::string& path : paths) std::ranges::move(read_srtp_keys(path), std::back_inserter(keys));
  } catch (const SrtpKeyFileError& error) {
    throw UsageError{error.what()};
  }
  return keys;
}

template <typename Found>
auto or_usage_error(Found found) {
  if (!found) throw UsageError{found.error()};
  return *found;
}

}  // namespace

AuditRun::AuditRun(const AuditOptions& options, std::string_view command, const Arguments& arguments)
    : options_{options},
      seed_{random_seed()},
      certificates_{seed_.first},
      staples_{seed_.first},
      standard_output_{or_usage_error(format_by_name(options.format))} {
  for (const std::filesystem::path& path : options.outputs) {
    files_.push_back({.path = path, .format = or_usage_error(format_by_ending(path.string()))});
    check_output_file(path, options.force);
  }
  if (!options.topology.empty()) {
    judgement_.topology = read_topology(options.topology);
    judgement_.trust = read_trust(judgement_.topology, options.topology);
    for (const std::string& problem : judgement_.trust.problems) fmt::print(stderr, "sealtrace: {}\n", problem);
  }
  read_policies(options.policies);
  const std::string unknown = find_row_unknown_to_all(judgement_.policies, options.required_rows);
  if (!unknown.empty()) throw UsageError{unknown};
  judgement_.options = {.required_rows = options.required_rows, .fail_on = options.fail_on, .strict = options.strict};
  base_.tool_version = kVersion;
  base_.command = {"sealtrace", std::string{command}};
  base_.command.insert(base_.command.end(), arguments.begin(), arguments.end());
  base_.started = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  pipeline_ = {.jobs = options.jobs,
               .limits = {},
               .keep_hellos = options.fingerprints,
               .keys = secrets(),
               .staples = &staples_,
               .verify_signatures = options.verify_signatures,
               .seed = seed_};
  secrets_.ignored = options.ignore_secrets;
  if (secrets_.ignored) {
    pipeline_.limits.max_media_sample_bytes_per_shard = 0;
  } else {
    secrets_.srtp_keys = read_keys(options.srtp_keys);
  }
  report_.hashers = {.md5_hex = md5_hex, .sha256_hex = sha256_hex, .sha1 = sha1};
  report_.width = terminal_columns();
  report_.color = options.color;
  report_.sign_off = options.sign_off;
  report_.unicode = speaks_utf8();
}

void AuditRun::read_policies(std::vector<std::string> names) {
  if (names.empty()) names.push_back(judgement_.topology.product.empty() ? std::string{kDefaultPolicy} : judgement_.topology.product);
  for (const std::string& name : names) {
    const PolicyText text = read_policy_text(name);
    Policy policy = parse_policy(text.text, text.source);
    const bool twice = std::ranges::find(judgement_.policies, policy.name, &Policy::name) != judgement_.policies.end();
    if (twice) throw UsageError{fmt::format("--policy {}: a policy called '{}' judges already", name, policy.name)};
    base_.policies.push_back({.name = policy.name, .sha256 = upper_hex(sha256(as_bytes(text_judged_by(policy, text.text))))});
    judgement_.policies.push_back(std::move(policy));
  }
}

AuditResult AuditRun::base() const {
  AuditResult base;
  base.tool_version = base_.tool_version;
  base.command = base_.command;
  base.policies = base_.policies;
  base.started = base_.started;
  if (!keys_.empty()) {
    const KeyLogLines lines = keys_.lines();
    base.secrets = {
        .num_hellos = keys_.size(), .num_used = keys_.num_used(), .ignored_lines = lines.ignored, .over_budget = lines.over_budget};
  }
  return base;
}

AuditResult AuditRun::result(PipelineResult collected, std::vector<CaptureSummary> captures, bool last) const {
  return assemble(std::move(collected), std::move(captures), {.certificates = certificates_, .staples = &staples_}, judgement_, secrets_,
                  base(), last);
}

void AuditRun::write(const AuditResult& result) const {
  for (const OutputFile& file : files_) {
    ReportOptions plain = report_;
    plain.color = false;
    plain.unicode = true;
    plain.width = ReportOptions{}.width;
    write_file(file.path, [&](const Sink& sink) { file.format->render(result, plain, sink); });
  }
  if (files_.empty()) standard_output_->render(result, report_, write_standard_output);
}

int exit_code_of(const AuditResult& result, const std::vector<std::string>& unread_key_logs) {
  for (const std::string& path : unread_key_logs) fmt::print(stderr, "sealtrace: {}: cannot be read as a key log\n", path);
  const bool nothing_read = std::ranges::all_of(result.captures, &CaptureSummary::unreadable);
  if (nothing_read) return kExitUnreadable;
  return result.exit_code == kExitClean && !unread_key_logs.empty() ? static_cast<int>(kExitIncomplete) : result.exit_code;
}

void print_capture_errors(const std::vector<CaptureSummary>& captures) {
  for (const CaptureSummary& capture : captures) {
    if (!capture.error.empty()) fmt::print(stderr, "sealtrace: {}\n", capture.error);
  }
}

}  // namespace sealtrace
