// Certificates in words: what `certutil -store` and `certutil -dump` print.
#include "app/inventory_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "app/listing_words.hpp"
#include "model/ascii.hpp"

namespace sealtrace {
namespace {

bool is_indented(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

bool contains_word(std::string_view line, std::string_view word) { return lower(line).find(word) != std::string::npos; }

/// is_hex says whether a text consists of hex digits, in groups or not.
bool is_hex(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ' ' || c == ':';
  };
  return !text.empty() && std::ranges::all_of(text, fits) && !hex_of(text).empty();
}

/// is_attribute: "CN=fe01.contoso.com", "2.5.4.3=x", "C = US".
bool is_attribute(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  const auto of_type = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == ' ';
  };
  return std::ranges::all_of(text.substr(0, equals), of_type);
}

/// is_date: three numbers with one kind of separator between them, and nothing or a blank behind.
bool is_date(std::string_view text) {
  char separator = '\0';
  for (int number = 0; number < 3; ++number) {
    const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
    if (length == 0 || length > 4) return false;
    text.remove_prefix(length);
    if (number == 2) break;
    if (text.empty() || (text.front() != '/' && text.front() != '.' && text.front() != '-')) return false;
    if (number == 1 && text.front() != separator) return false;
    separator = text.front();
    text.remove_prefix(1);
  }
  return text.empty() || text.front() == ' ';
}

/// value_behind gives what follows the first colon.
std::string_view value_behind(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon == std::string_view::npos ? std::string_view{} : trimmed(line.substr(colon + 1));
}

/// Draft is one certificate while its lines are read. Windows speaks the language of its user: serial number, issuer, dates and subject are
/// told by their order, which is the same in all, and by the form of their values.
struct Draft {
  enum class Awaited : std::uint8_t { serial, issuer, not_before, not_after, subject, rest };
  ListedCertificate entry;
  Awaited awaited = Awaited::serial;
  std::string not_before;
  std::string not_after;
  std::string template_name;
  std::string provider;
  std::string private_key;
  std::size_t line = 0;
  bool had_names = false;
};

void append_attribute(std::string& name, std::string_view attribute) {
  if (!name.empty()) name += ", ";
  name += attribute;
}

class CertutilReader {
 public:
  CertutilReader(std::string_view text, std::string_view name) : lines_{text}, name_{name} {}

  CertificateListing read() {
    std::string_view line;
    while (lines_.next(line) && listing_.entries.size() < kMaxListedCertificates) take(line);
    flush();
    if (listing_.contradicts_itself) listing_.entries.clear();
    return std::move(listing_);
  }
  /// dates are those of the entries, two of each.
  [[nodiscard]] const std::vector<std::string>& dates() const { return dates_; }

 private:
  using Awaited = Draft::Awaited;

  void take(std::string_view line) {
    const std::string_view bare = trimmed(line);
    if (bare.starts_with("=====")) {  // "================ Certificate 0 ================", in any language
      if (draft_.awaited != Awaited::serial) flush();
      after_header_ = true;
      return;
    }
    if (bare.empty() || !is_indented(line)) in_names_ = false;
    if (bare.empty()) return;
    if (take_serial(line, bare)) return;
    if (draft_.awaited == Awaited::serial) return;
    if (take_hash(bare)) return;
    take_validity_and_names(line, bare);
    take_alternative_names(bare);
    take_details(bare);
  }

  /// take_serial: the line is called so, or it is the first behind the header of a certificate and holds nothing but hex digits.
  bool take_serial(std::string_view line, std::string_view bare) {
    const std::string_view value = value_behind(bare);
    const std::string key = lower(bare.substr(0, bare.find(':')));
    const bool named = key.find("serial number") != std::string::npos || key.find("seriennummer") != std::string::npos;
    const bool first = after_header_ && key.find("version") == std::string::npos;
    if (!value.empty() && first) after_header_ = false;
    if (is_indented(line) || !is_hex(value) || !(named || first)) return false;
    if (draft_.awaited != Awaited::serial) flush();
    draft_.entry.fields.serial = hex_of(value);
    draft_.awaited = Awaited::issuer;
    draft_.line = lines_.number();
    return true;
  }

  /// take_hash: "Cert Hash(sha1): ...". The verbose form has hashes of names and keys before it: the last counts.
  bool take_hash(std::string_view bare) {
    const std::size_t at = lower(bare).find("(sha1)");
    if (at == std::string::npos) return false;
    const std::string_view value = value_behind(bare.substr(at));
    if (!is_hex(value) || hex_of(value).size() != kThumbprintDigits) return false;
    draft_.entry.thumbprint = hex_of(value);
    return true;
  }

  void take_validity_and_names(std::string_view line, std::string_view bare) {
    CertificateFields& fields = draft_.entry.fields;
    const std::string_view value = value_behind(bare);
    switch (draft_.awaited) {
      case Awaited::issuer:
      case Awaited::not_before:
        if (is_date(value)) {
          draft_.not_before = value;
          draft_.awaited = Awaited::not_after;
        } else {
          take_name(line, bare, fields.issuer, Awaited::not_before);
        }
        break;
      case Awaited::not_after:
        if (!is_date(value)) break;
        draft_.not_after = value;
        draft_.awaited = Awaited::subject;
        break;
      case Awaited::subject: take_name(line, bare, fields.subject, Awaited::rest); break;
      case Awaited::rest:
        in_name_ = in_name_ && is_indented(line) && is_attribute(bare);
        if (in_name_) append_attribute(fields.subject, bare);
        break;
      case Awaited::serial: break;
    }
  }

