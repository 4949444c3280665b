#include "app/audit_options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace po = boost::program_options;
namespace {

/// kMaxJobs bounds the workers: more than one per shard would be idle.
constexpr unsigned kMaxJobs = 16;

Severity read_severity(const std::string& text) {
  for (const Severity severity : {Severity::critical, Severity::high, Severity::medium, Severity::low}) {
    if (to_string(severity) == text) return severity;
  }
  throw UsageError{fmt::format("--fail-on takes critical, high, medium or low, not '{}'", text)};
}

/// wants_color follows --color, then NO_COLOR (no-color.org), then whether standard output is a terminal.
bool wants_color(const std::string& mode) {
  if (mode == "always") return true;
  if (mode == "never") return false;
  if (mode != "auto") throw UsageError{fmt::format("--color takes auto, always or never, not '{}'", mode)};
  const char* const no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

unsigned read_jobs(const po::variable_value& value) {
  if (value.empty()) return 1;
  const unsigned jobs = value.as<unsigned>();
  if (jobs > kMaxJobs) throw UsageError{fmt::format("--jobs takes 0 (one for each processor) to {}, not {}", kMaxJobs, jobs)};
  return jobs == 0 ? std::clamp(std::thread::hardware_concurrency(), 1U, kMaxJobs) : jobs;
}

}  // namespace

po::options_description report_options() {
  po::options_description options{"options", 110, 60};
  // clang-format off
  options.add_options()
      ("policy", po::value<std::vector<std::string>>()->value_name("NAME|FILE")->composing(), "the policy to judge by; wins over the topology's product (default lync-2013; repeatable: each judges by itself)")
      ("topology", po::value<std::string>()->value_name("FILE"), "who is who: servers, roles, networks, partners (docs/topology.md)")
      ("require", po::value<std::vector<std::string>>()->value_name("ROW")->composing(), "this row must be decided, whatever the topology says (repeatable)")
      ("output,o", po::value<std::vector<std::string>>()->value_name("FILE")->composing(), "write a report; its ending says the format: .txt .json .ndjson (repeatable)")
      ("format", po::value<std::string>()->value_name("FORMAT")->default_value("text"), "of standard output: text, json, ndjson")
      ("fail-on", po::value<std::string>()->value_name("SEVERITY")->default_value("high"), "exit code 1 from this severity on: critical, high, medium, low")
      ("strict", po::bool_switch(), "exit code 1 for any fail, accepted risk or undecided expected row")
      ("sign-off", po::bool_switch(), "end text reports in lines for names and signatures")
      ("force", po::bool_switch(), "overwrite existing reports")
      ("color", po::value<std::string>()->value_name("WHEN")->default_value("auto"), "colours in the text report: auto, always, never")
      ("quiet,q", po::bool_switch(), "no progress, and no report on standard output when -o is given")
      ("help,h", "this text");
  // clang-format on
  return options;
}

void add_packet_options(po::options_description& options) {
  // clang-format off
  options.add_options()
      ("filter", po::value<std::string>()->value_name("BPF"), "audit only frames that match; it sees outer headers")
      ("fingerprints", po::bool_switch(), "add JA3, JA3S, JA4 and JA4S to flow records")
      ("keylog", po::value<std::vector<std::string>>()->value_name("FILE")->composing(), "a TLS key log (SSLKEYLOGFILE) that opens what it can (repeatable)")
      ("srtp-keys", po::value<std::vector<std::string>>()->value_name("FILE")->composing(), "keys of media streams, to verify what they open (repeatable; docs/cli.md)")
      ("ignore-secrets", po::bool_switch(), "use no secret: not of --keylog and --srtp-keys, of the input, or of signalling")
      ("verify-signatures", po::bool_switch(), "check the signatures of TLS 1.2 handshakes in the clear, too (about 0.2 ms each)");
  // clang-format on
}

std::optional<po::variables_map> parse_options(const Arguments& arguments, std::string_view usage, const po::options_description& described,
                                               const po::positional_options_description& positional) {
  po::variables_map values;
  try {
    po::options_description all;
    all.add(described);
    all.add_options()("input", po::value<std::vector<std::string>>());
    const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(positional).style(style).run(), values);
    if (values.contains("help")) {
      std::ostringstream text;
      text << described;
      fmt::print("usage: sealtrace {}\n\n{}", usage, text.str());
      return std::nullopt;
    }
    po::notify(values);
  } catch (const po::unknown_option& error) {
    std::vector<std::string_view> names;
    for (const auto& option : described.options()) names.emplace_back(option->long_name());
    std::string name = error.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    throw UsageError{unknown_name("option", name, names)};
  } catch (const po::error& error) {
    throw UsageError{error.what()};
  }
  return values;
}

AuditOptions read_common(const po::variables_map& values) {
  AuditOptions options;
  const auto text = [&](const char* name) { return values.contains(name) ? values[name].as<std::string>() : std::string{}; };
  const auto texts = [&](const char* name) {
    return values.contains(name) ? values[name].as<std::vector<std::string>>() : std::vector<std::string>{};
  };
  const auto is_set = [&](const char* name) { return values.contains(name) && values[name].as<bool>(); };
  options.inputs = texts("input");
  options.policies = texts("policy");
  options.topology = text("topology");
  options.filter = text("filter");
  options.required_rows = texts("require");
  options.key_logs = texts("keylog");
  options.ignore_secrets = is_set("ignore-secrets");
  options.verify_signatures = is_set("verify-signatures");
  options.format = text("format");
  options.fail_on = read_severity(text("fail-on"));
  options.strict = is_set("strict");
  options.sign_off = is_set("sign-off");
  options.force = is_set("force");
  options.quiet = is_set("quiet");
  options.fingerprints = is_set("fingerprints");
  options.srtp_keys = texts("srtp-keys");
  options.hash_files = !is_set("no-hash");
  options.color = wants_color(text("color"));
  if (values.contains("jobs")) options.jobs = read_jobs(values["jobs"]);
  for (const std::string& path : texts("output")) options.outputs.emplace_back(path);
  return options;
}

}  // namespace sealtrace
