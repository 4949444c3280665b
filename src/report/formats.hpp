// The report formats: by name for --format, by file ending for -o. A new format is a line in formats.cpp.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "model/audit.hpp"
#include "report/options.hpp"

namespace sealtrace {

/// ReportFormat is one way to print an audit. `render` is a function of its arguments alone; the sink gets the whole report before it
/// returns.
struct ReportFormat {
  std::string_view name;     ///< for --format
  std::string_view ending;   ///< of files, with the dot
  std::string_view summary;  ///< one line of help
  void (*render)(const AuditResult& audit, const ReportOptions& options, const Sink& sink);
};

/// report_formats lists all, the default first.
std::span<const ReportFormat> report_formats();

/// format_by_name and format_by_ending find one; the error is a line that lists what there is. An ending is matched without regard to case.
std::expected<const ReportFormat*, std::string> format_by_name(std::string_view name);
std::expected<const ReportFormat*, std::string> format_by_ending(std::string_view path);

/// render_to_string is the whole report in memory.
std::string render_to_string(const ReportFormat& format, const AuditResult& audit, const ReportOptions& options);

}  // namespace sealtrace