  /// take_name reads "Subject: CN=a, O=b", or "Subject:" with an attribute on each of the lines below it.
  void take_name(std::string_view line, std::string_view bare, std::string& name, Awaited next) {
    const bool attribute_line = is_indented(line) && is_attribute(bare);
    if (attribute_line) {
      if (in_name_) append_attribute(name, bare);
      return;
    }
    const std::string_view value = value_behind(bare);
    in_name_ = !is_indented(line) && bare.ends_with(':') && name.empty();
    if (is_indented(line) || !name.empty()) return;
    if (is_attribute(value)) name = value;
    if (!name.empty() || value.starts_with("EMPTY") || (in_name_ && next == Awaited::rest)) draft_.awaited = next;
  }

  /// take_alternative_names reads those of the extension (RFC 5280 section 4.2.1.6), up to the next one: other extensions hold words and
  /// names too. The English form and the German one.
  void take_alternative_names(std::string_view bare) {
    constexpr std::string_view kSubjectAltName = "2.5.29.17:";
    const std::size_t oid = bare.find_first_not_of("0123456789.");
    if (oid != 0 && oid != std::string_view::npos && bare[oid] == ':') {
      in_names_ = bare.starts_with(kSubjectAltName);
      if (in_names_ && std::exchange(draft_.had_names, true)) {
        listing_.contradicts_itself = true;
        listing_.error =
            fmt::format("line {}: a certificate has its alternative names twice: these words are not believed", lines_.number());
      }
    }
    std::vector<std::string>& names = draft_.entry.fields.dns_names;
    for (const std::string_view key : {"DNS Name=", "DNS-Name="}) {
      if (in_names_ && bare.starts_with(key) && names.size() < kMaxNamesOfCertificate)
        names.emplace_back(lower(trimmed(bare.substr(key.size()))));
    }
  }

  /// take_details reads what only the English form, and the German one where it is known, names.
  void take_details(std::string_view bare) {
    const auto behind = [&](std::string_view key) { return bare.starts_with(key) ? trimmed(bare.substr(key.size())) : std::string_view{}; };
    for (const std::string_view key : {"Template:", "Certificate Template Name (Certificate Type):", "Vorlage:"}) {
      if (const std::string_view name = behind(key); !name.empty()) draft_.template_name = name;
    }
    for (const std::string_view key : {"Provider =", "Anbieter ="}) {
      if (const std::string_view name = behind(key); !name.empty()) draft_.provider = name;
    }
    if (contains_word(bare, "not exportable") || contains_word(bare, "nicht exportierbar"))
      draft_.private_key = "private key not exportable";
    if (bare.starts_with("Missing stored keyset") || bare.starts_with("Cannot find the certificate and private key"))
      draft_.private_key = "no private key";
  }

  void flush() {
    Draft draft = std::exchange(draft_, {});
    in_name_ = in_names_ = false;
    CertificateFields& fields = draft.entry.fields;
    if (draft.entry.thumbprint.empty() && (fields.serial.empty() || fields.issuer.empty())) return;
    fields.common_names = common_name_of(fields.subject);
    draft.entry.source = fmt::format("{}:{}", name_, draft.line);
    for (const auto& [word, value] :
         {std::pair{"template ", &draft.template_name}, {"provider ", &draft.provider}, {"", &draft.private_key}}) {
      if (value->empty()) continue;
      if (!draft.entry.remarks.empty()) draft.entry.remarks += ", ";
      draft.entry.remarks += word + *value;
    }
    dates_.push_back(std::move(draft.not_before));
    dates_.push_back(std::move(draft.not_after));
    listing_.entries.push_back(std::move(draft.entry));
  }

  Lines lines_;
  std::string_view name_;
  Draft draft_;
  bool after_header_ = false;
  bool in_name_ = false;
  bool in_names_ = false;  ///< in the subject's alternative names
  std::vector<std::string> dates_;
  CertificateListing listing_;
};

CertificateListing read_certutil(std::string_view text, std::string_view name) {
  CertutilReader reader{text, name};
  CertificateListing listing = reader.read();
  const std::vector<std::string>& dates = reader.dates();
  const DateOrder order = date_order_of(dates);
  for (std::size_t i = 0; i < listing.entries.size(); ++i) {
    listing.entries[i].fields.not_before = time_of(dates[2 * i], order);
    listing.entries[i].fields.not_after = time_of(dates[2 * i + 1], order);
  }
  return listing;
}

}  // namespace

CertificateListing parse_certificate_text(std::string_view text, std::string_view name) {
  CertificateListing listing = is_openssl_text(text) ? read_openssl_text(text, name) : read_certutil(text, name);
  if (listing.entries.empty() && listing.error.empty()) listing.error = "no certificate in it";
  return listing;
}

}  // namespace sealtrace
