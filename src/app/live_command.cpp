#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <set>

#include "app/audit_run.hpp"
#include "app/secrets_source.hpp"
#include "capture/packet_source.hpp"

namespace sealtrace {
namespace po = boost::program_options;
namespace {

volatile sig_atomic_t interrupted = 0;

void on_signal(int /*signal*/) { interrupted = 1; }

/// end_on_signals makes an interrupt end the capture, not the program: the report is still due. A second one ends the program.
void end_on_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

/// read_duration reads "30s", "5m", "2h", "500ms" or bare seconds.
std::chrono::nanoseconds read_duration(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit{end, text.data() + text.size()};
  constexpr std::uint64_t kMostSeconds = 10ULL * 366 * 24 * 3600;
  if (error == std::errc{} && number <= kMostSeconds) {
    if (unit == "ms") return std::chrono::milliseconds{number};
    if (unit.empty() || unit == "s") return std::chrono::seconds{number};
    if (unit == "m") return std::chrono::minutes{number};
    if (unit == "h") return std::chrono::hours{number};
  }
  throw UsageError{fmt::format("--for takes a time such as 30s, 5m or 2h, not '{}'", text)};
}

/// Announcer judges what was seen so far now and then, and prints each finding once, as soon as it is known.
class Announcer {
 public:
  explicit Announcer(const AuditRun& run) : run_{run} {}

  void check(const PacketSource& source, const Checkpoint& checkpoint) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    std::vector<FlowProfile> flows = checkpoint.finished();
    for (FlowProfile& open : checkpoint.open()) flows.push_back(std::move(open));
    AuditResult result = run_.result({.flows = std::move(flows), .damage = {}, .flow_counters = {}}, source.captures(), false);
    for (const Finding& finding : result.findings) {
      if (finding.status != Status::inconclusive && announced_.insert(finding.id).second) announce(finding);
    }
    flows = run_.take_back(std::move(result));
    std::erase_if(flows, [](const FlowProfile& flow) { return flow.closed == CloseReason::end_of_capture; });  // copies of open ones
    checkpoint.restore(std::move(flows));
    // Judging everything anew costs more the longer it goes: it takes at most a twentieth of the time.
    const auto done = std::chrono::steady_clock::now();
    next_ = done + std::max<std::chrono::steady_clock::duration>(std::chrono::seconds{1}, 20 * (done - now));
  }

 private:
  static void announce(const Finding& finding) {
    fmt::print(stderr, "{} {} {}: {}\n", finding.id, to_string(finding.severity), to_string(finding.status), finding.message);
  }

  const AuditRun& run_;
  std::set<std::string> announced_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds{1};
};

}  // namespace

int live_command(const Arguments& arguments) {
  po::options_description described = report_options();
  add_packet_options(described);
  described.add_options()("interface,i", po::value<std::string>()->value_name("NAME"), "the interface to listen on")(
      "count", po::value<std::uint64_t>()->value_name("N"), "end after N packets")("for", po::value<std::string>()->value_name("TIME"),
                                                                                   "end after this time: 30s, 5m, 2h");
  const auto values = parse_options(arguments, "live -i INTERFACE [OPTIONS]", described, {});
  if (!values) return kExitClean;
  const AuditOptions options = read_common(*values);
  if (!values->contains("interface")) throw UsageError{"live needs an interface: -i NAME"};
  LiveSourceOptions live{
      .interface = (*values)["interface"].as<std::string>(), .filter = options.filter, .interrupted = [] { return interrupted != 0; }};
  if (values->contains("count")) live.max_packets = (*values)["count"].as<std::uint64_t>();
  if (values->contains("for")) live.max_time = read_duration((*values)["for"].as<std::string>());
  AuditRun run{options, "live", arguments};
  KeyLogFiles key_logs{options.ignore_secrets ? std::vector<std::string>{} : options.key_logs};
  if (!options.ignore_secrets && !options.key_logs.empty()) run.secrets()->await_more();
  const auto source = std::make_unique<SecretsSource>(open_live(live), run.secrets(), key_logs);
  end_on_signals();
  if (!options.quiet)
    fmt::print(stderr, "sealtrace: listening on {}; an interrupt ends the capture and prints the report\n", live.interface);
  Announcer announcer{run};
  PipelineResult collected = run_pipeline(*source, run.pipeline(), run.certificates(), [&](const Checkpoint& checkpoint) {
    if (!options.quiet) announcer.check(*source, checkpoint);
  });
  const AuditResult result = run.result(std::move(collected), source->captures());
  print_capture_errors(result.captures);
  run.write(result);
  const bool failed = std::ranges::any_of(result.captures, [](const CaptureSummary& capture) { return !capture.error.empty(); });
  return failed ? kExitUnreadable : exit_code_of(result, key_logs.unread());
}

}  // namespace sealtrace
