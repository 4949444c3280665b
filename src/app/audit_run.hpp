// What audit and live share once options are read: what to judge by, and how to print.
#pragma once

#include <string_view>
#include <vector>

#include "app/assemble.hpp"
#include "app/audit_options.hpp"
#include "crypto/key_log.hpp"
#include "report/formats.hpp"

namespace sealtrace {

/// kDefaultPolicy judges an audit that names none.
inline constexpr std::string_view kDefaultPolicy = "lync-2013";

/// AuditRun holds what stays the same through an audit. It must outlive the results made with it.
class AuditRun {
 public:
  /// AuditRun loads policy and topology and checks every output before anything is read. Throws UsageError, TopologyError, PolicyError.
  AuditRun(const AuditOptions& options, std::string_view command, const Arguments& arguments);
  AuditRun(const AuditRun&) = delete;
  AuditRun& operator=(const AuditRun&) = delete;

  /// secrets gives the key ring; null when the audit is to use none.
  [[nodiscard]] KeyRing* secrets() { return options_.ignore_secrets ? nullptr : &keys_; }
  [[nodiscard]] CertificateStore& certificates() { return certificates_; }
  [[nodiscard]] const PipelineOptions& pipeline() const { return pipeline_; }
  /// result makes the audit's result of what was collected so far.
  [[nodiscard]] AuditResult result(PipelineResult collected, std::vector<CaptureSummary> captures, bool last = true) const;
  /// take_back gives the flows of a result as they were collected, for a later result.
  [[nodiscard]] std::vector<FlowProfile> take_back(AuditResult result) const { return disassemble(std::move(result), certificates_); }
  /// write writes the reports that were asked for.
  void write(const AuditResult& result) const;
  [[nodiscard]] const Judgement& judgement() const { return judgement_; }
  /// base is a result in which only the tool, the command, the policies and the time stand.
  [[nodiscard]] AuditResult base() const;
  [[nodiscard]] const ReportOptions& report_options() const { return report_; }

 private:
  /// read_policies loads what judges. Throws PolicyError, UsageError.
  void read_policies(std::vector<std::string> names);

  struct OutputFile {
    std::filesystem::path path;
    const ReportFormat* format;
  };

  AuditOptions options_;
  Secrets secrets_;
  Judgement judgement_;
  AuditResult base_;
  HashSeed seed_;
  CertificateStore certificates_;
  StapleStore staples_;
  KeyRing keys_;
  PipelineOptions pipeline_;
  ReportOptions report_;
  const ReportFormat* standard_output_;
  std::vector<OutputFile> files_;
};

/// exit_code_of is the process's exit code for a finished audit, by the table in docs/cli.md. An input of which nothing could be read
/// counts only when there is no other. Key logs that could not be read are told on standard error, and leave the audit incomplete.
int exit_code_of(const AuditResult& result, const std::vector<std::string>& unread_key_logs);

/// print_capture_errors says on standard error, a line each, which captures could not be read or end early.
void print_capture_errors(const std::vector<CaptureSummary>& captures);

}  // namespace sealtrace
