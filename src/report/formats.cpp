#include "report/formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/ascii.hpp"
#include "report/json_summary.hpp"
#include "report/ndjson.hpp"
#include "report/terminal_text.hpp"
#include "report/text.hpp"

namespace sealtrace {

namespace {

constexpr std::array kFormats{
    ReportFormat{"text", ".txt", "the report to read: table, findings with evidence, what could not be seen", write_text},
    ReportFormat{"json", ".json", "one JSON document: rows, legs, findings, summary", write_json_summary},
    ReportFormat{"ndjson", ".ndjson", "one record a line, every flow and certificate", write_ndjson},
};

constexpr std::size_t kMaxQuotedColumns = 80;

std::string quoted(std::string_view text) { return '"' + printable(text, Charset::unicode, kMaxQuotedColumns) + '"'; }

std::string listed(std::string_view ReportFormat::* field) {
  std::string list;
  for (const ReportFormat& format : kFormats) list += (list.empty() ? "" : ", ") + std::string{format.*field};
  return list;
}

}  // namespace

std::span<const ReportFormat> report_formats() { return kFormats; }

std::expected<const ReportFormat*, std::string> format_by_name(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &ReportFormat::name);
  if (found != kFormats.end()) return &*found;
  return std::unexpected{fmt::format("there is no format {}; there are: {}", quoted(name), listed(&ReportFormat::name))};
}

std::expected<const ReportFormat*, std::string> format_by_ending(std::string_view path) {
  const std::string_view file = path.substr(path.find_last_of('/') + 1);
  const std::size_t dot = file.find_last_of('.');
  const std::string ending = dot == std::string_view::npos ? std::string{} : lower(file.substr(dot));
  const auto found = std::ranges::find(kFormats, std::string_view{ending}, &ReportFormat::ending);
  if (found != kFormats.end()) return &*found;
  return std::unexpected{fmt::format("{}: the ending names no format; there are: {}", quoted(path), listed(&ReportFormat::ending))};
}

std::string render_to_string(const ReportFormat& format, const AuditResult& audit, const ReportOptions& options) {
  std::string text;
  format.render(audit, options, [&text](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace sealtrace
