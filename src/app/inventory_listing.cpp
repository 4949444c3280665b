// Lists of Get-CsCertificate: what Export-Csv and ConvertTo-Json make of them.
#include "app/inventory_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <utility>

#include "app/inventory.hpp"
#include "app/listing_words.hpp"
#include "model/ascii.hpp"
#include "yaml/yaml_node.hpp"

namespace sealtrace {
namespace {

/// Row is one entry: values by lower-case name of their column.
using Row = std::map<std::string, std::string, std::less<>>;

std::string_view value_of(const Row& row, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = row.find(name);
    if (found != row.end() && !trimmed(found->second).empty()) return trimmed(found->second);
  }
  return {};
}

std::vector<std::string> names_of(std::string_view text) {
  std::vector<std::string> names;
  std::string word;
  for (const char c : std::string{text} + " ") {
    if (c == ',' || c == ';' || c == ' ' || c == '{' || c == '}' || c == '\n') {
      if (!word.empty() && word != "System.String[]") names.push_back(word);
      word.clear();
    } else {
      word.push_back(c);
    }
  }
  return names;
}

void add_row(CertificateListing& listing, const Row& row, std::string source) {
  ListedCertificate entry;
  entry.thumbprint = hex_of(value_of(row, {"thumbprint"}));
  const std::string_view use = value_of(row, {"use", "type", "usage"});
  if (entry.thumbprint.empty() || use.empty()) {
    if (listing.error.empty() && listing.entries.empty())
      listing.error = "no list of Get-CsCertificate: it has no columns Use and Thumbprint";
    return;
  }
  entry.server = lower(value_of(row, {"server", "computer", "computername", "pscomputername", "machine", "fqdn"}));
  if (entry.server == "localhost") entry.server.clear();
  const std::vector<CertificateUsage> usages = usages_named(use);
  entry.usage = usages.size() == 1 ? usages.front() : CertificateUsage::unknown;
  CertificateFields& fields = entry.fields;
  fields.subject = value_of(row, {"subject"});
  fields.issuer = value_of(row, {"issuer"});
  fields.serial = hex_of(value_of(row, {"serialnumber"}));
  fields.common_names = common_name_of(fields.subject);
  fields.dns_names = names_of(value_of(row, {"alternativenames", "alternativename"}));
  fields.not_before = time_of(value_of(row, {"notbefore"}));
  fields.not_after = time_of(value_of(row, {"notafter"}));
  entry.effective = time_of(value_of(row, {"effectivedate", "effective"}));
  entry.source = std::move(source);
  listing.error.clear();
  listing.entries.push_back(std::move(entry));
}

/// CsvReader reads RFC 4180, with the separator that the first line suggests.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_{text} {
    if (text_.starts_with("#TYPE")) skip_line();
    const std::string_view head = text_.substr(0, text_.find('\n'));
    separator_ = head.find(';') != std::string_view::npos && head.find(',') == std::string_view::npos ? ';' : ',';
  }
  [[nodiscard]] std::size_t line() const { return line_; }

  /// next gives the cells of the next record; none at the end.
  std::vector<std::string> next() {
    std::vector<std::string> cells;
    while (!text_.empty()) {
      cells.push_back(cell());
      if (text_.starts_with(separator_)) {
        text_.remove_prefix(1);
        if (text_.empty()) cells.emplace_back();
        continue;
      }
      skip_line();
      return cells;
    }
    return cells;
  }

 private:
  std::string cell() {
    std::string value;
    if (!text_.starts_with('"')) {
      const std::size_t end = std::min({text_.find(separator_), text_.find('\n'), text_.size()});
      value = text_.substr(0, end);
      text_.remove_prefix(end);
      return value;
    }
    text_.remove_prefix(1);
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') {
        if (!text_.starts_with('"')) break;
        text_.remove_prefix(1);
      }
      if (c == '\n') ++line_;
      value.push_back(c);
    }
    while (!text_.empty() && text_.front() != separator_ && text_.front() != '\n') text_.remove_prefix(1);
    return value;
  }
  void skip_line() {
    const std::size_t end = text_.find('\n');
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    ++line_;
  }

  std::string_view text_;
  char separator_ = ',';
  std::size_t line_ = 1;
};

std::string json_text(const YamlNode& node) {
  if (node.kind == YamlKind::scalar) return node.text;
  std::string text;  // a list of names, or what ConvertTo-Json makes of an enumeration or a date: { "value": ... }
  for (const YamlNode& item : node.items) text += (text.empty() ? "" : ", ") + json_text(item);
  for (const YamlEntry& entry : node.entries) {
    if (const std::string key = lower(entry.key); key == "value" || key == "datetime") return json_text(entry.value);
  }
  return text;
}

}  // namespace

CertificateListing parse_certificate_csv(std::string_view text, std::string_view name) {
  CertificateListing listing;
  CsvReader reader{text};
  std::vector<std::string> columns = reader.next();
  for (std::string& column : columns) column = lower(trimmed(column));
  while (listing.entries.size() < kMaxListedCertificates) {
    const std::size_t line = reader.line();
    const std::vector<std::string> cells = reader.next();
    if (cells.empty()) break;
    Row row;
    for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i) row[columns[i]] = cells[i];
    if (value_of(row, {"thumbprint", "use", "type"}).empty() && cells.size() < 2) continue;  // an empty line
    add_row(listing, row, fmt::format("{}:{}", name, line));
  }
  if (listing.entries.empty() && listing.error.empty()) listing.error = "no list of Get-CsCertificate: no line in it";
  return listing;
}

CertificateListing parse_certificate_json(std::string_view text, std::string_view name) {
  CertificateListing listing;
  std::string plain;  // JSON may escape a slash, YAML 1.1 may not
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '/') continue;
    plain.push_back(text[i] == '\t' ? ' ' : text[i]);
    if (text[i] == '\\' && i + 1 < text.size()) plain.push_back(text[++i]);
  }
  YamlProblems problems;
  const std::optional<YamlNode> root = parse_yaml(plain, problems);  // JSON is YAML but for that
  if (!root) {
    listing.error = problems.empty() ? "no JSON" : problems.sorted().front().message;
    return listing;
  }
  const auto add = [&](const YamlNode& node) {
    Row row;
    for (const YamlEntry& entry : node.entries) row[lower(entry.key)] = json_text(entry.value);
    add_row(listing, row, fmt::format("{}:{}", name, node.where.line));
  };
  if (root->kind == YamlKind::map) add(*root);
  for (const YamlNode& item : root->items) add(item);
  if (listing.entries.empty() && listing.error.empty()) listing.error = "no list of Get-CsCertificate: no entry in it";
  return listing;
}

}  // namespace sealtrace
