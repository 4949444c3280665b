// What audit and live share once options are read: what to judge by, and how to print.
#pragma once

#include <string_view>
#include <vector>

#include "app/assemble.hpp"
#include "app/audit_options.hpp"
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

  [[nodiscard]] CertificateStore& certificates() { return certificates_; }
  [[nodiscard]] const PipelineOptions& pipeline() const { return pipeline_; }
  /// result makes the audit's result of what was collected so far.
  [[nodiscard]] AuditResult result(PipelineResult collected, std::vector<CaptureSummary> captures) const;
  /// write writes the reports that were asked for.
  void write(const AuditResult& result) const;
  [[nodiscard]] const ReportOptions& report_options() const { return report_; }

 private:
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
  PipelineOptions pipeline_;
  ReportOptions report_;
  const ReportFormat* standard_output_;
  std::vector<OutputFile> files_;
};

/// exit_code_of is the process's exit code for a finished audit, by the table in docs/cli.md. An input of which nothing could be read
/// counts only when there is no other.
int exit_code_of(const AuditResult& result);

/// print_capture_errors says on standard error, a line each, which captures could not be read or end early.
void print_capture_errors(const std::vector<CaptureSummary>& captures);

}  // namespace sealtrace
