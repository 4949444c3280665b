// Lists of Get-CsCertificate: what Export-Csv and ConvertTo-Json make of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <utility>

#include "app/inventory.hpp"
#include "yaml/yaml_node.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kMaxListedCertificates = 200'000;

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Row is one entry: values by lower-case name of their column.
using Row = std::map<std::string, std::string, std::less<>>;

std::string_view value_of(const Row& row, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = row.find(name);
    if (found != row.end() && !trimmed(found->second).empty()) return trimmed(found->second);
  }
  return {};
}

/// Digits reads numbers off a text; `ok` falls when there is none.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_{text} {}
  int number(std::size_t max_digits) {
    int value = 0;
    std::size_t length = 0;
    while (length < max_digits && length < text_.size() && text_[length] >= '0' && text_[length] <= '9')
      value = value * 10 + (text_[length++] - '0');
    ok_ = ok_ && length > 0;
    text_.remove_prefix(length);
    return value;
  }
  bool skip(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] std::string_view rest() const { return text_; }
  [[nodiscard]] bool ok() const { return ok_; }
  void fail() { ok_ = false; }

 private:
  std::string_view text_;
  bool ok_ = true;
};

/// clock_of reads "10:30:05 PM" or "22:30:05.123+02:00"; without a zone it is UTC.
std::chrono::nanoseconds clock_of(Digits& text) {
  using namespace std::chrono;
  int hour = text.number(2);
  const int minute = text.skip(":") ? text.number(2) : 0;
  const int second = text.skip(":") ? text.number(2) : 0;
  if (text.skip(".")) text.number(9);
  while (text.skip(" ")) {
  }
  const std::string_view rest = text.rest();
  if (rest.starts_with("PM") || rest.starts_with("pm")) hour = hour % 12 + 12;
  if (rest.starts_with("AM") || rest.starts_with("am")) hour = hour % 12;
  minutes zone{0};
  if (rest.starts_with('+') || rest.starts_with('-')) {
    const bool east = text.skip("+");
    if (!east) text.skip("-");
    const int hours_off = text.number(2);
    text.skip(":");
    zone = minutes{(east ? 1 : -1) * (hours_off * 60 + text.number(2))};
  }
  return hours{hour} + minutes{minute} + seconds{second} - zone;
}

/// time_of reads ISO 8601, .NET's /Date(milliseconds)/, and dates with slashes where day and month cannot be confused.
std::optional<Timestamp> time_of(std::string_view text) {
  using namespace std::chrono;
  if (const std::size_t at = text.find("Date("); at != std::string_view::npos) {
    std::int64_t number = 0;
    const std::string_view digits = text.substr(at + 5);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc{}) return std::nullopt;
    constexpr std::int64_t kFarthest = 9'000'000'000'000;  // milliseconds a Timestamp holds, about
    return Timestamp{milliseconds{std::clamp(number, -kFarthest, kFarthest)}};
  }
  Digits digits{text};
  const int first = digits.number(4);
  const bool slashes = digits.rest().starts_with('/');
  if (!digits.skip("-/.")) return std::nullopt;
  const int second = digits.number(2);
  if (!digits.skip("-/.")) return std::nullopt;
  const int third = digits.number(4);
  int year_number = first;
  int month_number = second;
  int day_number = third;
  if (slashes || first < 32) {
    if (first <= 12 && second <= 12 && first != second) return std::nullopt;  // day and month, or month and day: nobody knows
    year_number = third;
    month_number = first > 12 ? second : first;
    day_number = first > 12 ? first : second;
  }
  nanoseconds clock{0};
  if (digits.skip("T ")) clock = clock_of(digits);
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)}, day{static_cast<unsigned>(day_number)}};
  if (!digits.ok() || !date.ok() || year_number < 1900 || year_number > 2200) return std::nullopt;
  return Timestamp{sys_days{date}} + clock;
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

std::string hex_of(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    if (c >= 'a' && c <= 'f') hex.push_back(static_cast<char>(c - 'a' + 'A'));
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')) hex.push_back(c);
  }
  return hex;
}

/// common_name_of takes the CN of a subject as Windows prints it: "CN=fe01.contoso.com, O=Contoso".
std::vector<std::string> common_name_of(std::string_view subject) {
  for (std::size_t at = 0; at < subject.size();) {
    const std::size_t end = std::min(subject.find(',', at), subject.size());
    const std::string_view part = trimmed(subject.substr(at, end - at));
    if (part.starts_with("CN=") || part.starts_with("cn=")) return {std::string{part.substr(3)}};
    at = end + 1;
  }
  return {};
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
