#include <deque>
#include <utility>

#include "app/audit_run.hpp"
#include "app/progress_line.hpp"
#include "app/secrets_source.hpp"
#include "capture/packet_source.hpp"
#include "crypto/digest.hpp"

namespace sealtrace {
namespace po = boost::program_options;
namespace {

/// keep_until_exit never destroys a result: to give its flows back one by one takes longer than to leave them to the process's end.
const AuditResult& keep_until_exit(AuditResult result) {
  static std::deque<AuditResult>& kept = *new std::deque<AuditResult>;
  return kept.emplace_back(std::move(result));
}

std::unique_ptr<SecretsSource> open_with_secrets(const FileSourceOptions& files, KeyRing* keys, KeyLogFiles& key_logs) {
  try {
    return std::make_unique<SecretsSource>(open_files(files), keys, key_logs);
  } catch (const CaptureError& error) {
    throw UsageError{error.what()};  // what cannot be read is no exception: this is the filter
  }
}

}  // namespace

int audit_command(const Arguments& arguments) {
  po::options_description described = report_options();
  add_packet_options(described);
  described.add_options()("jobs,j", po::value<unsigned>()->value_name("N")->default_value(1),
                          "workers; 0 is one for each processor; the report is the same for any number")(
      "no-hash", po::bool_switch(), "do not compute the SHA-256 of capture files");
  po::positional_options_description positional;
  positional.add("input", -1);
  const auto values = parse_options(arguments, "audit [OPTIONS] CAPTURE...", described, positional);
  if (!values) return kExitClean;
  const AuditOptions options = read_common(*values);
  if (options.inputs.empty()) throw UsageError{"audit needs a capture: a file, a folder of files, or - for standard input"};
  AuditRun run{options, "audit", arguments};
  FileSourceOptions files{.paths = options.inputs, .filter = options.filter, .new_digest = {}};
  if (options.hash_files) files.new_digest = [] { return std::make_unique<Sha256Stream>(); };
  KeyLogFiles key_logs{options.ignore_secrets ? std::vector<std::string>{} : options.key_logs};
  std::unique_ptr<SecretsSource> source = open_with_secrets(files, run.secrets(), key_logs);
  PipelineResult collected;
  {
    ProgressLine progress{!options.quiet};
    const auto collect = [&] {
      return run_pipeline(*source, run.pipeline(), run.certificates(), [&](const Checkpoint&) { progress.update(*source); });
    };
    collected = collect();
    if (source->num_late_secrets() != 0 && can_be_read_again(options.inputs)) {  // docs/decisions/0003: frames before their secrets
      source = open_with_secrets(files, run.secrets(), key_logs);
      collected = collect();
    }
  }
  const AuditResult& result = keep_until_exit(run.result(std::move(collected), source->captures()));
  print_capture_errors(result.captures);
  run.write(result);
  return exit_code_of(result, key_logs.unread());
}

}  // namespace sealtrace
